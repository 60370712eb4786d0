"""Whatever money a machine took or gave back is a transaction that balances, and names nobody's number in text."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.entries import FeePart, Means, Money, PatronId, item_id
from sync.journal.codec import WIPED
from sync.machine_ledger import DayWanted, book
from sync.rules.ledger import Kind, PatronAccount, Till
from tests.sync.machine_ledger.samples import MONDAY, SOURCE, ZONE, Book

F1 = FeePart("F-1", Money(300, "CNY"), item=item_id("10000001"))
F2 = FeePart("F-2", Money(50, "CNY"))


def test_a_payment_goes_from_the_patron_into_the_till_of_its_means() -> None:
    """Fee by fee, under the entry's whole key, booked by the reader alone, on the library's day."""
    ledger = Book()
    card = ledger.pay(1, parts=(F1, F2))
    ledger.pay(2, MONDAY + timedelta(hours=15), 50, means=Means.QR, parts=(F2,))

    (first, second), refused = book(ledger.told, SOURCE, ZONE)

    assert refused == ()
    one = first.transaction
    assert (one.reference, one.kind, one.origin.operator, one.origin.voucher) == (
        str(card), Kind.PAYMENT, "self", "000042",
    )  # fmt: skip
    assert [(leg.account, leg.minor_units, leg.fee, leg.item) for leg in one.legs] == [
        (Till.CARD_TERMINAL, 350, "", None),
        (PatronAccount(PatronId("2300000042")), -300, "F-1", "10000001"),
        (PatronAccount(PatronId("2300000042")), -50, "F-2", None),
    ]
    assert second.transaction.legs[0].account is Till.QR
    # 17:00 UTC is one in the night of the next day at the library.
    assert [one.transaction.origin.booked_on for one in (first, second)] == [
        date(2026, 5, 11), date(2026, 5, 12),
    ]  # fmt: skip


def test_money_given_back_counters_its_payment() -> None:
    """The reverse of every leg, under a reference of its own, on the day it was given back."""
    ledger = Book()
    key = ledger.pay(1, parts=(F1, F2))
    ledger.reverse(key, MONDAY + timedelta(days=1))

    (paid, back), _ = book(ledger.told, SOURCE, ZONE)

    assert back.transaction.counters is not None
    assert back.transaction.counters.reference == paid.transaction.reference
    assert back.transaction.reference == f"{key}/reversed"
    assert [leg.minor_units for leg in back.transaction.legs] == [-350, 300, 50]
    assert back.transaction.origin.booked_on == date(2026, 5, 12)


def test_a_ledger_of_wiped_rows_is_the_same_but_for_who() -> None:
    """Once the journal has wiped who paid, sums, fees and references are as they were."""
    named, wiped = Book(), Book()
    named.pay(1, parts=(F1, F2))
    wiped.pay(1, parts=(F1, F2), patron="")

    (one,), _ = book(named.told, SOURCE, ZONE)
    (other,), _ = book(wiped.told, SOURCE, ZONE)

    assert one.transaction.origin == other.transaction.origin
    assert [leg.minor_units for leg in one.transaction.legs] == [300 + 50, -300, -50]
    assert {leg.account for leg in other.transaction.legs[1:]} == {PatronAccount(WIPED)}


@pytest.mark.parametrize(
    "parts",
    [
        (),
        (F1,),
        (F1, FeePart("F-2", Money(50, "EUR"))),
        (F1, FeePart("F-2", Money(100, "CNY")), FeePart("F-3", Money(-50, "CNY"))),
    ],
    ids=["none", "too little", "another currency", "a negative part"],
)
def test_parts_that_do_not_come_to_the_sum_do_not_hide_it(parts: tuple[FeePart, ...]) -> None:
    """What was taken is booked whole, as one share, where the fees it was for cannot be believed."""
    ledger = Book()
    key = ledger.pay(1, units=350, parts=parts)

    (booked,), refused = book(ledger.told, SOURCE, ZONE)

    assert refused == ()
    assert [(leg.minor_units, leg.fee) for leg in booked.transaction.legs] == [(350, ""), (-350, str(key))]


@pytest.mark.parametrize(
    ("units", "currency"), [(0, "CNY"), (-350, "CNY"), (10**12, "CNY"), (350, "yuan"), (350, "")]
)
def test_a_sum_no_ledger_takes_is_told_and_not_dropped(units: int, currency: str) -> None:
    """Zero, negative, absurd, or of no currency: named by its reference, and the others are booked all the same."""
    ledger = Book()
    bad = ledger.pay(1, units=units, currency=currency)
    good = ledger.pay(2)
    ledger.reverse(bad, MONDAY)

    booked, refused = book(ledger.told, SOURCE, ZONE)

    assert [one.transaction.reference for one in booked] == [str(good)]
    assert [one.reference for one in refused] == [str(bad), f"{bad}/reversed"]


names = st.text(max_size=100)
amounts = st.integers(-5, 10**12)


@given(
    st.lists(st.tuples(names, amounts, st.sampled_from(["CNY", "EUR"]), st.booleans()), max_size=5),
    st.lists(st.lists(st.tuples(names, amounts), max_size=3), min_size=5, max_size=5),
    st.integers(-3, 3),
)
def test_every_step_sums_to_zero(
    payments: list[tuple[str, int, str, bool]], fees: list[list[tuple[str, int]]], closed_after: int
) -> None:
    """Whatever a server calls fees and a card terminal its payments: each transaction balances, so all accounts
    together are zero after every one; nothing raises."""
    ledger = Book()
    for event, ((voucher, units, currency, is_reversed), own) in enumerate(zip(payments, fees, strict=False)):
        parts = tuple(FeePart(name, Money(amount, currency)) for name, amount in own)
        at = MONDAY + timedelta(hours=9 * event)
        key = ledger.pay(event, at, units, currency=currency, parts=parts, voucher=voucher)
        if is_reversed:
            ledger.reverse(key, at + timedelta(minutes=1))
        if event == closed_after:
            ledger.close(at + timedelta(hours=1), DayWanted(is_unfinished=True))

    booked, refused = book(ledger.told, SOURCE, ZONE)

    total = 0
    for one in booked:
        total += sum(leg.minor_units for leg in one.transaction.legs)
        assert total == 0
    moved = [one for one in ledger.told if one.promise is not None]
    assert len(booked) + len(refused) == len(moved)
    assert len({one.transaction.reference for one in booked}) == len(booked)
