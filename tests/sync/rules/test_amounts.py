"""What a sum, a factor and a day have to be."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.entries import Money
from sync.rules.amounts import (
    AMOUNT_MINOR_MAX,
    BadAmount,
    BadRule,
    CurrencyDiffers,
    NoDay,
    check_currency,
    check_day,
    check_factor,
    check_whole,
    minor_in,
    read_factor,
    round_half_up,
)


@pytest.mark.parametrize(
    ("text", "factor"),
    [
        ("2", Fraction(2)),
        ("3/2", Fraction(3, 2)),
        ("1.5", Fraction(3, 2)),
        (" 0.1 ", Fraction(1, 10)),
        ("0", Fraction(0)),
        ("100", Fraction(100)),
        ("4/6", Fraction(2, 3)),
    ],
)
def test_a_factor_is_read_exactly(text: str, factor: Fraction) -> None:
    """A whole number, a fraction and a decimal are each read as what they say, without a float between."""
    assert read_factor(text) == factor


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1/0",
        "-1",
        "101",
        "1e2",
        "1,5",
        "1/2/3",
        "0.00001",
        "1.",
        ".5",
        "twice",
        "٣",
        "1" * 400,
        "1/99999",
    ],
)
def test_a_factor_that_cannot_be_is_refused(text: str) -> None:
    """What is no factor from 0 to 100 is refused with a sentence that shows how one is written."""
    with pytest.raises(BadRule, match="factor"):
        read_factor(text)


@given(st.fractions(min_value=0, max_value=10**9))
def test_rounding_is_half_up(exact: Fraction) -> None:
    """The rounded amount is at most half a unit away, and above rather than below where both are equally near."""
    rounded = round_half_up(exact)

    assert -Fraction(1, 2) <= exact - rounded < Fraction(1, 2)


@pytest.mark.parametrize("value", [1.5, 2, "2", Fraction(-1, 2), Fraction(101), Fraction(1, 10_001), None])
def test_only_an_exact_factor_is_a_setting(value: object) -> None:
    """A float, a text, a negative or a huge factor is no setting."""
    with pytest.raises(BadRule, match="set_factor must be"):
        check_factor(value, "set_factor")


@pytest.mark.parametrize("value", [-1, 11, 1.0, True, "1", None])
def test_only_a_whole_number_in_bounds_is_a_setting(value: object) -> None:
    """A number outside its bounds, a float and a truth value are refused by the setting's name."""
    with pytest.raises(BadRule, match="grace_days must be a whole number from 0 to 10"):
        check_whole(value, "grace_days", 0, 10)


@pytest.mark.parametrize("currency", ["", "cny", "CNYX", "元", "C Y", "CNY\n"])
def test_a_currency_is_three_capital_letters(currency: str) -> None:
    """What is no ISO 4217 code cannot be a library's currency."""
    with pytest.raises(BadRule, match="ISO 4217"):
        check_currency(currency)


UNSOUND: list[Any] = [-1, 1.5, True, "100", None, AMOUNT_MINOR_MAX + 1]


@pytest.mark.parametrize("units", UNSOUND)
def test_a_sum_that_cannot_be_is_refused(units: Any) -> None:
    """Negative, absurd, broken and unreadable amounts are refused, and the refusal does not repeat them."""
    with pytest.raises(BadAmount, match="an amount"):
        minor_in(Money(units, "CNY"), "CNY")


def test_another_currency_is_never_converted() -> None:
    """An amount of another currency is refused, even of nothing."""
    with pytest.raises(CurrencyDiffers, match="in CNY, not in 'EUR'"):
        minor_in(Money(0, "EUR"), "CNY")
    assert minor_in(Money(AMOUNT_MINOR_MAX, "CNY"), "CNY") == AMOUNT_MINOR_MAX


NO_DAYS: list[Any] = [datetime(2026, 5, 1, 12, tzinfo=UTC), "2026-05-01", 20260501, None]


@pytest.mark.parametrize("value", NO_DAYS)
def test_a_moment_is_no_day(value: Any) -> None:
    """A moment, a text and a number are refused where a day of the library is wanted."""
    with pytest.raises(NoDay, match="not a moment"):
        check_day(value)
    check_day(date(2026, 5, 1))
