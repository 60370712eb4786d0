"""Books payments: each once, for fees that are open, in full, or not at all.

What was paid at a terminal has been taken already; where it cannot be booked the terminal gives it back.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from sync.central.circulation.accounts import book, ledger_of, voucher_of
from sync.central.circulation.library import Library
from sync.central.store import queries
from sync.central.store.ledger_rows import patron_of, transaction_named
from sync.entries import FeePart, Means, Money, PatronId, Reason
from sync.rules.ledger import (
    SELF,
    AmountRefused,
    CurrencyRefused,
    Fee,
    Ledger,
    LedgerError,
    Malformed,
    NotAsChosen,
    Origin,
    Overpaid,
    ReferenceUnknown,
    Share,
    Till,
    Transaction,
    payment,
    share_out,
)

TILLS = {Means.CARD: Till.CARD_TERMINAL, Means.QR: Till.QR}


@dataclass(frozen=True, slots=True)
class Payment:
    """*patron* paid *amount* into *till* for *parts*.

    *reference* names it for ever, *source* is the machine or desk that took it.
    """

    patron: PatronId
    amount: Money
    parts: tuple[FeePart, ...]
    till: Till
    reference: str
    source: str
    operator: str = SELF
    voucher: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Paid:
    """It is booked; *number* is what the library calls it."""

    number: str


@dataclass(frozen=True, slots=True)
class NotPaid:
    """Nothing was booked."""

    reason: Reason


def pay(connection: Connection, library: Library, told: Payment) -> Paid | NotPaid:
    """Books *told*, or says exactly why not.  Told again, it is booked once.  Needs a writing transaction."""
    if queries.find_patron(connection, told.patron, lock=True) is None:
        return NotPaid(Reason.PATRON_UNKNOWN)
    if {told.amount.currency, *(part.amount.currency for part in told.parts)} != {library.currency}:
        return NotPaid(Reason.CURRENCY_DIFFERS)
    units = [part.amount.minor_units for part in told.parts]
    if any(one <= 0 for one in units) or sum(units) != told.amount.minor_units:
        return NotPaid(Reason.AMOUNT_DIFFERS)
    known = transaction_named(connection, told.reference, library.currency)
    if known is not None:
        return Paid(_number(known.number)) if _is_same(known.transaction, told) else NotPaid(Reason.NOT_DONE)
    try:
        ledger = ledger_of(connection, library, told.patron)
        shares = _shares(ledger, told)
        origin = Origin(told.reference, library.today(), told.source, told.operator, voucher_of(told.voucher))
        made = payment(origin, told.patron, shares, told.till)
        return Paid(_number(book(connection, library, ledger, made, note=told.note)))
    except LedgerError as error:
        return NotPaid(_reason(error))


def _number(row: int) -> str:
    return f"P{row}"


def _is_same(known: Transaction, told: Payment) -> bool:
    """Whether *known* is what *told* would be: the same patron, till and amount, and the fees that were named."""
    fees = {leg.fee for leg in known.legs if leg.fee}
    return (
        patron_of(known) == told.patron
        and known.legs[0].account == told.till
        and known.volume_minor == told.amount.minor_units
        and known.origin.source == told.source
        and {part.fee for part in told.parts if part.fee} <= fees
    )


def _shares(ledger: Ledger, told: Payment) -> tuple[Share, ...]:
    """Raises `LedgerError`: a part that names a fee has to be all that is open of it, the rest goes to the oldest."""
    fees = ledger.open_fees(told.patron)
    shares: list[Share] = []
    rest = 0
    for part in told.parts:
        if part.fee:
            shares += share_out(fees, part.amount, {part.fee})
        else:
            rest += part.amount.minor_units
    if rest:
        chosen = {share.fee for share in shares}
        others: list[Fee] = [fee for fee in fees if fee.reference not in chosen]
        shares += share_out(others, Money(rest, told.amount.currency))
    return tuple(shares)


def _reason(error: LedgerError) -> Reason:
    match error:
        case CurrencyRefused():
            return Reason.CURRENCY_DIFFERS
        case ReferenceUnknown():
            return Reason.FEE_GONE
        case AmountRefused() | NotAsChosen() | Overpaid() | Malformed():
            return Reason.AMOUNT_DIFFERS
        case _:
            return Reason.OTHER
