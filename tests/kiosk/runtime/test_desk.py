"""The desk: nothing leaves it that is not on disk, and nothing overtakes what waits for the disk."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from drivers.barcode import Scan, Symbology
from drivers.link.memory import VirtualClock
from drivers.masked import Masked, Secret
from drivers.rfid import LibraryItem, PadSignal, SecurityState, Tag, TagUid
from kiosk.engine.inbox import Inbox
from kiosk.engine.journal_pump import Batch, CommitFailed, Committed, Room
from kiosk.runtime.desk import Desk
from kiosk.runtime.open_entries import OpenEntries
from kiosk.runtime.traffic import Arrival, CarryLate, GiveLeave, Order, replaces
from kiosk.workflow.effects import Ask, AskHere, Carry, GiveUp, Keep, Release, ShowOnPad, TreatStrip
from kiosk.workflow.events import (
    CardCame,
    Device,
    DeviceUp,
    Moment,
    PadRead,
    PinEntered,
    ReleaseTrouble,
    Scanned,
    SnapshotCame,
    TagsNotReleased,
    TagsReleased,
    TagsSecured,
    ToldHere,
    Touched,
)
from kiosk.workflow.settings import SessionSettings, Strips
from kiosk.workflow.state import begin
from kiosk.workflow.view import (
    Borrowing,
    LookingUp,
    Notice,
    OutOfService,
    Shown,
    Status,
    Trouble,
    View,
    Welcome,
)
from sync.entries import (
    Answered,
    CaseClosed,
    CaseEnd,
    CaseOpened,
    CaseReason,
    Due,
    Entry,
    EntryKey,
    Granted,
    Intended,
    PatronId,
    Reason,
    Refused,
    Row,
    ServerClock,
    ServerReached,
    Settled,
    Settlement,
    Silence,
    TagBits,
    UndoLoan,
)
from sync.questions import LendingFacts, MayLend, PatronFacts
from sync.uplink import reports
from sync.uplink.doubt import NOT_DONE
from sync.uplink.reports import ClockTold, Judged, LeaveAsked, Link, LinkState, Unclear
from tests.kit.recording import KeptLog
from tests.kit.rig import OFFLINE, SETTINGS, with_settings

READER = "20999000000017"
BOOKS = ("30999000010030", "30999000010048", "30999000010055")
GRANTED = Granted(Due(None), "A Title")


def tag(number: str) -> Tag:
    return Tag(
        TagUid(f"E00401{number[-10:]}"), LibraryItem(number, 1, 1, "CN-110108", 0x11), SecurityState(0x07)
    )


class Bench:
    """A desk whose journal, uplink, pad and screen are lists."""

    def __init__(self, settings: SessionSettings = SETTINGS) -> None:
        self.clock = VirtualClock()
        self.log = KeptLog()
        self.inbox: Inbox[Arrival] = Inbox(replaces=replaces, idle=self.clock.wait)
        self.batches: list[Batch] = []
        self.written: list[Row] = []
        self.done: list[Order] = []
        self.shown: list[Shown] = []
        moment = Moment(self.clock.monotonic(), self.clock.now())
        self.desk = Desk(
            begin(settings, "e1", 1, (), (), moment),
            OpenEntries(),
            inbox=self.inbox,
            write=self.batches.append,
            outlets=self,
            clock=self.clock,
            log=self.log,
        )
        self.turn()

    def wrote(self, rows: tuple[Row, ...]) -> None:
        self.written.extend(rows)

    def do(self, order: Order) -> None:
        self.done.append(order)

    def show(self, shown: Shown) -> None:
        self.shown.append(shown)

    def turn(self, *arrivals: Arrival) -> None:
        """All of *arrivals* in one turn of the desk."""
        for arrival in arrivals:
            self.inbox.post(arrival)
        self.desk.turn()

    def commit(self, batch: Batch | None = None) -> None:
        """The journal says that *batch*, the last one unless given, is on disk."""
        self.turn(Committed((batch or self.batches[-1]).turn))

    def view(self) -> View:
        return self.shown[-1].view

    def carried(self) -> list[Entry]:
        return [order.entry for order in self.done if isinstance(order, Carry)]

    def begin_session(self, *books: str) -> None:
        """Card, right PIN, and *books* seen on the pad in the same turn as the answer."""
        self.turn(CardCame(Masked(READER)))
        self.turn(PinEntered(Secret("1234")))
        asked = next(order for order in reversed(self.done) if isinstance(order, Ask))
        facts = PatronFacts(PatronId(READER), True, "Reader", True, (), (), 0, 10)
        pad = [PadRead(tuple(tag(book) for book in books), 2)] if books else []
        self.turn(reports.Told(asked.token, facts), *pad)

    def lend(self, *books: str) -> list[EntryKey]:
        """A session in which *books* were asked for, with all of that on disk; their keys."""
        self.begin_session(*books)
        self.commit()
        return [entry.key for entry in self.carried()]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_what_needs_no_record_is_done_at_once(bench: Bench) -> None:
    """Asking the server who this is waits for no disk, and the screen says so in the same turn."""
    bench.turn(CardCame(Masked(READER)))
    bench.turn(PinEntered(Secret("1234")))

    assert isinstance(bench.done[-1], Ask | ShowOnPad)
    assert bench.view() == LookingUp(bench.view().choices)
    assert bench.batches == []


def test_nothing_is_asked_of_the_server_before_the_intent_is_on_disk(bench: Bench) -> None:
    """A loan is carried, and its line shown, only after the journal said that the intent is written."""
    bench.begin_session(*BOOKS)
    assert bench.carried() == []
    assert isinstance(bench.view(), LookingUp)

    bench.commit()

    assert [entry.promise.item for entry in bench.carried()] == list(BOOKS)
    view = bench.view()
    assert isinstance(view, Borrowing)
    assert {line.status for line in view.lines} == {Status.ASKING}


def test_a_stack_is_one_commit(bench: Bench) -> None:
    """All intents of a stack of books go to the journal together."""
    bench.begin_session(*BOOKS)

    [batch] = bench.batches
    assert [type(row) for row in batch.rows] == [Intended] * 3


def test_no_tag_is_released_before_the_grant_is_on_disk(bench: Bench) -> None:
    """Grant and intended release are written first; the command to the pad follows the disk's receipt."""
    [key] = bench.lend(BOOKS[0])
    bench.turn(reports.Carried(key, GRANTED))
    assert not [order for order in bench.done if isinstance(order, Release)]

    bench.commit()

    assert [order.key for order in bench.done if isinstance(order, Release)] == [key]


def test_lent_is_shown_only_when_the_release_is_on_disk(bench: Bench) -> None:
    """The screen never says "lent" before the journal holds it."""
    [key] = bench.lend(BOOKS[0])
    bench.turn(reports.Carried(key, GRANTED))
    bench.commit()
    bench.turn(TagsReleased(key, (TagBits(tag(BOOKS[0]).uid, 0xC2),)))
    view = bench.view()
    assert isinstance(view, Borrowing)
    assert view.lines[0].status is Status.RELEASING

    bench.commit()

    view = bench.view()
    assert isinstance(view, Borrowing)
    assert view.lines[0].status is Status.LENT


def test_a_later_turn_waits_behind_an_earlier_one(bench: Bench) -> None:
    """A turn without records of its own does not overtake one that still waits for the disk."""
    bench.begin_session(BOOKS[0])
    before = len(bench.shown)
    bench.turn(LinkState(Link.SILENT, 0))
    assert len(bench.shown) == before

    bench.commit()

    assert Notice.SERVER_AWAY in bench.shown[-1].notices
    assert len(bench.shown) == before + 2


def test_turns_leave_in_their_order_when_the_disk_is_late(bench: Bench) -> None:
    """Two turns written in one commit leave one after the other, effects in the order they were decided."""
    keys = bench.lend(*BOOKS)
    bench.turn(reports.Carried(keys[2], GRANTED))
    bench.turn(reports.Carried(keys[0], GRANTED))
    assert not [order for order in bench.done if isinstance(order, Release)]

    bench.commit()

    assert [order.key for order in bench.done if isinstance(order, Release)] == [keys[2], keys[0]]


def test_a_receipt_for_an_earlier_turn_lets_no_later_one_out(bench: Bench) -> None:
    """Being on disk is said turn by turn."""
    keys = bench.lend(*BOOKS)
    bench.turn(reports.Carried(keys[0], GRANTED))
    first = bench.batches[-1]
    bench.turn(reports.Carried(keys[1], GRANTED))

    bench.commit(first)

    assert [order.key for order in bench.done if isinstance(order, Release)] == [keys[0]]


def test_a_failing_journal_drops_all_that_built_on_it(bench: Bench) -> None:
    """After a failed commit nothing of that turn or a later one is done, and the terminal serves nobody."""
    keys = bench.lend(*BOOKS)
    orders, views = len(bench.done), len(bench.shown)
    bench.turn(reports.Carried(keys[0], GRANTED))
    failed = bench.batches[-1]
    bench.turn(reports.Carried(keys[1], GRANTED))
    bench.turn(LinkState(Link.SILENT, 0))

    bench.turn(CommitFailed(failed.turn, failed.trust))

    assert not any(isinstance(order, Release | Carry) for order in bench.done[orders:])
    assert [type(shown.view) for shown in bench.shown[views:]] == [OutOfService]


def test_one_failure_is_heard_once(bench: Bench) -> None:
    """The batches that fail with the first one change nothing more; a receipt for a dropped turn lets nothing out."""
    keys = bench.lend(*BOOKS)
    bench.turn(reports.Carried(keys[0], GRANTED))
    bench.turn(reports.Carried(keys[1], GRANTED))
    one, other = bench.batches[-2:]
    orders = len(bench.done)

    bench.turn(CommitFailed(one.turn, one.trust), CommitFailed(other.turn, other.trust))
    bench.turn(Committed(other.turn))

    assert len(bench.log.sentences("error")) == 1
    assert not any(isinstance(order, Release) for order in bench.done[orders:])


def test_a_loan_granted_after_its_session_is_undone(bench: Bench) -> None:
    """After silence was told, a grant found later is written, and its undoing carried once that is on disk."""
    [key] = bench.lend(BOOKS[0])
    bench.turn(reports.Carried(key, Silence("deadline")))
    bench.commit()

    bench.turn(Judged(key, GRANTED))
    assert not [order for order in bench.done if isinstance(order, CarryLate)]
    answered, intended = bench.batches[-1].rows
    assert isinstance(answered, Answered)
    assert answered.answer == GRANTED
    assert isinstance(intended, Intended)
    bench.commit()

    [late] = [order for order in bench.done if isinstance(order, CarryLate)]
    assert isinstance(late.carry.entry.promise, UndoLoan)
    assert late.carry.entry.promise.undoes == key
    assert (late.carry.entry.key, BOOKS[0]) in bench.desk.state.given_up, "nobody is told that it is theirs"
    assert not [order for order in bench.done if isinstance(order, Release)]


def test_a_strip_is_not_treated_for_a_loan_that_was_only_found_afterwards() -> None:
    """The desk tells the session of what asking showed as such: the reply that forbade it may be what was lost."""
    bench = Bench(replace(SETTINGS, strips=Strips.UNTAGGED, has_scanner=True))
    bench.begin_session()
    for judged in (True, False):
        number = BOOKS[judged]
        bench.turn(Scanned(Scan(Masked(number), Symbology.CODABAR)))
        bench.commit()
        key = bench.carried()[-1].key
        bench.turn(Judged(key, GRANTED) if judged else reports.Carried(key, GRANTED))
        bench.commit()
        is_treated = any(isinstance(order, TreatStrip) and order.key == key for order in bench.done)
        assert is_treated is not judged


def test_an_undone_late_loan_settles_both_entries(bench: Bench) -> None:
    """Once the undoing is granted, both it and the loan are settled and nothing is left open."""
    [key] = bench.lend(BOOKS[0])
    bench.turn(reports.Carried(key, Silence("deadline")))
    bench.turn(Judged(key, GRANTED))
    bench.commit()
    undo = next(order for order in bench.done if isinstance(order, CarryLate)).carry.entry.key

    bench.turn(reports.Carried(undo, Granted(Due(None))))

    settled = [(row.key, row.how) for row in bench.batches[-1].rows if isinstance(row, Settled)]
    assert settled == [(undo, Settlement.DONE), (key, Settlement.UNDONE)]


@pytest.mark.parametrize(
    ("outcome", "how"),
    [
        (NOT_DONE, Settlement.NOT_DONE),
        (Refused(Reason.LIMIT_REACHED), Settlement.REFUSED),
        (Unclear("two answers"), Settlement.CASE),
    ],
)
def test_a_late_outcome_settles_its_entry(bench: Bench, outcome: Refused | Unclear, how: Settlement) -> None:
    """What asking found about an entry without a session is written as its end; what is unclear becomes a case."""
    [key] = bench.lend(BOOKS[0])
    bench.turn(reports.Carried(key, Silence("deadline")))

    bench.turn(Judged(key, outcome))

    assert isinstance(bench.batches[-1].rows[-1], Settled)
    assert bench.batches[-1].rows[-1].how is how


def test_an_entry_that_nobody_can_tell_of_ends_as_a_case_and_frees_its_item(bench: Bench) -> None:
    """Also while its session still waits: the reader is told, staff get the case, the book may be tried again."""
    [key] = bench.lend(BOOKS[0])

    bench.turn(Judged(key, Unclear("two answers")))

    settled = [row for row in bench.batches[-1].rows if isinstance(row, Settled)]
    assert [(row.key, row.how) for row in settled] == [(key, Settlement.CASE)]
    assert bench.desk.open_count == 0
    assert bench.desk.state.given_up == ()


def test_an_undoing_that_is_sent_again_is_no_refusal_of_it(bench: Bench) -> None:
    """A session that waits for a loan to be undone hears nothing of the loan still being there, only of its end."""
    [key] = bench.lend(BOOKS[0])
    bench.turn(reports.Carried(key, GRANTED))
    for _ in range(2):
        bench.turn(TagsNotReleased(key, (), ReleaseTrouble.WRITE_REFUSED))
    bench.turn(TagsSecured(key, (), True))
    bench.commit()
    undo = bench.carried()[-1].key
    batches = len(bench.batches)

    bench.turn(Judged(undo, NOT_DONE, is_carried_next=True))
    assert len(bench.batches) == batches
    bench.turn(reports.Carried(undo, GRANTED))

    settled = [(row.key, row.how) for row in bench.batches[-1].rows if isinstance(row, Settled)]
    assert settled == [(undo, Settlement.DONE), (key, Settlement.UNDONE)]


def test_an_outcome_of_a_settled_entry_changes_nothing(bench: Bench) -> None:
    """A server that answers twice is written down once; the second answer is a line in the log."""
    [key] = bench.lend(BOOKS[0])
    refused = reports.Carried(key, Refused(Reason.ITEM_REFERENCE))
    bench.turn(refused)
    batches = len(bench.batches)

    bench.turn(refused)

    assert len(bench.batches) == batches
    assert bench.log.sentences("warning") == ["an outcome of an entry that is settled"]


def test_no_two_entries_ever_have_the_same_key(bench: Bench) -> None:
    """An undoing that begins in the same turn as new loans does not take one of their keys."""
    [key] = bench.lend(BOOKS[0])
    bench.turn(reports.Carried(key, Silence("deadline")))
    bench.turn(Judged(key, GRANTED), PadRead(tuple(tag(book) for book in BOOKS), 2))

    keys = [row.key for batch in bench.batches for row in batch.rows if isinstance(row, Intended)]

    assert len(keys) == 4
    assert len(set(keys)) == 4


def test_a_mistake_of_ours_costs_one_event_and_not_the_desk(bench: Bench) -> None:
    """An arrival nobody can serve is reported, and the next one is served."""
    bench.turn("no event at all", CardCame(Masked(READER)))  # type: ignore[arg-type]

    assert bench.log.sentences("failure") == ["an event could not be served"]
    assert not isinstance(bench.view(), Welcome)


def test_time_is_told_every_second_and_when_a_limit_is_due(bench: Bench) -> None:
    """Without anything happening the desk turns once a second, and a session left alone ends by itself."""
    bench.turn(CardCame(Masked(READER)))
    seen: list[float] = []
    for _ in range(90):
        bench.turn()
        seen.append(bench.clock.monotonic())

    assert all(later - earlier <= 1.0 + 1e-9 for earlier, later in pairwise(seen))
    assert isinstance(bench.view(), Welcome)


def test_the_wall_clock_may_jump(bench: Bench) -> None:
    """Setting the clock back an hour neither stops nor hastens the session's time limits."""
    bench.turn(CardCame(Masked(READER)))
    bench.clock.jump_wall(timedelta(hours=-1).total_seconds())
    for _ in range(70):
        bench.turn()

    assert isinstance(bench.view(), Welcome)


def test_the_same_view_is_shown_once(bench: Bench) -> None:
    """Events that change nothing for the reader do not reach the screen."""
    shown = len(bench.shown)

    bench.turn(Touched(), DeviceUp(Device.PAD))
    bench.turn(DeviceUp(Device.PAD))

    assert len(bench.shown) <= shown + 1


def test_an_entry_given_up_is_taken_back_from_the_uplink(bench: Bench) -> None:
    """When the server leaves the reader waiting too long, the uplink is told that nobody waits any more."""
    [key] = bench.lend(BOOKS[0])
    for _ in range(20):
        bench.turn()
    if bench.batches:
        bench.commit()

    assert GiveUp(key) in bench.done


def test_a_lamp_waits_for_the_disk_like_everything_else(bench: Bench) -> None:
    """Also what the pad shows is said only once the turn is on disk."""
    [key] = bench.lend(BOOKS[0])
    bench.turn(reports.Carried(key, GRANTED))
    bench.commit()
    bench.turn(TagsReleased(key, (TagBits(tag(BOOKS[0]).uid, 0xC2),)))
    assert ShowOnPad(PadSignal.DONE) not in bench.done
    lamps = [order for order in bench.done if isinstance(order, ShowOnPad)]

    bench.commit()

    assert len([order for order in bench.done if isinstance(order, ShowOnPad)]) == len(lamps) + 1


def test_an_entry_is_carried_with_the_place_the_journal_gave_it(bench: Bench) -> None:
    """Its number in its lane is known once it is on disk, and not before."""
    bench.begin_session(*BOOKS)
    [batch] = bench.batches
    keys = [row.key for row in batch.rows if isinstance(row, Intended)]

    bench.turn(Committed(batch.turn, {key: number for number, key in enumerate(keys, 41)}))

    assert [entry.position for entry in bench.carried()] == [41, 42, 43]


def test_an_undoing_of_no_session_has_its_place_too(bench: Bench) -> None:
    """What the desk begins by itself is numbered like everything else."""
    [key] = bench.lend(BOOKS[0])
    bench.turn(reports.Carried(key, Silence("deadline")))
    bench.turn(Judged(key, GRANTED))
    undo = next(row.key for row in bench.batches[-1].rows if isinstance(row, Intended))

    bench.turn(Committed(bench.batches[-1].turn, {undo: 7}))

    [late] = [order for order in bench.done if isinstance(order, CarryLate)]
    assert (late.carry.entry.key, late.carry.entry.position) == (undo, 7)


def test_followers_of_the_journal_hear_of_rows_that_are_on_disk(bench: Bench) -> None:
    """The terminal's own books never know of anything that a power cut could take back."""
    bench.begin_session(BOOKS[0])
    assert bench.written == []

    bench.commit()

    assert bench.written == list(bench.batches[-1].rows)


def test_the_servers_clock_is_written_down(bench: Bench) -> None:
    """What the uplink learnt of the server's time is in the journal, for whoever reads the entries' times later."""
    clock = ServerClock(bench.clock.now(), bench.clock.monotonic(), bench.clock.now() + timedelta(minutes=3))

    bench.turn(ClockTold(clock))

    assert bench.batches[-1].rows == (clock,)


@pytest.mark.parametrize("is_low", [False, True])
def test_leave_to_send_is_given_when_it_is_on_disk(bench: Bench, is_low: bool) -> None:
    """What was never sent is sent once the disk has that the server was reached; a disk that is nearly full, too."""
    bench.turn(Room(is_low))

    bench.turn(LeaveAsked(7))

    assert [type(row) for row in bench.batches[-1].rows] == [ServerReached]
    assert GiveLeave(7) not in bench.done
    bench.commit()
    assert GiveLeave(7) in bench.done


def test_a_journal_that_fails_gives_no_leave_to_send(bench: Bench) -> None:
    """Nothing that was never sent is sent by a terminal that cannot write that it may have been."""
    bench.turn(LeaveAsked(7))
    failed = bench.batches[-1]
    bench.turn(CommitFailed(failed.turn, failed.trust))

    bench.turn(LeaveAsked(7))

    assert bench.batches[-1] == failed
    assert GiveLeave(7) not in bench.done


def test_leave_that_found_no_room_is_written_again(bench: Bench) -> None:
    """In place of the reserve, which is for what was begun."""
    bench.turn(LeaveAsked(7))
    failed = bench.batches[-1]

    bench.turn(CommitFailed(failed.turn, failed.trust, is_full=True))

    assert [type(row) for row in bench.batches[-1].rows] == [ServerReached]
    bench.commit()
    assert GiveLeave(7) in bench.done


def test_a_shrinking_backlog_is_no_news_until_it_is_empty(bench: Bench) -> None:
    """Ten thousand entries on their way do not make ten thousand lines in the log."""
    for backlog in (900, 899, 898, 1, 0):
        bench.turn(LinkState(Link.UP, backlog))

    told = [facts["backlog"] for _, sentence, facts in bench.log.lines if sentence == "the way to the server"]
    assert told == [900, 0]


def test_what_was_begun_and_finds_no_room_even_so_stops_the_terminal(bench: Bench) -> None:
    """Once it is known that room is short, only what was begun is written; one that takes not even that is broken."""
    [key] = bench.lend(BOOKS[0])
    bench.turn(Room(True))
    bench.turn(reports.Carried(key, GRANTED))
    failed = bench.batches[-1]

    bench.turn(CommitFailed(failed.turn, failed.trust, is_full=True))

    assert isinstance(bench.view(), OutOfService)


def test_a_full_disk_takes_back_what_was_not_written_and_nothing_else(bench: Bench) -> None:
    """Loans that found no room were never begun: not asked for, not open, and the terminal is not out of order."""
    [first] = bench.lend(BOOKS[0])
    bench.turn(PadRead(tuple(tag(book) for book in BOOKS), 2))
    full = bench.batches[-1]
    bench.turn(LinkState(Link.SILENT, 0))

    bench.turn(CommitFailed(full.turn, full.trust, is_full=True))
    bench.commit()

    assert [entry.key for entry in bench.carried()] == [first]
    assert bench.desk.open_count == 1
    assert not isinstance(bench.view(), OutOfService)
    assert Notice.STORAGE_FULL in bench.shown[-1].notices
    assert Notice.SERVER_AWAY in bench.shown[-1].notices


def test_room_that_came_back_is_used(bench: Bench) -> None:
    """A disk that was tidied up is lent from again, without a restart."""
    bench.turn(Room(True))
    assert Notice.STORAGE_FULL in bench.shown[-1].notices

    bench.turn(Room(False))

    assert Notice.STORAGE_FULL not in bench.shown[-1].notices
    assert len(bench.lend(BOOKS[0])) == 1


def promised_while_asked_about() -> tuple[Bench, EntryKey]:
    """A desk that promised a loan, not yet on disk, which met the server's silence before."""
    bench = Bench(with_settings(offline=OFFLINE))
    now = bench.clock.now()
    bench.turn(SnapshotCame(now))
    [key] = bench.lend(BOOKS[0])
    bench.turn(reports.Carried(key, Silence("deadline")))
    bench.commit()
    asked = next(o for o in bench.done if isinstance(o, AskHere) and isinstance(o.question, MayLend))
    assert isinstance(asked.question, MayLend)
    facts = LendingFacts(asked.question.item, None, Due(now.date()), snapshot_at=now)
    bench.turn(ToldHere(asked.token, facts))
    return bench, key


def test_a_loan_promised_while_it_was_found_not_done_enters_its_lane_again() -> None:
    """The uplink let it go as a wish that never arrived; the promise is kept at once, not after the next start."""
    bench, key = promised_while_asked_about()

    bench.turn(Judged(key, NOT_DONE))
    bench.commit()

    kept = [order for order in bench.done if isinstance(order, Keep | CarryLate)]
    assert [type(order) for order in kept] == [Keep, CarryLate]
    assert isinstance(kept[1], CarryLate)
    assert kept[1].carry.entry.key == key
    assert kept[1].carry.entry.promised is not None
    assert not any(isinstance(row, Settled) for row in bench.written)


def test_a_promise_that_stays_in_its_lane_does_not_enter_it_twice() -> None:
    """Found not done and carried next: that is the uplink's own business."""
    bench, key = promised_while_asked_about()

    bench.turn(Judged(key, NOT_DONE, is_carried_next=True))
    bench.commit()

    assert not [order for order in bench.done if isinstance(order, CarryLate)]


def test_a_promise_taken_back_while_it_is_sent_stays_open_until_it_was_answered() -> None:
    """Its release failed after the uplink had decided to send it: what the server does then is still waited for."""
    bench, key = promised_while_asked_about()
    bench.commit()
    for _ in range(2):
        bench.turn(TagsNotReleased(key, (), ReleaseTrouble.WRITE_REFUSED))
    bench.turn(TagsSecured(key, (TagBits(tag(BOOKS[0]).uid, 7),), True))
    bench.commit()

    bench.turn(Judged(key, NOT_DONE, is_carried_next=True))
    assert bench.desk.open_count == 1
    bench.turn(reports.Carried(key, GRANTED))
    bench.commit()

    undone = [entry.promise for entry in bench.carried() if isinstance(entry.promise, UndoLoan)]
    assert [promise.undoes for promise in undone] == [key]


def test_a_promise_that_the_server_will_never_take_is_before_staff() -> None:
    """Central knows its number otherwise, or SIP2 cannot carry it: the book is gone, so it is a case and never lost."""
    bench, key = promised_while_asked_about()
    bench.commit()
    bench.turn(TagsReleased(key, (TagBits(tag(BOOKS[0]).uid, 0xC2),)))
    bench.commit()

    bench.turn(reports.Carried(key, NOT_DONE))

    cases = [row.reason for row in bench.batches[-1].rows if isinstance(row, CaseOpened)]
    ends = [row.how for row in bench.batches[-1].rows if isinstance(row, Settled)]
    assert (cases, ends) == ([CaseReason.LOAN_REFUSED], [Settlement.CASE])


def test_an_older_word_of_room_does_not_undo_what_a_full_disk_said(bench: Bench) -> None:
    """A look that saw room, served in the turn the disk had none for, begins nothing again: the loan is refused."""
    bench.begin_session()
    bench.turn(Room(False), PadRead((tag(BOOKS[0]),), 2))
    [batch] = bench.batches

    bench.turn(CommitFailed(batch.turn, batch.trust, is_full=True))

    assert bench.batches == [batch]
    view = bench.view()
    assert isinstance(view, Borrowing)
    assert [line.why for line in view.lines] == [Trouble.STORAGE_FULL]
    assert Notice.STORAGE_FULL in bench.shown[-1].notices


def test_that_a_case_is_closed_is_told_after_that_it_was_opened(bench: Bench) -> None:
    """Staff are quick: whoever follows the journal would otherwise hold a closed case for open until the next start."""
    [key] = bench.lend(BOOKS[0])
    bench.turn(Judged(key, Unclear("two answers")))
    closed = CaseClosed(key, bench.clock.now(), "desk", CaseEnd.NOT_FOUND)

    bench.turn(closed)
    assert closed not in bench.done
    bench.commit()

    assert any(isinstance(row, CaseOpened) for row in bench.written)
    assert bench.done[-1] == closed
