"""The entries that are not settled, as the desk had them written: what the journal would say, without asking it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from sync.entries import (
    Entry,
    EntryKey,
    Intended,
    PinAccepted,
    PinRefused,
    Row,
    ServerClock,
    Settled,
    UndoLoan,
)

Before = tuple[tuple[EntryKey, Entry | None], ...]
"""How entries stood before rows were noted, in the order of the rows: what `take_back` needs."""


class OpenEntries:
    """Begins with what the journal held at start-up and follows every row that is handed to it since.

    A row costs the same however many entries are open.  The entries are those that the lane holds too: a backlog of
    a month lies in memory once.
    """

    def __init__(self, unsettled: Iterable[Entry] = ()) -> None:
        self._entries = {entry.key: entry for entry in unsettled}

    def note(self, rows: Iterable[Row]) -> Before:
        """*rows* are on their way to the journal."""
        before: list[tuple[EntryKey, Entry | None]] = []
        for row in rows:
            if isinstance(row, ServerClock | PinRefused | PinAccepted):
                continue
            known = self._entries.get(row.key)
            match row:
                case Intended(key, _, promise):
                    self._entries[key] = Entry(key, promise, (row,))
                case _ if known is None:
                    # It is settled: staff closed its case.
                    continue
                case Settled(key):
                    del self._entries[key]
                case _:
                    self._entries[row.key] = replace(known, rows=(*known.rows, row))
            before.append((row.key, known))
        return tuple(before)

    def take_back(self, before: Before) -> None:
        """The rows that `note` gave *before* for were not written; to be called for the latest rows first."""
        for key, known in reversed(before):
            if known is None:
                del self._entries[key]
            else:
                self._entries[key] = known

    def place(self, positions: Mapping[EntryKey, int]) -> None:
        """The journal gave the entries of *positions* their place in the lane."""
        for key, position in positions.items():
            known = self._entries.get(key)
            if known is not None:
                self._entries[key] = replace(known, position=position)

    def get(self, key: EntryKey) -> Entry | None:
        """The entry *key*; None when it is settled or was never written."""
        return self._entries.get(key)

    def undone_by(self, entry: Entry) -> Entry | None:
        """The open entry whose loan *entry* undoes; None where it undoes nothing that is open."""
        return self.get(entry.promise.undoes) if isinstance(entry.promise, UndoLoan) else None

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)
