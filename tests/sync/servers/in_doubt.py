"""A terminal's way to a real-like system over a line that breaks once: lane, courier, client and codec are the real
ones, and what follows is written as the desk would."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from drivers.link.memory import VirtualClock
from sync.entries import (
    Answer,
    Answered,
    CaseOpened,
    Due,
    Entry,
    EntryKey,
    EntryRow,
    Granted,
    IfGrantedLate,
    Intended,
    Lend,
    Promise,
    Promised,
    Renew,
    Settled,
    Settlement,
    Silence,
    UndoLoan,
    item_id,
    patron_id,
)
from sync.servers.sip2.client import Sip2Server
from sync.servers.sip2.profile import profile
from sync.servers.sip2.settings import Sip2Settings
from sync.uplink.aftermath import aftermath
from sync.uplink.courier import Courier
from sync.uplink.reports import Carried, Judged, Unclear
from tests.kit.sip2_systems import LOAN_DAYS, BreakingLine, Deed, Fault, Loan, Personality, System

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
BOOK, READER, STRANGER = "10000001", "2300000042", "2300000077"
SHELF = frozenset(BOOK[:length] for length in range(1, len(BOOK) + 1)) | {"20000002", "20000003"}
LENT, TAKES, RENEWS, TAKES_BACK = "11 of a session", "11 of the terminal's own", "29", "09"
KINDS = {LENT: "11", TAKES: "11", RENEWS: "29", TAKES_BACK: "09"}
"""What is asked for, and the message that does it."""


@dataclass(frozen=True)
class Ended:
    """How it went: *end* and *cases* of the entry, what the system did, and how it stands at the end."""

    end: Settlement | None
    cases: tuple[CaseOpened, ...]
    done: tuple[tuple[Deed, str, str], ...]
    loans: dict[str, str]
    is_due_known: bool

    def count(self, deed: Deed, item: str = BOOK) -> int:
        return sum(one == (deed, item, READER) for one in self.done)

    @property
    def strangers(self) -> set[str]:
        """Items other than the book to which something was done."""
        return {item for _, item, _ in self.done if item != BOOK}


class Terminal:
    """Plays desk and reader for one entry of a *kind*."""

    def __init__(
        self, personality: Personality, kind: str, faults: list[Fault], courier: type[Courier] = Courier
    ) -> None:
        self.clock = VirtualClock(AT)
        self.system = System(personality, self.clock, SHELF, frozenset({READER, STRANGER}))
        self.system.loans["20000002"] = Loan(STRANGER, AT + timedelta(days=9))
        self.system.loans["20000003"] = Loan(READER, AT + timedelta(days=9))
        if kind in (RENEWS, TAKES_BACK):
            self.system.loans[BOOK] = Loan(READER, AT + timedelta(days=7))
        settings = Sip2Settings(profile(personality.dialect), "LIB", user="kiosk", zone=UTC)
        self.server = Sip2Server(lambda: BreakingLine(self.system, self.clock, faults), settings, self.clock)
        self.courier = courier(self.server, self.clock, lambda: 0.5, epoch="e", boot=1)
        self.entries: dict[EntryKey, Entry] = {}
        self.is_session_there = kind in (LENT, RENEWS)
        self.key = self.begin(_promise(kind))
        if kind == TAKES:
            due = Due((AT + timedelta(days=LOAN_DAYS)).date())
            self.write(Promised(self.key, AT, due, AT))

    def play(self) -> Ended:
        """Carries the entry until nothing waits any more."""
        self.courier.enter([self.entries[self.key]], is_of_session=self.is_session_there)
        for _ in range(60):
            turned = self.courier.turn()
            for report in turned.reports:
                if isinstance(report, Carried):
                    self.outcome(report.key, report.answer)
                elif isinstance(report, Judged):
                    self.outcome(report.key, report.verdict)
            self.clock.wait(turned.wait_seconds or 0.0)
            if turned.wait_seconds is None:
                break
        assert not self.courier.lane.waiting
        return self.ended()

    def begin(self, promise: Promise) -> EntryKey:
        key = self.new_key()
        self.write(Intended(key, self.clock.now(), promise, self.clock.monotonic()))
        return key

    def new_key(self) -> EntryKey:
        return EntryKey("e", 1, len(self.entries) + 1, 1)

    def write(self, *rows: EntryRow) -> None:
        for row in rows:
            if isinstance(row, Intended):
                self.entries[row.key] = Entry(row.key, row.promise, (row,))
            else:
                entry = self.entries[row.key]
                self.entries[row.key] = replace(entry, rows=(*entry.rows, row))

    def outcome(self, key: EntryKey, outcome: Answer | Unclear) -> None:
        entry = self.entries[key]
        if key == self.key and self.is_session_there and not isinstance(outcome, Unclear):
            self.is_session_there = False
            if isinstance(outcome, Silence):
                # The reader is told "no answer", and leaves.
                self.write(Answered(key, self.clock.now(), outcome))
                for report in self.courier.give_up(key):
                    if isinstance(report, Judged):
                        self.outcome(key, report.verdict)
                return
            if isinstance(outcome, Granted):
                now = self.clock.now()
                self.write(Answered(key, now, outcome), Settled(key, now, Settlement.DONE))
                return
        undone = self.entries.get(entry.promise.undoes) if isinstance(entry.promise, UndoLoan) else None
        after = aftermath(entry, outcome, self.clock.now(), self.new_key, undone)
        self.write(*after.rows)
        self.courier.enter([self.entries[one.key] for one in after.entries], is_of_session=False)

    def ended(self) -> Ended:
        rows = self.entries[self.key].rows
        answer = self.entries[self.key].answer
        return Ended(
            next((row.how for row in rows if isinstance(row, Settled)), None),
            tuple(row for row in rows if isinstance(row, CaseOpened)),
            tuple(self.system.done),
            {item: loan.patron for item, loan in self.system.loans.items()},
            isinstance(answer, Granted) and answer.due.day is not None,
        )


def _promise(kind: str) -> Promise:
    item, patron = item_id(BOOK), patron_id(READER)
    match kind:
        case "11 of a session":
            return Lend(item, patron, AT, charged_before=(item_id("20000003"),))
        case "11 of the terminal's own":
            return Lend(item, patron, AT, if_granted_late=IfGrantedLate.KEEP)
        case "29":
            return Renew(item, patron, AT, due_before=Due((AT + timedelta(days=7)).date()))
        case _:
            return UndoLoan(item, patron, AT, EntryKey("e", 1, 99, 1))


def broken_promises(kind: str, ended: Ended) -> list[str]:
    """What of the promises did not hold, in words; empty when all did."""
    wrong: list[str] = []
    is_lent = ended.loans.get(BOOK) == READER
    is_case = ended.end is Settlement.CASE
    if ended.end is None:
        wrong.append("it was never settled")
    if is_case != bool(ended.cases):
        wrong.append("a case is missing, or one too many")
    if ended.loans.get("20000002") != STRANGER or ended.loans.get("20000003") != READER:
        wrong.append("somebody else's loan was touched")
    for deed in Deed:
        if ended.count(deed) > 1:
            wrong.append(f"{deed.value} {ended.count(deed)} times")
    if kind in (LENT, TAKES):
        if ended.count(Deed.RENEWED):
            wrong.append("a loan was renewed")
        named = {
            item for item in ended.strangers if any(f"is {item}," in case.detail for case in ended.cases)
        }
        if ended.strangers != named or is_case != bool(ended.strangers):
            wrong.append("an item lent in its place is not named for staff")
        stands = {Settlement.DONE: True, Settlement.UNDONE: False, Settlement.NOT_DONE: False}
        if ended.end in stands and stands[ended.end] != is_lent:
            wrong.append(f"it ended as {ended.end} and is {'' if is_lent else 'not '}lent")
        if kind == TAKES and not is_case and not (is_lent and ended.is_due_known):
            wrong.append("the reader has it, and it is not theirs")
    elif kind == RENEWS:
        if (ended.end is Settlement.DONE) != (ended.count(Deed.RENEWED) == 1):
            wrong.append("what the journal says of the renewal is not so")
    elif is_lent:
        wrong.append("it was not undone")
    return wrong
