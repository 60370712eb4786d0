"""Receipts of what was done: on paper, or as a code on the screen; nobody is named in them, and nothing waits for them.

A receipt is a value made from what is recorded.  Paper is asked for once a touch and is told of on the page it was
asked for on; a printer that is away offers nothing, and the code is there all the same.
"""

from __future__ import annotations

import math
from dataclasses import replace

from kiosk.workflow import view
from kiosk.workflow.account_state import OnHand, Payment
from kiosk.workflow.effects import PrintSlip
from kiosk.workflow.events import Device
from kiosk.workflow.line import LENT, LineState
from kiosk.workflow.receipts import Receipt, ReceiptKind, ReceiptLine, ReceiptWord
from kiosk.workflow.state import Session, State
from kiosk.workflow.turn import Turn
from kiosk.workflow.view import Choice, PaymentState, ReceiptCode, SlipState, Status
from sync.entries import FeePart

_WORDS = {
    PaymentState.APPROVED: ReceiptWord.PAID,
    PaymentState.POSTED: ReceiptWord.PAID,
    PaymentState.REVERSED: ReceiptWord.PAID_BACK,
    PaymentState.UNKNOWN: ReceiptWord.PAYMENT_UNKNOWN,
}


def receipt(
    state: State, kind: ReceiptKind, reference: str, lines: tuple[ReceiptLine, ...], turn: Turn
) -> Receipt:
    """A receipt of this library and terminal, in the language of the screen, made now."""
    settings = state.settings
    return Receipt(
        kind=kind,
        reference=reference,
        library=settings.library,
        terminal=settings.terminal,
        at=turn.wall,
        language=state.language.value,
        lines=lines,
    )


def of_loans(state: State, lines: tuple[LineState, ...], turn: Turn) -> tuple[Receipt, ...]:
    """The receipt of the lines that were lent or renewed; none where there are none."""
    told = tuple(_loan(line) for line in lines if line.status in LENT or line.status is Status.RENEWED)
    if not told:
        return ()
    made = receipt(state, ReceiptKind.LOANS, turn.number, told, turn)
    return (replace(made, is_provisional=any(line.is_provisional for line in lines)),)


def _loan(line: LineState) -> ReceiptLine:
    word = ReceiptWord.LENT_PROVISIONALLY if line.is_provisional else ReceiptWord.LENT
    if line.status is Status.RENEWED:
        word = ReceiptWord.RENEWED
    return ReceiptLine(word, line.item, line.title, line.due, reference=line.reference)


def of_payment(state: State, session: Session, payment: Payment, turn: Turn) -> tuple[Receipt, ...]:
    """The receipt of *payment* as it stands; none where no money was taken, or it still moves."""
    word = _WORDS.get(payment.state)
    if word is None or payment.is_under_way:
        return ()
    pay, approved = payment.pay, payment.entry.approved
    lines = tuple(_part(session, part, word) for part in pay.parts)
    paper = approved.receipt if approved is not None else ()
    made = receipt(state, ReceiptKind.PAYMENT, payment.entry.key.reference, lines, turn)
    return (
        replace(
            made,
            total=pay.amount,
            means=pay.means,
            voucher=approved.voucher if approved is not None else "",
            is_posted=payment.state is PaymentState.POSTED,
            terminal_lines=payment.reversal if payment.state is PaymentState.REVERSED else paper,
        ),
    )


def _part(session: Session, part: FeePart, word: ReceiptWord) -> ReceiptLine:
    facts = session.account.facts
    fees = (facts.fees if facts is not None else None) or ()
    titles = [fee.title for fee in fees if fee.id == part.fee and fee.id]
    return ReceiptLine(word, part.item, titles[0] if titles else "", amount=part.amount)


# --- What a page offers -----------------------------------------------------------------------------------------


def choices(state: State) -> tuple[Choice, ...]:
    """What a page offers that has something to take home."""
    settings = state.settings
    if not settings.has_receipts:
        return ()
    prints = settings.has_printer and Device.PRINTER not in state.down
    paper = (Choice(view.PRINT, slip_of(state) is not SlipState.PRINTING),) if prints else ()
    return (*paper, Choice(view.CODE))


def slip_of(state: State) -> SlipState | None:
    """What became of the receipt that was asked for on paper; None where none was."""
    return state.on_hand.slip if state.on_hand is not None else None


def chosen(state: State, name: str, receipts: tuple[Receipt, ...], turn: Turn) -> State:
    """*state* after the reader chose "print" or "code" where *receipts* can be had; what is not offered changes
    nothing.
    """
    if not receipts or not any(offer.id == name and offer.enabled for offer in choices(state)):
        return state
    match name:
        case view.PRINT:
            first = state.token + 1
            tokens = tuple(range(first, first + len(receipts)))
            for token, made in zip(tokens, receipts, strict=True):
                turn.do(PrintSlip(token, made))
            return replace(state, token=tokens[-1], on_hand=OnHand(receipts, tokens, SlipState.PRINTING))
        case view.CODE:
            until = turn.seconds + state.settings.code_seconds
            known = state.on_hand or OnHand(receipts)
            return replace(state, on_hand=replace(known, receipts=receipts, code_until=until))
        case _:
            return state


def printed(state: State, token: int, came: SlipState) -> State:
    """*state* after receipt *token* came out, or did not; of several, one that did not counts for all."""
    on_hand = state.on_hand
    if on_hand is None or token not in on_hand.tokens:
        return state
    left = tuple(known for known in on_hand.tokens if known != token)
    if came is SlipState.NOT_PRINTED:
        return replace(state, on_hand=replace(on_hand, tokens=(), slip=came))
    slip = on_hand.slip if left else came
    return replace(state, on_hand=replace(on_hand, tokens=left, slip=slip))


def is_code_shown(state: State) -> bool:
    """Whether the receipts are on the screen as codes."""
    return state.on_hand is not None and state.on_hand.code_until is not None


def without_code(state: State) -> State:
    """*state* with the page again that the codes were asked for on."""
    return state if state.on_hand is None else replace(state, on_hand=replace(state.on_hand, code_until=None))


def code_view(state: State) -> ReceiptCode | None:
    """The codes, while they are on the screen."""
    on_hand = state.on_hand
    if on_hand is None or on_hand.code_until is None:
        return None
    left = max(0, math.ceil(on_hand.code_until - state.now.seconds))
    return ReceiptCode(on_hand.receipts, left, (Choice(view.DONE),))


def time_passed(state: State, turn: Turn) -> State:
    """*state* whose codes were there to be read."""
    on_hand = state.on_hand
    is_over = on_hand is not None and on_hand.code_until is not None and turn.seconds >= on_hand.code_until
    return without_code(state) if is_over else state


def due(state: State) -> list[float]:
    """When the codes go."""
    on_hand = state.on_hand
    return [] if on_hand is None or on_hand.code_until is None else [on_hand.code_until]
