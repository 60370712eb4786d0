"""The end of the card terminal's day, as staff order it: the terminal hands in its payments."""

from __future__ import annotations

from collections import deque

from drivers.payment import DayClosed, Declined, PaymentEvent, PaymentTerminal
from kiosk.engine.errands import Answer, Errand, NotDone
from kiosk.runtime.payments import CloseTerminalDay


class CardDay:
    """Day ends that were ordered; each is begun once, and answered once."""

    def __init__(self) -> None:
        self._waiting: deque[Errand] = deque()
        self._closing: Errand | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether the terminal is at it."""
        return self._closing is not None

    @property
    def has_work(self) -> bool:
        """Whether one is under way, or waits."""
        return self.is_under_way or bool(self._waiting)

    def take(self, order: CloseTerminalDay, obstacle: str) -> None:
        """Takes *order*; with an *obstacle*, a sentence, it is not done."""
        if obstacle:
            order.errand.fulfil(NotDone(obstacle))
        else:
            self._waiting.append(order.errand)

    def begin_next(self, device: PaymentTerminal) -> bool:
        """Begins the next one, if one waits."""
        if not self._waiting:
            return False
        self._closing = self._waiting.popleft()
        device.close_day()
        return True

    def ended(self, event: PaymentEvent) -> None:
        """What was under way ended with *event*; the terminal's numbers may mean nothing any more."""
        errand, self._closing = self._closing, None
        assert errand is not None
        errand.fulfil(_told(event))

    def lost(self) -> None:
        """The terminal went away: what was under way may have been done."""
        errands = [*([self._closing] if self._closing else []), *self._waiting]
        self._closing = None
        self._waiting.clear()
        for errand in errands:
            errand.fulfil(NotDone("the card terminal went away; look at it whether its day is closed"))


def _told(event: PaymentEvent) -> Answer | NotDone:
    match event:
        case DayClosed(receipt):
            return {"receipt": list(receipt)}
        case Declined(why):
            return NotDone(f"the card terminal does not close its day ({why})")
        case _:
            return NotDone("nobody can tell whether the card terminal closed its day; look at the terminal")
