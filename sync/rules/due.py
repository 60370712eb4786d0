"""The day an item has to be back: counted in days, never a day on which the library is closed."""

from __future__ import annotations

from datetime import date, timedelta

from sync.rules.terms import Calendar

CLOSED_DAYS_MAX = 366
"""No library is closed for longer at a stretch; a calendar that says so is a mistake."""


class NeverOpen(ValueError):
    """The calendar has no open day within a year of the one asked for; the installer has to mend it."""


def first_open_day(day: date, calendar: Calendar) -> date:
    """*day*, or the next on which the library is open.  Raises `NeverOpen`."""
    for offset in range(CLOSED_DAYS_MAX + 1):
        candidate = day + timedelta(days=offset)
        if calendar.is_open(candidate):
            return candidate
    raise NeverOpen(
        f"the library is closed on every day from {day} to {day + timedelta(days=CLOSED_DAYS_MAX)}"
    )


def due_day(lent_on: date, loan_days: int, calendar: Calendar) -> date:
    """The day on which an item lent on *lent_on* for *loan_days* is due: the first open day then or after.

    Raises `NeverOpen`.
    """
    return first_open_day(lent_on + timedelta(days=loan_days), calendar)


def due_day_renewed(due_on: date, today: date, renewal_days: int, calendar: Calendar) -> date:
    """The new due day of a loan that is lengthened *today*.

    Counted from the day it was due, so that renewing early loses no day; from *today* when that has
    passed.  Always later than *due_on* for a positive *renewal_days*.  Raises `NeverOpen`.
    """
    return due_day(max(due_on, today), renewal_days, calendar)
