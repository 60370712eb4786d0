"""What the chapters of the demo's story share: a hand that sees and touches the window, the table, and the pictures."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol

from kiosk.demo.world import TableControl
from kiosk.workflow.view import EnterPin, View, Welcome
from sync.central import demo

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
class Visit:
    """One visit to the terminal.  *pictures* are those saved so far, in order.

    *items* are those that are lent or given back, *cards* whose loans they are or were.
    """

    items: ClassVar[tuple[str, ...]] = ()
    cards: ClassVar[tuple[str, ...]] = ()
    table: TableControl
    folder: Path
    pictures: list[str] = field(default_factory=list)

    def tell(self, hand: Hand) -> Steps:
        """What happens, one step a frame."""
        raise NotImplementedError

    def shot(self, hand: Hand, name: str) -> Steps:
        """Saves a picture of what the window shows, numbered and called *name*."""
        file = f"{len(self.pictures) + 1:02}-{name}.png"
        yield from hand.shot(file)
        self.pictures.append(str(self.folder / file))

    def show_card(self, hand: Hand, card: str) -> Steps:
        """Lays *card* on the reader and gives its PIN."""
        self.table.ask("show", thing=card)
        yield from hand.until(lambda: isinstance(hand.view, EnterPin), 15, "the card was not recognised")
        yield from hand.type_digits(demo.PIN)

    def leave(self, hand: Hand, *items: str) -> Steps:
        """Takes *items* and the card away; the next reader finds an empty pad."""
        self.table.ask("hide")
        for item in items:
            self.table.ask("take", thing=item)
        yield from hand.until(lambda: is_alone(hand), 15, "the pad was not seen to be empty")


def is_alone(hand: Hand) -> bool:
    """Whether nobody is served and nothing lies on the pad."""
    return isinstance(hand.view, Welcome) and hand.view.left == 0 and hand.view.books == 0
