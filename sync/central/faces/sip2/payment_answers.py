"""Answers 37 and 19: money that was taken at a terminal, and items that need care.

A payment is named by the terminal and its number (BK): told again under the same number it is answered as the first
time.  One without a number cannot be told from a repeat; it is booked where it fits what is open.
"""

from __future__ import annotations

import re
import secrets

from sync.central.circulation.accounts import reference_of
from sync.central.circulation.caring import report_care
from sync.central.circulation.paying import NotPaid, Paid, Payment, pay
from sync.central.faces.sip2.answers import Counter
from sync.central.faces.sip2.in_time import in_time
from sync.central.faces.sip2.texts import reason_text
from sync.entries import BadIdentifier, FeePart, Flaw, Money, PatronId, Reason, item_id, patron_id
from sync.rules.ledger import Till
from sync.servers.sip2.messages import (
    REASON_FIELD,
    FeePaid,
    FeePaidResponse,
    ItemStatusUpdate,
    ItemStatusUpdateResponse,
)
from sync.servers.sip2.money import read_money

QR_PAYMENT = "10"
"""The payment type for a QR code, for which SIP2 has none."""

TRANSACTION_LENGTH_MAX = 128
_TILLS = {"00": Till.CASH, QR_PAYMENT: Till.QR}
_FLAW = re.compile(r"[a-z]+(?:-[a-z]+)*")
_BY = "self"


def fee_paid(counter: Counter, request: FeePaid, terminal: str, language: str) -> FeePaidResponse:
    """38: booked, or exactly why not.

    CG names the fee, which is paid in full; without it the oldest come first.  The answer's BK is the number under
    which it was booked.
    """
    outcome = _pay(counter, request, terminal)
    is_paid = isinstance(outcome, Paid)
    return FeePaidResponse(
        ok=is_paid,
        at=counter.clock_time(),
        institution=counter.library.institution,
        patron=request.patron,
        transaction=outcome.number if isinstance(outcome, Paid) else request.transaction,
        screen_messages=() if isinstance(outcome, Paid) else (reason_text(outcome.reason, language),),
        extra=() if isinstance(outcome, Paid) else ((REASON_FIELD, outcome.reason.value),),
    )


def _pay(counter: Counter, request: FeePaid, terminal: str) -> Paid | NotPaid:
    try:
        patron = patron_id(request.patron.reveal())
    except BadIdentifier:
        return NotPaid(Reason.PATRON_UNKNOWN)
    if request.currency != counter.library.currency:
        return NotPaid(Reason.CURRENCY_DIFFERS)
    amount = read_money(request.amount, request.currency)
    if amount is None:
        return NotPaid(Reason.AMOUNT_DIFFERS)
    told = _payment(request, patron, amount, terminal)
    return in_time(counter, lambda connection: pay(connection, counter.library, told))


def _payment(request: FeePaid, patron: PatronId, amount: Money, terminal: str) -> Payment:
    number = request.transaction.strip()[:TRANSACTION_LENGTH_MAX] or secrets.token_hex(16)
    return Payment(
        patron,
        amount,
        (FeePart(request.fee.strip(), amount),),
        _TILLS.get(request.payment_kind, Till.CARD_TERMINAL),
        reference_of(terminal, number),
        terminal,
    )


def item_status_update(
    counter: Counter, request: ItemStatusUpdate, terminal: str, language: str
) -> ItemStatusUpdateResponse:
    """20: put on the list of what staff look at; not so for an unknown item, and where CH names nothing known."""
    told = set(_FLAW.findall(request.properties.casefold()))
    flaws = tuple(flaw for flaw in Flaw if flaw.value in told)
    reason: Reason | None = Reason.NOT_DONE
    title = ""
    if flaws:
        reason = Reason.ITEM_UNKNOWN
        try:
            number = item_id(request.item)
        except BadIdentifier:
            found = None
        else:
            found = in_time(
                counter,
                lambda connection: report_care(connection, counter.library, number, flaws, _BY, terminal),
            )
        if found is not None:
            reason, title = None, found.title
    return ItemStatusUpdateResponse(
        ok=reason is None,
        at=counter.clock_time(),
        item=request.item,
        title=title,
        properties=" ".join(flaw.value for flaw in flaws),
        screen_messages=() if reason is None else (reason_text(reason, language),),
        extra=() if reason is None else ((REASON_FIELD, reason.value),),
    )
