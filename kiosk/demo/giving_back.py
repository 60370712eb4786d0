"""The second chapter: somebody gives back what several readers had, while the network is cut for a moment."""

from __future__ import annotations

from kiosk.demo.visit import Hand, Steps, Visit
from kiosk.workflow.view import (
    CODE,
    DONE,
    FINISH,
    GIVE_BACK,
    PRINT,
    YES,
    BackLine,
    BackStatus,
    BackSummary,
    GivingBack,
    MarkCare,
    ReceiptCode,
    SlipState,
    Welcome,
)
from sync.central import demo
from sync.entries import Flaw

OVERDUE = demo.ITEM_OVERDUE
WAITED_FOR = demo.ITEM_OUT_AND_WAITED_FOR
ELSEWHERE = demo.ITEM_OF_OTHER_BRANCH
BACK_ALREADY = demo.ITEMS_FREE[5]
"""A book that nobody has on loan."""
FOREIGN = "foreign"
STACK = (OVERDUE, WAITED_FOR, ELSEWHERE, BACK_ALREADY, FOREIGN)
CARDS = (demo.READER_OVERDUE, demo.READER_WITH_OTHERS_BOOKS)
"""Whose books these are."""
IN_THE_CUT = demo.ITEMS_FREE[0]
"""One that was borrowed in the first chapter; the network is cut while it is given back."""
LOOSE = BACK_ALREADY
"""It has loose pages."""
FLAW = Flaw.LOOSE_PAGES
AT_REST = (
    BackStatus.BACK,
    BackStatus.BACK_NO_LOAN,
    BackStatus.BACK_RECORDED,
    BackStatus.BACK_TO_STAFF,
    BackStatus.HANDED_BACK,
)


def give_back(visit: Visit, hand: Hand) -> Steps:
    """A stack from welcome to welcome; one step a frame."""
    yield from hand.touch(GIVE_BACK)
    yield from hand.until(lambda: isinstance(hand.view, GivingBack), 15, "nothing can be given back")
    yield from visit.shot(hand, "give-back")
    for item in STACK:
        visit.table.ask("put", thing=item)
    yield from hand.until(lambda: _has_ended(hand, len(STACK)), 30, "not every item came to an end")
    yield from visit.shot(hand, "given-back")
    yield from _report_care(visit, hand)
    yield from _with_the_network_cut(visit, hand)
    yield from hand.touch(FINISH)
    yield from hand.until(lambda: isinstance(hand.view, BackSummary), 15, "no summary came")
    yield from visit.shot(hand, "back-summary")
    yield from hand.touch(PRINT)
    yield from hand.until(lambda: _is_printed(hand), 15, "the receipt was not printed")
    yield from hand.touch(CODE)
    yield from hand.until(lambda: isinstance(hand.view, ReceiptCode), 15, "the receipt is no code")
    yield from visit.shot(hand, "receipt-code")
    yield from hand.touch(DONE)
    yield from hand.until(lambda: isinstance(hand.view, BackSummary), 15, "the code stayed")
    yield from hand.touch(DONE)
    yield from hand.until(lambda: isinstance(hand.view, Welcome), 15, "giving back did not end")
    yield from visit.leave(hand, *STACK, IN_THE_CUT)


def _report_care(visit: Visit, hand: Hand) -> Steps:
    yield from hand.touch(f"care:{LOOSE}")
    yield from hand.until(lambda: isinstance(hand.view, MarkCare), 15, "nothing can be reported")
    yield from hand.touch(f"flaw:{FLAW.value}")
    yield from visit.shot(hand, "care")
    yield from hand.touch(YES)
    yield from hand.until(lambda: _is_reported(hand), 15, "the report was not taken")
    yield from hand.touch(DONE)
    yield from hand.until(lambda: isinstance(hand.view, GivingBack), 15, "the list did not come again")


def _with_the_network_cut(visit: Visit, hand: Hand) -> Steps:
    """What the server is told gets lost, the line breaks, and is whole again."""
    visit.table.ask("network", how="mute")
    visit.table.ask("put", thing=IN_THE_CUT)
    yield from hand.until(lambda: _status(hand) is BackStatus.TELLING, 15, "the server was not told")
    visit.table.ask("network", how="cut")
    yield from hand.until(
        lambda: _status(hand) is BackStatus.BACK_RECORDED, 30, "it was not taken without the server"
    )
    yield from visit.shot(hand, "given-back-without-network")
    visit.table.ask("network", how="whole")
    yield from hand.until(lambda: _status(hand) is BackStatus.BACK, 40, "the server was never told")


def _lines(hand: Hand) -> tuple[BackLine, ...]:
    return hand.view.lines if isinstance(hand.view, GivingBack) else ()


def _has_ended(hand: Hand, count: int) -> bool:
    lines = _lines(hand)
    return len(lines) == count and all(line.status in AT_REST for line in lines)


def _status(hand: Hand) -> BackStatus | None:
    return next((line.status for line in _lines(hand) if line.id == IN_THE_CUT), None)


def _is_reported(hand: Hand) -> bool:
    return isinstance(hand.view, MarkCare) and hand.view.is_reported


def _is_printed(hand: Hand) -> bool:
    return isinstance(hand.view, BackSummary) and hand.view.receipt is SlipState.PRINTED
