"""A transaction: legs that sum to zero, and where it came from.  One that could not be is never made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Final

from sync.entries import ItemId
from sync.rules.amounts import AMOUNT_MINOR_MAX, BadRule, NoDay, check_currency, check_day
from sync.rules.ledger.accounts import (
    Account,
    Allowance,
    DepositAccount,
    Income,
    PatronAccount,
    Till,
)
from sync.rules.ledger.errors import AmountRefused, CannotCounter, CurrencyRefused, Malformed, Unbalanced

SELF: Final = "self"
"""The operator of what a reader did alone."""

NAME_LENGTH_MAX: Final = 40
LEGS_MAX: Final = 1_000

_REFERENCE = re.compile(r"[!-{}~]{1,80}")


class Kind(Enum):
    """What a transaction is.  The value is its name for machines."""

    CHARGE = "charge"
    PAYMENT = "payment"
    WAIVER = "waiver"
    DEPOSIT = "deposit"
    REFUND = "refund"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a transaction comes from.  Raises `Malformed`.

    *reference* names it for ever (1 to 80 printable ASCII characters, no blank, no "|"): of an entry of the journal it
    is the whole key.  *booked_on* is the library's day.  *source* is the machine or desk that booked it, *operator* who
    answers for it, or `SELF` (each 1 to 40 printable characters).  *voucher* is what the other side calls a payment:
    the receipt number of a card terminal, the number of a QR payment; never a card's number.
    """

    reference: str
    booked_on: date
    source: str
    operator: str = SELF
    voucher: str = ""

    def __post_init__(self) -> None:
        check_reference(self.reference)
        try:
            check_day(self.booked_on)
        except NoDay as error:
            raise Malformed(str(error)) from None
        for name, text in (("source", self.source), ("operator", self.operator)):
            if not text or len(text) > NAME_LENGTH_MAX or not text.isprintable() or text != text.strip():
                raise Malformed(f"{name} must be a name of 1 to {NAME_LENGTH_MAX} printable characters")
        if self.voucher:
            check_reference(self.voucher)


def check_reference(reference: str) -> None:
    """Raises `Malformed` unless *reference* can name a transaction."""
    if not isinstance(reference, str) or not _REFERENCE.fullmatch(reference):
        raise Malformed("a reference is 1 to 80 printable ASCII characters without blank and |")


@dataclass(frozen=True, slots=True)
class Leg:
    """So many minor units on *account*, never zero.  *fee*: the reference of the charge that a patron's leg is about,
    and *item* what that was charged for; both are empty on every other account.  Raises `AmountRefused`.
    """

    account: Account
    minor_units: int
    fee: str = ""
    item: ItemId | None = None

    def __post_init__(self) -> None:
        units = self.minor_units
        if type(units) is not int or units == 0 or abs(units) > AMOUNT_MINOR_MAX:
            raise AmountRefused("a leg is a whole number of minor units, not zero, of at most twelve digits")


@dataclass(frozen=True, slots=True)
class Countered:
    """The transaction a correction takes back: its *reference*, and the *kind* it was."""

    reference: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Transaction:
    """Legs that belong together and sum to zero.  Never changed: what was wrong is countered.

    *counters* is set for a correction and for nothing else.  Raises `Unbalanced`, `Malformed`, `CannotCounter` for a
    correction of a correction, `CurrencyRefused` for a text that is no currency.
    """

    origin: Origin
    kind: Kind
    currency: str
    legs: tuple[Leg, ...]
    counters: Countered | None = None

    def __post_init__(self) -> None:
        try:
            check_currency(self.currency)
        except BadRule as error:
            raise CurrencyRefused(str(error)) from None
        if not 2 <= len(self.legs) <= LEGS_MAX:
            raise Malformed(f"a transaction has 2 to {LEGS_MAX} legs, not {len(self.legs)}")
        total = sum(leg.minor_units for leg in self.legs)
        if total:
            raise Unbalanced(f"the legs of {self.reference} sum to {total}, not to zero")
        if (self.counters is None) == (self.kind is Kind.CORRECTION):
            raise Malformed("a correction counters a transaction, and nothing else does")
        if self.counters is None:
            _check_form(self.kind, self.legs, self.reference)
        else:
            check_reference(self.counters.reference)
            if self.counters.kind is Kind.CORRECTION:
                raise CannotCounter("a correction is not countered: book anew what was right")
            _check_form(self.counters.kind, negated(self.legs), self.counters.reference)

    @property
    def reference(self) -> str:
        """What names it for ever."""
        return self.origin.reference

    @property
    def volume_minor(self) -> int:
        """How much it moves: the sum of its debits."""
        return sum(leg.minor_units for leg in self.legs if leg.minor_units > 0)


def negated(legs: tuple[Leg, ...]) -> tuple[Leg, ...]:
    """*legs* with every debit a credit and the other way round, in the same order."""
    return tuple(Leg(leg.account, -leg.minor_units, leg.fee, leg.item) for leg in legs)


_Side = tuple[type[PatronAccount | DepositAccount | Till | Income | Allowance], ...]

_FORMS: Final[dict[Kind, tuple[tuple[_Side, _Side], ...]]] = {
    Kind.CHARGE: (((PatronAccount,), (Income,)),),
    Kind.PAYMENT: (((Till, DepositAccount), (PatronAccount,)),),
    Kind.WAIVER: (((Allowance,), (PatronAccount,)),),
    Kind.DEPOSIT: (((Till,), (DepositAccount,)),),
    Kind.REFUND: (((PatronAccount,), (Till,)), ((DepositAccount,), (Till,))),
}
"""Which accounts each kind debits and which it credits."""


def _check_form(kind: Kind, legs: tuple[Leg, ...], reference: str) -> None:
    debits = [leg.account for leg in legs if leg.minor_units > 0]
    credits_ = [leg.account for leg in legs if leg.minor_units < 0]
    for may_debit, may_credit in _FORMS[kind]:
        if all(isinstance(one, may_debit) for one in debits) and all(
            isinstance(one, may_credit) for one in credits_
        ):
            break
    else:
        raise Malformed(f"a {kind.value} does not move money between these accounts")
    persons = {leg.account.patron for leg in legs if isinstance(leg.account, PatronAccount | DepositAccount)}
    if len(persons) != 1:
        raise Malformed("a transaction is about one patron")
    fees = [leg for leg in legs if isinstance(leg.account, PatronAccount)]
    if len(legs) - max(1, len(fees)) != 1 or (kind is Kind.CHARGE and len(fees) != 1):
        raise Malformed(f"a {kind.value} has one leg on the side that is not the patron's")
    for leg in legs:
        if not isinstance(leg.account, PatronAccount) and (leg.fee or leg.item is not None):
            raise Malformed("only a patron's leg is about a fee")
    for leg in fees:
        check_reference(leg.fee)
    if len({leg.fee for leg in fees}) != len(fees):
        raise Malformed("a fee stands in a transaction once")
    if kind is Kind.CHARGE and fees[0].fee != reference:
        raise Malformed("a fee has the reference of the transaction that charged it")
