"""Days are closed one after another: once, without gaps, each bound to the one before."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sync.entries import Means
from sync.machine_ledger import ClosingRefused, DayWanted, book, close_days, days_closed, verify
from sync.machine_ledger.figures import head_of, is_mac
from tests.sync.machine_ledger.samples import KEY, MONDAY, SOURCE, ZONE, Book

TUESDAY, WEDNESDAY, THURSDAY = (MONDAY + timedelta(days=n) for n in (1, 2, 3))


def sums(text: str) -> dict[str, list[int]]:
    return {one["currency"]: one["kinds"]["payment"] for one in json.loads(text)["sums"]}


def test_a_day_is_closed_with_what_was_paid_on_it() -> None:
    """Counts and sums by kind, account and currency, every reference, and an HMAC over all of it."""
    ledger = Book()
    first = ledger.pay(1)
    ledger.pay(2, MONDAY + timedelta(hours=1), 1200, means=Means.QR)
    ledger.reverse(first, MONDAY + timedelta(hours=2))
    ledger.pay(3, units=75, currency="EUR")
    ledger.pay(4, TUESDAY)

    (closed,) = ledger.close(TUESDAY)

    content = json.loads(closed.figures)
    assert (closed.day, closed.number, content["before"]) == (date(2026, 5, 11), 1, "")
    assert sums(closed.figures) == {"CNY": [2, 1550, 1, 350], "EUR": [1, 75, 0, 0]}
    yuan = content["sums"][0]
    assert {name: sides for name, sides in yuan["accounts"].items() if any(sides)} == {
        "patrons": [350, 1550],
        "till:card-terminal": [350, 350],
        "till:qr": [1200, 0],
    }
    assert yuan["references"] == [str(first), str(first).replace("-1-1-1", "-1-2-1"), f"{first}/reversed"]
    assert is_mac(KEY, closed.figures, closed.mac)
    assert "2300000042" not in closed.figures


def test_days_without_payments_between_are_closed_too() -> None:
    """From the last closing on every day has its number, each is bound to the one before, and nothing is left out."""
    ledger = Book()
    ledger.pay(1)
    ledger.close(TUESDAY)
    ledger.pay(2, THURSDAY)

    made = ledger.close(THURSDAY + timedelta(days=1))

    assert [(one.day.day, one.number) for one in made] == [(12, 2), (13, 3), (14, 4)]
    assert [sums(one.figures) for one in made] == [{}, {}, {"CNY": [1, 350, 0, 0]}]
    every = days_closed(ledger.told)
    assert [head_of(one.figures).before for one in every[1:]] == [one.mac for one in every[:-1]]
    assert verify(ledger.told, KEY, is_purged=False).is_whole


def test_a_day_is_closed_once() -> None:
    """Closing the same day again, or one before it, makes nothing and changes nothing."""
    ledger = Book()
    ledger.pay(1)
    ledger.close(TUESDAY)

    assert ledger.close(TUESDAY) == ()
    assert ledger.close(TUESDAY, DayWanted(date(2026, 5, 11))) == ()
    assert ledger.close(TUESDAY, DayWanted(date(2026, 5, 1))) == ()


def test_a_day_that_is_not_over_is_closed_only_when_asked() -> None:
    """What is paid behind such a closing is booked on the next day, and in its closing."""
    ledger = Book()
    ledger.pay(1)
    with pytest.raises(ClosingRefused, match="2026-05-11 is not over"):
        ledger.close(MONDAY + timedelta(hours=1), DayWanted(date(2026, 5, 11)))
    ledger.close(MONDAY + timedelta(hours=1), DayWanted(date(2026, 5, 11), is_unfinished=True))
    ledger.pay(2, MONDAY + timedelta(hours=2), 500)

    booked, _ = book(ledger.told, SOURCE, ZONE)
    made = ledger.close(WEDNESDAY)

    assert [one.transaction.origin.booked_on.day for one in booked] == [11, 12]
    assert [sums(one.figures) for one in made] == [{"CNY": [1, 500, 0, 0]}]
    assert verify(ledger.told, KEY, is_purged=False).is_whole


def test_a_clock_that_was_set_back_takes_no_payment_out_of_the_books() -> None:
    """A payment whose moment lies in a day that is closed is booked on the first open day: the closing stays true."""
    ledger = Book()
    ledger.pay(1)
    ledger.close(TUESDAY)
    ledger.pay(2, MONDAY - timedelta(days=3), 500)

    (made,) = ledger.close(WEDNESDAY)

    assert (made.day, sums(made.figures)) == (date(2026, 5, 12), {"CNY": [1, 500, 0, 0]})
    assert verify(ledger.told, KEY, is_purged=False).is_whole


def test_a_payment_of_the_future_waits_for_its_day() -> None:
    """A moment ahead of the closed day is not counted in it, and not lost."""
    ledger = Book()
    ledger.pay(1, THURSDAY)
    ledger.pay(2)

    ledger.close(TUESDAY)
    found = verify(ledger.told, KEY, is_purged=False)

    assert (found.is_whole, found.open_rows) == (True, 1)
    assert sums(ledger.close(THURSDAY + timedelta(days=1))[-1].figures) == {"CNY": [1, 350, 0, 0]}


@pytest.mark.parametrize(
    ("wanted", "now", "said"),
    [
        (DayWanted(date(2026, 5, 13)), TUESDAY, "2026-05-13 has not begun: it is 2026-05-12"),
        (DayWanted(), TUESDAY + timedelta(days=500), "more than 400 days: look at the clock"),
        (DayWanted(), MONDAY - timedelta(days=9), "the last closed day is 2026-05-11, and it is 2026-05-02"),
    ],
)
def test_a_wrong_clock_is_not_believed(wanted: DayWanted, now: datetime, said: str) -> None:
    """A day ahead, more than a year at once, or a closing from the future is refused, and nothing is written."""
    ledger = Book()
    ledger.pay(1)
    ledger.close(TUESDAY)

    with pytest.raises(ClosingRefused, match=said):
        close_days(ledger.told, wanted, now, SOURCE, ZONE, KEY)


def test_a_machine_that_never_took_money_has_days_all_the_same() -> None:
    """The first closing is of the day that was asked for, where there is nothing before it."""
    ledger = Book()

    (made,) = ledger.close(TUESDAY)

    assert (made.day, made.number, sums(made.figures)) == (date(2026, 5, 11), 1, {})


def test_a_day_of_the_library_begins_when_it_begins_there() -> None:
    """Where the clocks are put forward the day is an hour shorter; midnight is the library's, not the journal's."""
    berlin = ZoneInfo("Europe/Berlin")
    now = MONDAY.replace(month=3, day=30)
    (made,) = close_days((), DayWanted(date(2026, 3, 29)), now, SOURCE, berlin, KEY)

    assert head_of(made.figures).until.isoformat() == "2026-03-29T22:00:00+00:00"
