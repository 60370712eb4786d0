"""Who really left with which book, as it happened.  Nobody in the simulated world reads this but the auditor."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from kiosk.workflow.view import Status
from sync.entries import EntryKey


class Ended(Enum):
    """Where a book was after a session."""

    TAKEN = "taken"
    ON_ITS_SHELF = "on its shelf"
    LEFT_TO_STAFF = "left to staff"
    """The power went, nothing was said of it any more, and its reader brought it to the desk."""


@dataclass(frozen=True, slots=True)
class Left:
    """How a session ended for *book*; *begun* and *left* are the true time, *keys* the loans that began in it."""

    book: str
    reader: str
    terminal: str
    begun: datetime
    left: datetime
    ended: Ended
    status: Status | None
    keys: tuple[EntryKey, ...]


@dataclass(slots=True)
class Ledger:
    """What happened, and what was *found* wrong as it happened."""

    all_left: list[Left] = field(default_factory=list)
    with_reader: dict[str, Left] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    found: list[str] = field(default_factory=list)

    def leave(self, left: Left) -> None:
        """A reader walks away, with the book or without."""
        self.all_left.append(left)
        if left.ended is Ended.TAKEN:
            self.with_reader[left.book] = left
            self.counts["taken"] += 1

    def bring(self, book: str) -> None:
        """The book is back on its shelf."""
        self.with_reader.pop(book, None)
