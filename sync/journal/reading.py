"""Reads entries back out of the file, and rebuilds what an open journal keeps in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, cast

from sync.entries import (
    Entry,
    EntryKey,
    EntryRow,
    Intended,
    PinAccepted,
    PinRefused,
    Row,
    ServerClock,
    UndoLoan,
)
from sync.journal import automaton, codec
from sync.journal.automaton import EntryState
from sync.journal.errors import BadRow, JournalDamaged
from sync.journal.file import OpenFile
from sync.journal.memory import Memory, OpenEntry, PinRefusal
from sync.journal.seal import BoxUnreadable, Record

TAIL_ROWS: Final = 200
"""How many of the last rows are held against the chain whenever the journal is opened."""

_ROWS: Final = (
    "SELECT number, kind, key, token, body, box, position FROM rows LEFT JOIN sealed USING (number)"
)
_OF_ENTRY: Final = f"{_ROWS} WHERE entry = ? AND entry IS NOT NULL AND key IS NULL ORDER BY number"
_ONE: Final = f"{_ROWS} WHERE number = ?"
_ABOUT_PINS: Final = f"{_ROWS} WHERE entry IS NULL AND box IS NOT NULL ORDER BY number"
_BEGINNINGS: Final = f"{_ROWS} WHERE key IS NOT NULL AND number < ? ORDER BY number DESC"
_BOXED_ENTRIES: Final = (
    "SELECT DISTINCT entry FROM sealed JOIN rows USING (number) WHERE entry IS NOT NULL ORDER BY entry"
)
_UNDOS: Final = f'{_ROWS} WHERE key IS NOT NULL AND number > ? AND body LIKE \'%"promise":"undo-loan"%\''
_TAIL: Final = (
    "SELECT number, entry, kind, key, destination, position, token, body, link FROM rows"
    " WHERE number > (SELECT coalesce(max(number), 0) FROM rows) - ? ORDER BY number"
)
_POSITION: Final = "SELECT position FROM rows WHERE destination = ? ORDER BY number DESC LIMIT 1"

Line = tuple[int, str, str | None, bytes | None, str, bytes | None, int | None]


class Reading:
    """Entries of one open file.  Raises `JournalDamaged` where the file is not what was written."""

    def __init__(self, file: OpenFile) -> None:
        self._file = file

    def entry_at(self, number: int) -> Entry:
        """The entry that row *number* begins."""
        first = self._only(self._lines(_ONE, number), number)
        return self._entry(first)

    def newest_first(self) -> Iterator[Entry]:
        """Every entry, the one begun last first; read a page at a time."""
        before = self._last_number() + 1
        while page := self._lines(f"{_BEGINNINGS} LIMIT 100", before):
            for line in page:
                yield self._entry(line)
            before = page[-1][0]

    def memory(self, destinations: Iterable[str]) -> Memory:
        """How the journal stands, from what lies in the file; the last rows are held against the chain."""
        number, link = self._tail()
        memory = Memory(number, link)
        for lane in destinations:
            for (position,) in self._file.query(_POSITION, lane):
                memory.positions[lane] = position
        for (first,) in self._file.query(_BOXED_ENTRIES):
            entry = self.entry_at(first)
            state = self._state(entry)
            if not state.is_over:
                memory.entries[entry.key] = OpenEntry(first, entry.position, state)
        self._match_undos(memory)
        memory.refusals = self._refusals()
        return memory

    def _tail(self) -> tuple[int, bytes]:
        number, link, seal = 0, self._file.seal.first_link(), self._file.seal
        for index, row in enumerate(self._file.query(_TAIL, TAIL_ROWS)):
            record = Record(*row[:8])
            is_first_seen = index == 0 and record.number > 1
            if not is_first_seen and (record.number != number + 1 or seal.link(link, record) != row[8]):
                raise JournalDamaged(f"row {record.number} is not what was written")
            number, link = record.number, row[8]
        return number, link

    def _match_undos(self, memory: Memory) -> None:
        """Notes which open entries are undone by another; that one always began later."""
        if not memory.entries:
            return
        for line in self._lines(_UNDOS, min(entry.number for entry in memory.entries.values())):
            row = self._row(line, None)
            if isinstance(row, Intended) and isinstance(row.promise, UndoLoan):
                undone = memory.entries.get(row.promise.undoes)
                if undone is not None:
                    memory.entries[row.promise.undoes] = undone._replace(undone_by=row.key)

    def _refusals(self) -> tuple[PinRefusal, ...]:
        refusals: list[PinRefusal] = []
        for line in self._lines(_ABOUT_PINS):
            row = self._row(line, None)
            if isinstance(row, PinRefused):
                refusals.append(PinRefusal(line[0], row.at, row.patron))
            elif isinstance(row, PinAccepted):
                refusals = [refusal for refusal in refusals if refusal.patron != row.patron]
        return tuple(refusals)

    def _entry(self, first: Line) -> Entry:
        row = self._row(first, None)
        if not isinstance(row, Intended):
            raise JournalDamaged(f"row {first[0]} does not begin an entry")
        rows: list[EntryRow] = [row]
        for line in self._lines(_OF_ENTRY, first[0]):
            later = self._row(line, row.key)
            if isinstance(later, PinRefused | PinAccepted | ServerClock):
                raise JournalDamaged(f"row {line[0]} belongs to no entry")
            rows.append(later)
        return Entry(row.key, row.promise, tuple(rows), first[6] or 0)

    def _state(self, entry: Entry) -> EntryState:
        state: EntryState | None = None
        for row in entry.rows:
            state = automaton.following(state, row)
            if state is None:
                raise JournalDamaged(f"entry {entry.key}: {automaton.sign_name(row)} cannot follow")
        if state is None:
            raise JournalDamaged(f"entry {entry.key} has no rows")
        return state

    def _row(self, line: Line, key: EntryKey | None) -> Row:
        number, kind, key_text, token, body, box, _ = line
        try:
            own = key if key_text is None else EntryKey.parse(key_text)
            personal = None if box is None else self._file.seal.open(number, token, box)
            return codec.decode(kind, body, personal, own)
        except (BadRow, BoxUnreadable, ValueError) as error:
            raise JournalDamaged(f"row {number}: {error}") from error

    def _lines(self, sql: str, *values: int) -> list[Line]:
        return cast(list[Line], self._file.query(sql, *values))

    def _only(self, lines: list[Line], number: int) -> Line:
        if not lines:
            raise JournalDamaged(f"row {number} is missing")
        return lines[0]

    def _last_number(self) -> int:
        ((number,),) = self._file.query("SELECT coalesce(max(number), 0) FROM rows")
        return int(number)
