"""What a reader does at the demo's terminal when nobody is there: by touches on the window and things on the table."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from kiosk.demo.world import TableControl
from kiosk.workflow.view import (
    DONE,
    FINISH,
    Borrowing,
    EnterPin,
    Status,
    Summary,
    UseStripUnit,
    View,
    Welcome,
)
from sync.central import demo

CARD = demo.READER
REFUSED = demo.ITEM_REFERENCE
STACK = (*demo.ITEMS_FREE[:4], REFUSED)
"""Four books that may be borrowed, and a reference work that may not."""
BY_STRIP = demo.ITEMS_BY_STRIP[0]
"""A book without a tag, which is scanned and slid over the strip unit."""
ITEMS = (*STACK, BY_STRIP)

Steps = Generator[None, None, None]


class Hand(Protocol):
    """Somebody who sees the window and touches it; `ui.player.Player` is one."""

    @property
    def view(self) -> View | None:
        """What the window shows."""

    def until(self, condition: Callable[[], object], seconds: float = 0, what: str = "") -> Steps:
        """Waits for *condition*; raises with *what* when it takes too long."""

    def touch(self, choice: str) -> Steps:
        """Touches what is offered as *choice*."""

    def type_digits(self, digits: str) -> Steps:
        """Types on the number pad and enters."""

    def shot(self, name: str) -> Steps:
        """Saves a picture."""


@dataclass(slots=True)
class Story:
    """One session from welcome to welcome.  *pictures* are those saved so far, in order."""

    table: TableControl
    folder: Path
    pictures: list[str] = field(default_factory=list)

    def tell(self, hand: Hand) -> Steps:
        """The script; one step a frame."""
        yield from hand.until(
            lambda: isinstance(hand.view, Welcome), 20, "the terminal never welcomed anybody"
        )
        yield from self._shot(hand, "welcome")
        for item in STACK:
            self.table.ask("put", thing=item)
        yield from hand.until(lambda: _books(hand) == len(STACK), 15, "the stack on the pad was not counted")
        yield from self._shot(hand, "welcome-with-books")
        self.table.ask("show", thing=CARD)
        yield from hand.until(lambda: isinstance(hand.view, EnterPin), 15, "the card was not recognised")
        yield from self._shot(hand, "pin")
        yield from hand.type_digits(demo.PIN)
        yield from hand.until(lambda: isinstance(hand.view, Borrowing), 15, "no session began")
        yield from hand.until(lambda: _is_done(hand), 20, "not every book came to an end")
        yield from self._shot(hand, "borrowed")
        self.table.ask("scan", thing=BY_STRIP)
        yield from hand.until(lambda: _is_wanted(hand), 15, "nobody was asked to use the strip unit")
        yield from self._shot(hand, "strip-unit")
        self.table.ask("slide", thing=BY_STRIP)
        yield from hand.until(lambda: _is_lent_by_strip(hand), 15, "the book with the strip was not lent")
        yield from self._shot(hand, "borrowed-by-strip")
        self.table.ask("hide")
        yield from hand.touch(FINISH)
        yield from hand.until(lambda: isinstance(hand.view, Summary), 15, "no summary came")
        yield from self._shot(hand, "summary")
        yield from hand.touch(DONE)
        yield from hand.until(lambda: isinstance(hand.view, Welcome), 15, "the session did not end")
        yield from self._shot(hand, "take-your-books")
        for item in STACK:
            self.table.ask("take", thing=item)
        yield from hand.until(lambda: _is_empty(hand), 15, "the pad was not seen to be empty")
        yield from self._shot(hand, "done")

    def _shot(self, hand: Hand, name: str) -> Steps:
        file = f"{len(self.pictures) + 1:02}-{name}.png"
        yield from hand.shot(file)
        self.pictures.append(str(self.folder / file))


def _books(hand: Hand) -> int:
    return hand.view.books if isinstance(hand.view, Welcome) else 0


def _is_done(hand: Hand) -> bool:
    view = hand.view
    return isinstance(view, Borrowing) and len(view.lines) == len(STACK) and not view.is_busy


def _is_wanted(hand: Hand) -> bool:
    return isinstance(hand.view, UseStripUnit) and hand.view.line.id == BY_STRIP


def _is_lent_by_strip(hand: Hand) -> bool:
    view = hand.view
    lines = view.lines if isinstance(view, Borrowing) and not view.is_busy else ()
    return any(line.id == BY_STRIP and line.status is Status.LENT for line in lines)


def _is_empty(hand: Hand) -> bool:
    return isinstance(hand.view, Welcome) and hand.view.left == 0 and hand.view.books == 0
