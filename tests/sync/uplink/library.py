"""A server in memory that behaves as real ones do on a bad line: what it executed and what was heard are two things.

It executes whatever reaches it, again when it comes again: a loan to the same patron is renewed (Koha), a check-in
closes whatever loan there is, a payment lowers what is owed.  With `ways.repeats_safely` it answers a key it knows as
the first time, and undoes only the loan that is named.  It notes every execution by key, and every look at a patron.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import Enum

from sync.entries import (
    Answer,
    Due,
    Entry,
    EntryKey,
    GiveBack,
    Granted,
    Held,
    ItemId,
    Lend,
    Money,
    PatronId,
    Pay,
    Reason,
    Refused,
    Renew,
    ReportCare,
    Silence,
    TakenBack,
    UndoLoan,
)
from sync.questions import (
    AboutAccount,
    AboutItem,
    AboutPatron,
    AboutServer,
    AccountFacts,
    Facts,
    ItemFacts,
    LoanFact,
    PatronFacts,
    Question,
    ServerFacts,
    SessionEnded,
    Standing,
)
from sync.servers.ils import Capabilities, LoginRefused, ServerSilent


class Line(Enum):
    """What the next exchange meets."""

    GOOD = "good"
    REQUEST_LOST = "request lost"
    REPLY_LOST = "reply lost"
    LOGIN_REFUSED = "login refused"
    UNREACHABLE = "unreachable"
    HELD = "stored, not decided"


@dataclass
class Loan:
    """*since* are the entries that were executed before it was made."""

    patron: PatronId
    due: date
    made_by: EntryKey
    since: tuple[EntryKey, ...] = ()


@dataclass
class Library:
    """Implements `Server`."""

    line: Line = Line.GOOD
    loans: dict[ItemId, Loan] = field(default_factory=dict)
    lost_items: frozenset[ItemId] = frozenset()
    unknown_items: frozenset[ItemId] = frozenset()
    cared_for: list[EntryKey] = field(default_factory=list)
    owed: dict[PatronId, int] = field(default_factory=dict)
    closed: list[tuple[EntryKey, Loan]] = field(default_factory=list)
    may_ask_items: bool = True
    tells_loans: bool = True
    ways: Capabilities = field(default_factory=Capabilities)
    clock: Callable[[], datetime] | None = None
    answered: dict[EntryKey, Answer] = field(default_factory=dict)
    positions: list[int] = field(default_factory=list)
    received: list[EntryKey] = field(default_factory=list)
    executed: list[EntryKey] = field(default_factory=list)
    exchanges: list[EntryKey | Question] = field(default_factory=list)

    def capabilities(self) -> Capabilities:
        return replace(self.ways, may_ask_items=self.may_ask_items, tells_loans=self.tells_loans)

    def ask(self, question: Question) -> Facts:
        if self.line is Line.LOGIN_REFUSED:
            raise LoginRefused
        if self.line is Line.UNREACHABLE:
            raise ServerSilent("connect")
        if self.line in (Line.REQUEST_LOST, Line.REPLY_LOST):
            raise ServerSilent("deadline")
        self.exchanges.append(question)
        match question:
            case AboutPatron():
                mine = ((item, loan) for item, loan in self.loans.items() if loan.patron == question.patron)
                loans = tuple(LoanFact(item, Due(loan.due)) for item, loan in mine)
                return PatronFacts(question.patron, True, loans=loans if self.tells_loans else None)
            case AboutItem():
                out = self.loans.get(question.item)
                if out is None:
                    return ItemFacts(question.item, True, standing=Standing.AVAILABLE)
                return ItemFacts(question.item, True, standing=Standing.ON_LOAN, due=Due(out.due))
            case AboutAccount():
                return AccountFacts(question.patron, True, owed=self.owes(question.patron))
            case AboutServer():
                return ServerFacts(True, clock=None if self.clock is None else self.clock())
            case _:
                return SessionEnded()

    def carry(self, entries: Sequence[Entry]) -> tuple[Answer, ...]:
        assert 0 < len(entries) <= self.ways.entries_per_exchange
        if self.line is Line.LOGIN_REFUSED:
            raise LoginRefused
        if self.line is Line.UNREACHABLE:
            return (Silence("connect"),) * len(entries)
        if self.line is Line.REQUEST_LOST:
            return (Silence("deadline"),) * len(entries)
        answers = tuple(self._receive(entry) for entry in entries)
        return (Silence("deadline"),) * len(entries) if self.line is Line.REPLY_LOST else answers

    def _receive(self, entry: Entry) -> Answer:
        self.exchanges.append(entry.key)
        if entry.key not in self.received:
            self.positions.append(entry.position)
        self.received.append(entry.key)
        if self.line is Line.HELD:
            return Held()
        if not self.ways.repeats_safely:
            return self._execute(entry)
        if entry.key not in self.answered:
            self.answered[entry.key] = self._execute(entry)
        return self.answered[entry.key]

    def close(self) -> None:
        """There is nothing to close."""

    def _execute(self, entry: Entry) -> Answer:
        promise = entry.promise
        match promise:
            case Pay():
                self.executed.append(entry.key)
                self.owed[promise.patron] = self.owed.get(promise.patron, 0) - promise.amount.minor_units
                return Granted(Due(None), reference=f"B{len(self.executed)}")
            case ReportCare():
                self.cared_for.append(entry.key)
                return Granted(Due(None))
            case _:
                return self._execute_loan(entry, promise, self.loans.get(promise.item))

    def owes(self, patron: PatronId) -> Money:
        """What *patron* owes."""
        return Money(self.owed.get(patron, 0), "CNY")

    def _execute_loan(
        self, entry: Entry, promise: Lend | Renew | UndoLoan | GiveBack, loan: Loan | None
    ) -> Answer:
        match promise:
            case Lend():
                if promise.item in self.lost_items:
                    return Refused(Reason.ITEM_LOST)
                if loan is not None and loan.patron != promise.patron:
                    return Refused(Reason.ITEM_ON_LOAN_TO_OTHER)
                self.executed.append(entry.key)
                if loan is not None:
                    return self._renewed(loan)
                self.loans[promise.item] = Loan(
                    promise.patron, date(2026, 6, 9), entry.key, tuple(self.executed)
                )
                return Granted(Due(date(2026, 6, 9)))
            case Renew():
                if loan is None or loan.patron != promise.patron:
                    return Refused(Reason.NOT_ON_LOAN)
                self.executed.append(entry.key)
                return self._renewed(loan)
            case UndoLoan():
                if self.ways.repeats_safely and (loan is None or loan.made_by != promise.undoes):
                    return Refused(Reason.NOT_ON_LOAN)
                self.executed.append(entry.key)
                self.loans.pop(promise.item, None)
                return Granted(Due(None))
            case GiveBack():
                if promise.item in self.unknown_items:
                    return Refused(Reason.ITEM_UNKNOWN)
                self.executed.append(entry.key)
                if loan is not None:
                    self.closed.append((entry.key, self.loans.pop(promise.item)))
                return Granted(Due(None), back=TakenBack(was_on_loan=loan is not None))

    def _renewed(self, loan: Loan) -> Granted:
        loan.due += timedelta(days=28)
        return Granted(Due(loan.due), renewed=True)
