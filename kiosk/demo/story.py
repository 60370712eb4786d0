"""What readers do at the demo's terminal when nobody is there: by touches on the window and things on the table."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.demo import borrowing, giving_back, settling
from kiosk.demo.visit import Hand, Steps, Visit


@dataclass(slots=True)
class Story(Visit):
    """Several readers, one after the other, from welcome to welcome."""

    items = (
        *borrowing.STACK,
        borrowing.BY_STRIP,
        *(item for item in giving_back.STACK if item != giving_back.FOREIGN),
    )
    cards = (borrowing.CARD, *giving_back.CARDS)

    def tell(self, hand: Hand) -> Steps:
        """The script; one step a frame."""
        yield from borrowing.borrow(self, hand)
        yield from giving_back.give_back(self, hand)
        yield from settling.renew(self, hand)
        yield from settling.pay(self, hand)
