"""What start-up settles, before anybody is served: the journal's unsettled entries, each put where it belongs.

What needs nobody is written at once.  A release under way is finished by the session while its tags may still lie
there.  Everything else goes into the lane: in doubt, unless this server knows a key again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, assert_never

from sync.entries import Entry, EntryKey, Row, UndoLoan
from sync.uplink.aftermath import Ask, CarryAgain, FinishRelease, Leave, Settle, at_start


class Book(Protocol):
    """The journal as far as start-up has to know it."""

    @property
    def epoch(self) -> str:
        """The first part of every key."""

    @property
    def boot(self) -> int:
        """The second part of every key of this start."""

    def unsettled(self) -> tuple[Entry, ...]:
        """Every entry that is not settled, in the order in which they entered their lane."""

    def undo_of(self, key: EntryKey) -> Entry | None:
        """The entry that undoes the unsettled entry *key*."""

    def append(self, rows: Sequence[Row]) -> None:
        """Writes *rows* in one commit."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """*open_releases* are for the session to finish, *in_doubt* and *fresh* enter the lane in this order."""

    open_releases: tuple[Entry, ...]
    in_doubt: tuple[Entry, ...]
    fresh: tuple[Entry, ...]
    open_entries: tuple[Entry, ...]


def recover(book: Book, at: datetime, *, is_repeat_safe: bool = False) -> Recovered:
    """Puts every unsettled entry of *book* where it belongs; what has to be written for that is on disk afterwards.

    *is_repeat_safe*: the server answers a repeat with the same key as it did the first time.
    """
    unsettled = book.unsettled()
    by_key = {entry.key: entry for entry in unsettled}
    ordinal = 0

    def new_key() -> EntryKey:
        nonlocal ordinal
        ordinal += 1
        return EntryKey(book.epoch, book.boot, 0, ordinal)

    releases: list[Entry] = []
    in_doubt: list[Entry] = []
    fresh: list[Entry] = []
    rows: list[Row] = []
    for entry in unsettled:
        undone = by_key.get(entry.promise.undoes) if isinstance(entry.promise, UndoLoan) else None
        action = at_start(entry, book.undo_of(entry.key), at, new_key, undone, is_repeat_safe)
        match action:
            case Ask():
                in_doubt.append(entry)
            case CarryAgain():
                fresh.append(entry)
            case FinishRelease():
                releases.append(entry)
            case Leave():
                pass
            case Settle(aftermath):
                rows.extend(aftermath.rows)
                fresh.extend(aftermath.entries)
            case _:
                assert_never(action)
    book.append(rows)
    return Recovered(tuple(releases), tuple(in_doubt), tuple(fresh), book.unsettled())
