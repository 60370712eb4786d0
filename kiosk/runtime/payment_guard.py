"""One payment of a patron at a time: a fee that was paid and not posted yet still looks open, and would be paid again.

A patron whose last payment is on its way to the server, or before staff because nobody can tell whether it was made or
posted, pays at the counter.  Borrowing and giving back are not touched by it.
"""

from __future__ import annotations

from collections.abc import Iterable

from kiosk.runtime.open_entries import OpenEntries
from sync.entries import CaseClosed, CaseOpened, Entry, EntryKey, PatronId, Pay, Row


class PaymentGuard:
    """Knows the payments of *entries* that have not ended, and those before staff: *cases* at first, then by rows."""

    def __init__(self, entries: OpenEntries, cases: Iterable[Entry] = ()) -> None:
        self._entries = entries
        self._before_staff: dict[EntryKey, PatronId] = {}
        for entry in cases:
            self._keep(entry)

    def follow(self, rows: Iterable[Row]) -> None:
        """*rows* are about to be noted in the open entries."""
        for row in rows:
            if isinstance(row, CaseOpened):
                self._keep(self._entries.get(row.key))
            elif isinstance(row, CaseClosed):
                self._before_staff.pop(row.key, None)

    def _keep(self, entry: Entry | None) -> None:
        if entry is not None and isinstance(entry.promise, Pay):
            self._before_staff[entry.key] = entry.promise.patron

    def may_take(self, key: EntryKey) -> bool:
        """Whether money may be asked for under *key*, an open payment."""
        entry = self._entries.get(key)
        if entry is None or not isinstance(entry.promise, Pay):
            return False
        patron = entry.promise.patron
        others = (other for other in self._entries if isinstance(other.promise, Pay))
        return patron not in self._before_staff.values() and not any(
            other.promise.patron == patron and other.key != key for other in others
        )
