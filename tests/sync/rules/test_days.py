"""Counting open days."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sync.rules.days import first_open_day_until, open_days
from sync.rules.terms import Calendar

DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))
CALENDARS = st.builds(
    Calendar,
    weekdays=st.frozensets(st.integers(0, 6)),
    days=st.frozensets(DAYS, max_size=30),
)


def one_by_one(after: date, until: date, calendar: Calendar) -> list[date]:
    days = (after + timedelta(days=n) for n in range(1, (until - after).days + 1))
    return [day for day in days if calendar.is_open(day)]


@given(after=DAYS, until=DAYS, calendar=CALENDARS)
def test_open_days_are_counted_as_one_would_count_them(after: date, until: date, calendar: Calendar) -> None:
    """The reckoned number of open days is what looking at each day gives, for every calendar and both orders."""
    assert open_days(after, until, calendar) == len(one_by_one(after, until, calendar))


@given(day=DAYS, until=DAYS, calendar=CALENDARS)
def test_the_first_open_day_is_found_where_looking_finds_it(
    day: date, until: date, calendar: Calendar
) -> None:
    """The first open day from a day on is the earliest that looking finds, and None when there is none in time."""
    found = one_by_one(day - timedelta(days=1), until, calendar)

    assert first_open_day_until(day, until, calendar) == (found[0] if found else None)


def test_all_days_of_the_calendar_can_be_counted() -> None:
    """From the first to the last day there is, with one closed weekday and one holiday, nothing overflows."""
    calendar = Calendar(frozenset({0}), frozenset({date(2026, 10, 1)}))
    span = (date.max - date.min).days

    assert open_days(date.min, date.max, calendar) == span - span // 7 - 1
    assert first_open_day_until(date.max, date.max, calendar) == date.max
    assert first_open_day_until(date.min, date.max, Calendar(frozenset(range(7)))) is None


def test_a_weekday_that_is_none_closes_nothing() -> None:
    """A calendar with weekday 7, which no week has, closes no day and takes none away."""
    assert open_days(date(2026, 11, 1), date(2026, 11, 15), Calendar(frozenset({7, -1}))) == 14


def test_the_last_day_asked_about_may_be_the_first_open_one() -> None:
    """When the library opens on the very last day that is asked about, that day is found; a day before, none is."""
    closed = Calendar(days=frozenset(date(2026, 10, day) for day in range(1, 8)))

    assert first_open_day_until(date(2026, 10, 3), date(2026, 10, 8), closed) == date(2026, 10, 8)
    assert first_open_day_until(date(2026, 10, 3), date(2026, 10, 7), closed) is None
