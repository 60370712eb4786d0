"""What a late return costs; the worked examples are those of the guide (test_fees_guide.py)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.entries import Money
from sync.rules.amounts import BadAmount, BadRule, CurrencyDiffers, NoDay
from sync.rules.overdue import (
    DAYS_CHARGED_MAX,
    PER_DAY_MINOR_MAX,
    Grace,
    LateLoan,
    OverdueBound,
    OverdueRate,
    OverdueRule,
    days_late,
    first_charged_day,
    overdue_fee,
)
from sync.rules.terms import Calendar

DUE = date(2026, 11, 6)
PLAIN = OverdueRule("CNY", {"book": OverdueRate(10)})

DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
AMOUNTS = st.integers(0, 2_000)
CALENDARS = st.builds(
    Calendar, weekdays=st.frozensets(st.integers(0, 6)), days=st.frozensets(DAYS, max_size=20)
)
RATES = st.builds(
    OverdueRate,
    per_day_minor=AMOUNTS,
    grace_days=st.integers(0, 20),
    grace=st.sampled_from(Grace),
    ceiling_minor=st.none() | AMOUNTS,
    is_capped_at_price=st.booleans(),
)
RULES = st.builds(
    OverdueRule, st.just("CNY"), st.fixed_dictionaries({"book": RATES}), closed_days_count=st.booleans()
)
PRICES = st.none() | st.builds(Money, AMOUNTS, st.just("CNY"))
LOANS = st.builds(LateLoan, st.just("book"), DAYS, PRICES)


@given(loan=LOANS, back=DAYS, later=st.integers(0, 400), rule=RULES, calendar=CALENDARS)
def test_coming_later_never_costs_less(
    loan: LateLoan, back: date, later: int, rule: OverdueRule, calendar: Calendar
) -> None:
    """Whatever the settings and the calendar, the fee is never negative and does not sink from day to day."""
    fee = overdue_fee(loan, back, rule, calendar)
    fee_later = overdue_fee(loan, back + timedelta(days=later), rule, calendar)

    assert 0 <= fee.amount.minor_units <= fee_later.amount.minor_units
    assert fee.days_late <= fee_later.days_late
    assert fee.amount.currency == "CNY"


@given(loan=LOANS, back=DAYS, rule=RULES, calendar=CALENDARS)
def test_nothing_is_owed_for_what_is_in_time(
    loan: LateLoan, back: date, rule: OverdueRule, calendar: Calendar
) -> None:
    """A return up to the due day is free, and so is one up to the first day on which the library was open again."""
    fee = overdue_fee(loan, back, rule, calendar)
    open_meanwhile = any(
        calendar.is_open(loan.due_on + timedelta(days=n)) for n in range((back - loan.due_on).days)
    )

    if back <= loan.due_on or not open_meanwhile:
        assert fee.amount.minor_units == 0
        assert fee.days_late == 0


@given(loan=LOANS, back=DAYS, rule=RULES, calendar=CALENDARS)
def test_no_ceiling_is_ever_passed(loan: LateLoan, back: date, rule: OverdueRule, calendar: Calendar) -> None:
    """A fee is the charged days times the rate, or exactly the ceiling that it names as the one that held."""
    fee = overdue_fee(loan, back, rule, calendar)
    rate = rule.rate("book")
    price = loan.price.minor_units if loan.price is not None and rate.is_capped_at_price else 0
    held = {
        None: fee.days_charged * rate.per_day_minor,
        OverdueBound.DAYS: DAYS_CHARGED_MAX * rate.per_day_minor,
        OverdueBound.CEILING: rate.ceiling_minor,
        OverdueBound.PRICE: price,
    }

    assert fee.amount.minor_units == held[fee.bound]
    if rate.ceiling_minor is not None:
        assert fee.amount.minor_units <= rate.ceiling_minor
    if price:
        assert fee.amount.minor_units <= price


@given(loan=LOANS, back=DAYS, rule=RULES, calendar=CALENDARS, seed=st.randoms())
def test_how_a_calendar_is_written_changes_nothing(
    loan: LateLoan, back: date, rule: OverdueRule, calendar: Calendar, seed: Random
) -> None:
    """Closed days in any order, and a weekday written out as all its dates, give the same fee."""
    every_day = [date(2026, 1, 1) + timedelta(days=n) for n in range(2 * 365)]
    written_out = [day for day in every_day if not calendar.is_open(day)]
    seed.shuffle(written_out)

    fee = overdue_fee(loan, back, rule, calendar)
    assert overdue_fee(loan, back, rule, Calendar(days=frozenset(written_out))) == fee


@given(loan=LOANS, back=DAYS, rate=RATES, calendar=CALENDARS, holiday=DAYS)
def test_one_more_closed_day_never_costs_more(
    loan: LateLoan, back: date, rate: OverdueRate, calendar: Calendar, holiday: date
) -> None:
    """Closing on another day makes no fee higher, and counting closed days makes none lower."""
    free, counted = (
        OverdueRule("CNY", {"book": rate}),
        OverdueRule("CNY", {"book": rate}, closed_days_count=True),
    )
    shorter = Calendar(calendar.weekdays, calendar.days | {holiday})

    assert overdue_fee(loan, back, free, shorter).amount <= overdue_fee(loan, back, free, calendar).amount
    assert overdue_fee(loan, back, free, calendar).amount <= overdue_fee(loan, back, counted, calendar).amount


@given(loan=LOANS, rule=RULES, calendar=CALENDARS)
def test_the_first_charged_day_is_where_costs_begin(
    loan: LateLoan, rule: OverdueRule, calendar: Calendar
) -> None:
    """On the first charged day a return costs something and on the day before nothing; without one it never does."""
    first = first_charged_day(loan, rule, calendar)
    last = first - timedelta(days=1) if first else loan.due_on + timedelta(days=DAYS_CHARGED_MAX)

    assert overdue_fee(loan, last, rule, calendar).amount.minor_units == 0
    if first is not None:
        assert overdue_fee(loan, first, rule, calendar).amount.minor_units > 0


def test_the_reader_is_told_until_when_it_is_free() -> None:
    """With three days of grace and Mondays closed, a book due on Friday costs from Wednesday on."""
    rule = OverdueRule("CNY", {"book": OverdueRate(10, grace_days=3)})

    assert first_charged_day(LateLoan("book", DUE), rule, Calendar(frozenset({0}))) == date(2026, 11, 11)


def test_the_last_day_of_the_calendar_can_be_the_first_that_costs() -> None:
    """A book due on the last day but one costs from the last day there is."""
    yesterday = date.max - timedelta(days=1)

    assert first_charged_day(LateLoan("book", yesterday), PLAIN, Calendar()) == date.max


def test_a_fee_that_just_reaches_its_ceiling_was_not_held_by_it() -> None:
    """A ceiling is named only where it made the fee smaller."""
    rule = OverdueRule("CNY", {"book": OverdueRate(10, ceiling_minor=20)})

    fees = [overdue_fee(LateLoan("book", DUE), DUE + timedelta(days=n), rule, Calendar()) for n in (2, 3)]

    assert [fee.amount.minor_units for fee in fees] == [20, 20]
    assert [fee.bound for fee in fees] == [None, OverdueBound.CEILING]


def test_each_item_type_has_its_own_rate() -> None:
    """A film costs its own rate, and a type without one what is set for all others."""
    rule = OverdueRule("CNY", {"film": OverdueRate(100)}, otherwise=OverdueRate(20))
    back = DUE + timedelta(days=2)

    assert overdue_fee(LateLoan("film", DUE), back, rule, Calendar()).amount == Money(200, "CNY")
    assert overdue_fee(LateLoan("map", DUE), back, rule, Calendar()).amount == Money(40, "CNY")
    assert overdue_fee(LateLoan("map", DUE), back, PLAIN, Calendar()).amount == Money(0, "CNY")


@pytest.mark.parametrize("price", [None, Money(0, "CNY")])
def test_an_unknown_price_is_no_ceiling(price: Money | None) -> None:
    """Where the price is unknown or zero the fee grows to the other ceilings alone: it is not free."""
    rule = OverdueRule("CNY", {"book": OverdueRate(10, is_capped_at_price=True)})

    fee = overdue_fee(LateLoan("book", DUE, price), DUE + timedelta(days=9), rule, Calendar())

    assert (fee.amount, fee.bound) == (Money(90, "CNY"), None)


def test_a_date_of_another_age_charges_ten_years_at_most() -> None:
    """A due date in the year 1 and a return in 9999 give a sum that can be booked, and it says why it is so."""
    dearest = OverdueRule("CNY", {"book": OverdueRate(PER_DAY_MINOR_MAX)})

    fee = overdue_fee(LateLoan("book", date.min), date.max, dearest, Calendar())

    assert fee.amount.minor_units == DAYS_CHARGED_MAX * PER_DAY_MINOR_MAX < 10**12
    assert fee.bound is OverdueBound.DAYS
    assert overdue_fee(LateLoan("book", date.max), date.min, dearest, Calendar()).amount.minor_units == 0
    assert first_charged_day(LateLoan("book", date.max), dearest, Calendar()) is None


def test_a_library_that_never_opened_charges_nobody() -> None:
    """While the library stayed closed from the due day on, nothing is owed, whether closed days count or not."""
    never = Calendar(frozenset(range(7)))

    for counts in (True, False):
        assert days_late(DUE, date.max, never, closed_days_count=counts) == 0


@pytest.mark.parametrize(
    ("price", "error"),
    [
        (Money(100, "EUR"), CurrencyDiffers),
        (Money(-1, "CNY"), BadAmount),
        (Money(10**12, "CNY"), BadAmount),
    ],
)
def test_a_price_that_cannot_be_is_refused(price: Money, error: type[Exception]) -> None:
    """Another currency, a negative price and an absurd one are refused, even where nothing is owed."""
    with pytest.raises(error):
        overdue_fee(LateLoan("book", DUE, price), DUE, PLAIN, Calendar())


MOMENT: Any = datetime(2026, 11, 9, 23, 30, tzinfo=UTC)


def test_a_moment_is_not_guessed_into_a_day() -> None:
    """A moment in place of a day is refused: in Shanghai half past eleven in London is tomorrow."""
    with pytest.raises(NoDay):
        overdue_fee(LateLoan("book", DUE), MOMENT, PLAIN, Calendar())
    with pytest.raises(NoDay):
        overdue_fee(LateLoan("book", MOMENT), DUE, PLAIN, Calendar())
    with pytest.raises(NoDay):
        first_charged_day(LateLoan("book", MOMENT), PLAIN, Calendar())


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"per_day_minor": -1}, "per_day"),
    ({"per_day_minor": 0.1}, "per_day"),
    ({"per_day_minor": PER_DAY_MINOR_MAX + 1}, "per_day"),
    ({"per_day_minor": 10, "grace_days": -1}, "grace_days"),
    ({"per_day_minor": 10, "grace_days": 367}, "grace_days"),
    ({"per_day_minor": 10, "grace": "forgives"}, "grace must be one of"),
    ({"per_day_minor": 10, "ceiling_minor": -5}, "ceiling"),
]


@pytest.mark.parametrize(("settings", "name"), WRONG)
def test_a_rate_that_cannot_be_is_refused_by_name(settings: dict[str, Any], name: str) -> None:
    """A setting that nobody can reckon with is refused when it is set, with its name."""
    with pytest.raises(BadRule, match=name):
        OverdueRate(**settings)


def test_a_rule_without_a_currency_is_refused() -> None:
    """A rule has the library's currency or is none."""
    with pytest.raises(BadRule, match="currency"):
        OverdueRule("yuan")
