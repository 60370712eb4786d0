"""What is done with a journal in idle times: wiping, registering, closing segments, purging them.

Nothing here waits for anything but the disk, and each call does a limited amount of it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from sync.entries import ServerClock
from sync.journal.codec import CASE_CLOSED, SETTLED
from sync.journal.file import OpenFile
from sync.journal.memory import LANES, Memory
from sync.journal.reading import OF_MONEY
from sync.journal.register import Register
from sync.journal.segments import (
    Segment,
    close_segment,
    delete_purged,
    floor_of,
    mark_purged,
    segments_of,
)
from sync.journal.settings import JournalSettings
from sync.journal.values import to_moment

PIN_REFUSALS_KEPT: Final = timedelta(hours=24)
"""How long a refused PIN that no right one followed is remembered."""

_ENDED: Final = "SELECT DISTINCT entry FROM rows WHERE number > ? AND kind IN (?, ?) AND entry IS NOT NULL"
_WIPE_FIRST: Final = "DELETE FROM sealed WHERE number = ?"
_WIPE_LATER: Final = (
    "DELETE FROM sealed WHERE number IN"
    " (SELECT number FROM rows WHERE entry = ? AND entry IS NOT NULL AND key IS NULL)"
)
_CLOSED: Final = (
    f"SELECT number, body ->> 'day' FROM rows WHERE {OF_MONEY} AND kind = 'day-closed'"
    " ORDER BY number DESC LIMIT 1"
)
_NOT_CLOSED: Final = (
    f"SELECT 1 FROM rows WHERE {OF_MONEY} AND kind <> 'day-closed' AND number <= ?"
    " AND (number > ? OR datetime(body ->> 'at') >= datetime(?, '-1 day')) LIMIT 1"
)
_FIRST_AT: Final = "SELECT body ->> 'at' FROM rows WHERE number = ?"


class Tidying:
    """Tidies one open file.  What changes it belongs into a transaction of the caller."""

    def __init__(
        self, file: OpenFile, boot: int, memory: Memory, register: Register, settings: JournalSettings
    ) -> None:
        self._file = file
        self._boot = boot
        self._memory = memory
        self._register = register
        self._settings = settings

    def wipe(self, now: datetime) -> int:
        """Deletes the boxes that nobody needs any more; how many.

        A box goes when its entry is settled and no case is open: a case is about somebody until staff settle it.
        """
        execute = self._file.connection
        before = execute.total_changes()
        open_ones = {entry.number for entry in self._memory.entries.values()}
        ended = self._file.query(_ENDED, self._memory.wiped_to, SETTLED, CASE_CLOSED)
        over = [line for line in ended if line[0] not in open_ones]
        execute.executemany(_WIPE_FIRST, over)
        execute.executemany(_WIPE_LATER, over)
        execute.executemany(_WIPE_FIRST, self._forgotten_pins(now))
        return execute.total_changes() - before

    def close_segments(self, now: datetime) -> None:
        """Closes off what is a segment by its length, or because a new month began."""
        segments = segments_of(self._file)
        last = segments[-1].last if segments else 0
        moment = now.isoformat()
        while self._memory.number - last >= self._settings.segment_rows:
            last += self._settings.segment_rows
            close_segment(self._file, last, LANES, moment)
        for (at,) in self._file.query(_FIRST_AT, last + 1):
            if _month(to_moment(at)) != _month(now):
                close_segment(self._file, self._memory.number, LANES, moment)

    def purge(self, now: datetime) -> int:
        """Marks the segments that are older than the library keeps them, deletes a portion of what is marked; how
        many rows.

        Only what is over is purged: every entry begun up to there is settled, no case is open, nothing is sealed, no
        open entry needs a measure of the server's clock that lies there, every payment there is of a day that was
        closed, and the last closing, which the next one follows, lies behind it.
        """
        for segment in segments_of(self._file):
            if segment.is_purged:
                continue
            if not self._is_over(segment) or self._is_young(segment, now):
                break
            mark_purged(self._file, segment.number, now.isoformat())
        floor = floor_of(self._file).number
        self._register.purge(self._boot, floor)
        return delete_purged(self._file, floor)

    def clock_to_restate(self, now: datetime) -> ServerClock | None:
        """The measure of this start where it lies in a segment old enough to go: written again, it bars no purging."""
        if self._boot not in self._memory.clocks:
            return None
        number, told = self._memory.clocks[self._boot]
        kept = (segment for segment in segments_of(self._file) if not segment.is_purged)
        return told if any(number <= each.last and not self._is_young(each, now) for each in kept) else None

    def wiped(self) -> None:
        """The transaction of `wipe` is committed."""
        self._memory.wiped_to = self._memory.number
        self._memory.pin_boxes.intersection_update(refusal.number for refusal in self._memory.refusals)

    def checkpoint(self) -> None:
        """Empties the log into the file, so that what was deleted is in neither."""
        self._file.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _is_over(self, segment: Segment) -> bool:
        open_ones = (entry.number for entry in self._memory.entries.values())
        needed = {key.boot for key in self._memory.entries} | {self._boot}
        clocks = (number for boot, (number, _) in self._memory.clocks.items() if boot in needed)
        sealed = self._file.query("SELECT 1 FROM sealed WHERE number <= ? LIMIT 1", segment.last)
        if sealed or not self._is_booked(segment):
            return False
        return all(number > segment.last for number in (*open_ones, *clocks))

    def _is_booked(self, segment: Segment) -> bool:
        """Whether the ledger needs none of its rows any more.

        A payment counts as closed where its moment lies a day before the last closed one, wherever on earth that is:
        the others wait a day or two longer than they would have to.
        """
        closed = self._file.query(_CLOSED)
        number, day = closed[0] if closed else (0, "0001-01-01")
        if closed and number <= segment.last:
            return False
        return not self._file.query(_NOT_CLOSED, segment.last, number, day)

    def _is_young(self, segment: Segment, now: datetime) -> bool:
        """By our clock or by the server's, as it was last told: a clock that is a year ahead purges nothing."""
        if self._memory.clocks:
            _, told = max(self._memory.clocks.values(), key=lambda measure: measure[0])
            now = min(now, now + (told.server - told.at))
        return now - segment.closed_at < self._settings.retention

    def _forgotten_pins(self, now: datetime) -> list[tuple[int]]:
        oldest = now - PIN_REFUSALS_KEPT
        self._memory.refusals = tuple(r for r in self._memory.refusals if r.at >= oldest)
        kept = {refusal.number for refusal in self._memory.refusals}
        return [(number,) for number in self._memory.pin_boxes if number not in kept]


def _month(moment: datetime) -> tuple[int, int]:
    there = moment.astimezone(UTC)  # Rows may be dated by another offset than the clock has now.
    return there.year, there.month
