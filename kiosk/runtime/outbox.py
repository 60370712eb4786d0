"""What the desk decided and may not let out yet: turn by turn, first in, first out, until each is on disk.

A turn keeps what it was made from, so that turns the journal had no room for can be taken back as if they had never
been, and taken again by a desk that knows better.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from kiosk.runtime.open_entries import Before
from kiosk.workflow.state import State
from kiosk.workflow.view import Shown
from sync.entries import Row

A = TypeVar("A")
D = TypeVar("D")


@dataclass(slots=True)
class Turn(Generic[A, D]):
    """One round of the desk: *arrivals* are what it served, from the state *before*; the rest is what came of it.

    *was_low*: the desk knew already that the journal's disk was nearly full.
    """

    number: int
    before: State
    was_low: bool
    arrivals: list[A] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    entries_before: list[tuple[Before, ...]] = field(default_factory=list)
    orders: list[D] = field(default_factory=list)
    shown: Shown | None = None


class Outbox(Generic[A, D]):
    """Turns in order."""

    def __init__(self) -> None:
        self._turns: deque[Turn[A, D]] = deque()
        self._committed = 0

    def put(self, turn: Turn[A, D]) -> None:
        """*turn* is complete; its rows, if any, are with the journal."""
        self._turns.append(turn)

    def committed(self, number: int) -> None:
        """The rows of all turns up to and including *number* are on disk."""
        self._committed = max(self._committed, number)

    def leaving(self) -> Iterator[Turn[A, D]]:
        """Every turn that may go, oldest first; each is gone from here once it was given."""
        while self._turns and (not self._turns[0].rows or self._turns[0].number <= self._committed):
            yield self._turns.popleft()

    def take_back(self, number: int) -> tuple[Turn[A, D], ...]:
        """Turn *number* and every later one, oldest first; they are gone from here."""
        taken: deque[Turn[A, D]] = deque()
        while self._turns and self._turns[-1].number >= number:
            taken.appendleft(self._turns.pop())
        return tuple(taken)

    def __len__(self) -> int:
        return len(self._turns)
