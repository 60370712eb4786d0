"""Reads entries back out of the file."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple, cast

from sync.entries import (
    NEVER_SENT,
    DayClosed,
    Entry,
    EntryKey,
    EntryRow,
    Intended,
    OtherRow,
    Pay,
    PaymentApproved,
    PaymentReversed,
    Row,
)
from sync.journal import codec
from sync.journal.errors import BadRow, JournalDamaged
from sync.journal.file import OpenFile
from sync.journal.seal import BoxUnreadable

LINE: Final = (
    "SELECT number, kind, key, token, body, box, position, entry FROM rows LEFT JOIN sealed USING (number)"
)
_OF_ENTRY: Final = f"{LINE} WHERE entry = ? AND entry IS NOT NULL AND key IS NULL ORDER BY number"
_ONE: Final = f"{LINE} WHERE number = ?"
_IN_PASSING: Final = f"{LINE} WHERE number >= ? AND entry IS NOT NULL ORDER BY number"
_BEGINNINGS: Final = (
    f"{LINE} WHERE key IS NOT NULL AND number < ? AND number > ? ORDER BY number DESC LIMIT 100"
)

_HEARD: Final = (
    "SELECT entry, coalesce(body ->> 'why', '') = ? FROM rows"
    " WHERE number > ? AND (kind = 'answered' OR kind = 'server-reached') ORDER BY number"
)

OF_MONEY: Final = "(kind = 'payment-approved' OR kind = 'payment-reversed' OR kind = 'day-closed')"
"""What the index of these few rows is made with: a question has to say it in the same words to be led there."""

_MONEY: Final = f"{LINE} WHERE {OF_MONEY} AND number > ? ORDER BY number LIMIT ?"

ROWS_FOR_A_SEARCH: Final = 16
"""Finding one entry by itself costs about as much as reading so many rows in passing."""

Line = tuple[int, str, str | None, bytes | None, str, bytes | None, int | None, int | None]
"""A row as `LINE` finds it: number, kind, key, token, body, box, position, entry."""


class MoneyTold(NamedTuple):
    """Row *number* moved money, of which *promise* tells how much and what for; or it closed a day (None)."""

    number: int
    row: PaymentApproved | PaymentReversed | DayClosed
    promise: Pay | None


@contextmanager
def not_collecting() -> Iterator[None]:
    """Makes much that stays: searching it for garbage again and again would take as long as making it."""
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_collecting:
            gc.enable()


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

    def entries_at(self, numbers: Sequence[int]) -> list[Entry]:
        """The entries that the rows *numbers*, ascending, begin.

        Where that is little of the journal they are found one by one; where it is much, as after weeks without a
        server, the rows from the oldest on are read in their order.
        """
        if not numbers or len(numbers) * ROWS_FOR_A_SEARCH < self.last_number() - numbers[0]:
            return [self.entry_at(number) for number in numbers]
        with not_collecting():
            return self._in_passing(numbers)

    def _in_passing(self, numbers: Sequence[int]) -> list[Entry]:
        wanted = set(numbers)
        told: dict[int, tuple[int, list[EntryRow]]] = {}
        lines = self._file.connection.execute(_IN_PASSING, (numbers[0],))
        for line in cast(Iterable[Line], lines):
            own = told.get(line[7] or 0)
            if own is not None:
                own[1].append(self.later(line, own[1][0].key))
            elif line[0] in wanted:
                told[line[0]] = (line[6] or 0, [self.beginning(line)])
        return [self._whole(told, number) for number in numbers]

    def newest_first(self, floor: int) -> Iterator[Entry]:
        """Every entry begun behind row *floor*, the one begun last first; read a page at a time."""
        before = self.last_number() + 1
        while page := self.lines(_BEGINNINGS, before, floor):
            for line in page:
                yield self._entry(line)
            before = page[-1][0]

    def money_after(self, number: int, limit: int) -> list[MoneyTold]:
        """The rows behind row *number* by which money was taken or given back or a day was closed; *limit* at most."""
        return [self._money(line) for line in self.lines(_MONEY, number, limit)]

    def _money(self, line: Line) -> MoneyTold:
        if line[7] is None:
            row, promise = self.row(line, None), None
        else:
            (first,) = self.lines(_ONE, line[7]) or (None,)
            if first is None:
                raise JournalDamaged(f"row {line[7]} is missing")
            begun = self.beginning(first)
            row, promise = self.later(line, begun.key), begun.promise
        match row, promise:
            case DayClosed(), None:
                return MoneyTold(line[0], row, None)
            case PaymentApproved() | PaymentReversed(), Pay():
                return MoneyTold(line[0], row, promise)
            case _:
                raise JournalDamaged(f"row {line[0]} moves no money")

    def never_sent(self, entries: Mapping[int, Entry]) -> frozenset[EntryKey]:
        """Which of *entries*, by the rows they begin with, were last told to be unsent, and behind that the server was
        not reached.

        A restored journal knows of none begun before: what it was copied from may have gone on.
        """
        noted = {
            n: e.key for n, e in entries.items() if e.is_noted_unsent and e.key.epoch == self._file.epoch
        }
        found: set[int] = set()
        heard = self._file.query(_HEARD, NEVER_SENT, min(noted)) if noted else []
        for entry, is_unsent in heard:
            if entry is None:
                found.clear()
            elif is_unsent:
                found.add(entry)
            else:
                found.discard(entry)
        return frozenset(key for number, key in noted.items() if number in found)

    def beginning(self, line: Line) -> Intended:
        """The row that *line* holds, which must begin an entry."""
        row = self.row(line, None)
        if not isinstance(row, Intended):
            raise JournalDamaged(f"row {line[0]} does not begin an entry")
        return row

    def later(self, line: Line, key: EntryKey) -> EntryRow:
        """The row that *line* holds, one of entry *key*."""
        row = self.row(line, key)
        if isinstance(row, OtherRow):
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
        later = (self.later(line, row.key) for line in self.lines(_OF_ENTRY, first[0]))
        return Entry(row.key, row.promise, (row, *later), first[6] or 0)

    def _whole(self, told: dict[int, tuple[int, list[EntryRow]]], number: int) -> Entry:
        if number not in told:
            raise JournalDamaged(f"row {number} is missing")
        position, rows = told[number]
        first = rows[0]
        assert isinstance(first, Intended)  # As `beginning` gave it.
        return Entry(first.key, first.promise, tuple(rows), position)
