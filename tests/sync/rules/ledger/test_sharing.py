"""Which fees a payment settles."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.entries import Money
from sync.rules.ledger import (
    AmountRefused,
    CurrencyRefused,
    NotAsChosen,
    Overpaid,
    ReferenceUnknown,
    Till,
    counter,
    payment,
    share_out,
    shares_to_give_back,
)
from tests.sync.rules.ledger.samples import PATRON, origin, owing, share

OWED = st.lists(st.integers(1, 5_000), max_size=8)


@given(owed=OWED, units=st.integers(1, 20_000))
def test_the_oldest_fees_are_settled_first_and_none_beyond_itself(owed: list[int], units: int) -> None:
    """Shares sum to the amount, none is more than its fee, and only the last fee may stay open in part."""
    fees = owing(*owed).open_fees(PATRON)
    if units > sum(owed):
        with pytest.raises(Overpaid, match="change is not given"):
            share_out(fees, Money(units, "CNY"))
        return

    shares = share_out(fees, Money(units, "CNY"))

    given_to = [one.amount.minor_units for one in shares]
    assert sum(given_to) == units
    assert [one.fee for one in shares] == [f"F{n}" for n in range(1, len(shares) + 1)]
    assert given_to[:-1] == owed[: len(shares) - 1]
    assert 0 < given_to[-1] <= owed[len(shares) - 1]


@given(owed=OWED.filter(bool), data=st.data())
def test_chosen_fees_are_settled_whole_or_not_at_all(owed: list[int], data: st.DataObject) -> None:
    """The chosen fees take exactly their sum, in the order of the account; a unit more or less is refused."""
    fees = owing(*owed).open_fees(PATRON)
    chosen = data.draw(st.lists(st.sampled_from([fee.reference for fee in fees]), min_size=1))
    total = sum(fee.open_minor for fee in fees if fee.reference in chosen)

    shares = share_out(fees, Money(total, "CNY"), chosen)

    assert shares == tuple(share(fee.reference, fee.open_minor) for fee in fees if fee.reference in chosen)
    with pytest.raises(NotAsChosen):
        share_out(fees, Money(total + 1, "CNY"), chosen)
    if total > 1:
        with pytest.raises(NotAsChosen):
            share_out(fees, Money(total - 1, "CNY"), chosen)


def test_a_double_tap_pays_once() -> None:
    """A fee that is chosen twice is settled once."""
    fees = owing(600).open_fees(PATRON)

    assert share_out(fees, Money(600, "CNY"), ["F1", "F1"]) == (share("F1", 600),)


def test_a_chosen_fee_that_is_gone_is_named() -> None:
    """A fee that was settled elsewhere meanwhile stops the payment, with its reference."""
    fees = owing(600).open_fees(PATRON)

    with pytest.raises(ReferenceUnknown, match="nothing is owed for F2, F3"):
        share_out(fees, Money(600, "CNY"), {"F1", "F3", "F2"})

    ledger = owing(600, 100)
    ledger = ledger.post(payment(origin("P1"), PATRON, [share("F1", 600)], Till.QR))
    with pytest.raises(ReferenceUnknown, match="nothing is owed for F1"):
        share_out(ledger.fees(PATRON), Money(100, "CNY"), ["F1", "F2"])


def test_choosing_nothing_pays_nothing() -> None:
    """An empty choice is not "all of them"."""
    with pytest.raises(NotAsChosen, match="come to 0, not to 600"):
        share_out(owing(600).open_fees(PATRON), Money(600, "CNY"), [])


UNSOUND: list[Any] = [0, -600, 0.5, True, None, 10**12]


@pytest.mark.parametrize("units", UNSOUND)
def test_an_amount_that_cannot_be_settles_nothing(units: Any) -> None:
    """Zero, negative, broken and absurd amounts are refused before a fee is looked at."""
    with pytest.raises(AmountRefused):
        share_out(owing(600).open_fees(PATRON), Money(units, "CNY"))


def test_another_currency_settles_nothing() -> None:
    """Six euros do not pay six yuan."""
    with pytest.raises(CurrencyRefused, match="not in EUR"):
        share_out(owing(600).open_fees(PATRON), Money(600, "EUR"))


def test_only_what_was_paid_in_vain_is_given_back() -> None:
    """Of a fee that is owed, one countered unpaid and one countered after it was paid, the last gives back its sum."""
    ledger = owing(600, 100, 250)
    ledger = ledger.post(payment(origin("P1"), PATRON, [share("F3", 200)], Till.QR))
    for number in (1, 2):
        ledger = ledger.post(counter(ledger.transactions[number], origin(f"C{number}")))

    assert shares_to_give_back(ledger.fees(PATRON)) == (share("F3", 200),)
