"""Which items were given back at this terminal, as far as that is on disk: what a snapshot may not know yet.

An item is back once it is secured as far as it goes; one of which nobody knows who has it, and one that was handed back
to the reader, is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sync.entries import (
    CaseOpened,
    CaseReason,
    EntryKey,
    EntryRow,
    GiveBack,
    Intended,
    ItemId,
    Restored,
    Secured,
    SecureFailed,
    Settled,
)


@dataclass(slots=True)
class _Return:
    """*item* was brought back *at* this moment; *is_told*: nothing more will be told to the server."""

    item: ItemId
    at: datetime
    is_told: bool = False


class OwnReturns:
    """Begins empty and follows rows; each costs the same however many items came back."""

    def __init__(self) -> None:
        self._begun: dict[EntryKey, _Return] = {}
        self._back: dict[ItemId, EntryKey] = {}

    def follow(self, rows: Iterable[EntryRow]) -> tuple[ItemId, ...]:
        """*rows*, those of one commit or of one entry, are on disk; the items that came back by them."""
        rows = tuple(rows)
        lost = {row.key for row in rows if isinstance(row, CaseOpened) and _is_lost(row)}
        came: list[ItemId] = []
        for row in rows:
            if isinstance(row, Intended) and isinstance(row.promise, GiveBack):
                self._begun[row.key] = _Return(row.promise.item, row.promise.at)
            known = self._begun.get(row.key)
            if known is None:
                continue
            match row:
                case Secured(key) | SecureFailed(key) if key not in lost:
                    self._back[known.item] = key
                    came.append(known.item)
                case Restored(key):
                    self._forget(key)
                case Settled(key):
                    known.is_told = True
                    if self._back.get(known.item) != key:
                        self._forget(key)
                case _:
                    pass
        return tuple(came)

    def lent(self, item: ItemId) -> None:
        """*item* was lent again."""
        key = self._back.get(item)
        if key is not None:
            self._forget(key)

    def since(self, issued_at: datetime) -> tuple[ItemId, ...]:
        """The items that are back and on loan still, perhaps, by a snapshot issued then.

        What was told before is forgotten: no later snapshot can be older.
        """
        for key in tuple(self._back.values()):
            known = self._begun[key]
            if known.is_told and known.at < issued_at:
                self._forget(key)
        return tuple(self._back)

    def _forget(self, key: EntryKey) -> None:
        known = self._begun.pop(key, None)
        if known is not None and self._back.get(known.item) == key:
            del self._back[known.item]

    def __len__(self) -> int:
        return len(self._begun)


def _is_lost(opened: CaseOpened) -> bool:
    return opened.reason is CaseReason.RETURN_UNKNOWN
