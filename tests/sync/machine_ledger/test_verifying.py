"""A closing that is not what the rows come to is found, whoever changed what."""

from __future__ import annotations

import json
import random
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from sync.entries import DayClosed, Money, PaymentApproved
from sync.journal.reading import MoneyTold
from sync.machine_ledger import Verified, verify
from sync.machine_ledger.figures import FiguresUnreadable, canonical, head_of, mac_of
from tests.kit.effort import effort
from tests.kit.mutation import mutations
from tests.sync.machine_ledger.samples import KEY, MONDAY, Book

OTHER_KEY = bytes(32)


def three_days() -> Book:
    """Three closed days, two payments on the first, one on the third."""
    ledger = Book()
    first = ledger.pay(1)
    ledger.pay(2, units=1200)
    ledger.reverse(first, MONDAY + timedelta(minutes=1))
    ledger.pay(3, MONDAY + timedelta(days=2), 75)
    ledger.close(MONDAY + timedelta(days=3))
    return ledger


def found(told: list[MoneyTold], key: bytes = KEY, *, is_purged: bool = False) -> list[tuple[int, str]]:
    return [(one.number, one.what) for one in verify(told, key, is_purged=is_purged).findings]


def with_closing(told: list[MoneyTold], number: int, row: DayClosed) -> list[MoneyTold]:
    """*told* with *row* in the place of closing *number*."""
    return [
        one._replace(row=row) if isinstance(one.row, DayClosed) and one.row.number == number else one
        for one in told
    ]


def closing(told: list[MoneyTold], number: int) -> DayClosed:
    return next(one.row for one in told if isinstance(one.row, DayClosed) and one.row.number == number)


def forged(row: DayClosed, key: bytes = KEY, **changes: object) -> DayClosed:
    """*row* with other figures, signed with *key*."""
    text = canonical({**json.loads(row.figures), **changes})
    return replace(row, figures=text, mac=mac_of(key, text))


def test_what_is_as_it_was_written_is_whole() -> None:
    """Three days made anew come to what their closings say."""
    assert verify(three_days().told, KEY, is_purged=False) == Verified(3, 0, 0, ())


def test_a_payment_that_was_changed_is_found() -> None:
    """A row that says another amount than the closing was made of is told with both sums, whichever machine says it."""
    told = three_days().told
    assert told[1].promise is not None
    told[1] = told[1]._replace(promise=replace(told[1].promise, amount=Money(1100, "CNY"), parts=()))

    said = found(told)

    assert {number for number, _ in said} == {1}
    assert (
        1,
        "CNY kinds payment: the rows come to [2, 1450, 1, 350], the closing says [2, 1550, 1, 350]",
    ) in said


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_payment_that_is_gone_is_found(place: int) -> None:
    """What was counted and has no row any more is named by its reference."""
    told = three_days().told
    row = told.pop(place).row
    reference = f"{row.key}{'' if isinstance(row, PaymentApproved) else '/reversed'}"  # type: ignore[union-attr]

    assert (1, f"{reference} was counted, and no row says so") in found(told)


def test_a_payment_that_was_slipped_in_is_found() -> None:
    """A row that no closing counted, in a day that is closed, is named by its reference."""
    told = three_days().told
    told.insert(1, one_payment(9))

    assert any(number == 1 and "was not counted" in what and "-9-1" in what for number, what in found(told))


def one_payment(event: int) -> MoneyTold:
    ledger = Book()
    ledger.pay(event)
    return ledger.told[0]


def test_figures_that_were_changed_are_found_by_their_hmac() -> None:
    """Other figures under the old HMAC are found, and how they differ from the rows is said."""
    told = three_days().told
    row = closing(told, 1)
    changed = replace(row, figures=row.figures.replace("1550", "1450"))

    said = found(with_closing(told, 1, changed))

    assert any("its HMAC is not that of its figures" in what for _, what in said)
    assert any("CNY accounts patrons" in what for _, what in said)


def test_a_closing_forged_with_another_key_is_found() -> None:
    """Whoever has no key can make figures, and not their HMAC."""
    told = three_days().told

    said = found(with_closing(told, 2, forged(closing(told, 2), OTHER_KEY)))

    assert any(number == 2 and "its HMAC is not that of its figures" in what for number, what in said)
    assert (3, "was not made behind the one before it") in said


def test_another_key_finds_every_closing() -> None:
    """Checked with a key they were not made with, all closings are doubted, and none of their sums."""
    said = found(three_days().told, OTHER_KEY)

    assert [number for number, _ in said] == [1, 2, 3]
    assert all("HMAC" in what for _, what in said)


def test_a_gap_is_found() -> None:
    """A closing that is gone from the middle, and the first one gone, are both told."""
    told = three_days().told

    middle = [one for one in told if not (isinstance(one.row, DayClosed) and one.row.number == 2)]
    first = [one for one in told if not (isinstance(one.row, DayClosed) and one.row.number == 1)]

    assert (3, "follows number 1") in found(middle)
    assert (3, "is of 2026-05-13, and the one before is of 2026-05-11") in found(middle)
    assert (2, "is the first, and one was there before it") in found(first)


def test_a_closing_that_was_made_twice_is_found() -> None:
    """The same number again, also rightly signed, does not pass."""
    told = three_days().told
    told.append(told[-1])

    assert (3, "follows number 3") in found(told)


def test_a_row_that_says_another_day_than_its_figures_is_found() -> None:
    """Number and day of the row are those that were signed."""
    told = three_days().told
    row = closing(told, 2)

    said = found(with_closing(told, 2, replace(row, number=7)))

    assert (7, "its figures are those of number 2, 2026-05-12") in said


def test_sums_signed_with_the_right_key_are_still_held_against_the_rows() -> None:
    """Who has the key and signs another sum is found by the rows."""
    told = three_days().told

    said = found(with_closing(told, 3, forged(closing(told, 3), sums=[])))

    assert any(number == 3 and "was not counted, and a row says so" in what for number, what in said)


def test_purged_days_are_checked_by_their_hmac_alone() -> None:
    """Where the journal let go of the rows the closing is believed as far as its HMAC goes, and that is said."""
    told = three_days().told[4:]

    found_now = verify(told, KEY, is_purged=True)

    assert (found_now.closings, found_now.not_made_anew, found_now.is_whole) == (3, 2, True)
    assert verify(told[1:], KEY, is_purged=True).is_whole
    assert not verify(told, OTHER_KEY, is_purged=True).is_whole


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        "[" * 100_000,
        '{"form":1}',
        '{"before":"","day":"2026-05-11","form":1,"not_booked":[],"number":true,"source":"","sums":[],'
        '"until":"2026-05-11T16:00:00+00:00"}',
        '{"before":"","day":"2026-05-11","form":1,"not_booked":[],"number":1,"source":"","sums":[],'
        '"until":"2026-05-11T16:00:00"}',
        '{"before":"","day":"2026-05-11","form":2,"not_booked":[],"number":1,"source":"","sums":[],"until":""}',
        '{ "before":"","day":"2026-05-11","form":1,"not_booked":[],"number":1,"source":"","sums":[],'
        '"until":"2026-05-11T16:00:00+00:00"}',
        '{"before":"","day":"2026-05-11","form":1,"not_booked":[7],"number":1,"source":"","sums":[],'
        '"until":"2026-05-11T16:00:00+00:00"}',
        '{"before":"","day":"2026-05-11","form":1,"not_booked":[],"number":1,"source":"","sums":[{"accounts":{},'
        '"currency":[],"kinds":{"payment":[1,2,3,4]},"references":[]}],"until":"2026-05-11T16:00:00+00:00"}',
        '{"before":"","day":"2026-05-11","form":1,"not_booked":[],"number":1,"source":"","sums":[{"accounts":{},'
        '"currency":"CNY","kinds":{"payment":[1,2,3]},"references":[]}],"until":"2026-05-11T16:00:00+00:00"}',
        '{"before":"","day":"2026-05-11","form":1,"not_booked":[],"number":1,"source":"","sums":[7],'
        '"until":"2026-05-11T16:00:00+00:00"}',
    ],
)
def test_what_are_no_figures_is_said_and_raises_nothing(text: str) -> None:
    """Text that is no closing, or not in the one form that is signed, is a finding; the others are still checked."""
    with pytest.raises(FiguresUnreadable):
        head_of(text)
    told = three_days().told
    row = replace(closing(told, 2), figures=text, mac=mac_of(KEY, text))

    said = found(with_closing(told, 2, row))

    assert any(number == 2 and "cannot be read" in what for number, what in said)


def test_no_text_breaks_reading_the_figures_of_a_closing() -> None:
    """Each place of them replaced, and 5,000 damaged texts: figures, or `FiguresUnreadable`."""
    told = three_days().told
    text = closing(told, 1).figures
    read = 0
    for changed in mutations(json.loads(text)):
        with suppress(FiguresUnreadable):
            head_of(canonical(changed))
            read += 1
    dice = random.Random(5)
    for _ in range(effort(5_000)):
        letters = list(text)
        for _ in range(dice.randint(1, 4)):
            letters[dice.randrange(len(letters))] = dice.choice('{}[]",:0123456789eé\x00\ud800 ')
        with suppress(FiguresUnreadable):
            head_of("".join(letters))
            read += 1
    assert read > 10
