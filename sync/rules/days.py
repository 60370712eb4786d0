"""Counting the days on which a library is open, at the same cost for a week as for a thousand years."""

from __future__ import annotations

from bisect import bisect_left
from datetime import date, timedelta

from sync.rules.terms import Calendar

WEEK = 7


def open_days(after: date, until: date, calendar: Calendar) -> int:
    """On how many days after *after*, up to and with *until*, the library is open; 0 where *until* is not later."""
    span = (until - after).days
    if span <= 0:
        return 0
    closed = calendar.weekdays.intersection(range(WEEK))
    weeks, rest = divmod(span, WEEK)
    in_weeks = weeks * (WEEK - len(closed))
    in_rest = sum((after.weekday() + n) % WEEK not in closed for n in range(1, rest + 1))
    closed_besides = sum(after < day <= until and day.weekday() not in closed for day in calendar.days)
    return in_weeks + in_rest - closed_besides


def first_open_day_until(day: date, until: date, calendar: Calendar) -> date | None:
    """*day*, or the next open one up to and with *until*; None when the library is closed all that time."""
    if day > until:
        return None
    if calendar.is_open(day):
        return day
    span = (until - day).days
    offset = bisect_left(
        range(span + 1), 1, key=lambda days: open_days(day, day + timedelta(days=days), calendar)
    )
    return day + timedelta(days=offset) if offset <= span else None
