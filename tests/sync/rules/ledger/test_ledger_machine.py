"""Any sequence of bookings leaves the ledger balanced, every fee settled at most once, and every refusal without a
trace.
"""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sync.entries import FeeKind, Money, PatronId
from sync.rules.ledger import (
    DepositAccount,
    Ledger,
    LedgerError,
    PatronAccount,
    Till,
    Transaction,
    charge,
    close_day,
    counter,
    deposit,
    deposit_refund,
    payment,
    payment_from_deposit,
    refund,
    share_out,
    shares_to_give_back,
    waiver,
)
from sync.rules.ledger.bookings import Share
from tests.kit.effort import effort
from tests.sync.rules.ledger.samples import BOOK, DAY, OTHER, PATRON, origin

PATRONS = st.sampled_from((PATRON, OTHER))
UNITS = st.integers(1, 1_000)
TILLS = st.sampled_from(Till)
NUMBERS = st.integers(0, 60)


class DaysOfALedger(RuleBasedStateMachine):
    """Two readers and all kinds of bookings, right and wrong ones; what the tills hold is counted beside."""

    @initialize()
    def begin(self) -> None:
        self.ledger = Ledger("CNY")
        self.number = 0
        self.cash = dict.fromkeys(Till, 0)

    def book(self, make: Callable[[str], Transaction]) -> Transaction | None:
        """Post what *make* makes; None when it was refused, which must leave nothing behind."""
        self.number += 1
        before, accounts = self.ledger, {one: self.ledger.balance(one) for one in self.ledger.accounts()}
        try:
            transaction = make(f"T{self.number}")
            self.ledger = self.ledger.post(transaction)
        except LedgerError:
            assert self.ledger is before
            assert accounts == {one: before.balance(one) for one in before.accounts()}
            return None
        for leg in transaction.legs:
            if isinstance(leg.account, Till):
                self.cash[leg.account] += leg.minor_units
        return transaction

    def some_share(self, number: int, units: int) -> tuple[PatronId, list[Share]]:
        """So much of any fee that was ever charged, of whichever reader; of one that never was while there is none."""
        fees = [fee for patron in (PATRON, OTHER) for fee in self.ledger.fees(patron)]
        if not fees:
            return PATRON, [Share("T0", Money(units, "CNY"), BOOK)]
        fee = fees[number % len(fees)]
        return fee.patron, [Share(fee.reference, Money(units, "CNY"), BOOK)]

    @rule(patron=PATRONS, units=UNITS, kind=st.sampled_from(FeeKind))
    def charges(self, patron: PatronId, units: int, kind: FeeKind) -> None:
        assert self.book(lambda ref: charge(origin(ref), patron, kind, Money(units, "CNY"), BOOK)) is not None

    @rule(patron=PATRONS, units=UNITS, till=TILLS)
    def pays_oldest_first(self, patron: PatronId, units: int, till: Till) -> None:
        fees = self.ledger.open_fees(patron)
        total = sum(fee.open_minor for fee in fees)
        made = self.book(lambda ref: payment(origin(ref), patron, share_out(fees, Money(units, "CNY")), till))
        assert (made is not None) == (units <= total)

    @rule(number=NUMBERS, units=UNITS, till=TILLS)
    def pays_some_fee(self, number: int, units: int, till: Till) -> None:
        patron, shares = self.some_share(number, units)
        self.book(lambda ref: payment(origin(ref), patron, shares, till))

    @rule(number=NUMBERS, units=UNITS)
    def is_let_off(self, number: int, units: int) -> None:
        patron, shares = self.some_share(number, units)
        self.book(lambda ref: waiver(origin(ref), patron, shares))

    @rule(number=NUMBERS, units=UNITS)
    def pays_from_deposit(self, number: int, units: int) -> None:
        patron, shares = self.some_share(number, units)
        self.book(lambda ref: payment_from_deposit(origin(ref), patron, shares))

    @rule(patron=PATRONS, units=UNITS, till=TILLS)
    def leaves_a_deposit(self, patron: PatronId, units: int, till: Till) -> None:
        assert self.book(lambda ref: deposit(origin(ref), patron, Money(units, "CNY"), till)) is not None

    @rule(patron=PATRONS, units=UNITS, till=TILLS)
    def wants_the_deposit_back(self, patron: PatronId, units: int, till: Till) -> None:
        held = -self.ledger.balance(DepositAccount(patron)).minor_units
        made = self.book(lambda ref: deposit_refund(origin(ref), patron, Money(units, "CNY"), till))
        assert (made is not None) == (units <= held)

    @rule(patron=PATRONS, till=TILLS)
    def wants_back_what_is_not_owed(self, patron: PatronId, till: Till) -> None:
        shares = shares_to_give_back(self.ledger.credits(patron))
        made = self.book(lambda ref: refund(origin(ref), patron, shares, till))
        assert (made is not None) == bool(shares)
        assert self.ledger.credits(patron) == ()

    @rule(number=NUMBERS)
    def counters(self, number: int) -> None:
        if not self.ledger.transactions:
            return
        chosen = self.ledger.transactions[number % len(self.ledger.transactions)]
        before = {leg.account: self.ledger.balance(leg.account).minor_units for leg in chosen.legs}
        if self.book(lambda ref: counter(chosen, origin(ref))) is None:
            return
        moved = dict.fromkeys(before, 0)
        for leg in chosen.legs:
            moved[leg.account] += leg.minor_units
        for account, units in before.items():
            assert self.ledger.balance(account).minor_units == units - moved[account]

    @rule()
    def hears_everything_again(self) -> None:
        again = self.ledger
        for transaction in self.ledger.transactions:
            again = again.post(transaction)
        assert again is self.ledger

    @invariant()
    def every_transaction_and_all_accounts_sum_to_zero(self) -> None:
        assert sum(self.ledger.balance(one).minor_units for one in self.ledger.accounts()) == 0
        for transaction in self.ledger.transactions:
            assert sum(leg.minor_units for leg in transaction.legs) == 0

    @invariant()
    def no_fee_is_settled_twice_and_no_money_is_made(self) -> None:
        for patron in (PATRON, OTHER):
            fees = self.ledger.fees(patron)
            owed = sum(fee.open_minor for fee in fees)
            assert owed == self.ledger.balance(PatronAccount(patron)).minor_units
            assert self.ledger.balance(DepositAccount(patron)).minor_units <= 0
            for fee in fees:
                assert 0 <= fee.refunded_minor <= fee.paid_minor
                assert 0 <= fee.waived_minor <= fee.charged_minor
                assert fee.open_minor <= fee.charged_minor
                assert fee.open_minor >= 0 or fee.charged_minor == 0

    @invariant()
    def the_till_holds_what_was_taken(self) -> None:
        closing = close_day(self.ledger.transactions, DAY, "CNY")
        nets = {figures.name: figures.net_minor for figures in closing.accounts}
        assert sum(nets.values()) == 0
        for till, units in self.cash.items():
            assert self.ledger.balance(till).minor_units == nets[f"till:{till.value}"] == units

    @invariant()
    def a_ledger_made_from_its_transactions_is_the_same(self) -> None:
        again = Ledger.of("CNY", self.ledger.transactions)
        assert again == self.ledger
        assert all(again.fees(patron) == self.ledger.fees(patron) for patron in (PATRON, OTHER))


TestDaysOfALedger = DaysOfALedger.TestCase
TestDaysOfALedger.settings = settings(max_examples=effort(150), stateful_step_count=30, deadline=None)
