"""What is written when whoever takes money answers, and no session waits for that payment any more.

Money that was taken is posted all the same, and what was not taken ends.  Where nobody can tell, staff are given every
reference there is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from kiosk.workflow.effects import GiveUp, Proceed
from kiosk.workflow.events import (
    PaymentGivenBack,
    PaymentNotGivenBack,
    PaymentNotTaken,
    PaymentTaken,
    PaymentUnclear,
)
from sync.entries import (
    CaseOpened,
    CaseReason,
    Entry,
    EntryRow,
    Pay,
    PaymentApproved,
    PaymentNotMade,
    PaymentReversed,
    Refused,
    Settled,
    Settlement,
)

PaymentEnd = PaymentTaken | PaymentNotTaken | PaymentUnclear | PaymentGivenBack | PaymentNotGivenBack


@dataclass(frozen=True, slots=True)
class LatePayment:
    """*rows* to commit at once, then *orders* for the lane, where the entry is held."""

    rows: tuple[EntryRow, ...] = ()
    orders: tuple[Proceed | GiveUp, ...] = ()


def late_payment(entry: Entry, end: PaymentEnd, at: datetime) -> LatePayment:
    """What follows from *end* for the unsettled *entry*; nothing where it is not news."""
    key = entry.key
    match end:
        case PaymentTaken() if entry.is_payment_open:
            approved = PaymentApproved(key, at, end.voucher, end.mark, end.card, end.receipt)
            return LatePayment((approved,), (Proceed(replace(entry, rows=(*entry.rows, approved))),))
        case PaymentNotTaken() if entry.is_payment_open:
            rows = PaymentNotMade(key, at, end.failure.value), Settled(key, at, Settlement.NOT_DONE)
            return LatePayment(rows, (GiveUp(key),))
        case PaymentUnclear() if entry.is_payment_open:
            why = f"{end.why}, found {end.seen}" if end.seen else end.why
            detail = _references(entry.promise, why)
            return LatePayment(_case(entry, at, CaseReason.PAYMENT_UNKNOWN, detail), (GiveUp(key),))
        case PaymentGivenBack() if isinstance(entry.answer, Refused):
            reversed_row = PaymentReversed(key, at, end.voucher, end.receipt)
            return LatePayment((reversed_row, Settled(key, at, Settlement.UNDONE)))
        case PaymentNotGivenBack() if isinstance(entry.answer, Refused):
            return LatePayment(_case(entry, at, CaseReason.PAYMENT_NOT_POSTED, entry.answer.reason.value))
        case (
            PaymentTaken() | PaymentNotTaken() | PaymentUnclear() | PaymentGivenBack() | PaymentNotGivenBack()
        ):
            return LatePayment()
        case _:
            assert_never(end)


def _case(entry: Entry, at: datetime, reason: CaseReason, detail: str) -> tuple[EntryRow, ...]:
    return CaseOpened(entry.key, at, reason, detail), Settled(entry.key, at, Settlement.CASE)


def _references(promise: object, why: str) -> str:
    if not isinstance(promise, Pay):
        return why
    amount = f"{promise.amount.minor_units} {promise.amount.currency} by {promise.means.value}"
    return f"{why}: {amount}, after {promise.mark_before}" if promise.mark_before else f"{why}: {amount}"
