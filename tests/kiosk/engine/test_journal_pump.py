"""The journal's pump: everything that waits in one commit, and no row behind a failed one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from drivers.link.memory import VirtualClock
from kiosk.engine.journal_pump import (
    MUCH,
    ROOM_SECONDS,
    Batch,
    CommitFailed,
    Committed,
    JournalPump,
    Room,
)
from sync.entries import EntryKey, Intended, Lend, PatronId, PinRefused, Row, item_id
from sync.journal.errors import JournalBroken, JournalFull, RowRefused
from sync.journal.room import RoomLeft
from tests.kit.recording import KeptLog, Script

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def row(number: int) -> Row:
    return PinRefused(AT, PatronId(f"2300{number:04}"))


class Book:
    """A journal that keeps its commits, and fails where its script says."""

    def __init__(self, script: Script) -> None:
        self.commits: list[list[Row]] = []
        self.tidied = 0
        self.much = 0
        self.is_low = self.is_blind = False
        self.is_closed = False
        self._script = script

    def append(self, rows: Sequence[Row]) -> dict[EntryKey, int]:
        self._script()
        self.commits.append(list(rows))
        begun = [row.key for row in rows if isinstance(row, Intended)]
        return {key: number for number, key in enumerate(begun, 1)}

    def tidy(self) -> int:
        self.tidied += 1
        return self.much

    def room(self) -> RoomLeft:
        if self.is_blind:
            raise JournalBroken("disk")
        return RoomLeft(self.is_low, 0, has_reserve=True)

    def close(self) -> None:
        self.is_closed = True


class Desk:
    """A journal pump on a book, with what it posts."""

    def __init__(self, *steps: object) -> None:
        self.clock = VirtualClock()
        self.book = Book(Script(*steps))
        self.posted: list[Committed | CommitFailed] = []
        self.rooms: list[bool] = []
        self.log = KeptLog()
        self.pump = JournalPump(
            self.book, self.hear, log=self.log, monotonic=self.clock.monotonic, idle=self.clock.wait
        )

    def hear(self, posted: Committed | CommitFailed | Room) -> None:
        if isinstance(posted, Room):
            self.rooms.append(posted.is_low)
        else:
            self.posted.append(posted)

    def pass_time(self, seconds: float) -> None:
        until = self.clock.monotonic() + seconds
        while self.clock.monotonic() < until:
            self.pump.turn()


def test_batches_that_wait_are_one_commit() -> None:
    """The disk is asked once for three turns, in their order, and the last one's number covers all."""
    desk = Desk()
    for turn in (1, 2, 5):
        desk.pump.write(Batch(turn, 0, (row(turn),)))

    desk.pump.turn()

    assert desk.book.commits == [[row(1), row(2), row(5)]]
    assert desk.posted == [Committed(5)]


@pytest.mark.parametrize(
    "failure",
    [JournalFull("no room"), JournalBroken("disk"), RowRefused("order"), OverflowError("a mistake of ours")],
)
def test_a_failed_commit_fails_every_batch_in_it(failure: Exception) -> None:
    """Whatever the journal's complaint, no turn of that commit is told to be on disk."""
    desk = Desk(failure)
    desk.pump.write(Batch(1, 0, (row(1),)))
    desk.pump.write(Batch(2, 0, (row(2),)))

    desk.pump.turn()

    assert desk.book.commits == []
    is_full = isinstance(failure, JournalFull)
    assert desk.posted == [CommitFailed(1, 0, is_full), CommitFailed(2, 0, is_full)]
    assert desk.log.sentences("failure") == ["journal could not be written"]


def test_nothing_is_written_behind_a_failure_the_desk_has_not_heard_of() -> None:
    """A batch that may build on lost rows fails too, although the disk works again; a later one is written."""
    desk = Desk(JournalFull("no room"))
    desk.pump.write(Batch(1, 0, (row(1),)))
    desk.pump.turn()
    desk.pump.write(Batch(2, 0, (row(2),)))
    desk.pump.turn()

    desk.pump.write(Batch(3, 1, (row(3),)))
    desk.pump.turn()

    assert desk.posted == [CommitFailed(1, 0, is_full=True), CommitFailed(2, 0), Committed(3)]
    assert desk.book.commits == [[row(3)]]


def test_what_is_settled_is_wiped_in_quiet_minutes() -> None:
    """After a minute without anything to write the journal is tidied, and not while rows wait."""
    desk = Desk()
    desk.clock.wait(61)
    desk.pump.write(Batch(1, 0, (row(1),)))
    desk.pump.turn()
    assert desk.book.tidied == 0

    desk.pump.turn()

    assert desk.book.tidied == 1


def test_the_desk_learns_how_much_room_there_is() -> None:
    """At start and whenever it changes the desk is told whether the room is low, within seconds and not again."""
    desk = Desk()
    desk.pass_time(20)
    assert desk.rooms == [False]
    desk.book.is_low = True
    desk.pass_time(ROOM_SECONDS + 1)
    assert desk.rooms == [False, True]
    desk.book.is_blind = True
    desk.pass_time(20)
    desk.book.is_blind = desk.book.is_low = False
    desk.pass_time(ROOM_SECONDS + 1)

    assert desk.rooms == [False, True, False]
    assert set(desk.log.sentences("failure")) == {"room for the journal could not be told"}


def test_after_a_refusal_for_want_of_room_the_desk_is_told_again() -> None:
    """Who was refused takes the room for low, so that it is told once more when it is not."""
    desk = Desk(JournalFull("no room"))
    desk.pass_time(1)
    desk.pump.write(Batch(1, 0, (row(1),)))
    desk.pass_time(1)
    assert (desk.posted, desk.rooms) == ([CommitFailed(1, 0, is_full=True)], [False])

    desk.pass_time(ROOM_SECONDS + 1)

    assert desk.rooms == [False, False]


def test_much_tidying_goes_on_soon() -> None:
    """Old rows are purged in portions, one after the other, without a minute between them."""
    desk = Desk()
    desk.book.much = MUCH
    desk.pass_time(70)

    assert desk.book.tidied > 5


def test_the_last_rows_are_written_before_the_file_is_closed() -> None:
    """Stopping loses nothing that was handed over."""
    desk = Desk()
    desk.pump.write(Batch(1, 0, (row(1),)))

    desk.pump.shut()

    assert desk.book.commits == [[row(1)]]
    assert desk.book.is_closed


def test_entries_that_begin_are_told_their_places() -> None:
    """With the receipt come the positions of all entries that the commit began, whichever turn they are of."""
    desk = Desk()
    keys = [EntryKey("00", 1, event, 1) for event in (1, 2)]
    for turn, key in enumerate(keys, 1):
        desk.pump.write(Batch(turn, 0, (Intended(key, AT, Lend(item_id("1"), PatronId("2"), AT)),)))

    desk.pump.turn()

    assert desk.posted == [Committed(2, {keys[0]: 1, keys[1]: 2})]


class Slices:
    """A task of so many slices, which looks at what was committed before each."""

    def __init__(self, desk: Desk, slices: int, mistake: Exception | None = None) -> None:
        self._desk = desk
        self._left = slices
        self._mistake = mistake
        self.seen: list[int] = []
        self.is_abandoned = False

    def step(self) -> bool:
        self.seen.append(len(self._desk.book.commits))
        self._left -= 1
        if self._left == 0 and self._mistake is not None:
            raise self._mistake
        return self._left > 0

    def abandon(self) -> None:
        self.is_abandoned = True


def test_a_task_leaves_every_commit_its_turn() -> None:
    """Between two slices of a long task what waits is written, and a second task waits for the first."""
    desk = Desk()
    first, second = Slices(desk, 3), Slices(desk, 1)
    desk.pump.do(first)
    desk.pump.do(second)
    for turn in (1, 2, 3, 4):
        desk.pump.write(Batch(turn, 0, (row(turn),)))
        desk.pump.turn()

    assert (first.seen, second.seen) == ([1, 2, 3], [4])
    assert desk.posted == [Committed(1), Committed(2), Committed(3), Committed(4)]


def test_a_task_that_fails_ends_alone() -> None:
    """It is told that nothing more comes, the log says so, and what is written next is written."""
    desk = Desk()
    task = Slices(desk, 1, OverflowError("a mistake of ours"))
    desk.pump.do(task)
    desk.pump.turn()

    desk.pump.write(Batch(1, 0, (row(1),)))
    desk.pump.turn()

    assert task.is_abandoned
    assert desk.log.sentences("failure") == ["a task on the journal failed"]
    assert desk.posted == [Committed(1)]


def test_tasks_do_not_keep_the_journal_open() -> None:
    """At the end what was handed over is written, tasks are abandoned, and the file is closed."""
    desk = Desk()
    task = Slices(desk, 100)
    desk.pump.do(task)
    desk.pump.write(Batch(1, 0, (row(1),)))

    desk.pump.shut()

    assert task.is_abandoned
    assert desk.book.commits == [[row(1)]]
    assert desk.book.is_closed
