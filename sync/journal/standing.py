"""Rebuilds what an open journal keeps in memory from what lies in the file.

Every entry begins with a box, also one that is about nobody, which goes when nobody needs it any more: so what may
be open is found by the boxes, and the history is not read.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from sync.entries import (
    Entry,
    EntryKey,
    PinAccepted,
    PinRefused,
    ServerClock,
    UndoLoan,
)
from sync.journal import automaton
from sync.journal.errors import JournalDamaged
from sync.journal.file import OpenFile
from sync.journal.memory import LANES, Memory, OpenEntry, PinRefusal
from sync.journal.reading import LINE, Reading, not_collecting
from sync.journal.seal import Record
from sync.journal.segments import Count, Floor
from sync.journal.stages import EntryState

TAIL_ROWS: Final = 200
"""How many of the last rows are held against the chain whenever the journal is opened."""

_BOXED: Final = (
    "SELECT number, key IS NOT NULL FROM sealed CROSS JOIN rows USING (number)"
    " WHERE key IS NOT NULL OR entry IS NULL ORDER BY sealed.number"
)
_ONE: Final = f"{LINE} WHERE number = ?"
_UNDOS: Final = f'{LINE} WHERE key IS NOT NULL AND number > ? AND instr(body, \'"promise":"undo-loan"\')'
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
    with not_collecting():
        return _Rebuilding(file, floor).standing()


class _Rebuilding:
    def __init__(self, file: OpenFile, floor: Floor) -> None:
        self._file = file
        self._floor = floor
        self._reading = Reading(file)

    def standing(self) -> Standing:
        number, link = self._tail()
        memory = Memory(number, link, self._positions(), wiped_to=number)
        boxes = self._file.query(_BOXED)
        boxed = [number for number, begins in boxes if begins]
        unsettled: list[Entry] = []
        for first, entry in zip(boxed, self._reading.entries_at(boxed), strict=True):
            state = self._state(entry)
            if state.is_over:
                memory.wiped_to = min(memory.wiped_to, first - 1)
                continue
            memory.entries[entry.key] = OpenEntry(first, entry.position, state)
            if not state.is_settled:
                unsettled.append(entry)
        self._match_undos(memory)
        memory.pin_boxes = {number for number, begins in boxes if not begins}
        memory.refusals = self._refusals(sorted(memory.pin_boxes))
        memory.clocks = self._clocks(memory)
        return Standing(memory, tuple(unsettled))

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

    def _state(self, entry: Entry) -> EntryState:
        state: EntryState = automaton.begun(entry.promise)
        for row in entry.rows[1:]:
            after = automaton.following(state, row)
            if after is None:
                raise JournalDamaged(f"entry {entry.key}: {automaton.sign_name(row)} cannot follow")
            state = after
        return state

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

    def _refusals(self, numbers: list[int]) -> tuple[PinRefusal, ...]:
        refusals: list[PinRefusal] = []
        for line in (line for number in numbers for line in self._reading.lines(_ONE, number)):
            row = self._reading.row(line, None)
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
