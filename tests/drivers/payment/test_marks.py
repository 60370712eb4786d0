"""A payment's mark as a text: what is written down is what is read."""

from __future__ import annotations

import random

import pytest

from drivers.payment import PaymentMark
from drivers.payment.marks import mark_of, mark_text
from tests.kit.effort import effort

BOTH_WAYS = [
    (None, ""),
    (PaymentMark(), "::::"),
    (PaymentMark(470001, 1, "29520012", "1123", "101500"), "470001:1:29520012:1123:101500"),
    (PaymentMark(0, None, "", "", "000000"), "0::::000000"),
    (PaymentMark(None, 9999, "T-1", "", ""), ":9999:T-1::"),
]

NO_MARKS = [
    " ",
    ":",
    ":::",
    ":::::",
    "1:1:1:1:1",
    "01::::",
    "-1::::",
    "1 ::::",
    "::a b::",
    ":::112:",
    "::::10150",
    "1234567890::::",
    "١::::",
    "::::101500\n",
    f"::{'9' * 33}::",
]

UNWRITABLE = [
    PaymentMark(trace=-1),
    PaymentMark(trace=10**9),
    PaymentMark(terminal="a:b"),
    PaymentMark(terminal="x" * 33),
    PaymentMark(date="112"),
    PaymentMark(time="half past"),
]


@pytest.mark.parametrize(("mark", "text"), BOTH_WAYS)
def test_a_mark_is_read_as_it_was_written(mark: PaymentMark | None, text: str) -> None:
    """No field is lost, and no payment at all is not a payment of which nothing was said."""
    assert mark_text(mark) == text
    assert mark_of(text) == mark


@pytest.mark.parametrize("text", NO_MARKS)
def test_what_is_no_mark_is_refused(text: str) -> None:
    """A text that nothing here has written tells nothing about a payment."""
    with pytest.raises(ValueError, match="no mark"):
        mark_of(text)


@pytest.mark.parametrize("mark", UNWRITABLE)
def test_a_mark_that_would_be_read_otherwise_is_not_written(mark: PaymentMark) -> None:
    """A terminal whose marks do not fit is told as such, before money is asked for."""
    with pytest.raises(ValueError, match="cannot be written down"):
        mark_text(mark)


def test_any_text_is_a_mark_that_is_written_so_or_none() -> None:
    """What is read back after a restart is exactly what was written before it, or is refused."""
    dice = random.Random(2)
    read = 0
    for _ in range(effort(10_000)):
        text = "".join(dice.choice("0123456789:::::aZ \n\x00é٣") for _ in range(dice.randrange(24)))
        try:
            mark = mark_of(text)
        except ValueError:
            continue
        assert mark_text(mark) == text
        read += 1
    assert read > 20
