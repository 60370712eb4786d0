"""The entries that are not settled, as the desk had them written: what the journal would say, without asking it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sync.entries import Entry, EntryKey, Intended, PinAccepted, PinRefused, Row, Settled, UndoLoan


class OpenEntries:
    """Begins with what the journal held at start-up and follows every row that is handed to it since."""

    def __init__(self, unsettled: Iterable[Entry] = ()) -> None:
        self._entries = {entry.key: entry for entry in unsettled}

    def note(self, rows: Iterable[Row]) -> None:
        """*rows* are on their way to the journal."""
        for row in rows:
            match row:
                case PinRefused() | PinAccepted():
                    continue
                case Intended(key, _, promise):
                    self._entries[key] = Entry(key, promise, (row,))
                case Settled(key):
                    self._entries.pop(key, None)
                case _:
                    entry = self._entries.get(row.key)
                    if entry is not None:
                        self._entries[row.key] = replace(entry, rows=(*entry.rows, row))

    def get(self, key: EntryKey) -> Entry | None:
        """The entry *key*; None when it is settled or was never written."""
        return self._entries.get(key)

    def undone_by(self, entry: Entry) -> Entry | None:
        """The open entry whose loan *entry* undoes; None where it undoes nothing that is open."""
        return self.get(entry.promise.undoes) if isinstance(entry.promise, UndoLoan) else None

    def __len__(self) -> int:
        return len(self._entries)
