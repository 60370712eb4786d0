"""Reads what a library grants to whom, and when it is closed.  Locks nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import Connection, bindparam, select

from sync.central.store import tables as t
from sync.rules.terms import Calendar, LoanTerms

_TERMS = select(t.loan_terms).where(t.loan_terms.c.category.in_(bindparam("categories", expanding=True)))
_CLOSED_DAYS = select(t.closed_days.c.day).where(t.closed_days.c.day >= bindparam("first"))
_CLOSED_WEEKDAYS = select(t.closed_weekdays.c.weekday)


def all_loan_terms(connection: Connection, categories: Collection[str]) -> dict[tuple[str, str], LoanTerms]:
    """What each of *categories* is granted, by category and item type."""
    rows = connection.execute(_TERMS, {"categories": tuple(categories)})
    return {
        (row.category, row.item_type): LoanTerms(
            row.loan_days, row.renewals_max, row.renewal_days, row.count_max
        )
        for row in rows
    }


def find_calendar(connection: Connection, first: date) -> Calendar:
    """When the library is closed, from *first* on."""
    days = connection.execute(_CLOSED_DAYS, {"first": first})
    weekdays = connection.execute(_CLOSED_WEEKDAYS)
    return Calendar(frozenset(weekdays.scalars()), frozenset(days.scalars()))
