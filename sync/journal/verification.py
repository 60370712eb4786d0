"""Reads a whole journal and says whether it is what was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import apsw

from sync.entries import EntryKey, OtherRow
from sync.journal import automaton, codec
from sync.journal.errors import BadRow, JournalDamaged
from sync.journal.file import OpenFile
from sync.journal.seal import BoxUnreadable, Record
from sync.journal.segments import floor_of, segments_of
from sync.journal.stages import EntryState

FAULTS_MAX: Final = 100
"""After so many faults the rest is not read: the file is beyond doubt damaged."""

EVERY_ROW: Final = (
    "SELECT number, entry, kind, key, destination, position, token, body, link, box"
    " FROM rows LEFT JOIN sealed USING (number) WHERE number > ? ORDER BY number"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at row *number* (0: with the file as such); *what* is for staff and names nobody."""

    number: int
    what: str


@dataclass(frozen=True, slots=True)
class ChainReport:
    """How many rows and entries were read, and what is wrong with them; no faults: all is as it was
    written.
    """

    rows: int
    entries: int
    unsettled: int
    faults: tuple[Fault, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def verify(file: OpenFile) -> ChainReport:
    """Checks SQLite's own structure, numbers, chain, boxes, lanes, keys, and the order of each entry's rows."""
    walk = _Walk(file)
    try:
        for (word,) in file.connection.execute(f"PRAGMA integrity_check({FAULTS_MAX})"):
            if word != "ok":
                walk.note(0, f"the file is damaged: {word}")
        walk.start()
        for row in file.connection.execute(EVERY_ROW, (walk.number,)):
            if len(walk.faults) >= FAULTS_MAX:
                break
            walk.step(Record(*row[:8]), row[8], row[9])
        walk.finish()
    except JournalDamaged as error:
        walk.note(0, str(error))
    except apsw.Error as error:
        walk.note(walk.number, f"the file cannot be read on: {type(error).__name__}")
    unsettled = sum(not state.is_settled for _, state in walk.open.values())
    return ChainReport(walk.rows, walk.entries, unsettled, tuple(walk.faults))


class _Walk:
    def __init__(self, file: OpenFile) -> None:
        self.faults: list[Fault] = []
        self.number = 0
        self.rows = 0
        self.entries = 0
        self.open: dict[int, tuple[EntryKey, EntryState]] = {}
        self._file = file
        self._seal = file.seal
        self._floor = 0
        self._link = b""
        self._anchors: dict[int, bytes] = {}
        self._epochs: set[str] = set()
        self._positions: dict[tuple[str, str], int] = {}
        self._registered = 0
        self._begun_since: set[str] = set()

    def start(self) -> None:
        """Where the journal begins, and how far keys are registered: later ones are not in the file yet."""
        self._floor, self._link, counts = floor_of(self._file)
        self.number = self._floor
        self._positions = {(lane, count.epoch): count.position for lane, count in counts.items()}
        last = 0
        for segment in segments_of(self._file):
            if segment.first != last + 1:
                self.note(0, f"segment {segment.number} does not begin where the one before ends")
            last = segment.last
            if last > self._floor:
                self._anchors[last] = segment.link
        self._epochs = {epoch for (epoch,) in self._file.query("SELECT epoch FROM epochs")}
        ((self._registered,),) = self._file.query("SELECT coalesce(max(number), 0) FROM keys")

    def note(self, number: int, what: str) -> None:
        self.faults.append(Fault(number, what))

    def step(self, record: Record, link: bytes, box: bytes | None) -> None:
        if record.number != self.number + 1:
            self.note(record.number, f"follows row {self.number}")
        self.number = record.number
        self.rows += 1
        if self._anchors.pop(record.number, link) != link:
            self.note(record.number, "is not what its segment's anchor says")
        if self._seal.link(self._link, record) != link:
            self.note(record.number, "is not what was written, or not after what was written before")
        self._link = link
        try:
            personal = None if box is None else self._seal.open(record.number, record.token, box)
            self._follow(record, personal)
        except (BoxUnreadable, BadRow, ValueError) as error:
            self.note(record.number, str(error))

    def _follow(self, record: Record, personal: bytes | None) -> None:
        key: EntryKey | None = None
        state: EntryState | None = None
        if record.key is not None:
            key = EntryKey.parse(record.key)
            self.entries += 1
            self._count(record, key.epoch)
            self._look_up(record.number, record.key)
        elif record.entry is not None and record.entry <= self._floor:
            if personal is not None:
                self.note(record.number, "says who it is about, and its entry is purged")
            return
        elif record.entry is not None:
            key, state = self.open.get(record.entry, (None, None))
        row = codec.decode(record.kind, record.body, personal, key)
        if isinstance(row, OtherRow):
            if record.entry is not None:
                self.note(record.number, "belongs to no entry and says it does")
            return
        after = automaton.following(state, row)
        if after is None or record.entry is None:
            self.note(record.number, f"{automaton.sign_name(row)} cannot stand here")
        elif after.is_over:
            self.open.pop(record.entry, None)
        else:
            self.open[record.entry] = (row.key, after)

    def _count(self, record: Record, epoch: str) -> None:
        """Positions have no gaps.  Entries that were salvaged from another file have kept theirs, as far as they go."""
        lane = record.destination or ""
        before, position = self._positions.get((lane, epoch), 0), record.position or 0
        if position != before + 1 and (epoch in self._epochs or position <= before):
            self.note(record.number, f"position {position} in lane {lane}, {before + 1} expected")
        self._positions[lane, epoch] = position or before + 1

    def _look_up(self, number: int, key: str) -> None:
        found = self._file.query("SELECT number FROM keys WHERE key = ?", key)
        is_registered = number <= self._registered
        if found != ([(number,)] if is_registered else []) or key in self._begun_since:
            self.note(number, "is not what is found by its key")
        if not is_registered:
            self._begun_since.add(key)

    def finish(self) -> None:
        """What no row leads to: a key without an entry; an open entry without the box by which it is found."""
        for last in self._anchors:
            self.note(last, "ends a segment and is missing")
        strays = (
            "SELECT number FROM keys WHERE number > ?"
            " AND number NOT IN (SELECT number FROM rows WHERE key IS NOT NULL)"
        )
        for (number,) in self._file.query(strays, self._floor):
            self.note(number, "is found by a key and begins no entry")
        boxed = {number for (number,) in self._file.query("SELECT number FROM sealed")}
        for number in self.open:
            if number not in boxed:
                self.note(number, "the entry is open and its box is gone")
