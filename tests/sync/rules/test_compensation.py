"""What a damaged or lost item costs; the worked examples are those of the guide (test_fees_guide.py)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.entries import FeeKind, Money
from sync.rules.amounts import AMOUNT_MINOR_MAX, BadAmount, BadRule, CurrencyDiffers
from sync.rules.compensation import (
    LOSS,
    PEN,
    PENCIL,
    CompensationBound,
    CompensationRule,
    HarmedItem,
    HarmTerms,
    HarmUnknown,
    PriceUnknown,
    compensation,
    usual_rule,
)

PRICE = Money(3_500, "CNY")
FACTORS = st.fractions(0, 100, max_denominator=10_000)
PRICES = st.integers(1, 10**8)


@pytest.mark.parametrize(
    ("harm", "is_set_price", "owed", "may_replace", "kind"),
    [
        (PENCIL, False, 3_500, False, FeeKind.DAMAGE),
        (PEN, False, 7_000, True, FeeKind.DAMAGE),
        (LOSS, False, 7_000, False, FeeKind.LOSS),
        (PENCIL, True, 3_500, False, FeeKind.DAMAGE),
        (PEN, True, 3_500, True, FeeKind.DAMAGE),
        (LOSS, True, 3_500, False, FeeKind.LOSS),
    ],
)
def test_the_duty_list_is_kept_to_the_letter(
    harm: str, is_set_price: bool, owed: int, may_replace: bool, kind: FeeKind
) -> None:
    """Pencil: the price.  Pen: twice, or the same book.  Loss: twice.  A volume of a set priced as a set: the set."""
    found = compensation(HarmedItem(PRICE, is_set_price), harm, usual_rule("CNY"))

    assert (found.amount, found.may_replace, found.fee_kind) == (Money(owed, "CNY"), may_replace, kind)
    assert (found.price, found.bound) == (PRICE, None)


@given(price=PRICES, factor=FACTORS, set_factor=FACTORS, of_set=st.booleans())
def test_the_amount_is_the_exact_product_rounded_once(
    price: int, factor: Fraction, set_factor: Fraction, of_set: bool
) -> None:
    """Without bounds the amount is at most half a minor unit from factor times price, and up where that is even."""
    rule = CompensationRule("CNY", {"torn": HarmTerms(factor, set_factor)})

    found = compensation(HarmedItem(Money(price, "CNY"), of_set), "torn", rule)

    exact = (set_factor if of_set else factor) * price
    assert -Fraction(1, 2) <= exact - found.amount.minor_units < Fraction(1, 2)
    assert found.factor == (set_factor if of_set else factor)


@given(price=PRICES, dearer=PRICES, factor=FACTORS, minimum=st.integers(0, 10**6), room=st.integers(0, 10**6))
def test_minimum_and_cap_hold_and_a_dearer_book_never_costs_less(
    price: int, dearer: int, factor: Fraction, minimum: int, room: int
) -> None:
    """The amount lies between minimum and cap, names the bound that changed it, and grows with the price."""
    terms = HarmTerms(factor, minimum_minor=minimum, cap_minor=minimum + room)
    rule = CompensationRule("CNY", {"torn": terms})

    found = compensation(HarmedItem(Money(price, "CNY")), "torn", rule)
    more = compensation(HarmedItem(Money(price + dearer, "CNY")), "torn", rule)

    assert minimum <= found.amount.minor_units <= minimum + room
    assert found.amount <= more.amount
    if found.bound is CompensationBound.MINIMUM:
        assert found.amount.minor_units == minimum
    elif found.bound is CompensationBound.CAP:
        assert found.amount.minor_units == minimum + room


def test_a_bound_is_named_only_where_it_changed_the_amount() -> None:
    """A price that is the minimum or the cap by itself was neither raised nor lowered."""
    rule = CompensationRule("CNY", {"torn": HarmTerms(Fraction(1), minimum_minor=500, cap_minor=900)})

    found = {
        units: compensation(HarmedItem(Money(units, "CNY")), "torn", rule) for units in (499, 500, 900, 901)
    }

    assert {units: one.amount.minor_units for units, one in found.items()} == {
        499: 500,
        500: 500,
        900: 900,
        901: 900,
    }
    assert [one.bound for one in found.values()] == [
        CompensationBound.MINIMUM,
        None,
        None,
        CompensationBound.CAP,
    ]


def test_the_largest_sum_of_all_can_be_owed() -> None:
    """An amount of twelve nines is still one."""
    largest = Money(AMOUNT_MINOR_MAX, "CNY")

    assert compensation(HarmedItem(largest), PENCIL, usual_rule("CNY")).amount == largest


def test_a_harm_of_the_librarys_own_can_have_a_fixed_sum() -> None:
    """A factor of 0 with a minimum is a fixed sum, such as two yuan for a torn label."""
    rule = CompensationRule("CNY", {"label": HarmTerms(Fraction(0), Fraction(0), minimum_minor=200)})

    assert compensation(HarmedItem(PRICE), "label", rule).amount == Money(200, "CNY")


def test_a_harm_nobody_has_set_is_not_guessed() -> None:
    """A harm without terms is refused, and the refusal lists those there are."""
    with pytest.raises(HarmUnknown, match=r"'water'; known are: loss, pen, pencil"):
        compensation(HarmedItem(PRICE), "water", usual_rule("CNY"))


@pytest.mark.parametrize("price", [None, Money(0, "CNY")])
def test_a_book_without_a_price_waits_for_staff(price: Money | None) -> None:
    """A lost book whose price is unknown or zero is neither free nor charged by guess."""
    with pytest.raises(PriceUnknown, match="staff"):
        compensation(HarmedItem(price), LOSS, usual_rule("CNY"))


@pytest.mark.parametrize(
    ("price", "error"),
    [
        (Money(3_500, "EUR"), CurrencyDiffers),
        (Money(-3_500, "CNY"), BadAmount),
        (Money(AMOUNT_MINOR_MAX + 1, "CNY"), BadAmount),
        (Money(AMOUNT_MINOR_MAX, "CNY"), BadAmount),
    ],
)
def test_a_price_that_cannot_be_is_refused(price: Money, error: type[Exception]) -> None:
    """Another currency, a negative price, an absurd one, and one whose double is absurd give no amount."""
    with pytest.raises(error):
        compensation(HarmedItem(price), LOSS, usual_rule("CNY"))


WRONG: list[dict[str, Any]] = [
    {"factor": 2.0},
    {"factor": Fraction(-1)},
    {"factor": Fraction(2), "set_factor": 1.5},
    {"factor": Fraction(2), "minimum_minor": -1},
    {"factor": Fraction(2), "minimum_minor": 500, "cap_minor": 499},
    {"factor": Fraction(2), "fee_kind": FeeKind.OVERDUE},
]


@pytest.mark.parametrize("settings", WRONG)
def test_terms_that_cannot_be_are_refused(settings: dict[str, Any]) -> None:
    """A float for a factor, a cap below the minimum and a fee of another kind are refused when they are set."""
    with pytest.raises(BadRule):
        HarmTerms(**settings)


def test_a_harm_has_a_code_and_a_rule_a_currency() -> None:
    """A kind of harm is named by a code for machines, and a rule has the library's currency."""
    with pytest.raises(BadRule, match="code"):
        CompensationRule("CNY", {"Torn page!": HarmTerms(Fraction(1))})
    with pytest.raises(BadRule, match="currency"):
        usual_rule("¥")
