"""What journals, tags and central have in the end, against what really happened.

Every loan that happened is matched with one row at central, and every row with a loan that happened.  Where they do
not agree, a case of the terminal or of central about that very loan has to say so; each such explanation is counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from sync.central.store import event_tables as e
from sync.central.store import tables as t
from sync.central.store.store import Store
from sync.entries import CaseOpened, Entry, EntryKey, ReleaseIntended
from tests.crash.year.devices import RELEASED, Book
from tests.crash.year.ledger import Ended, Ledger, Left

CLOSE = timedelta(seconds=3)
"""SIP2 tells whole seconds, and an offset is as good as the answer it was measured by was quick."""


@dataclass(slots=True)
class Books:
    """What everybody wrote down: *entries* and *clocks* (which boots learnt the true time) by terminal."""

    entries: dict[str, list[Entry]]
    clocks: dict[str, set[tuple[str, int]]]
    store: Store
    rest: frozenset[str]


@dataclass(slots=True)
class Audit:
    """Holds *books* against the *ledger* and the tags of *shelves*."""

    ledger: Ledger
    shelves: dict[str, Book]
    books: Books
    _loans: dict[tuple[str, str, str], list[Any]] = field(default_factory=lambda: defaultdict(list))
    _again: dict[tuple[str, str, str], list[Any]] = field(default_factory=lambda: defaultdict(list))
    _events: dict[str, Any] = field(default_factory=dict)
    _exceptions: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    _cases: set[str] = field(default_factory=set)
    _used: set[int] = field(default_factory=set)
    _by_item: dict[str, list[tuple[tuple[str, str, str], list[Any]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _row_of: dict[int, Any] = field(default_factory=dict)

    def disagreements(self) -> Iterator[str]:
        """Every promise that does not hold, as a sentence."""
        self._read()
        yield from self._entries()
        last: dict[str, Left] = {}
        for left in self.ledger.all_left:
            last[left.book] = left
            yield from self._happened(left)
        yield from self._unmatched()
        yield from self._order()
        for number, book in self.shelves.items():
            yield from self._stands(book, last.get(number))

    # --- Reading ----------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        with self.books.store.reading() as connection:
            for row in connection.execute(select(t.loans).order_by(t.loans.c.id)):
                self._loans[(row.item, row.patron, row.terminal)].append(row)
            for row in connection.execute(select(t.marks).where(t.marks.c.kind == "lent-again")):
                self._again[(row.item, row.patron, row.terminal)].append(row)
            keys = {}
            for row in connection.execute(select(e.events.c.id, e.events.c.key, e.events.c.terminal)):
                keys[row.id] = row.key
                self._events[f"{row.terminal} {row.key}"] = row
            for row in connection.execute(select(e.exceptions)):
                self._exceptions[row.item].append((row, keys.get(row.event)))
        for name, entries in self.books.entries.items():
            for entry in entries:
                if any(isinstance(row, CaseOpened) for row in entry.rows):
                    self._cases.add(f"{name} {entry.key}")

    def _entries(self) -> Iterator[str]:
        for name, entries in self.books.entries.items():
            positions = sorted(entry.position for entry in entries)
            # The oldest ones are purged in time.
            if positions and positions != list(range(positions[0], positions[-1] + 1)):
                yield f"{name}: the lane has gaps (I4)"
            for entry in entries:
                if not entry.is_settled:
                    yield f"{name} {entry.key}: is not settled"
                is_released = any(isinstance(row, ReleaseIntended) for row in entry.rows)
                if is_released and entry.promised is None and entry.answer is None:
                    yield f"{name} {entry.key}: a release without a grant (I2)"

    # --- What happened ----------------------------------------------------------------------------------------------

    def _happened(self, left: Left) -> Iterator[str]:
        rows = [row for row in self._loans[_who(left)] if row.id not in self._used]
        fitting = [row for row in rows if _is_then(left, row.lent_at)]
        if not self._is_clock_known(left):
            fitting = fitting or rows[:1]
        self._used.update(row.id for row in fitting)
        standing = [row for row in fitting if row.closed_how != "undone"]
        if left.ended is not Ended.TAKEN:
            # What was left to staff was taken back at the desk.
            if left.ended is Ended.ON_ITS_SHELF and standing and not self._is_explained(left):
                yield f"{_said(left)}: nobody took it, central has a loan (I1)"
            return
        if left.terminal in self.books.rest and left.keys:
            told = [key for key in left.keys if f"{left.terminal} {key}" in self._events]
            if not told:
                yield f"{_said(left)}: central was never told (I1)"
        if len(standing) > 1:
            yield f"{_said(left)}: central has {len(standing)} loans (I1)"
        if not standing and not any(_is_then(left, row.at) for row in self._again[_who(left)]):
            if self._is_explained(left):
                return
            late = " at that time (I5)" if rows else " (I1)"
            yield f"{_said(left)}: central has no loan{late}"
        if standing:
            self._row_of[id(left)] = standing[0]
            yield from self._due(left, standing[0])

    def _due(self, left: Left, row: Any) -> Iterator[str]:
        keys = set(left.keys)
        for entry in self.books.entries[left.terminal]:
            if entry.key not in keys or entry.promised is None or entry.promised.due.day is None:
                continue
            if row.due_on < entry.promised.due.day and f"{left.terminal} {entry.key}" not in self._cases:
                yield f"{_said(left)}: was promised until {entry.promised.due.day}, central has {row.due_on}"

    def _unmatched(self) -> Iterator[str]:
        for (item, _, terminal), rows in sorted(self._loans.items()):
            for row in rows:
                if row.id not in self._used and row.closed_how != "undone":
                    yield f"{item}: central has a loan of {terminal} at {row.lent_at} that never was (I1)"

    def _order(self) -> Iterator[str]:
        """What a terminal told of one item, or of one reader, came in the order in which it happened."""
        told: dict[tuple[str, str], list[tuple[EntryKey, int]]] = defaultdict(list)
        for left in self.ledger.all_left:
            row = self._row_of.get(id(left))
            if row is not None and left.keys and self._is_clock_known(left):
                for subject in (left.book, left.reader):
                    told[(subject, left.terminal)].append((min(left.keys, key=_begun), row.id))
        for (subject, terminal), loans in sorted(told.items()):
            ids = [row for _, row in sorted(loans, key=lambda loan: _begun(loan[0]))]
            if ids != sorted(ids):
                yield f"{subject[-4:]}: {terminal} told its loans in another order (I4)"

    # --- Where it is now --------------------------------------------------------------------------------------------

    def _stands(self, book: Book, last: Left | None) -> Iterator[str]:
        holders = [
            (row.patron, row.id)
            for (item, _, _), rows in self._of_item(book.number)
            for row in rows
            if item == book.number and row.closed_at is None
        ]
        taken = self.ledger.with_reader.get(book.number)
        if taken is None:
            if holders and not self._is_explained(last):
                yield f"{book.number}: stands on its shelf and is on loan (I1)"
            if book.afi == RELEASED and not self._is_explained(last):
                yield f"{book.number}: stands on its shelf, released (I2)"
        elif [patron for patron, _ in holders] != [taken.reader] and not self._is_explained(taken):
            yield f"{_said(taken)}: its reader has no loan of it any more (I1)"

    def _of_item(self, item: str) -> list[tuple[tuple[str, str, str], list[Any]]]:
        if not self._by_item:
            for key, rows in self._loans.items():
                self._by_item[key[0]].append((key, rows))
        return self._by_item.get(item, [])

    # --- Explanations -----------------------------------------------------------------------------------------------

    def _is_clock_known(self, left: Left) -> bool:
        known = self.books.clocks[left.terminal]
        return all((key.epoch, key.boot) in known for key in left.keys)

    def _is_explained(self, left: Left | None) -> bool:
        """Whether a case says what became of the loans of *left*; counted."""
        if left is None:
            return False
        keys = {str(key) for key in left.keys}
        counts = self.ledger.counts
        if any(f"{left.terminal} {key}" in self._cases for key in keys):
            counts["explained by a case"] += 1
            return True
        for row, key in self._exceptions[left.book]:
            is_about = key in keys if key is not None else row.opened_at >= left.begun
            if is_about and row.terminal == left.terminal:
                counts["explained by central's case"] += 1
                return True
        if not self._is_clock_known(left):
            counts["dated by a clock that nobody set"] += 1
            return True
        return False


def _begun(key: EntryKey) -> tuple[int, int, int]:
    return key.boot, key.event, key.ordinal


def _who(left: Left) -> tuple[str, str, str]:
    return left.book, left.reader, left.terminal


def _is_then(left: Left, moment: Any) -> bool:
    return bool(left.begun - CLOSE <= moment <= left.left + CLOSE)


def _said(left: Left) -> str:
    return f"{left.book} to {left.reader[-4:]} at {left.terminal}, {left.begun:%m-%d %H:%M}"
