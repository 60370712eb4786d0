"""Who really has which book, and what must agree with it: tags, central's loans, and the cases that explain the rest.

Nobody in the simulated world reads this; it is what an omniscient auditor would hold the books against.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from sync.central.store import tables as t
from sync.central.store.store import Store
from sync.entries import CaseOpened, Entry, Lend, ReleaseIntended, Settled, Settlement
from tests.crash.year.devices import RELEASED, Book

TIME_TOLERANCE_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Taken:
    """A reader left *terminal* with a book at *at*; *was_told* lent, as the screen said."""

    book: str
    reader: str
    terminal: str
    at: datetime
    was_told: bool


@dataclass(slots=True)
class Ledger:
    """What happened, as it happened.  *explained* are the books a terminal's or central's case is about."""

    taken: list[Taken] = field(default_factory=list)
    with_reader: dict[str, Taken] = field(default_factory=dict)
    explained: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)

    def take(self, taken: Taken) -> None:
        """A reader walks away with a book."""
        self.taken.append(taken)
        self.with_reader[taken.book] = taken
        self.counts["taken"] += 1

    def bring(self, book: str) -> None:
        """The book is back on its shelf."""
        self.with_reader.pop(book, None)


def disagreements(
    ledger: Ledger, books: dict[str, Book], entries: list[Entry], store: Store
) -> Iterator[str]:
    """Everything in which journal, tags and central contradict what really happened, once all is caught up."""
    with store.reading() as connection:
        loans = connection.execute(select(t.loans.c.item, t.loans.c.patron, t.loans.c.closed_at)).all()
        explained = ledger.explained | {
            str(entry.promise.item)
            for entry in entries
            if any(isinstance(row, CaseOpened) for row in entry.rows)
        }
        if "exceptions" in t.metadata.tables:
            explained |= set(connection.execute(select(t.metadata.tables["exceptions"].c.item)).scalars())
    yield from _unsettled(entries)
    holders = {item: patron for item, patron, closed_at in loans if closed_at is None}
    for number, book in books.items():
        if number in explained:
            continue
        taken = ledger.with_reader.get(number)
        if taken is None:
            if number in holders:
                yield f"{number}: stands on its shelf and is on loan (I1)"
            if book.afi == RELEASED:
                yield f"{number}: stands on its shelf, released (I2)"
        elif holders.get(number) != taken.reader:
            yield f"{number}: its reader has no loan of it (I1)"
    yield from _counted(ledger, loans, entries, explained)
    yield from _releases(entries)


def _unsettled(entries: list[Entry]) -> Iterator[str]:
    for entry in entries:
        if not entry.is_settled:
            yield f"{entry.key}: is not settled"


def _counted(
    ledger: Ledger, loans: Sequence[Any], entries: list[Entry], explained: set[str]
) -> Iterator[str]:
    """Every loan is at central as often as it happened: once."""
    happened = Counter((taken.book, taken.reader) for taken in ledger.taken if taken.was_told)
    undone = Counter(
        str(entry.promise.item)
        for entry in entries
        if isinstance(entry.promise, Lend)
        and any(isinstance(row, Settled) and row.how is not Settlement.DONE for row in entry.rows)
    )
    recorded = Counter((item, patron) for item, patron, _ in loans)
    for book, reader in sorted(happened | recorded):
        if book in explained:
            continue
        known, real = recorded[(book, reader)], happened[(book, reader)]
        if known < real:
            yield f"{book}: was lent {real} times to {reader[-4:]}, central has {known} (I1)"
        if known > real + undone[book]:
            yield f"{book}: was lent {real} times to {reader[-4:]}, central has {known}, undone {undone[book]} (I1)"


def _releases(entries: list[Entry]) -> Iterator[str]:
    for entry in entries:
        if any(isinstance(row, ReleaseIntended) for row in entry.rows):
            granted = entry.promised is not None or entry.answer is not None
            if not granted:
                yield f"{entry.key}: a release without a grant (I2)"
