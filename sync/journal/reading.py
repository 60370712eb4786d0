"""Reads entries back out of the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast

from sync.entries import Entry, EntryKey, EntryRow, Intended, PinAccepted, PinRefused, Row, ServerClock
from sync.journal import codec
from sync.journal.errors import BadRow, JournalDamaged
from sync.journal.file import OpenFile
from sync.journal.seal import BoxUnreadable

LINE: Final = (
    "SELECT number, kind, key, token, body, box, position, entry FROM rows LEFT JOIN sealed USING (number)"
)
_OF_ENTRY: Final = f"{LINE} WHERE entry = ? AND entry IS NOT NULL AND key IS NULL ORDER BY number"
_ONE: Final = f"{LINE} WHERE number = ?"
_BEGINNINGS: Final = (
    f"{LINE} WHERE key IS NOT NULL AND number < ? AND number > ? ORDER BY number DESC LIMIT 100"
)

Line = tuple[int, str, str | None, bytes | None, str, bytes | None, int | None, int | None]
"""A row as `LINE` finds it: number, kind, key, token, body, box, position, entry."""


class Reading:
    """Rows and entries of one open file.  Raises `JournalDamaged` where the file is not what was written."""

    def __init__(self, file: OpenFile) -> None:
        self._file = file

    def lines(self, sql: str, *values: int) -> list[Line]:
        """What *sql*, which begins with `LINE`, finds."""
        return cast(list[Line], self._file.query(sql, *values))

    def entry_at(self, number: int) -> Entry:
        """The entry that row *number* begins."""
        lines = self.lines(_ONE, number)
        if not lines:
            raise JournalDamaged(f"row {number} is missing")
        return self._entry(lines[0])

    def newest_first(self, floor: int) -> Iterator[Entry]:
        """Every entry begun behind row *floor*, the one begun last first; read a page at a time."""
        before = self.last_number() + 1
        while page := self.lines(_BEGINNINGS, before, floor):
            for line in page:
                yield self._entry(line)
            before = page[-1][0]

    def beginning(self, line: Line) -> Intended:
        """The row that *line* holds, which must begin an entry."""
        row = self.row(line, None)
        if not isinstance(row, Intended):
            raise JournalDamaged(f"row {line[0]} does not begin an entry")
        return row

    def later(self, line: Line, key: EntryKey) -> EntryRow:
        """The row that *line* holds, one of entry *key*."""
        row = self.row(line, key)
        if isinstance(row, PinRefused | PinAccepted | ServerClock):
            raise JournalDamaged(f"row {line[0]} belongs to no entry")
        return row

    def row(self, line: Line, key: EntryKey | None) -> Row:
        """The row that *line* holds; *key* is that of its entry where the line does not hold it."""
        number, kind, key_text, token, body, box, _, _ = line
        try:
            own = key if key_text is None else EntryKey.parse(key_text)
            personal = None if box is None else self._file.seal.open(number, token, box)
            return codec.decode(kind, body, personal, own)
        except (BadRow, BoxUnreadable, ValueError) as error:
            raise JournalDamaged(f"row {number}: {error}") from error

    def last_number(self) -> int:
        """The number of the last row, 0 where there is none."""
        ((number,),) = self._file.query("SELECT coalesce(max(number), 0) FROM rows")
        return int(number)

    def _entry(self, first: Line) -> Entry:
        row = self.beginning(first)
        rows: list[EntryRow] = [row]
        rows += (self.later(line, row.key) for line in self.lines(_OF_ENTRY, first[0]))
        return Entry(row.key, row.promise, tuple(rows), first[6] or 0)
