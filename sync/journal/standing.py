"""Rebuilds what an open journal keeps in memory from what lies in the file, in one pass over what is open.

Every entry begins with a box, which goes when nobody needs it any more: so what may be open is found by the
boxes, and the history is not read.  Where little is open its rows are found one entry at a time; where much is,
as after weeks without a server, the rows from the oldest of them on are read in their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, cast

from sync.entries import (
    Entry,
    EntryKey,
    EntryRow,
    Intended,
    PinAccepted,
    PinRefused,
    ServerClock,
    UndoLoan,
)
from sync.journal import automaton
from sync.journal.automaton import EntryState
from sync.journal.errors import JournalDamaged
from sync.journal.file import OpenFile
from sync.journal.memory import LANES, Memory, OpenEntry, PinRefusal
from sync.journal.reading import LINE, Line, Reading
from sync.journal.seal import Record
from sync.journal.segments import Count, Floor

TAIL_ROWS: Final = 200
"""How many of the last rows are held against the chain whenever the journal is opened."""

ROWS_FOR_A_SEARCH: Final = 16
"""Finding one entry by itself costs about as much as reading so many rows in passing."""

_ABOUT_PINS: Final = f"{LINE} WHERE entry IS NULL AND box IS NOT NULL ORDER BY number"
_BOXED: Final = (
    "SELECT DISTINCT entry FROM sealed JOIN rows USING (number) WHERE entry IS NOT NULL ORDER BY entry"
)
_IN_PASSING: Final = f"{LINE} WHERE number >= ? AND entry IS NOT NULL ORDER BY number"
_ONE_BY_ONE: Final = (
    f"{LINE} WHERE number = ?1 OR (entry = ?1 AND entry IS NOT NULL AND key IS NULL) ORDER BY number"
)
_UNDOS: Final = f'{LINE} WHERE key IS NOT NULL AND number > ? AND body LIKE \'%"promise":"undo-loan"%\''
_TAIL: Final = (
    "SELECT number, entry, kind, key, destination, position, token, body, link FROM rows"
    " WHERE number > ? AND number > (SELECT coalesce(max(number), 0) FROM rows) - ? ORDER BY number"
)
_POSITION: Final = (
    "SELECT position, key FROM rows WHERE destination = ? AND number > ? ORDER BY number DESC LIMIT 1"
)
_BOOTS: Final = "SELECT boot, after FROM boots WHERE after IS NOT NULL ORDER BY boot"
_CLOCK: Final = (
    f"{LINE} WHERE kind = 'server-clock' AND number > ? AND number <= ? ORDER BY number DESC LIMIT 1"
)


class Standing(NamedTuple):
    """How the journal stands, and the entries that are not settled, in the order of their lane."""

    memory: Memory
    unsettled: tuple[Entry, ...]


def read_standing(file: OpenFile, floor: Floor) -> Standing:
    """How the journal in *file*, which begins at *floor*, stands; its last rows are held against the chain.

    Raises `JournalDamaged`.
    """
    return _Rebuilding(file, floor).standing()


class _Told:
    """What is known of one entry so far."""

    __slots__ = ("number", "position", "rows", "state")

    def __init__(self) -> None:
        self.number = 0
        self.position = 0
        self.state: EntryState | None = None
        self.rows: list[EntryRow] = []

    def entry(self) -> Entry:
        first = self.rows[0]
        if not isinstance(first, Intended):
            raise JournalDamaged(f"row {self.number} does not begin an entry")
        return Entry(first.key, first.promise, tuple(self.rows), self.position)


class _Rebuilding:
    def __init__(self, file: OpenFile, floor: Floor) -> None:
        self._file = file
        self._floor = floor
        self._reading = Reading(file)
        self._unsettled: list[Entry] = []

    def standing(self) -> Standing:
        number, link = self._tail()
        memory = Memory(number, link, self._positions(), wiped_to=number)
        boxed = [int(entry) for (entry,) in self._file.query(_BOXED)]
        for told in self._tell(boxed, number) if boxed else ():
            if told.state is None:
                raise JournalDamaged("a box belongs to an entry that never began")
            if told.state.is_over:
                memory.wiped_to = min(memory.wiped_to, told.number - 1)
                continue
            entry = told.entry()
            memory.entries[entry.key] = OpenEntry(told.number, told.position, told.state)
            if not told.state.is_settled:
                self._unsettled.append(entry)
        self._match_undos(memory)
        memory.refusals = self._refusals(memory)
        memory.clocks = self._clocks(memory)
        return Standing(memory, tuple(self._unsettled))

    def _tail(self) -> tuple[int, bytes]:
        (number, link, _), seal = self._floor, self._file.seal
        for index, row in enumerate(self._file.query(_TAIL, number, TAIL_ROWS)):
            record = Record(*row[:8])
            is_first_seen = index == 0 and record.number > number + 1
            if not is_first_seen and (record.number != number + 1 or seal.link(link, record) != row[8]):
                raise JournalDamaged(f"row {record.number} is not what was written")
            number, link = record.number, row[8]
        return number, link

    def _positions(self) -> dict[str, int]:
        """How far each lane is counted in the epoch of new keys."""
        positions: dict[str, int] = {}
        for lane in LANES:
            counted = self._floor.counts.get(lane)
            for position, key in self._file.query(_POSITION, lane, self._floor.number):
                counted = Count(EntryKey.parse(key).epoch, position)
            if counted is not None and counted.epoch == self._file.epoch:
                positions[lane] = counted.position
        return positions

    def _tell(self, boxed: list[int], last: int) -> Iterator[_Told]:
        """What is told of the entries *boxed*, in their order."""
        if len(boxed) * ROWS_FOR_A_SEARCH < last - boxed[0]:
            for first in boxed:
                told = _Told()
                for line in self._reading.lines(_ONE_BY_ONE, first):
                    self._take(told, line)
                yield told
        else:
            yield from self._in_passing(dict.fromkeys(boxed)).values()

    def _in_passing(self, wanted: dict[int, None]) -> dict[int, _Told]:
        every = {first: _Told() for first in wanted}
        lines = self._file.connection.execute(_IN_PASSING, (next(iter(wanted)),))
        for line in cast(Iterable[Line], lines):
            told = every.get(cast(int, line[7]))
            if told is not None:
                self._take(told, line)
        return every

    def _take(self, told: _Told, line: Line) -> None:
        """Adds the row in *line* to *told*."""
        row: EntryRow
        if told.rows:
            row = self._reading.later(line, told.rows[0].key)
        else:
            row = self._reading.beginning(line)
            told.number, told.position = line[0], line[6] or 0
        state = automaton.following(told.state, row)
        if state is None:
            raise JournalDamaged(f"row {line[0]}: {automaton.sign_name(row)} cannot follow")
        told.state = state
        told.rows.append(row)
        if state.is_over:
            del told.rows[1:]  # Nobody asks for them.

    def _match_undos(self, memory: Memory) -> None:
        """Notes which open entries are undone by another; that one always began later."""
        if not memory.entries:
            return
        for line in self._reading.lines(_UNDOS, min(entry.number for entry in memory.entries.values())):
            row = self._reading.beginning(line)
            if isinstance(row.promise, UndoLoan):
                undone = memory.entries.get(row.promise.undoes)
                if undone is not None:
                    memory.entries[row.promise.undoes] = undone._replace(undone_by=row.key)

    def _refusals(self, memory: Memory) -> tuple[PinRefusal, ...]:
        refusals: list[PinRefusal] = []
        for line in self._reading.lines(_ABOUT_PINS):
            row = self._reading.row(line, None)
            memory.pin_boxes.add(line[0])
            if isinstance(row, PinRefused):
                refusals.append(PinRefusal(line[0], row.at, row.patron))
            elif isinstance(row, PinAccepted):
                refusals = [refusal for refusal in refusals if refusal.patron != row.patron]
        return tuple(refusals)

    def _clocks(self, memory: Memory) -> dict[int, tuple[int, ServerClock]]:
        """The last measure of every start that has an open entry, and the newest of all."""
        boots = self._file.query(_BOOTS)
        ends = [*(after for _, after in boots[1:]), memory.number]
        spans = [
            (boot, max(after, self._floor.number), end)
            for (boot, after), end in zip(boots, ends, strict=False)
        ]
        clocks: dict[int, tuple[int, ServerClock]] = {}
        needed = {key.boot for key in memory.entries}
        is_newest_found = False
        for boot, after, end in reversed(spans):
            if boot not in needed and is_newest_found:
                continue
            for line in self._reading.lines(_CLOCK, after, end):
                row = self._reading.row(line, None)
                if isinstance(row, ServerClock):
                    clocks[boot], is_newest_found = (line[0], row), True
        return clocks
