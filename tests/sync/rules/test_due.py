"""The day an item has to be back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.rules.due import NeverOpen, due_day, due_day_renewed
from sync.rules.terms import Calendar

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
CALENDARS = st.builds(
    Calendar,
    weekdays=st.frozensets(st.integers(0, 6), max_size=6),
    days=st.frozensets(DAYS, max_size=40),
)


@given(lent_on=DAYS, days=st.integers(1, 400), calendar=CALENDARS)
def test_an_item_is_never_due_on_a_closed_day_and_never_early(
    lent_on: date, days: int, calendar: Calendar
) -> None:
    """The due day is the first open day at or after the end of the loan period."""
    due = due_day(lent_on, days, calendar)

    end = lent_on + timedelta(days=days)
    assert calendar.is_open(due)
    assert due >= end
    assert not any(calendar.is_open(end + timedelta(days=n)) for n in range((due - end).days))


def test_a_book_due_at_spring_festival_is_due_when_the_library_opens_again() -> None:
    """A loan that ends on the first of seven closed days is due on the day after the last of them."""
    festival = Calendar(days=frozenset(date(2027, 2, day) for day in range(5, 12)))

    assert due_day(date(2027, 1, 6), 30, festival) == date(2027, 2, 12)


@given(due_on=DAYS, today=DAYS, days=st.integers(1, 90), calendar=CALENDARS)
def test_a_renewal_always_gives_more_time(due_on: date, today: date, days: int, calendar: Calendar) -> None:
    """A renewed loan is due later than before, and no earlier than a full period from today when it was overdue."""
    renewed = due_day_renewed(due_on, today, days, calendar)

    assert renewed > due_on
    assert renewed >= today + timedelta(days=days) or today < due_on


def test_renewing_early_loses_no_day() -> None:
    """A loan renewed long before it is due gets its whole period on top."""
    assert due_day_renewed(date(2026, 5, 20), date(2026, 5, 1), 30, Calendar()) == date(2026, 6, 19)


def test_a_library_that_never_opens_is_an_installers_mistake() -> None:
    """A calendar without any open day is refused by name instead of searched for ever."""
    with pytest.raises(NeverOpen, match="closed on every day"):
        due_day(date(2026, 5, 1), 30, Calendar(weekdays=frozenset(range(7))))
