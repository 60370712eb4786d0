"""A library, a bad line, sessions that come and go, loans the terminal grants itself, restarts, clocks that jump:
whatever happens in which order, promises are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from drivers.link.memory import VirtualClock
from sync.entries import (
    NEVER_SENT,
    Answer,
    Answered,
    Due,
    Entry,
    EntryKey,
    EntryRow,
    GiveBack,
    Granted,
    IfGrantedLate,
    Intended,
    ItemId,
    Lend,
    PatronId,
    Pay,
    Promise,
    Promised,
    Refused,
    Renew,
    ReportCare,
    ServerClock,
    Settled,
    Settlement,
    Silence,
    UndoLoan,
    item_id,
    patron_id,
)
from sync.questions import AboutAccount, AboutItem, AboutPatron, AboutServer, Question
from sync.servers.ils import Capabilities
from sync.uplink.aftermath import Aftermath, aftermath
from sync.uplink.courier import Courier
from sync.uplink.reports import Carried, ClockTold, Judged, LeaveAsked, Report, Unclear
from sync.uplink.start_up import AtStart, Settle, at_start
from tests.kit.effort import effort
from tests.sync.uplink.library import Library, Line
from tests.sync.uplink.samples import NOON

ITEMS = [item_id(f"1000000{n}") for n in range(4)]
PATRONS = [patron_id(f"230000004{n}") for n in range(3)]
EFFORT = settings(
    stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)
TOLD_LENT, TOLD_NOT = "told lent", "told not lent"
PROMISED_DUE = Due(date(2026, 6, 9))
SERVERS = {
    "one by one, as SIP2": Capabilities(),
    "several at once": Capabilities(entries_per_exchange=3),
    "in order, as central": Capabilities(entries_per_exchange=3, repeats_safely=True, keeps_order=True),
}


def touch_the_same(one: Promise, other: Promise) -> bool:
    """Whether both are about one item, or one patron."""
    same_item = one.item is not None and one.item == other.item
    return same_item or (one.patron is not None and one.patron == other.patron)


def is_money_open(entry: Entry) -> bool:
    """Whether nobody knows yet that money was taken for *entry*: such a payment is in nobody's way."""
    return isinstance(entry.promise, Pay) and not entry.may_be_carried


def question_about(promise: Promise) -> Question | None:
    """What has to be asked before *promise* is sent again; None: it may be sent twice."""
    match promise:
        case GiveBack():
            return AboutItem(promise.item)
        case Pay():
            return AboutAccount(promise.patron)
        case ReportCare():
            return None
        case _:
            return AboutPatron(promise.patron)


class Watched(Library):
    """The library, that also holds every entry it receives against the promises."""

    machine: Promises

    def carry(self, entries: Sequence[Entry]) -> tuple[Answer, ...]:
        if self.line in (Line.GOOD, Line.REPLY_LOST, Line.HELD):
            for entry in entries:
                self.machine.check_entry(entry)
        return super().carry(entries)


class Promises(RuleBasedStateMachine):
    """Plays terminal and reader; the product's courier, judge and aftermath do the rest."""

    courier_type: type[Courier] = Courier
    ways = Capabilities()

    def __init__(self) -> None:
        super().__init__()
        self.clock = VirtualClock()
        self.library = Watched(ways=self.ways, clock=self.servers_time)
        self.library.machine = self
        self.boot = 1
        self.clocks: list[tuple[int, ServerClock]] = []
        self.begun_at: dict[EntryKey, datetime] = {}
        self.courier = self.new_courier()
        self.entries: dict[EntryKey, Entry] = {}
        self.order: list[EntryKey] = []
        self.told: dict[EntryKey, str] = {}
        self.of_session: set[EntryKey] = set()
        self.events = 0
        self.keeps_what_meets_silence = False
        self.wrong: list[str] = []
        self.never_sent: set[EntryKey] = set()

    # --- What the terminal does -----------------------------------------------------------------------------------

    def servers_time(self) -> datetime:
        """Runs evenly, whatever the terminal's wall clock does."""
        return datetime(2026, 5, 12, 12, 7, tzinfo=UTC) + timedelta(seconds=self.clock.monotonic())

    def new_courier(self) -> Courier:
        return self.courier_type(
            self.library, self.clock, lambda: 0.5, epoch="beef", boot=self.boot, clocks=tuple(self.clocks)
        )

    def new_key(self) -> EntryKey:
        self.events += 1
        return EntryKey("beef", self.boot, self.events, 1)

    def begin(self, promise: Promise) -> Entry:
        key = self.new_key()
        self.write(Intended(key, self.clock.now(), promise, self.clock.monotonic()))
        return self.entries[key]

    def promised(self, key: EntryKey) -> Promised:
        return Promised(key, self.clock.now(), PROMISED_DUE, NOON)

    def write(self, *rows: EntryRow) -> None:
        for row in rows:
            if isinstance(row, Intended):
                self.begun_at[row.key] = self.servers_time()
                self.entries[row.key] = Entry(row.key, row.promise, (row,), position=len(self.entries) + 1)
                place = self.order.index(row.promise.undoes) if isinstance(row.promise, UndoLoan) else None
                self.order.insert(len(self.order) if place is None else place + 1, row.key)
            else:
                if isinstance(row, Answered):
                    is_unsent = row.answer == Silence(NEVER_SENT)
                    (self.never_sent.add if is_unsent else self.never_sent.discard)(row.key)
                entry = self.entries[row.key]
                self.entries[row.key] = replace(entry, rows=(*entry.rows, row))

    @initialize()
    def start(self) -> None:
        self.take(())

    @rule(item=st.sampled_from(ITEMS), patron=st.sampled_from(PATRONS), renews=st.booleans())
    def promise(self, item: ItemId, patron: PatronId, renews: bool) -> None:
        """A reader wants something; what they have is known.  A session asks for an item once at a time."""
        pending = (self.entries[key].promise for key in self.of_session)
        if any((known.item, known.patron) == (item, patron) for known in pending):
            return
        loan = self.library.loans.get(item)
        mine = tuple(i for i, known in self.library.loans.items() if known.patron == patron)
        if renews:
            if loan is None or loan.patron != patron:
                return
            entry = self.begin(Renew(item, patron, NOON))
        else:
            entry = self.begin(Lend(item, patron, NOON, charged_before=mine))
        self.of_session.add(entry.key)
        self.courier.enter([entry], is_of_session=True)

    @rule(item=st.sampled_from(ITEMS), patron=st.sampled_from(PATRONS))
    def lend_without_the_server(self, item: ItemId, patron: PatronId) -> None:
        """The terminal grants a loan by its own books; the reader leaves with the item."""
        entry = self.begin(Lend(item, patron, NOON, if_granted_late=IfGrantedLate.KEEP))
        self.write(self.promised(entry.key))
        self.told[entry.key] = TOLD_LENT
        self.courier.enter([self.entries[entry.key]], is_of_session=True)

    @rule()
    def change_policy(self) -> None:
        """What meets silence during a session is granted by the terminal from now on, or not any more."""
        self.keeps_what_meets_silence = not self.keeps_what_meets_silence

    @rule()
    def keep(self) -> None:
        """The server is silent for too long: what is asked of it is granted by the terminal itself."""
        for key in sorted(self.of_session):
            if isinstance(self.entries[key].promise, Lend):
                self.keep_one(key)

    def keep_one(self, key: EntryKey) -> None:
        row = self.promised(key)
        self.write(row)
        self.told[key] = TOLD_LENT
        self.of_session.discard(key)
        self.take(self.courier.promise(key, row))

    @rule()
    def look_at_the_clock(self) -> None:
        self.courier.ask(1, AboutServer(), is_of_session=False)
        self.turn(Line.GOOD, 1)

    @rule(seconds=st.sampled_from([-86400, -3600, 1, 40, 31536000]))
    def set_the_clock(self, seconds: int) -> None:
        """Somebody sets the terminal's wall clock."""
        self.clock.jump_wall(seconds)

    @rule()
    def go(self) -> None:
        """The reader leaves: what is not answered yet is given up."""
        for key in sorted(self.of_session):
            self.give_up(key)

    @rule(line=st.sampled_from(Line), turns=st.integers(1, 4))
    def turn(self, line: Line, turns: int) -> None:
        self.library.line = line
        for _ in range(turns):
            self.take(self.courier.turn().reports)
        assert self.wrong == []

    @rule(turns=st.integers(1, 8))
    def serve(self, turns: int) -> None:
        self.turn(Line.GOOD, turns)

    @rule(turns=st.integers(1, 3))
    def lose_replies(self, turns: int) -> None:
        self.turn(Line.REPLY_LOST, turns)

    @rule(seconds=st.sampled_from([1, 5, 60, 600]))
    def wait(self, seconds: int) -> None:
        self.clock.wait(seconds)

    @rule()
    def restart(self) -> None:
        """The terminal is killed and comes back: memory is gone, entries stay."""
        self.boot += 1
        self.courier = self.new_courier()
        for key in sorted(self.of_session):
            self.told[key] = TOLD_NOT
        self.of_session.clear()
        undos = {e.promise.undoes: e for e in self.entries.values() if isinstance(e.promise, UndoLoan)}
        for key in tuple(self.order):
            entry = self.entries[key]
            if entry.is_settled:
                continue
            now, seconds = self.clock.now(), self.clock.monotonic()
            found = at_start(entry, undos.get(key), now, self.new_key, self.undone_by(entry), seconds)
            if isinstance(found, Settle):
                self.follow(found.aftermath, is_in_doubt=False)
                continue
            if not isinstance(entry.answer, Granted | Refused):
                found_so = replace(entry, is_never_sent=key in self.never_sent)
                self.courier.enter([found_so], is_of_session=False, is_in_doubt=True)
            self.found_at_start(entry, found)

    def found_at_start(self, entry: Entry, found: AtStart) -> None:
        """What the session has to finish of what start-up *found*."""

    def give_up(self, key: EntryKey) -> None:
        self.of_session.discard(key)
        self.told[key] = TOLD_NOT
        self.take(self.courier.give_up(key))

    def take(self, reports: Sequence[Report]) -> None:
        for report in reports:
            if isinstance(report, Carried):
                self.outcome(report.key, report.answer)
            elif isinstance(report, Judged):
                self.outcome(report.key, report.verdict)
            elif isinstance(report, ClockTold):
                self.clocks.append((self.boot, report.clock))
            elif isinstance(report, LeaveAsked):
                self.leave_asked(report.notes)

    def leave_asked(self, notes: int) -> None:
        """Writes down that the server was reached, then lets what was never sent go."""
        self.never_sent.clear()
        self.courier.give_leave(notes)

    def outcome(self, key: EntryKey, outcome: Answer | Unclear) -> None:
        entry = self.entries[key]
        if entry.is_settled or isinstance(entry.answer, Granted | Refused):
            self.wrong.append(f"{key} was answered twice")
            return
        if key in self.of_session and not isinstance(outcome, Unclear):
            if isinstance(outcome, Granted):
                self.write(Answered(key, NOON, outcome), Settled(key, NOON, Settlement.DONE))
                self.told[key] = TOLD_LENT
                self.of_session.discard(key)
                return
            if isinstance(outcome, Silence):
                self.write(Answered(key, NOON, outcome))
                if self.keeps_what_meets_silence and isinstance(entry.promise, Lend):
                    self.keep_one(key)
                else:
                    self.give_up(key)
                return
        self.of_session.discard(key)
        self.told.setdefault(key, TOLD_NOT)
        now, seconds = self.clock.now(), self.clock.monotonic()
        undone = self.undone_by(entry)
        after = aftermath(entry, outcome, now, self.new_key, undone, seconds=seconds)
        self.follow(after, is_in_doubt=False)

    def undone_by(self, entry: Entry) -> Entry | None:
        undone = self.entries.get(entry.promise.undoes) if isinstance(entry.promise, UndoLoan) else None
        return None if undone is None or undone.is_settled else undone

    def follow(self, after: Aftermath, is_in_doubt: bool) -> None:
        self.write(*after.rows)
        entries = [self.entries[entry.key] for entry in after.entries]
        if entries:
            self.courier.enter(entries, is_of_session=False, is_in_doubt=is_in_doubt)

    # --- What must hold -------------------------------------------------------------------------------------------

    def check_entry(self, entry: Entry) -> None:
        """What the library receives was begun by the terminal, comes in its turn and bears its own time."""
        if entry.key not in self.entries:
            self.wrong.append(f"{entry.key} was never begun")
            return
        self.check_turn_of(entry)
        self.check_time_of(entry)

    def check_turn_of(self, entry: Entry) -> None:
        """It is this entry's turn, and it was asked about since it was sent last."""
        if self.ways.keeps_order:
            self.check_position_of(entry)
            return
        for earlier in self.order[: self.order.index(entry.key)]:
            other = self.entries[earlier]
            touches = touch_the_same(other.promise, entry.promise) and not is_money_open(other)
            waits_for_undo = isinstance(other.answer, Granted)
            if touches and not other.is_settled:
                undoes_it = isinstance(entry.promise, UndoLoan) and entry.promise.undoes == earlier
                if not undoes_it and not (waits_for_undo and other.promise.item != entry.promise.item):
                    self.wrong.append(f"{entry.key} overtook {earlier}")
        if self.ways.repeats_safely:
            return
        promise = entry.promise
        if entry.promised and isinstance(promise, Lend):
            loan = self.library.loans.get(promise.item)
            if loan is not None and loan.patron == promise.patron:
                self.wrong.append(f"{entry.key} was sent, and stands on the account already")
        exchanges = self.library.exchanges
        if entry.key in exchanges:
            last = len(exchanges) - 1 - exchanges[::-1].index(entry.key)
            question = question_about(promise)
            if question is not None and question not in exchanges[last:]:
                self.wrong.append(f"{entry.key} was sent again without asking")
            if isinstance(promise, Lend | Renew) and not entry.promised:
                self.wrong.append(f"{entry.key} was sent again, and its reader is gone")

    def check_position_of(self, entry: Entry) -> None:
        if entry.key not in self.library.received and entry.position < max(self.library.positions, default=0):
            self.wrong.append(f"{entry.key}, number {entry.position}, came behind a later one")

    def check_time_of(self, entry: Entry) -> None:
        """In a boot that learnt the server's time, the entry's own is exact, whatever the wall clock did."""
        if entry.key.boot in {boot for boot, _ in self.clocks}:
            begun = entry.rows[0].at
            offset = entry.offset_seconds
            if offset is None or begun + timedelta(seconds=offset) != self.begun_at[entry.key]:
                self.wrong.append(f"{entry.key} was dated wrongly")

    @invariant()
    def nothing_is_done_twice(self) -> None:
        """No entry is executed twice, however often its reply was lost."""
        assert len(set(self.library.executed)) == len(self.library.executed)

    def teardown(self) -> None:
        """The line is mended: everything is settled, and every loan is as the reader was told, or a case."""
        self.go()
        self.library.line = Line.GOOD
        for _ in range(20 * len(self.entries) + 20):
            self.take(self.courier.turn().reports)
            self.clock.wait(timedelta(minutes=6).total_seconds())
        assert self.wrong == []
        assert self.courier.lane.waiting == ()
        for key, entry in self.entries.items():
            assert entry.is_settled, f"{key} is not settled"
        made = {loan.made_by for loan in self.library.loans.values()}
        for key, told in self.told.items():
            entry = self.entries[key]
            end = next(row.how for row in entry.rows if isinstance(row, Settled))
            answer = entry.answer
            if not isinstance(entry.promise, Lend):
                continue
            if entry.promised:
                assert told == TOLD_LENT
                assert end in (Settlement.DONE, Settlement.CASE), f"{key}: taken away, and it ended as {end}"
                assert end is Settlement.CASE or isinstance(answer, Granted)
            elif isinstance(answer, Granted) and answer.renewed:
                continue
            elif told == TOLD_NOT:
                assert key not in made or end is Settlement.CASE, f"{key}: told not lent, and it is"
            elif not self.was_given_back(entry):
                assert key in made, f"{key}: told lent, and it is not"

    def was_given_back(self, loan: Entry) -> bool:
        """Whether the item was brought back after *loan* began."""
        later = (self.entries[key].promise for key in self.order[self.order.index(loan.key) :])
        return any(isinstance(one, GiveBack) and one.item == loan.promise.item for one in later)


@pytest.mark.parametrize("server", SERVERS)
def test_every_promise_is_kept_on_a_bad_line(server: str) -> None:
    """Over lost requests, lost replies, refused logins, sessions given up, loans by the terminal's own books, clocks
    that jump and restarts: nothing is carried twice without asking where that would do it twice, the order holds, every
    time is right, all is settled in the end and stands as the reader was told, or is a case."""

    class Served(Promises):
        ways = SERVERS[server]

    run_state_machine_as_test(Served, settings=settings(EFFORT, max_examples=effort(150)))
