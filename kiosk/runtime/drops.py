"""What the book drop's pump does: tells what comes and goes, and opens the flap when told to.

The flap is opened by an order alone, and every order has exactly one answer.  One that came while the drop was away, or
for which nothing lies there any more, is answered as stuck: nothing moved.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import assert_never

from drivers.gpio import BinLevel, BookDrop, DropEvent, ItemCame, ItemPassed, ItemStuck, ItemTaken
from kiosk.engine.inbox import Inbox
from kiosk.engine.logs import Log
from kiosk.engine.pump import SLICE_SECONDS
from kiosk.workflow.effects import OpenDrop
from kiosk.workflow.events import DropCame, DropEmptied, DropFull, DropPassed, DropStuck

DropWorkEvent = DropCame | DropEmptied | DropPassed | DropStuck | DropFull

LOST = "drop-lost"
NOTHING_THERE = "nothing-there"


class DropWork:
    """`Work` for a book drop; *orders* are taken from, *post* gets what happens."""

    def __init__(self, orders: Inbox[OpenDrop], post: Callable[[DropWorkEvent], None], *, log: Log) -> None:
        self._orders = orders
        self._post = post
        self._log = log
        self._waiting: deque[OpenDrop] = deque()
        self._open: OpenDrop | None = None

    def begin(self, device: BookDrop) -> None:
        """The flap is shut; what was ordered before is answered, not done."""
        self.lost()

    def turn(self, device: BookDrop) -> None:
        """The orders that came, and one look at the drop, a slice long."""
        self._waiting.extend(self._orders.take(0))
        if self._open is None and self._waiting:
            self._do(device, self._waiting.popleft())
        self._happened(device.poll(SLICE_SECONDS))

    def lost(self) -> None:
        """Answers every order: where an item is that was on its way nobody can tell, the others were not begun."""
        self._end(lambda order: DropStuck(order.key, LOST))
        self._waiting.extend(self._orders.take(0))
        while self._waiting:
            self._post(DropStuck(self._waiting.popleft().key, LOST))

    def _do(self, drop: BookDrop, order: OpenDrop) -> None:
        # Before it is opened: a line that goes meanwhile may have let the item through.
        self._open = order
        try:
            drop.open(order.bin)
        except ValueError:
            self._end(lambda order: DropStuck(order.key, NOTHING_THERE))

    def _happened(self, event: DropEvent | None) -> None:
        match event:
            case None:
                pass
            case ItemCame():
                self._post(DropCame())
            case ItemTaken():
                self._post(DropEmptied())
            case BinLevel(is_full):
                self._post(DropFull(is_full))
            case ItemPassed():
                self._end(lambda order: DropPassed(order.key))
            case ItemStuck(why):
                self._log.warning("an item is stuck in the book drop", why=why)
                self._end(lambda order: DropStuck(order.key, why))
            case _:
                assert_never(event)

    def _end(self, answer: Callable[[OpenDrop], DropPassed | DropStuck]) -> None:
        order, self._open = self._open, None
        if order is not None:
            self._post(answer(order))
