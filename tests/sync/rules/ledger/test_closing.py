"""The figures of a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.entries import FeeKind, Money
from sync.rules.ledger import (
    ACCOUNT_NAMES,
    CurrencyRefused,
    Kind,
    Malformed,
    ReferenceTaken,
    Till,
    Transaction,
    charge,
    close_day,
    counter,
    payment,
)
from tests.sync.rules.ledger.samples import DAY, PATRON, origin, share

SOURCES = ("kiosk-01", "kiosk-02", "desk")


def charged(reference: str, units: int, day: int = 0, source: str = SOURCES[0]) -> Transaction:
    where = origin(reference, DAY + timedelta(days=day), source)
    return charge(where, PATRON, FeeKind.OVERDUE, Money(units, "CNY"))


@given(st.lists(st.tuples(st.integers(1, 999), st.integers(0, 2), st.sampled_from(SOURCES), st.booleans())))
def test_the_closings_of_all_machines_are_the_whole(rows: list[tuple[int, int, str, bool]]) -> None:
    """Over all days and machines the closings count each transaction once, and sum to what was moved."""
    booked: list[Transaction] = []
    for number, (units, day, source, is_countered) in enumerate(rows):
        booked.append(charged(f"F{number}", units, day, source))
        if is_countered:
            booked.append(counter(booked[-1], origin(f"C{number}", DAY + timedelta(days=2), SOURCES[2])))

    closings = [
        close_day(booked, DAY + timedelta(days=day), "CNY", source) for day in range(3) for source in SOURCES
    ]
    whole_days = [close_day(booked, DAY + timedelta(days=day), "CNY") for day in range(3)]

    assert sorted(one.reference for one in booked) == sorted(r for one in closings for r in one.references)
    for figures in (closings, whole_days):
        charges = [one.kinds[0] for one in figures]
        assert sum(one.count for one in charges) == len(rows)
        assert sum(one.sum_minor for one in charges) == sum(row[0] for row in rows)
        assert sum(one.countered_count for one in charges) == sum(row[3] for row in rows)
        assert sum(one.net_minor for one in charges) == sum(row[0] for row in rows if not row[3])
        assert all(sum(account.net_minor for account in one.accounts) == 0 for one in figures)


def test_an_empty_day_has_the_same_tables() -> None:
    """A day without a booking is closed with zeros in every line, so that a missing closing is seen."""
    closing = close_day([], DAY, "CNY", "kiosk-01")

    assert [figures.kind for figures in closing.kinds] == [k for k in Kind if k is not Kind.CORRECTION]
    assert {(f.count, f.sum_minor, f.countered_count, f.countered_sum_minor) for f in closing.kinds} == {
        (0, 0, 0, 0)
    }
    assert tuple(figures.name for figures in closing.accounts) == ACCOUNT_NAMES
    assert closing.references == ()


def test_a_correction_counts_on_its_own_day() -> None:
    """Yesterday's closing stays as it was signed; today's shows what was taken back of it, below zero."""
    made = charged("F1", 600)
    back = counter(made, origin("C1", DAY + timedelta(days=1)))

    assert close_day([made], DAY, "CNY") == close_day([made, back], DAY, "CNY")
    assert close_day([made, back], DAY + timedelta(days=1), "CNY").kinds[0].net_minor == -600


def test_a_till_shows_what_it_took_and_what_it_gave() -> None:
    """Debits and credits of a till are told apart, and its net is what has to be in it."""
    paid = [payment(origin(f"P{n}"), PATRON, [share("F1", 100)], Till.CASH) for n in range(3)]

    closing = close_day([*paid, counter(paid[0], origin("C1"))], DAY, "CNY")

    (till,) = [one for one in closing.accounts if one.name == "till:cash"]
    assert (till.debit_minor, till.credit_minor, till.net_minor) == (300, 100, 200)


MOMENT: Any = datetime(2026, 11, 23, tzinfo=UTC)


def test_a_day_that_does_not_add_up_is_not_closed() -> None:
    """A transaction that is there twice, one of another currency, and a moment for a day are refused."""
    foreign = charge(origin("F2"), PATRON, FeeKind.OVERDUE, Money(600, "EUR"))

    with pytest.raises(ReferenceTaken, match="F1 is there twice"):
        close_day([charged("F1", 5), charged("F1", 5)], DAY, "CNY")
    with pytest.raises(CurrencyRefused, match="F2 is in EUR"):
        close_day([foreign], DAY, "CNY")
    with pytest.raises(Malformed, match="moment"):
        close_day([], MOMENT, "CNY")


def test_a_closing_names_nobody() -> None:
    """The figures of a day contain references, no card."""
    assert PATRON.reveal() not in repr(close_day([charged("F1", 5)], DAY, "CNY"))
    assert "PatronId" not in repr(close_day([charged("F1", 5)], DAY, "CNY"))
