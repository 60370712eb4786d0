"""Whose payment is open: until it is settled, or until staff have closed what became a case."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from drivers.link.memory import VirtualClock
from kiosk.runtime.local_books import LocalBooks
from kiosk.runtime.own_payments import OwnPayments
from sync.entries import (
    CaseClosed,
    CaseEnd,
    CaseOpened,
    CaseReason,
    Entry,
    EntryKey,
    EntryRow,
    FeePart,
    Intended,
    Means,
    Money,
    PatronId,
    Pay,
    PaymentApproved,
    PaymentNotMade,
    Settled,
    Settlement,
)
from sync.questions import NewsFor, PatronNews
from sync.rules.offline import OfflinePolicy

AT = datetime(2026, 11, 23, 10, tzinfo=UTC)
KEY = EntryKey("e1", 1, 1, 1)
READER, OTHER = PatronId("21234000000011"), PatronId("21234000000029")
PAY = Pay(READER, Money(150, "CNY"), (FeePart("f1", Money(150, "CNY")),), Means.CARD, AT)
BEGUN = Intended(KEY, AT, PAY)
TAKEN = PaymentApproved(KEY, AT, "0042")
CASE = CaseOpened(KEY, AT, CaseReason.PAYMENT_UNKNOWN)
CLOSED = CaseClosed(KEY, AT, "Staff", CaseEnd.POSTED_AT_DESK)


def settled(how: Settlement) -> Settled:
    """The end of the payment."""
    return Settled(KEY, AT, how)


@pytest.mark.parametrize(
    ("rows", "is_open"),
    [
        ((), False),
        ((BEGUN,), True),
        ((BEGUN, TAKEN), True),
        ((BEGUN, TAKEN, settled(Settlement.DONE)), False),
        ((BEGUN, PaymentNotMade(KEY, AT, "declined"), settled(Settlement.NOT_DONE)), False),
        ((BEGUN, TAKEN, settled(Settlement.UNDONE)), False),
        ((BEGUN, CASE), True),
        ((BEGUN, CASE, settled(Settlement.CASE)), True),
        ((BEGUN, CASE, settled(Settlement.CASE), CLOSED), False),
        ((BEGUN, CASE, CLOSED), True),
        ((BEGUN, CASE, CLOSED, settled(Settlement.CASE)), False),
        ((TAKEN, settled(Settlement.DONE)), False),
    ],
)
def test_a_payment_is_open_until_its_story_has_ended(rows: tuple[EntryRow, ...], is_open: bool) -> None:
    """Read at once, or row by row as they are written."""
    at_once, row_by_row = OwnPayments(), OwnPayments()

    at_once.follow(rows)
    for row in rows:
        row_by_row.follow((row,))

    assert at_once.is_open(READER) is row_by_row.is_open(READER) is is_open
    assert not at_once.is_open(OTHER)


def test_two_payments_of_one_reader_are_two() -> None:
    """The end of one is not the end of the other."""
    second = EntryKey("e1", 1, 2, 1)
    payments = OwnPayments()
    payments.follow((BEGUN, Intended(second, AT, PAY), settled(Settlement.DONE)))

    assert payments.is_open(READER)
    payments.follow((Settled(second, AT, Settlement.DONE),))
    assert not payments.is_open(READER)


def test_a_reader_is_told_by_the_terminals_own_books() -> None:
    """What start-up found counts, and what is written since."""
    books = LocalBooks(OfflinePolicy(), VirtualClock())
    books.remember((Entry(KEY, PAY, (BEGUN, CASE, settled(Settlement.CASE))),))

    assert books.told(NewsFor(READER)) == PatronNews(READER, is_payment_open=True)
    assert books.told(NewsFor(OTHER)) == PatronNews(OTHER)
    books.follow((CLOSED,))
    assert books.told(NewsFor(READER)) == PatronNews(READER)
