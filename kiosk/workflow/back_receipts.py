"""The receipts of what was given back: one for each reader whose loans were ended; none says who that is."""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.workflow import receipt_making
from kiosk.workflow.account_state import OnHand
from kiosk.workflow.back_line import BackLineState
from kiosk.workflow.receipts import Receipt, ReceiptKind, ReceiptLine, ReceiptWord
from kiosk.workflow.state import State
from kiosk.workflow.turn import Turn
from kiosk.workflow.view import BackStatus

_WORDS: Mapping[BackStatus, ReceiptWord] = {
    BackStatus.BACK: ReceiptWord.BACK,
    BackStatus.BACK_NO_LOAN: ReceiptWord.BACK_NO_LOAN,
    BackStatus.BACK_RECORDED: ReceiptWord.BACK_RECORDED,
    BackStatus.BACK_TO_STAFF: ReceiptWord.BACK_TO_STAFF,
}


def on_hand(state: State, lines: tuple[BackLineState, ...], turn: Turn) -> OnHand | None:
    """The receipts of *lines* that can be had; None where nothing was taken."""
    readers = dict.fromkeys(line.reader for line in lines if line.status in _WORDS)
    receipts = tuple(_of_reader(state, lines, reader, count, turn) for count, reader in enumerate(readers, 1))
    return OnHand(receipts) if receipts else None


def _of_reader(
    state: State, lines: tuple[BackLineState, ...], reader: int, count: int, turn: Turn
) -> Receipt:
    """What came back of one reader (0: of those whose reader is not known), on the receipt *count* of this batch."""
    told = tuple(_line(line) for line in lines if line.reader == reader and line.status in _WORDS)
    number = f"{turn.number}-{count}" if count > 1 else turn.number
    return receipt_making.receipt(state, ReceiptKind.RETURNS, number, told, turn)


def _line(line: BackLineState) -> ReceiptLine:
    return ReceiptLine(
        _WORDS[line.status],
        line.item,
        line.title,
        line.was_due,
        line.days_overdue,
        line.fee,
        line.reference,
    )
