"""Answers the session from the terminal's own books, in a thread of its own: a PIN's verifier is slow on purpose.

What was written before a question was asked is in its answer: rows and questions wait in one queue.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.engine.inbox import Inbox
from kiosk.engine.logs import Log
from kiosk.engine.pump import SLICE_SECONDS
from kiosk.runtime.local_books import LocalBooks
from kiosk.workflow.events import NotTold, SnapshotCame, ToldHere
from sync.entries import Entry, Row
from sync.questions import LocalQuestion
from sync.snapshot.content import Snapshot


@dataclass(frozen=True, slots=True)
class Inquire:
    """*question* of the running session; answered by `ToldHere` or `NotTold` with *token*."""

    token: int
    question: LocalQuestion


@dataclass(frozen=True, slots=True)
class Remember:
    """*entries* stand in the journal, from before the start."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Wrote:
    """*rows* are on disk."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Renewed:
    """There is another snapshot; None: the one there was may not be used any more."""

    snapshot: Snapshot | None


Order = Inquire | Remember | Wrote | Renewed


class BooksPump:
    """Owns *books*; *post* gets the answers."""

    name = "books"

    def __init__(
        self,
        books: LocalBooks,
        post: Callable[[ToldHere | NotTold | SnapshotCame], None],
        *,
        log: Log,
        idle: Callable[[float], None] | None = None,
    ) -> None:
        self._books = books
        self._post = post
        self._log = log
        self._orders: Inbox[Order] = Inbox(idle=idle)
        # What was taken and not served yet outlives a turn that fails.
        self._ordered: deque[Order] = deque()

    def order(self, order: Order) -> None:
        """Takes *order*; from any thread, returns at once."""
        self._orders.post(order)

    def turn(self) -> None:
        """Serves all that waits; waits a slice when nothing does."""
        self._ordered.extend(self._orders.take(0.0 if self._ordered else SLICE_SECONDS))
        while self._ordered:
            self._serve(self._ordered.popleft())

    def close(self) -> None:
        """Frees nothing: the books stay as they are."""

    def _serve(self, order: Order) -> None:
        match order:
            case Remember(entries):
                self._books.remember(entries)
            case Wrote(rows):
                self._books.follow(rows)
            case Renewed(snapshot):
                self._books.snapshot = snapshot
                self._post(SnapshotCame(None if snapshot is None else snapshot.issued_at))
            case Inquire(token, question):
                self._post(self._answered(token, question))

    def _answered(self, token: int, question: LocalQuestion) -> ToldHere | NotTold:
        try:
            facts = self._books.told(question)
        except Exception as mistake:
            # A session that hears nothing waits; the others go on.
            self._log.failure("the terminal's own books failed", mistake, question=type(question).__name__)
            return NotTold(token)
        return NotTold(token) if facts is None else ToldHere(token, facts)
