"""What journal, tags, ledgers and server hold after the demo, and whether they say the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kiosk.demo.disagreements import (
    about_bins,
    about_care,
    about_loans,
    about_money,
    about_paper,
    about_returns,
)
from kiosk.demo.witnesses import Heard
from sync.entries import (
    Answered,
    Dropped,
    Entry,
    GiveBack,
    Granted,
    Lend,
    Pay,
    Refused,
    ReportCare,
    Secured,
    Settled,
    Silence,
)

RELEASED_AFI = 0xC2


@dataclass(frozen=True, slots=True)
class Findings:
    """*journal*: what became of each entry; *tags*: the AFI bytes of each item; *loans*: what the server has.

    *strips*: how the strip of each item is that has one, as the table says it.  *money*: what each side says of each
    payment, and what its ledger comes to; *care* what central was told; *paper* what was printed; *bins* what fell
    where in a book drop.
    """

    journal: tuple[dict[str, Any], ...]
    tags: Mapping[str, tuple[str, ...]]
    strips: Mapping[str, str]
    loans: tuple[str, ...]
    money: Mapping[str, Any]
    care: tuple[tuple[str, tuple[str, ...]], ...]
    paper: tuple[str, ...]
    bins: Mapping[str, tuple[str, ...]]
    disagreements: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """All of it as values that JSON has."""
        return {
            "journal": list(self.journal),
            "tags": {item: list(afis) for item, afis in self.tags.items()},
            "strips": dict(self.strips),
            "server": {
                "loans": list(self.loans),
                "care": [{"item": item, "flaws": list(flaws)} for item, flaws in self.care],
            },
            "money": dict(self.money),
            "paper": list(self.paper),
            "bins": {name: list(items) for name, items in self.bins.items()},
            "disagreements": list(self.disagreements),
        }


def look(heard: Heard, items: Sequence[str]) -> Findings:
    """Compares what all of them say about *items*, about money and about paper."""
    journal = tuple(_told(entry) for entry in heard.entries)
    there = [thing for thing in heard.things if thing["id"] in items]
    tags = {
        str(thing["id"]): tuple(f"{tag['afi']:02X}" for tag in thing["tags"])
        for thing in there
        if thing["tags"]
    }
    strips = {str(thing["id"]): str(thing["strip"]) for thing in there if "strip" in thing}
    held = {loan for loan in heard.loans if loan in items}
    released = {item for item, afis in tags.items() if any(int(afi, 16) == RELEASED_AFI for afi in afis)}
    released |= {item for item, strip in strips.items() if strip != "active"}
    return Findings(
        journal,
        tags,
        strips,
        tuple(sorted(held)),
        {
            "far_ends": dict(heard.money),
            "machine": {"payments": dict(heard.machine.payments), "sum": heard.machine.sum_minor},
            "central": {"payments": dict(heard.central.payments), "sum": heard.central.sum_minor},
        },
        tuple(heard.care),
        tuple(heard.paper),
        {name: tuple(items) for name, items in heard.bins.items()},
        tuple(_disagreements(heard, items, journal, held, released)),
    )


def _disagreements(
    heard: Heard,
    items: Sequence[str],
    journal: Sequence[Mapping[str, Any]],
    held: set[str],
    released: set[str],
) -> Iterator[str]:
    for told in journal:
        if told["ended"] == "open":
            yield f"entry {told['key']} for {_what(told)} is not settled"
    yield from about_loans(journal, items, held, released)
    yield from about_returns(journal, heard.returns)
    yield from about_bins(journal, heard.bins)
    yield from about_money(journal, heard.money, heard.machine, heard.central)
    yield from about_care(journal, heard.care)
    yield from about_paper(journal, heard.paper)


def _what(told: Mapping[str, Any]) -> str:
    return f"item {told['item']}" if told["item"] else f"a payment by {told['means']}"


def _told(entry: Entry) -> dict[str, Any]:
    answer, promise = entry.answer, entry.promise
    settled = [row.how.value for row in entry.rows if isinstance(row, Settled)]
    told: dict[str, Any] = {
        "key": str(entry.key),
        "promise": type(promise).__name__.lower(),
        "item": "" if promise.item is None else str(promise.item),
        "answer": "none" if answer is None else type(answer).__name__.lower(),
        "released": entry.is_released,
        "ended": settled[0] if settled else "open",
        "silences": sum(isinstance(row, Answered) for row in entry.rows) - (answer is not None),
    }
    match answer:
        case Granted(due, title):
            told |= {"title": title, "due": due.day.isoformat() if due.day else due.text}
        case Refused(reason, title):
            told |= {"title": title, "reason": reason.value}
        case _:
            pass
    match promise:
        case Lend():
            told["fee_consented"] = promise.fee_consented
        case GiveBack():
            told |= _told_back(entry, answer)
        case Pay():
            approved = entry.approved
            told |= {
                "means": promise.means.value,
                "amount": promise.amount.minor_units,
                "taken": approved is not None,
            }
        case ReportCare():
            told["flaws"] = [flaw.value for flaw in promise.flaws]
        case _:
            pass
    return told


def _told_back(entry: Entry, answer: object) -> dict[str, Any]:
    back = answer.back if isinstance(answer, Granted) else None
    fee = answer.fee if isinstance(answer, Granted) else None
    return {
        "secured": any(isinstance(row, Secured) for row in entry.rows),
        "was_on_loan": None if back is None else back.was_on_loan,
        "alert": None if back is None or back.alert is None else back.alert.value,
        "fee": None if fee is None else fee.minor_units,
        "late": _is_late(entry),
        "bin": next((row.bin for row in entry.rows if isinstance(row, Dropped)), None),
    }


def _is_late(entry: Entry) -> bool:
    """Whether the answer came when the item had been put somewhere already."""
    for row in entry.rows:
        if isinstance(row, Dropped) or (isinstance(row, Answered) and isinstance(row.answer, Silence)):
            return True
        if isinstance(row, Answered):
            return False
    return True


def lines_of(journal: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What the journal holds, a line for each entry, for people."""
    for entry in journal:
        answer = f"{entry['answer']} ({entry['reason']})" if "reason" in entry else entry["answer"]
        what = entry["item"] or f"{entry['means']} {entry['amount'] / 100:.2f}"
        more = [entry.get("title") or "-"]
        if entry.get("alert"):
            more.append(f"goes on: {entry['alert']}")
        if entry.get("was_on_loan") is False:
            more.append("had been back already")
        if entry.get("fee"):
            more.append(f"late, costs {entry['fee'] / 100:.2f}")
        if entry.get("bin") is not None:
            more.append(f"bin {entry['bin']}")
        if "flaws" in entry:
            more.append(", ".join(entry["flaws"]))
        yield f"{entry['promise']:10} {what:14}  {answer}, ended {entry['ended']}  {'; '.join(more)}"
