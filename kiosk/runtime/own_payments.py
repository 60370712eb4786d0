"""Whose payment here is not at its end, as far as that is on disk: whoever paid once is not to pay the same again.

A payment is open until it is settled, and one that became a case until staff have closed it.
"""

from __future__ import annotations

from collections.abc import Iterable

from sync.entries import (
    CaseClosed,
    CaseOpened,
    EntryKey,
    EntryRow,
    Intended,
    PatronId,
    Pay,
    Settled,
    Settlement,
)


class OwnPayments:
    """Begins empty and follows rows; each costs the same however many payments there were."""

    def __init__(self) -> None:
        self._open: dict[EntryKey, PatronId] = {}
        self._cases: set[EntryKey] = set()
        self._settled: set[EntryKey] = set()

    def follow(self, rows: Iterable[EntryRow]) -> None:
        """*rows*, those of one commit or of one entry, are on disk."""
        for row in rows:
            if isinstance(row, Intended):
                if isinstance(row.promise, Pay):
                    self._open[row.key] = row.promise.patron
                continue
            if row.key not in self._open:
                continue
            match row:
                case CaseOpened(key):
                    self._cases.add(key)
                case CaseClosed(key):
                    self._cases.discard(key)
                    if key in self._settled:
                        self._forget(key)
                case Settled(key, _, how):
                    self._settled.add(key)
                    if how is not Settlement.CASE or key not in self._cases:
                        self._forget(key)
                case _:
                    pass

    def is_open(self, patron: PatronId) -> bool:
        """Whether a payment of *patron* is not at its end."""
        return patron in self._open.values()

    def _forget(self, key: EntryKey) -> None:
        del self._open[key]
        self._cases.discard(key)
        self._settled.discard(key)
