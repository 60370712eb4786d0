"""The entries that are not settled, as the desk had them written: what the journal would say, without asking it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sync.entries import (
    Entry,
    EntryKey,
    EntryRow,
    Granted,
    Intended,
    OtherRow,
    Refused,
    Row,
    Settled,
    UndoLoan,
)


@dataclass(frozen=True, slots=True)
class Before:
    """How entry *key* stood before a row of it was noted, and what undid loan *loan*; None: nothing did."""

    key: EntryKey
    entry: Entry | None
    loan: EntryKey
    undoing: Entry | None


class OpenEntries:
    """Begins with what the journal held at start-up and follows every row that is handed to it since.

    A row costs the same however many entries are open.  The entries are those that the lane holds too: a backlog of
    a month lies in memory once.
    """

    def __init__(self, unsettled: Iterable[Entry] = (), undoings: Iterable[Entry] = ()) -> None:
        """*undoings* are settled entries that undo one of *unsettled*."""
        self._entries = {entry.key: entry for entry in unsettled}
        # Of entries that were not carried yet; such a one may be settled before it is.
        self._given: dict[EntryKey, int] = {}
        # By the loan; there until that is settled, however the undoing itself stands.
        self._undoings: dict[EntryKey, Entry] = {}
        for entry in (*undoings, *self._entries.values()):
            self._relate(entry)

    def note(self, rows: Iterable[Row]) -> tuple[Before, ...]:
        """*rows* are on their way to the journal.  What is returned is for `take_back`."""
        return tuple(
            before
            for row in rows
            if not isinstance(row, OtherRow) and (before := self._note(row)) is not None
        )

    def _note(self, row: EntryRow) -> Before | None:
        known = self._entries.get(row.key)
        if isinstance(row, Intended):
            entry = Entry(row.key, row.promise, (row,))
        elif known is not None:
            entry = replace(known, rows=(*known.rows, row))
        else:
            # It is settled: staff closed its case.
            return None
        loan = entry.promise.undoes if isinstance(entry.promise, UndoLoan) else entry.key
        before = Before(entry.key, known, loan, self._undoings.get(loan))
        self._entries[entry.key] = entry
        self._relate(entry)
        if isinstance(row, Settled):
            del self._entries[entry.key]
            self._undoings.pop(entry.key, None)
        return before

    def _relate(self, entry: Entry) -> None:
        if isinstance(entry.promise, UndoLoan) and entry.promise.undoes in self._entries:
            self._undoings[entry.promise.undoes] = entry

    def take_back(self, rows: Iterable[Before]) -> None:
        """The rows that `note` gave these for were not written; to be called for the latest rows first."""
        for before in reversed(tuple(rows)):
            if before.entry is None:
                del self._entries[before.key]
            else:
                self._entries[before.key] = before.entry
            if before.undoing is None:
                self._undoings.pop(before.loan, None)
            else:
                self._undoings[before.loan] = before.undoing

    def place(self, positions: Mapping[EntryKey, int]) -> None:
        """The journal gave the entries of *positions* their place in the lane."""
        self._given.update(positions)
        for key, position in positions.items():
            known = self._entries.get(key)
            if known is not None:
                self._entries[key] = replace(known, position=position)

    def placed(self, entry: Entry) -> Entry:
        """*entry*, which is about to be carried, with its place in the lane."""
        known = self._entries.get(entry.key)
        position = entry.position if known is None else known.position
        return replace(entry, position=self._given.pop(entry.key, position))

    def get(self, key: EntryKey) -> Entry | None:
        """The entry *key*; None when it is settled or was never written."""
        return self._entries.get(key)

    def undo_of(self, entry: Entry) -> Entry | None:
        """The entry that undoes the open *entry*, itself settled or not; None when none does."""
        return self._undoings.get(entry.key)

    def undone_by(self, entry: Entry) -> Entry | None:
        """The open entry whose loan *entry* undoes; None where it undoes nothing that is open."""
        return self.get(entry.promise.undoes) if isinstance(entry.promise, UndoLoan) else None

    def unanswered_since(self) -> datetime | None:
        """When the oldest entry began that the server has not answered; None when it has answered all."""
        waiting = (e.rows[0].at for e in self if not isinstance(e.answer, Granted | Refused))
        return next(waiting, None)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)
