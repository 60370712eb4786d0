"""What has to agree when the demo is over; each difference is a sentence."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kiosk.demo.witnesses import Ledger
from sync.central import demo
from sync.entries import Settlement

Told = Mapping[str, Any]
DONE = Settlement.DONE.value


def _done(journal: Sequence[Told], promise: str) -> list[Told]:
    return [told for told in journal if told["promise"] == promise and told["ended"] == DONE]


def about_loans(
    journal: Sequence[Told], items: Sequence[str], held: set[str], released: set[str]
) -> Iterator[str]:
    """Journal, server and tags say the same of each of *items*; what came back last is not on loan."""
    lent: set[str] = set()
    for told in journal:
        if told["ended"] == DONE and told["promise"] == "lend":
            lent.add(told["item"])
        elif told["promise"] in ("giveback", "undoloan"):
            lent.discard(told["item"])
    for item in items:
        journal_says, server_says, tag_says = item in lent, item in held, item in released
        if journal_says != server_says:
            yield f"item {item}: journal {_lent(journal_says)}, server {_lent(server_says)}"
        if tag_says and not journal_says:
            yield f"item {item}: its tag or strip is released and the journal has no loan"
        if journal_says and not tag_says:
            yield f"item {item}: the journal has its loan and its tag or strip is not released"


def _lent(is_lent: bool) -> str:
    return "has the loan" if is_lent else "has no loan"


def about_returns(journal: Sequence[Told], returns: Mapping[str, int]) -> Iterator[str]:
    """Central was told of each return once, and each was made secure before."""
    done = _done(journal, "giveback")
    told = Counter(one["item"] for one in done)
    for item in sorted({*told, *returns}):
        if told[item] != returns.get(item, 0):
            yield f"item {item}: given back {told[item]} times, central was told {returns.get(item, 0)} times"
    for one in done:
        if not one["secured"]:
            yield f"item {one['item']}: it was given back and never made secure"


def about_bins(journal: Sequence[Told], bins: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """What the journal says fell did, once, into its bin; the bin without a diverter has no name at the far end."""
    dropped = {told["item"]: told["bin"] for told in journal if told.get("bin") is not None}
    fell = [(item, name) for name, items in bins.items() for item in items]
    for item in sorted({*dropped, *(item for item, _ in fell)}):
        where = [name for one, name in fell if one == item]
        if len(where) != 1 or item not in dropped:
            said = "fell" if item in dropped else "did not fall"
            yield f"item {item}: the journal says it {said}, it fell {len(where)} times"
        elif where[0] != (dropped[item] if dropped[item] in bins else ""):
            yield f"item {item}: the journal says bin {dropped[item]}, it fell into {where[0] or 'the one below'}"


def about_money(
    journal: Sequence[Told], far_ends: Mapping[str, int], machine: Ledger, central: Ledger
) -> Iterator[str]:
    """What was taken, what the machine's ledger says and what central booked is the same, payment by payment."""
    payments = [told for told in journal if told["promise"] == "pay"]
    taken = {told["key"]: told["amount"] for told in payments if told["taken"] and told["ended"] != "undone"}
    for means in sorted({*far_ends, *(told["means"] for told in payments)}):
        said = sum(told["amount"] for told in payments if told["means"] == means and told["key"] in taken)
        if said != far_ends.get(means, 0):
            yield f"by {means}: the journal says {said}, the far end has taken {far_ends.get(means, 0)}"
    booked = {told["key"]: told["amount"] for told in _done(journal, "pay")}
    if taken != dict(machine.payments):
        yield f"the machine's ledger has {dict(machine.payments)}, the journal {taken}"
    if booked != dict(central.payments):
        yield f"central has booked {dict(central.payments)}, the journal says {booked}"
    for name, ledger in (("the machine's", machine), ("central's", central)):
        if ledger.sum_minor:
            yield f"{name} ledger does not come to nothing but to {ledger.sum_minor}"


def about_care(journal: Sequence[Told], care: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[str]:
    """What readers reported stands on staff's list, once."""
    reported = Counter((told["item"], tuple(told["flaws"])) for told in _done(journal, "reportcare"))
    listed = Counter((item, tuple(flaws)) for item, flaws in care)
    for one in sorted({*reported, *listed}):
        if reported[one] != listed[one]:
            yield f"item {one[0]}: reported {reported[one]} times, on the list {listed[one]} times"


def about_paper(journal: Sequence[Told], paper: Sequence[str]) -> Iterator[str]:
    """What is known to go on to somebody while it is there has its slip, and no card number was printed."""
    text = "\n".join(paper)
    for told in _done(journal, "giveback"):
        if told["alert"] and not told["late"] and told["item"] not in text:
            yield f"item {told['item']}: it goes on ({told['alert']}) and no slip was printed"
    # The journal has wiped the numbers of what is settled: the library's own list is asked.
    patrons = csv.DictReader(io.StringIO(demo.library()["patrons"].decode("utf-8-sig")))
    if any(patron["number"] in text for patron in patrons):
        yield "a card number stands on the paper"
