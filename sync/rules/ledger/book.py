"""The ledger itself: a value that grows by one transaction at a time, and refuses what does not follow from it.

What always holds, whatever was posted:

- the sum over all accounts is zero;
- of each fee no more is waived than was charged, and no more given back than was paid;
- a fee is settled at most once: it is below zero only after its charge was countered;
- a deposit is never given out twice.

`post` may be told the same transaction again; it counts once.  It costs as much as there are transactions, so a ledger
is usually the part of one patron: all transactions of theirs, in the order they were booked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never, final

from sync.entries import FeeKind, ItemId, Money, PatronId
from sync.rules.amounts import check_currency
from sync.rules.ledger.accounts import Account, DepositAccount, Income, PatronAccount
from sync.rules.ledger.errors import (
    CannotCounter,
    CurrencyRefused,
    Malformed,
    NotInCredit,
    Overpaid,
    ReferenceTaken,
    ReferenceUnknown,
)
from sync.rules.ledger.transactions import Kind, Leg, Transaction, negated


@dataclass(frozen=True, slots=True)
class Fee:
    """How one fee stands.  *charged_minor* is zero once its charge was countered; the rest is net of corrections."""

    reference: str
    patron: PatronId
    kind: FeeKind
    item: ItemId | None
    charged_on: date
    currency: str
    charged_minor: int
    paid_minor: int = 0
    waived_minor: int = 0
    refunded_minor: int = 0

    @property
    def open_minor(self) -> int:
        """What is still owed of it; below zero the library owes it to the patron."""
        return self.charged_minor - self.paid_minor - self.waived_minor + self.refunded_minor

    @property
    def owed(self) -> Money:
        """`open_minor` as money."""
        return Money(self.open_minor, self.currency)


@final
@dataclass(frozen=True, slots=True)
class Ledger:
    """All *transactions* posted so far, in *currency*.  Begin with `Ledger("CNY")` or `Ledger.of`.

    Two are equal that hold the same transactions.
    """

    currency: str
    _by_reference: Mapping[str, Transaction] = field(default_factory=dict)
    _fees: Mapping[str, Fee] = field(default_factory=dict, compare=False)
    _balances: Mapping[Account, int] = field(default_factory=dict, compare=False)
    _countered: frozenset[str] = field(default=frozenset(), compare=False)

    def __post_init__(self) -> None:
        check_currency(self.currency)

    @classmethod
    def of(cls, currency: str, transactions: Iterable[Transaction]) -> Ledger:
        """The ledger after *transactions*, posted in their order.  Raises `LedgerError`."""
        ledger = cls(currency)
        for transaction in transactions:
            ledger = ledger.post(transaction)
        return ledger

    @property
    def transactions(self) -> tuple[Transaction, ...]:
        """Everything posted, in order."""
        return tuple(self._by_reference.values())

    def post(self, transaction: Transaction) -> Ledger:
        """The ledger with *transaction*; this one, when it has exactly that already.

        Raises `CurrencyRefused`, `ReferenceTaken`, `ReferenceUnknown`, `Overpaid`, `NotInCredit`, `CannotCounter`.
        """
        if transaction.currency != self.currency:
            raise CurrencyRefused(f"the ledger is in {self.currency}, not in {transaction.currency}")
        known = self._by_reference.get(transaction.reference)
        if known == transaction:
            return self
        if known is not None:
            raise ReferenceTaken(f"{transaction.reference} is another transaction")
        self._check_counters(transaction)
        fees = dict(self._fees)
        balances = dict(self._balances)
        for leg in transaction.legs:
            balances[leg.account] = balances.get(leg.account, 0) + leg.minor_units
            if isinstance(leg.account, DepositAccount) and balances[leg.account] > 0:
                raise NotInCredit("the deposit is smaller than what would be taken out of it")
            if isinstance(leg.account, PatronAccount):
                fees[leg.fee] = self._fee_after(transaction, leg, leg.account.patron)
        countered = self._countered
        if transaction.counters is not None:
            countered |= {transaction.counters.reference}
        return Ledger(
            self.currency,
            {**self._by_reference, transaction.reference: transaction},
            fees,
            balances,
            countered,
        )

    def _check_counters(self, transaction: Transaction) -> None:
        if transaction.counters is None:
            return
        reference = transaction.counters.reference
        original = self._by_reference.get(reference)
        if original is None:
            raise ReferenceUnknown(f"there is no transaction {reference} to counter")
        if original.kind is not transaction.counters.kind or transaction.legs != negated(original.legs):
            raise CannotCounter(f"{transaction.reference} is not the reverse of {reference}")
        if reference in self._countered:
            raise CannotCounter(f"{reference} was countered already")

    def _fee_after(self, transaction: Transaction, leg: Leg, patron: PatronId) -> Fee:
        """How the fee of *leg* stands after it.  Raises what `post` raises."""
        before = self._fees.get(leg.fee)
        if before is None and transaction.kind is Kind.CHARGE:
            return _new_fee(transaction, leg, patron)
        if before is None or before.patron != patron or before.item != leg.item:
            raise ReferenceUnknown(f"this patron has no such fee {leg.fee} for that item")
        after = _moved(before, transaction, leg.minor_units)
        if transaction.counters is not None:
            if after.refunded_minor > after.paid_minor:
                raise CannotCounter(f"counter what was given back of {leg.fee} first")
            if after.waived_minor > after.charged_minor:
                raise CannotCounter(f"counter what was waived of {leg.fee} first")
        elif transaction.kind is Kind.REFUND:
            if after.open_minor > 0 or after.refunded_minor > after.paid_minor:
                raise NotInCredit(f"{leg.fee} has {max(0, -before.open_minor)} to give back")
        elif after.open_minor < 0:
            raise Overpaid(f"of {leg.fee} {max(0, before.open_minor)} is owed, not {-leg.minor_units}")
        return after

    def balance(self, account: Account) -> Money:
        """The sum of all legs on *account*; of a patron: what they owe, below zero what they are owed."""
        return Money(self._balances.get(account, 0), self.currency)

    def accounts(self) -> tuple[Account, ...]:
        """Every account that money ever moved on."""
        return tuple(self._balances)

    def fees(self, patron: PatronId) -> tuple[Fee, ...]:
        """Every fee *patron* was ever charged, oldest first; of one day in the order they were posted."""
        found = [fee for fee in self._fees.values() if fee.patron == patron]
        return tuple(sorted(found, key=lambda fee: fee.charged_on))

    def open_fees(self, patron: PatronId) -> tuple[Fee, ...]:
        """What *patron* still owes, oldest first."""
        return tuple(fee for fee in self.fees(patron) if fee.open_minor > 0)

    def credits(self, patron: PatronId) -> tuple[Fee, ...]:
        """The fees that were paid and are not owed any more: what *patron* can have back."""
        return tuple(fee for fee in self.fees(patron) if fee.open_minor < 0)


def _new_fee(transaction: Transaction, leg: Leg, patron: PatronId) -> Fee:
    (kind,) = [other.account.kind for other in transaction.legs if isinstance(other.account, Income)]
    booked_on = transaction.origin.booked_on
    return Fee(leg.fee, patron, kind, leg.item, booked_on, transaction.currency, leg.minor_units)


def _moved(fee: Fee, transaction: Transaction, minor_units: int) -> Fee:
    """*fee* after a leg of *minor_units*, counted under the kind that the transaction has or takes back."""
    kind = transaction.kind if transaction.counters is None else transaction.counters.kind
    match kind:
        case Kind.CHARGE:
            return replace(fee, charged_minor=fee.charged_minor + minor_units)
        case Kind.PAYMENT:
            return replace(fee, paid_minor=fee.paid_minor - minor_units)
        case Kind.WAIVER:
            return replace(fee, waived_minor=fee.waived_minor - minor_units)
        case Kind.REFUND:
            return replace(fee, refunded_minor=fee.refunded_minor + minor_units)
        case Kind.DEPOSIT | Kind.CORRECTION:
            raise Malformed(f"a {kind.value} is not about a fee")
        case _:
            assert_never(kind)
