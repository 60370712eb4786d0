"""Writes what the desk hands over, batch by batch in order, and says when it is on disk.

All batches that wait are written in one commit: a disk is asked once for everything that happened meanwhile.
When a commit fails, that batch and every batch handed over before the desk has heard of it fail with it: they
may build on what was never written.

Room on the disk is looked at now and then, so that the session learns before a tag is touched that nothing new may
begin.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from kiosk.engine.inbox import Inbox
from kiosk.engine.logs import Log
from kiosk.engine.pump import SLICE_SECONDS
from sync.entries import EntryKey, Row
from sync.journal.errors import JournalError, JournalFull
from sync.journal.room import RoomLeft

ROOM_SECONDS: Final = 4.0
"""So long what was seen of the room holds."""

MUCH: Final = 1_000
"""After so much was tidied there may be more: it goes on soon."""

AGAIN_SECONDS: Final = 1.0


class Writer(Protocol):
    """The journal as far as this pump has to know it."""

    def append(self, rows: Sequence[Row]) -> Mapping[EntryKey, int]:
        """Writes *rows* in one commit; when this returns they are on disk, all of them.

        Returns the positions in their lane of the entries that begin in *rows*.

        Raises `JournalError`, `RowRefused` or `BadRow` when none may be relied on.
        """

    def tidy(self) -> int:
        """Wipes what nobody needs any more, and says how much; called when there is nothing to write."""

    def room(self) -> RoomLeft:
        """Whether there is room for something new to begin.  Raises `JournalError`."""

    def close(self) -> None:
        """Frees the file."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows of turn *turn*; *trust* counts the failures the desk had heard of when it handed them over."""

    turn: int
    trust: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Committed:
    """The rows of the turns up to and including *turn* are on disk; *positions* of the entries that began in them."""

    turn: int
    positions: Mapping[EntryKey, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CommitFailed:
    """The rows of turn *turn* must be taken as not written; *is_full*: for want of room, and the journal goes on."""

    turn: int
    trust: int
    is_full: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """Whether so little room is left that nothing new may begin; what was begun and returns may go on."""

    is_low: bool


class Task(Protocol):
    """Something else to be done with the journal, between two commits: a backup, a list, the closing of a case."""

    def step(self) -> bool:
        """One slice, short enough that a commit may wait for it; whether there is more to do.  Never raises."""

    def abandon(self) -> None:
        """There will be no further slice: the journal is being closed.  Never raises."""


class JournalPump:
    """The one writer of the journal.  *tidy_seconds* of quiet are followed by a wiping of what is settled."""

    name = "journal"

    def __init__(
        self,
        journal: Writer,
        post: Callable[[Committed | CommitFailed | Room], None],
        *,
        log: Log,
        monotonic: Callable[[], float],
        tidy_seconds: float = 60.0,
        idle: Callable[[float], None] | None = None,
    ) -> None:
        self._journal = journal
        self._post = post
        self._log = log
        self._monotonic = monotonic
        self._tidy_seconds = tidy_seconds
        self._batches: Inbox[Batch] = Inbox(idle=idle)
        self._tasks: deque[Task] = deque()
        self._trust = 0
        self._tidy_at = monotonic() + tidy_seconds
        self._room_at = monotonic()
        self._told: Room | None = None

    def write(self, batch: Batch) -> None:
        """Takes *batch* over; `Committed` or `CommitFailed` is posted for it."""
        self._batches.post(batch)

    def do(self, task: Task) -> None:
        """Takes *task* over, from any thread: a slice of the oldest one in every turn, after what is to be written."""
        self._tasks.append(task)

    def turn(self) -> None:
        """Writes all that waits; waits a slice when nothing does."""
        waiting = self._batches.take(0.0 if self._tasks else SLICE_SECONDS)
        trusted = [batch for batch in waiting if batch.trust == self._trust]
        for batch in waiting:
            if batch.trust != self._trust:
                self._post(CommitFailed(batch.turn, batch.trust))
        if trusted:
            self._commit(trusted)
        if self._monotonic() >= self._room_at:
            self._look()
        if self._tasks:
            self._step(self._tasks[0])
        elif not waiting and self._monotonic() >= self._tidy_at:
            self._tidy()

    def close(self) -> None:
        """Nothing to free between two turns: the file stays open until `shut`."""

    def shut(self) -> None:
        """Writes what still waits and closes the file; the last thing that happens to the pump."""
        while self._batches:
            self.turn()
        while self._tasks:
            self._tasks.popleft().abandon()
        self._journal.close()

    def _step(self, task: Task) -> None:
        try:
            if task.step():
                return
        except Exception as mistake:
            self._log.failure("a task on the journal failed", mistake)
            task.abandon()
        self._tasks.popleft()

    def _commit(self, batches: list[Batch]) -> None:
        try:
            positions = self._journal.append([row for batch in batches for row in batch.rows])
        except Exception as failure:
            # Also for a mistake of ours: a desk that hears nothing waits for ever.
            self._log.failure("journal could not be written", failure, batches=len(batches))
            self._trust += 1
            is_full = isinstance(failure, JournalFull)
            if is_full:
                # Who hears this takes the room for low until it is told again.
                self._told, self._room_at = None, self._monotonic() + ROOM_SECONDS
            for batch in batches:
                self._post(CommitFailed(batch.turn, batch.trust, is_full))
        else:
            self._post(Committed(batches[-1].turn, positions))

    def _look(self) -> None:
        self._room_at = self._monotonic() + ROOM_SECONDS
        try:
            room = Room(self._journal.room().is_low)
        except JournalError as failure:
            self._log.failure("room for the journal could not be told", failure)
            return
        if room != self._told:
            self._told = room
            self._post(room)

    def _tidy(self) -> None:
        self._tidy_at = self._monotonic() + self._tidy_seconds
        try:
            done = self._journal.tidy()
        except JournalError as failure:
            self._log.failure("journal could not be tidied", failure)
            return
        if done >= MUCH:
            self._tidy_at = self._monotonic() + AGAIN_SECONDS
