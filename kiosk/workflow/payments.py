"""Payments as the terminal knows them, whoever is there: whose word is whose, and how long anything is waited for.

A payment belongs to the terminal, not to a session: it comes to its end also when nobody is there any more.  What an
event means for a payment, and what is written, is in `pay_ends.py`; what readers choose is in `paying.py`.

A means is offered once whoever takes the money has told the mark of the last payment, works, and has nothing in doubt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.workflow import pay_ends
from kiosk.workflow.account_state import Payment
from kiosk.workflow.effects import FindPayment, StopPayment
from kiosk.workflow.events import (
    Device,
    PaymentGivenBack,
    PaymentNotGivenBack,
    PaymentNotTaken,
    PaymentReady,
    PaymentStepped,
    PaymentTaken,
    PaymentUnclear,
)
from kiosk.workflow.state import Serving, State
from kiosk.workflow.turn import Turn
from kiosk.workflow.view import PaymentState
from sync.entries import Answer, EntryKey, Means

DEVICES = {Means.CARD: Device.PAYMENT_TERMINAL, Means.QR: Device.QR_PAYMENT}

PaymentEvent = (
    PaymentReady
    | PaymentStepped
    | PaymentTaken
    | PaymentNotTaken
    | PaymentUnclear
    | PaymentGivenBack
    | PaymentNotGivenBack
)


def offered(state: State) -> tuple[Means, ...]:
    """The means by which money can be taken now, in the library's order."""
    ready = [means for means, _ in state.marks]
    in_doubt = [payment.pay.means for payment in state.payments if _is_moving(payment)]
    return tuple(
        means
        for means in state.settings.means
        if means in ready and means not in in_doubt and DEVICES[means] not in state.down
    )


def _is_moving(payment: Payment) -> bool:
    """Whether money is on its way for *payment*, or may be."""
    return payment.state in (PaymentState.AUTHORISING, PaymentState.REVERSING)


def told(state: State, event: PaymentEvent, turn: Turn) -> State:
    """*state* after whoever takes money told *event*; of a payment nobody waits for it changes nothing."""
    if isinstance(event, PaymentReady):
        return _marked(state, event.means, event.mark)
    payment = of_key(state, event.key)
    if payment is None:
        return state
    match event:
        case PaymentStepped(_, step, text, code):
            if payment.state is not PaymentState.AUTHORISING or payment.is_found:
                return state
            return with_payment(state, replace(payment, step=step, text=text, code=code))
        case PaymentTaken():
            is_new = payment.state is PaymentState.AUTHORISING
            if is_new and (event.mark or payment.pay.means is Means.QR):
                state = _marked(state, payment.pay.means, event.mark)
            elif is_new:
                state = _unmarked(state, payment.pay.means)
            return with_payment(state, pay_ends.taken(payment, event, turn))
        case PaymentNotTaken():
            return with_payment(state, pay_ends.not_taken(payment, event, turn))
        case PaymentUnclear():
            # What the terminal remembers as its last payment is told when it is ready again.
            return with_payment(_unmarked(state, payment.pay.means), pay_ends.unclear(payment, event, turn))
        case PaymentGivenBack():
            return with_payment(_reversal_told(state, payment), pay_ends.given_back(payment, event, turn))
        case PaymentNotGivenBack(_, why):
            return with_payment(_reversal_told(state, payment), pay_ends.not_given_back(payment, why, turn))


def _reversal_told(state: State, payment: Payment) -> State:
    """A card terminal may call the reversal its last payment: what it is, it tells when it is ready again."""
    return state if payment.pay.means is Means.QR else _unmarked(state, payment.pay.means)


def of_key(state: State, key: EntryKey) -> Payment | None:
    """The payment with entry *key* whose end is not written; None where there is none."""
    return next((one for one in state.payments if one.entry.key == key and not one.is_over), None)


def answered(state: State, payment: Payment, answer: Answer, turn: Turn) -> State:
    """*state* after the server's *answer* to posting *payment*."""
    return with_payment(state, pay_ends.answered(payment, answer, turn))


def left_to_staff(state: State, payment: Payment, turn: Turn) -> State:
    """*state* after *payment* was settled as a case."""
    return with_payment(state, pay_ends.left_to_staff(payment, turn))


def device_went(state: State, device: Device) -> State:
    """*state* after *device* went: what its last payment was has to be told anew before the next."""
    for means, role in DEVICES.items():
        if role is device:
            state = _unmarked(state, means)
    return state


def device_came(state: State, device: Device) -> State:
    """*state* after *device* came: whatever start-up found and is not found out yet is asked for again."""
    return _changed(
        state,
        lambda one: (
            replace(one, is_asked=False) if one.is_found and DEVICES[one.pay.means] is device else one
        ),
    )


def journal_failed(state: State, turn: Turn) -> None:
    """Has everything stopped that can be: nothing that is taken now could be written down before the next start."""
    for payment in state.payments:
        if payment.state is PaymentState.AUTHORISING and not payment.is_found:
            turn.do(StopPayment(payment.entry.key))


def time_passed(state: State, turn: Turn) -> State:
    """*state* after whoever takes money was asked what start-up wants to know, and whatever waited too long ended."""
    for payment in state.payments:
        if payment.is_found and not payment.is_asked and not payment.is_over:
            turn.do(FindPayment(payment.entry))
            payment = replace(payment, is_asked=True)
            state = with_payment(state, payment)
        until = waits_until(state, payment)
        if until is not None and turn.seconds >= until:
            if payment.state is not PaymentState.APPROVED:
                state = _unmarked(state, payment.pay.means)
            state = with_payment(state, pay_ends.out_of_patience(payment, turn))
    return state


def waits_until(state: State, payment: Payment) -> float | None:
    """When *payment* is no longer waited for; None where nothing is."""
    return pay_ends.waits_until(payment, state.settings.answer_seconds)


def due(state: State) -> list[float]:
    """When something of money is no longer waited for."""
    untils = [waits_until(state, payment) for payment in state.payments]
    return [until for until in untils if until is not None]


def _marked(state: State, means: Means, mark: str) -> State:
    return replace(state, marks=(*_unmarked(state, means).marks, (means, mark)))


def _unmarked(state: State, means: Means) -> State:
    return replace(state, marks=tuple(known for known in state.marks if known[0] is not means))


def with_payment(state: State, payment: Payment) -> State:
    """*state* with *payment*; one that is over, and that nobody looks at, is forgotten."""
    key = payment.entry.key
    state = _changed(state, lambda one: payment if one.entry.key == key else one)
    is_shown = isinstance(state.phase, Serving) and state.phase.session.paying == key
    if not payment.is_over or is_shown:
        return state
    return replace(state, payments=tuple(one for one in state.payments if one.entry.key != key))


def _changed(state: State, change: Callable[[Payment], Payment]) -> State:
    return replace(state, payments=tuple(change(payment) for payment in state.payments))


def forgotten(state: State) -> State:
    """*state* after a session ended: what was only shown is gone, and what is not posted yet is the lane's."""
    kept = tuple(payment for payment in state.payments if payment.is_found or payment.is_under_way)
    return replace(state, payments=kept)
