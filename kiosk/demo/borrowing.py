"""The first chapter: a reader borrows a stack of books, and one by its strip."""

from __future__ import annotations

from kiosk.demo.visit import Hand, Steps, Visit, is_alone
from kiosk.workflow.view import DONE, FINISH, Borrowing, EnterPin, Status, Summary, UseStripUnit, Welcome
from sync.central import demo

CARD = demo.READER
REFUSED = demo.ITEM_REFERENCE
STACK = (*demo.ITEMS_FREE[:4], REFUSED)
"""Four books that may be borrowed, and a reference work that may not."""
BY_STRIP = demo.ITEMS_BY_STRIP[0]
"""A book without a tag, which is scanned and slid over the strip unit."""


def borrow(visit: Visit, hand: Hand) -> Steps:
    """One session from welcome to welcome; one step a frame."""
    yield from hand.until(lambda: isinstance(hand.view, Welcome), 20, "the terminal never welcomed anybody")
    yield from visit.shot(hand, "welcome")
    for item in STACK:
        visit.table.ask("put", thing=item)
    yield from hand.until(lambda: _books(hand) == len(STACK), 15, "the stack on the pad was not counted")
    yield from visit.shot(hand, "welcome-with-books")
    visit.table.ask("show", thing=CARD)
    yield from hand.until(lambda: isinstance(hand.view, EnterPin), 15, "the card was not recognised")
    yield from visit.shot(hand, "pin")
    yield from hand.type_digits(demo.PIN)
    yield from hand.until(lambda: isinstance(hand.view, Borrowing), 15, "no session began")
    yield from hand.until(lambda: _is_done(hand), 20, "not every book came to an end")
    yield from visit.shot(hand, "borrowed")
    visit.table.ask("scan", thing=BY_STRIP)
    yield from hand.until(lambda: _is_wanted(hand), 15, "nobody was asked to use the strip unit")
    yield from visit.shot(hand, "strip-unit")
    visit.table.ask("slide", thing=BY_STRIP)
    yield from hand.until(lambda: _is_lent_by_strip(hand), 15, "the book with the strip was not lent")
    yield from visit.shot(hand, "borrowed-by-strip")
    visit.table.ask("hide")
    yield from hand.touch(FINISH)
    yield from hand.until(lambda: isinstance(hand.view, Summary), 15, "no summary came")
    yield from visit.shot(hand, "summary")
    yield from hand.touch(DONE)
    yield from hand.until(lambda: isinstance(hand.view, Welcome), 15, "the session did not end")
    yield from visit.shot(hand, "take-your-books")
    for item in STACK:
        visit.table.ask("take", thing=item)
    yield from hand.until(lambda: is_alone(hand), 15, "the pad was not seen to be empty")
    yield from visit.shot(hand, "done")


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
