"""Asks everybody after the terminal has ended: the journal, the table, the server by SIP2, and the books of central."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from drivers.link import Clock
from kiosk.config.secret_files import read_secret
from kiosk.demo.settings_file import CHECKER, TERMINAL
from kiosk.demo.world import TableControl, World
from kiosk.journal_desk.ledger import every_row
from sync.central import care_desk, demo
from sync.central.audit import audited
from sync.central.settings import CentralSettings
from sync.entries import Entry, Means, PatronId
from sync.journal.journal import Journal
from sync.journal.keys import JournalKeys
from sync.machine_ledger import book
from sync.questions import AboutPatron, PatronFacts
from sync.rules.ledger import Kind
from sync.servers.sip2.client import open_sip2
from sync.servers.sip2.profile import profile
from sync.servers.sip2.settings import Sip2Settings


@dataclass(frozen=True, slots=True)
class Ledger:
    """Payments that stand, by their references, in the smallest units, and what all legs come to: 0 if it is whole."""

    payments: Mapping[str, int] = field(default_factory=dict)
    sum_minor: int = 0


@dataclass(frozen=True, slots=True)
class Heard:
    """What each of them says.

    *entries* are the journal's, oldest first; *things*, *money* and *paper* the table's, *money* by means what the far
    ends really have taken and not given back.  *loans* are the server's, *returns* how often central was told of each
    item that it came back, *care* what it was told of items that need care.  *bins* are those of a book drop, with what
    fell there.
    """

    entries: Sequence[Entry] = ()
    things: Sequence[Mapping[str, Any]] = ()
    money: Mapping[str, int] = field(default_factory=dict)
    paper: Sequence[str] = ()
    loans: Sequence[str] = ()
    returns: Mapping[str, int] = field(default_factory=dict)
    care: Sequence[tuple[str, tuple[str, ...]]] = ()
    central: Ledger = field(default_factory=Ledger)
    machine: Ledger = field(default_factory=Ledger)
    bins: Mapping[str, Sequence[str]] = field(default_factory=dict)


def hear(world: World, table: TableControl, cards: Sequence[str], clock: Clock) -> Heard:
    """Everybody, in turn; *cards* are whose loans are asked for.  Raises `OSError` when somebody is gone."""
    entries, machine = _journal(world, clock)
    central = audited(_central(world), TERMINAL)
    state = table.ask("state")
    care = care_desk.listed(_central(world))["care"]
    return Heard(
        entries=entries,
        things=state["things"],
        money=_money(state["money"]),
        paper=state["paper"],
        loans=_loans(world, cards, clock),
        returns=central.returns,
        care=tuple((str(one["item"]), tuple(one["flaws"])) for one in care),
        central=Ledger(central.payments, central.ledger_sum),
        machine=machine,
        bins=state.get("bins", {}),
    )


def _journal(world: World, clock: Clock) -> tuple[tuple[Entry, ...], Ledger]:
    keys = JournalKeys.from_file(world.folder / "journal.key")
    journal = Journal.open(world.folder / "journal.db", keys, clock.now)
    try:
        entries = tuple(reversed(journal.entries()))
        booked, _ = book(every_row(journal.file), TERMINAL, None)
    finally:
        journal.close()
    made = [one.transaction for one in booked]
    gone = {one.counters.reference for one in made if one.counters is not None}
    payments = {
        one.reference: one.volume_minor
        for one in made
        if one.kind is Kind.PAYMENT and one.reference not in gone
    }
    return entries, Ledger(payments, sum(leg.minor_units for one in made for leg in one.legs))


def _central(world: World) -> CentralSettings:
    return CentralSettings(f"sqlite:///{world.folder / 'central.db'}", sip2_port=None, zone=demo.ZONE)


def _money(told: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, int]:
    return {
        Means.CARD.value: sum(one["minor"] for one in told["card"] if not one["is_reversed"]),
        Means.QR.value: sum(one["taken"] - one["given_back"] for one in told["qr"]),
    }


def _loans(world: World, cards: Sequence[str], clock: Clock) -> tuple[str, ...]:
    settings = Sip2Settings(
        profile=profile("central"),
        institution=demo.INSTITUTION,
        user=CHECKER,
        password=read_secret(world.folder / f"{CHECKER}.secret"),
    )
    server = open_sip2(world.server_url, settings, clock)
    try:
        told = [server.ask(AboutPatron(PatronId(card))) for card in cards]
    finally:
        server.close()
    return tuple(
        str(loan.item)
        for facts in told
        if isinstance(facts, PatronFacts) and facts.loans is not None
        for loan in facts.loans
    )
