"""Makes transactions: one function for each thing that can happen to a fee or a deposit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sync.entries import FeeKind, ItemId, Money, PatronId
from sync.rules.amounts import AMOUNT_MINOR_MAX
from sync.rules.ledger.accounts import Account, Allowance, DepositAccount, Income, PatronAccount, Till
from sync.rules.ledger.errors import AmountRefused, CurrencyRefused, Malformed
from sync.rules.ledger.transactions import Countered, Kind, Leg, Origin, Transaction, negated


@dataclass(frozen=True, slots=True)
class Share:
    """So much of an amount goes to the fee that *fee* names, charged for *item*.  `sharing.py` makes them."""

    fee: str
    amount: Money
    item: ItemId | None = None


def charge(
    origin: Origin, patron: PatronId, kind: FeeKind, amount: Money, item: ItemId | None = None
) -> Transaction:
    """*patron* owes *amount* more.  The fee is named by the transaction's own reference."""
    units = positive(amount)
    patrons_leg = Leg(PatronAccount(patron), units, origin.reference, item)
    return Transaction(origin, Kind.CHARGE, amount.currency, (patrons_leg, Leg(Income(kind), -units)))


def payment(origin: Origin, patron: PatronId, shares: Sequence[Share], till: Till) -> Transaction:
    """*patron* paid all *shares* at once into *till*."""
    return _settling(origin, Kind.PAYMENT, patron, shares, till)


def payment_from_deposit(origin: Origin, patron: PatronId, shares: Sequence[Share]) -> Transaction:
    """All *shares* are taken out of the deposit of *patron*."""
    return _settling(origin, Kind.PAYMENT, patron, shares, DepositAccount(patron))


def waiver(origin: Origin, patron: PatronId, shares: Sequence[Share]) -> Transaction:
    """The library lets *patron* off all *shares*."""
    return _settling(origin, Kind.WAIVER, patron, shares, Allowance.WAIVER)


def deposit(origin: Origin, patron: PatronId, amount: Money, till: Till) -> Transaction:
    """*patron* leaves *amount* with the library."""
    units = positive(amount)
    legs = (Leg(till, units), Leg(DepositAccount(patron), -units))
    return Transaction(origin, Kind.DEPOSIT, amount.currency, legs)


def refund(origin: Origin, patron: PatronId, shares: Sequence[Share], till: Till) -> Transaction:
    """*patron* gets back out of *till* what was paid for fees that are not owed any more."""
    return _settling(origin, Kind.REFUND, patron, shares, till)


def deposit_refund(origin: Origin, patron: PatronId, amount: Money, till: Till) -> Transaction:
    """*patron* gets *amount* of the deposit back out of *till*."""
    units = positive(amount)
    legs = (Leg(DepositAccount(patron), units), Leg(till, -units))
    return Transaction(origin, Kind.REFUND, amount.currency, legs)


def counter(transaction: Transaction, origin: Origin) -> Transaction:
    """The correction that takes *transaction* back: every account is as it was before it.

    Raises `CannotCounter` for a correction: what was countered wrongly is booked anew, under a new reference.
    """
    return Transaction(
        origin,
        Kind.CORRECTION,
        transaction.currency,
        negated(transaction.legs),
        Countered(transaction.reference, transaction.kind),
    )


def _settling(
    origin: Origin, kind: Kind, patron: PatronId, shares: Sequence[Share], other: Account
) -> Transaction:
    """Raises `Malformed` without a share, `CurrencyRefused` for two currencies, `AmountRefused`."""
    if not shares:
        raise Malformed(f"a {kind.value} is for at least one fee")
    currency = shares[0].amount.currency
    if any(share.amount.currency != currency for share in shares):
        raise CurrencyRefused(f"{origin.reference} has shares in more than one currency")
    sign = 1 if kind is Kind.REFUND else -1
    account = PatronAccount(patron)
    patrons_legs = tuple(
        Leg(account, sign * positive(share.amount), share.fee, share.item) for share in shares
    )
    total = sum(share.amount.minor_units for share in shares)
    return Transaction(origin, kind, currency, (Leg(other, -sign * total), *patrons_legs))


def positive(amount: Money) -> int:
    """The minor units of *amount*.  Raises `AmountRefused` unless they are a whole number above zero."""
    units = amount.minor_units
    if type(units) is not int or not 0 < units <= AMOUNT_MINOR_MAX:
        raise AmountRefused("an amount is a whole number of minor units above zero, of at most twelve digits")
    return units
