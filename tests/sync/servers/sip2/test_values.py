"""Dates and amounts as servers write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from sync.entries import Due, Money
from sync.servers.sip2.dates import read_date, read_due, write_date
from sync.servers.sip2.money import read_money, write_money

MOMENTS = [
    ("20261122    160451", datetime(2026, 11, 22, 16, 4, 51)),
    ("20261122   Z160451", datetime(2026, 11, 22, 16, 4, 51, tzinfo=UTC)),
    ("                  ", None),
]


@pytest.mark.parametrize(("text", "moment"), MOMENTS)
def test_a_date_of_the_definition_reads_and_writes_the_same(text: str, moment: datetime | None) -> None:
    """The 18 characters of a SIP2 date are one moment in both directions."""
    assert read_date(text) == moment
    assert write_date(moment) == text


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("20261122160451", datetime(2026, 11, 22, 16, 4, 51)),
        ("20261122   160451", datetime(2026, 11, 22, 16, 4, 51)),
        ("20261122", datetime(2026, 11, 22)),
        ("20261122   A160451", datetime(2026, 11, 22, 16, 4, 51, tzinfo=timezone(timedelta(hours=1)))),
        ("20261122   K160451", datetime(2026, 11, 22, 16, 4, 51, tzinfo=timezone(timedelta(hours=10)))),
        ("20261122   Y160451", datetime(2026, 11, 22, 16, 4, 51, tzinfo=timezone(timedelta(hours=-12)))),
        ("20261322    160451", None),
        ("20261122    250000", None),
        ("2026112２    160451", None),
        ("", None),
        ("yesterday", None),
    ],
)
def test_a_date_as_servers_send_it_is_read(text: str, moment: datetime | None) -> None:
    """Dates of 8, 14 and 17 characters and with military zone letters are read; what is none is not given."""
    assert read_date(text) == moment


def test_a_moment_of_another_zone_is_written_in_utc() -> None:
    """A moment with an offset goes out as UTC."""
    moment = datetime(2026, 11, 23, 0, 4, 51, tzinfo=timezone(timedelta(hours=8)))
    assert write_date(moment) == "20261122   Z160451"


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("20270103    235900", "", date(2027, 1, 3)),
        ("20270103", "", date(2027, 1, 3)),
        ("2026-11-30 23:59:59", "", date(2026, 11, 30)),
        ("2026-11-30", "", date(2026, 11, 30)),
        ("2026/11/30", "", date(2026, 11, 30)),
        ("2026年11月30日", "", date(2026, 11, 30)),
        ("30.11.2026", "", date(2026, 11, 30)),
        ("03.04.2026", "", date(2026, 4, 3)),
        ("30/11/2026 23:59", "", date(2026, 11, 30)),
        ("11/30/2026", "", date(2026, 11, 30)),
        ("03/04/2026", "", None),
        ("04/04/2026", "", date(2026, 4, 4)),
        ("03/04/2026", "dmy", date(2026, 4, 3)),
        ("03/04/2026", "mdy", date(2026, 3, 4)),
        ("20271303    235900", "", None),
        ("in three weeks", "", None),
    ],
)
def test_a_due_date_is_understood_or_kept_as_text(text: str, order: str, day: date | None) -> None:
    """A due date has its day where it reads in one way only, and always the server's own text."""
    assert read_due(text, order) == Due(day, text)


def test_no_due_date_is_no_due_date() -> None:
    """An empty due date has neither day nor text."""
    assert read_due("  ") == Due(None)


@pytest.mark.parametrize(
    ("text", "currency", "units"),
    [
        ("0.0", "USD", 0),
        ("0.00", "USD", 0),
        ("6.50", "USD", 650),
        ("1,50", "EUR", 150),
        ("¥ 5.00", "CNY", None),
        ("CNY 5.00", "CNY", 500),
        ("$1,234.50", "USD", 123450),
        ("1.234.567,89", "EUR", 123456789),
        ("5.000000", "USD", 500),
        ("-1.00", "USD", -100),
        ("12", "CNY", 1200),
        ("100", "JPY", 100),
        ("1.250", "KWD", 1250),
        ("1.234", "EUR", None),
        ("0.005", "USD", None),
        ("0.0051", "USD", None),
        ("", "USD", None),
        ("abc", "USD", None),
        ("1" * 21, "USD", None),
        ("1.2.3", "USD", None),
        ("3.50-", "USD", None),
        ("3.50 USD", "USD", 350),
        ("3.50-USD", "USD", None),
        ("(3.50)", "USD", None),
        ("$(3.50)", "USD", None),
        ("$-3.50", "USD", None),
    ],
)
def test_an_amount_is_read_exactly_or_not_at_all(text: str, currency: str, units: int | None) -> None:
    """An amount is exact to the smallest unit; what could be read in two ways is not read."""
    assert read_money(text, currency) == (None if units is None else Money(units, currency))


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(650, "USD"), "6.50"),
        (Money(-5, "CNY"), "-0.05"),
        (Money(100, "JPY"), "100"),
        (Money(1250, "KWD"), "1.250"),
    ],
)
def test_an_amount_is_written_with_a_point(money: Money, text: str) -> None:
    """What is written reads as the same amount."""
    assert write_money(money) == text
    assert read_money(text, money.currency) == money
