"""How a payment goes from its intent to its end, and what is written on the way.

| state | what happens | written | then |
|---|---|---|---|
| - | the reader chose how to pay | Intended | AUTHORISING: money is asked for, once; its entry is held |
| AUTHORISING | taken | PaymentApproved | APPROVED: its entry proceeds |
| AUTHORISING | surely not taken | PaymentNotMade, Settled NOT_DONE | NOT_PAID; its entry is given up |
| AUTHORISING | nobody can tell, or nobody says | case PAYMENT_UNKNOWN, Settled CASE | UNKNOWN; given up |
| APPROVED | granted | Answered, Settled DONE | POSTED |
| APPROVED | refused | Answered | REVERSING: the money is asked back |
| APPROVED | refused after a silence | Answered, case PAYMENT_NOT_POSTED, Settled CASE | UNKNOWN |
| APPROVED | silence, or held, or out of patience | Answered, where there is one | APPROVED, left to the lane |
| APPROVED | settled as a case by the uplink | - | UNKNOWN |
| REVERSING | given back | PaymentReversed, Settled UNDONE | REVERSED |
| REVERSING | not given back, or nobody says | case PAYMENT_NOT_POSTED, Settled CASE | UNKNOWN |

Of a payment that start-up found the first three rows hold in the same way; once its money is known to be taken it is
the lane's, and a refusal a case: the reader who would have to be there for a reversal is gone.

A fee that is gone after a silence may have been settled by this very payment, late: nobody gives back money for what
the books have.  A silence before which nothing was sent leaves no such doubt.

Every row that leaves AUTHORISING or REVERSING does so once: what comes later for the same entry changes nothing.  The
texts of cases have every reference there is, and nobody's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kiosk.workflow.account_state import Payment
from kiosk.workflow.effects import Proceed, ReversePayment, Sound, StopPayment
from kiosk.workflow.events import (
    PaymentFailure,
    PaymentGivenBack,
    PaymentNotTaken,
    PaymentTaken,
    PaymentUnclear,
)
from kiosk.workflow.turn import Turn
from kiosk.workflow.view import PaymentState, PaymentTrouble
from sync.entries import (
    Answer,
    Answered,
    CaseOpened,
    CaseReason,
    EntryRow,
    Granted,
    Held,
    PaymentApproved,
    PaymentNotMade,
    PaymentReversed,
    Reason,
    Refused,
    Settled,
    Settlement,
    Silence,
)

TAKE_SECONDS_MAX = 600
"""Whoever takes money answers sooner; this is for one that says nothing at all."""

REVERSE_SECONDS_MAX = 300

FIND_SECONDS_MAX = 1800
"""How long start-up waits for a terminal that was switched on later than the kiosk, or a line that was down."""

OTHER_AMOUNT = "other-amount"
"""The word of `PaymentUnclear` for another side that tells of another amount or currency than it was asked for."""

_WHY: Mapping[PaymentFailure, PaymentTrouble] = {
    PaymentFailure.DECLINED: PaymentTrouble.DECLINED,
    PaymentFailure.ABORTED: PaymentTrouble.ABORTED,
    PaymentFailure.TIME_OVER: PaymentTrouble.TIME_OVER,
    PaymentFailure.DEVICE_AWAY: PaymentTrouble.DEVICE_AWAY,
    PaymentFailure.NEVER_ASKED: PaymentTrouble.DEVICE_AWAY,
}


def taken(payment: Payment, event: PaymentTaken, turn: Turn) -> Payment:
    """*payment* after its money was taken: from here on the library's books have to say so, or it goes back."""
    if payment.state is not PaymentState.AUTHORISING:
        return payment
    key = payment.entry.key
    row = PaymentApproved(key, turn.wall, event.voucher, event.mark, event.card, event.receipt)
    payment = _written(payment, turn, row)
    turn.do(Proceed(payment.entry))
    return replace(
        payment, state=PaymentState.APPROVED, since=turn.seconds, step=None, text="", code="", why=None,
        is_over=payment.is_found,
    )  # fmt: skip


def not_taken(payment: Payment, event: PaymentNotTaken, turn: Turn) -> Payment:
    """*payment* after it is sure that nothing was taken."""
    if payment.state is not PaymentState.AUTHORISING:
        return payment
    key = payment.entry.key
    payment = _written(
        payment,
        turn,
        PaymentNotMade(key, turn.wall, event.failure.value),
        Settled(key, turn.wall, Settlement.NOT_DONE),
    )
    turn.give_up(key)
    return _over(payment, PaymentState.NOT_PAID, _WHY[event.failure], Sound.REFUSED, turn, event.text)


def unclear(payment: Payment, event: PaymentUnclear, turn: Turn) -> Payment:
    """*payment* after nobody can tell whether its money was taken."""
    if payment.state is not PaymentState.AUTHORISING:
        return payment
    why = f"{event.why}, found {event.seen}" if event.seen else event.why
    payment = _case(payment, CaseReason.PAYMENT_UNKNOWN, why, turn)
    turn.give_up(payment.entry.key)
    trouble = PaymentTrouble.OTHER_AMOUNT if event.why == OTHER_AMOUNT else PaymentTrouble.UNCLEAR
    return _over(payment, PaymentState.UNKNOWN, trouble, Sound.ATTENTION, turn)


def answered(payment: Payment, answer: Answer, turn: Turn) -> Payment:
    """*payment* after the server's *answer* to posting it, or its silence."""
    if payment.state is not PaymentState.APPROVED:
        return payment
    key = payment.entry.key
    match answer:
        case Granted():
            rows = (Answered(key, turn.wall, answer), Settled(key, turn.wall, Settlement.DONE))
            payment = _written(payment, turn, *rows)
            return _over(payment, PaymentState.POSTED, None, Sound.DONE, turn)
        case Refused():
            payment = _written(payment, turn, Answered(key, turn.wall, answer))
            payment = replace(payment, why=answer.reason)
            if payment.is_perhaps_posted:
                return _not_posted(payment, "perhaps-posted", turn)
            return _reversing(payment, turn)
        case Held() | Silence():
            last = payment.entry.rows[-1]
            if not (isinstance(last, Answered) and type(last.answer) is type(answer)):
                payment = _written(payment, turn, Answered(key, turn.wall, answer))
            is_sent = isinstance(answer, Silence) and not answer.is_unsent
            return replace(payment, is_left=True, is_perhaps_posted=payment.is_perhaps_posted or is_sent)


def _not_posted(payment: Payment, why: str, turn: Turn) -> Payment:
    payment = _case(payment, CaseReason.PAYMENT_NOT_POSTED, why, turn)
    return _over(payment, PaymentState.UNKNOWN, PaymentTrouble.NOT_POSTED, Sound.ATTENTION, turn)


def _reversing(payment: Payment, turn: Turn) -> Payment:
    approved = payment.entry.approved
    voucher = approved.voucher if approved is not None else ""
    turn.do(ReversePayment(payment.entry.key, payment.pay.means, payment.pay.amount, voucher))
    turn.play(Sound.ATTENTION)
    return replace(payment, state=PaymentState.REVERSING, since=turn.seconds, is_left=False)


def left_to_staff(payment: Payment, turn: Turn) -> Payment:
    """*payment* after its entry was settled as a case by the uplink: no more is written about it."""
    return _over(payment, PaymentState.UNKNOWN, PaymentTrouble.NOT_POSTED, Sound.ATTENTION, turn)


def given_back(payment: Payment, event: PaymentGivenBack, turn: Turn) -> Payment:
    """*payment* after its money went back."""
    if payment.state is not PaymentState.REVERSING:
        return payment
    key = payment.entry.key
    payment = _written(
        payment,
        turn,
        PaymentReversed(key, turn.wall, event.voucher, event.receipt),
        Settled(key, turn.wall, Settlement.UNDONE),
    )
    payment = replace(payment, reversal=event.receipt)
    return _over(payment, PaymentState.REVERSED, payment.why, Sound.ATTENTION, turn)


def not_given_back(payment: Payment, why: str, turn: Turn) -> Payment:
    """*payment* after its money could not be given back, or nobody can tell; *why* is one word for staff."""
    if payment.state is not PaymentState.REVERSING:
        return payment
    is_unseen = why in ("unclear", "no-answer")
    return _not_posted(payment, f"perhaps-given-back, {why}" if is_unseen else why, turn)


def waits_until(payment: Payment, answer_seconds: float) -> float | None:
    """When *payment* is no longer waited for; None where nothing is."""
    if payment.is_over or payment.is_left:
        return None
    match payment.state:
        case PaymentState.AUTHORISING:
            return payment.since + (FIND_SECONDS_MAX if payment.is_found else TAKE_SECONDS_MAX)
        case PaymentState.APPROVED:
            return payment.since + answer_seconds
        case PaymentState.REVERSING:
            return payment.since + REVERSE_SECONDS_MAX
        case _:
            return None


def out_of_patience(payment: Payment, turn: Turn) -> Payment:
    """*payment* that is no longer waited for."""
    match payment.state:
        case PaymentState.AUTHORISING:
            if not payment.is_found:
                turn.do(StopPayment(payment.entry.key))
            return unclear(payment, PaymentUnclear(payment.entry.key, "no-answer"), turn)
        case PaymentState.APPROVED:
            return replace(payment, is_left=True)
        case PaymentState.REVERSING:
            return not_given_back(payment, "no-answer", turn)
        case _:
            return payment


def _written(payment: Payment, turn: Turn, *rows: EntryRow) -> Payment:
    turn.record(*rows)
    return replace(payment, entry=replace(payment.entry, rows=(*payment.entry.rows, *rows)))


def _case(payment: Payment, reason: CaseReason, why: str, turn: Turn) -> Payment:
    key = payment.entry.key
    detail = _references(payment, why)
    return _written(
        payment,
        turn,
        CaseOpened(key, turn.wall, reason, detail),
        Settled(key, turn.wall, Settlement.CASE),
    )


def _references(payment: Payment, why: str) -> str:
    pay, approved = payment.pay, payment.entry.approved
    told = [
        why,
        f"{pay.amount.minor_units} minor units {pay.amount.currency}",
        f"by {pay.means.value}",
        f"reference {payment.entry.key.reference}",
        f"mark before {pay.mark_before or '-'}",
    ]
    if approved is not None:
        told += [f"voucher {approved.voucher or '-'}", f"mark {approved.mark or '-'}"]
    if payment.why is not None:
        told.append(f"refused as {payment.why.value}")
    return ", ".join(told)


def _over(
    payment: Payment,
    state: PaymentState,
    why: PaymentTrouble | Reason | None,
    sound: Sound,
    turn: Turn,
    text: str = "",
) -> Payment:
    if not payment.is_found:
        turn.play(sound)
    return replace(
        payment, state=state, since=turn.seconds, is_over=True, why=why, step=None, text=text, code=""
    )
