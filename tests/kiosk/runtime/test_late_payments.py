"""Money that is answered for when no session waits for it, and the one payment of a patron at a time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.runtime.late_payments import PaymentEnd, late_payment
from kiosk.runtime.open_entries import OpenEntries
from kiosk.runtime.payment_guard import PaymentGuard
from kiosk.workflow.effects import GiveUp, Proceed
from kiosk.workflow.events import (
    PaymentFailure,
    PaymentGivenBack,
    PaymentNotGivenBack,
    PaymentNotTaken,
    PaymentTaken,
    PaymentUnclear,
)
from sync.entries import (
    Answered,
    CaseClosed,
    CaseEnd,
    CaseOpened,
    CaseReason,
    Entry,
    Intended,
    PaymentApproved,
    PaymentNotMade,
    PaymentReversed,
    Settled,
    Settlement,
)
from tests.kiosk.runtime.test_desk import Bench
from tests.sync.uplink.samples import BORIS, NOON, REFUSED, approved, entry, key, pay

BEGUN = entry(1, pay())
TAKEN = PaymentTaken(key(1), "0042", "0042", "**** 1234", ("PAID",))
DECLINED = PaymentNotTaken(key(1), PaymentFailure.DECLINED)
UNCLEAR = PaymentUnclear(key(1), "no-answer")
POSTED_IN_VAIN = entry(1, pay(), approved(1), Answered(key(1), NOON, REFUSED))


def test_money_that_was_taken_is_posted_though_the_reader_left() -> None:
    """It is written down as the till told it, and the entry may go."""
    late = late_payment(BEGUN, TAKEN, NOON)

    [row] = late.rows
    assert row == PaymentApproved(key(1), NOON, "0042", "0042", "**** 1234", ("PAID",))
    assert late.orders == (Proceed(replace(BEGUN, rows=(*BEGUN.rows, row))),)


def test_money_that_was_not_taken_ends_the_payment() -> None:
    """The server never hears of it."""
    late = late_payment(BEGUN, DECLINED, NOON)

    assert late.rows == (
        PaymentNotMade(key(1), NOON, "declined"),
        Settled(key(1), NOON, Settlement.NOT_DONE),
    )
    assert late.orders == (GiveUp(key(1)),)


def test_money_of_which_nobody_can_tell_is_before_staff_with_every_reference() -> None:
    """Sum, means and the payment before it: by these staff find it in the terminal's own list."""
    late = late_payment(BEGUN, UNCLEAR, NOON)

    detail = "no-answer: 150 CNY by card, after 0041"
    assert late.rows == (
        CaseOpened(key(1), NOON, CaseReason.PAYMENT_UNKNOWN, detail),
        Settled(key(1), NOON, Settlement.CASE),
    )
    assert late.orders == (GiveUp(key(1)),)


def test_money_that_was_given_back_ends_the_payment() -> None:
    """It was taken and not posted, and the reader has it again."""
    late = late_payment(POSTED_IN_VAIN, PaymentGivenBack(key(1), "0043"), NOON)

    assert late.rows == (
        PaymentReversed(key(1), NOON, "0043"),
        Settled(key(1), NOON, Settlement.UNDONE),
    )


def test_money_that_could_not_be_given_back_is_before_staff() -> None:
    """The server's reason stands in the case."""
    late = late_payment(POSTED_IN_VAIN, PaymentNotGivenBack(key(1), "refused"), NOON)

    assert late.rows == (
        CaseOpened(key(1), NOON, CaseReason.PAYMENT_NOT_POSTED, REFUSED.reason.value),
        Settled(key(1), NOON, Settlement.CASE),
    )


@pytest.mark.parametrize("end", [TAKEN, DECLINED, UNCLEAR])
def test_a_second_word_about_money_is_no_news(end: PaymentEnd) -> None:
    """Whether it was taken is said once."""
    late = late_payment(entry(1, pay(), approved(1)), end, NOON)
    assert (late.rows, late.orders) == ((), ())


# --- At the desk --------------------------------------------------------------------------------------------------


def bench_with(one: Entry) -> Bench:
    """A desk nobody stands at, whose journal has *one*."""
    bench = Bench()
    bench.desk._entries.note(one.rows)
    return bench


def test_the_desk_writes_what_no_session_waits_for() -> None:
    """First on disk, then the lane is told."""
    bench = bench_with(BEGUN)

    bench.turn(TAKEN)
    assert not [order for order in bench.done if isinstance(order, Proceed)]
    bench.commit()

    assert any(isinstance(row, PaymentApproved) for row in bench.written)
    [proceed] = [order for order in bench.done if isinstance(order, Proceed)]
    assert proceed.entry.approved is not None


def test_a_word_about_a_payment_nobody_knows_changes_nothing() -> None:
    """It is settled, or of another journal."""
    bench = Bench()
    bench.turn(TAKEN)
    assert bench.batches == []


# --- One at a time ------------------------------------------------------------------------------------------------

ANOTHER = entry(2, pay())


@pytest.mark.parametrize(
    "first",
    [BEGUN, entry(1, pay(), approved(1))],
    ids=["begun", "approved and not posted"],
)
def test_a_patron_whose_payment_is_on_its_way_does_not_pay_again(first: Entry) -> None:
    """The fee looks open, and would be charged twice; somebody else may pay."""
    entries = OpenEntries([first, ANOTHER, replace(entry(3, pay()), promise=replace(pay(), patron=BORIS))])
    guard = PaymentGuard(entries)

    assert not guard.may_take(key(2))
    assert guard.may_take(key(3))


def test_after_a_payment_ended_there_may_be_another() -> None:
    """Posted, or never made: nothing is on its way."""
    entries = OpenEntries([BEGUN])
    guard = PaymentGuard(entries)
    assert guard.may_take(key(1))

    entries.note([Settled(key(1), NOON, Settlement.NOT_DONE)])
    entries.note([Intended(key(2), NOON, pay())])

    assert guard.may_take(key(2))
    assert not guard.may_take(key(1)), "it is over"


def test_while_staff_look_at_a_payment_the_patron_does_not_pay_again() -> None:
    """Nobody can tell whether the money was taken, until staff say so; also over a restart."""
    entries = OpenEntries([BEGUN])
    guard = PaymentGuard(entries)
    rows = late_payment(BEGUN, UNCLEAR, NOON).rows
    guard.follow(rows)
    entries.note([*rows, Intended(key(2), NOON, pay())])
    assert not guard.may_take(key(2))
    assert not PaymentGuard(entries, [entry(1, pay(), *rows)]).may_take(key(2))

    guard.follow([CaseClosed(key(1), NOON, "desk", CaseEnd.NOT_PAID)])

    assert guard.may_take(key(2))


def test_what_the_journal_had_no_room_for_bars_nobody() -> None:
    """A payment whose rows were taken back never began."""
    entries = OpenEntries([])
    guard = PaymentGuard(entries)
    begun = entries.note([Intended(key(1), NOON, pay())])
    entries.take_back(begun)
    entries.note([Intended(key(2), NOON, pay())])

    assert guard.may_take(key(2))
