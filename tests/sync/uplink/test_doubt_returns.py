"""What became of a return or a payment in doubt: every row of the decision table."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from sync.entries import Due, FeePart, GiveBack, Granted, Money
from sync.questions import AccountFacts, FeeFact, ItemFacts, Standing
from sync.uplink.doubt import judge, may_be_sent_again
from sync.uplink.reports import Unclear
from tests.sync.uplink.samples import (
    ANNA,
    BOOK,
    NOT_DONE,
    approved,
    cny,
    entry,
    give_back,
    pay,
    report_care,
    secure_intended,
    secured,
)

APRIL, JUNE, JULY = Due(date(2026, 4, 9)), Due(date(2026, 6, 9)), Due(date(2026, 7, 9))
ODD = Due(None, "when it rains")
DONE, AGAIN, DARK = "done", "told again", "unclear"


def stands(standing: Standing, due: Due | None = None, is_known: bool = True) -> ItemFacts:
    return ItemFacts(BOOK, is_known, "活着", standing, due)


OUT = Standing.ON_LOAN
RETURNS: dict[str, tuple[GiveBack, ItemFacts | None, str]] = {
    "here": (give_back(), stands(Standing.AVAILABLE), DONE),
    "on its way to another branch": (give_back(was_on_loan=True), stands(Standing.IN_TRANSIT), DONE),
    "on the hold shelf": (give_back(was_on_loan=True), stands(Standing.ON_HOLD_SHELF), DONE),
    "the server knows no such item": (give_back(), stands(Standing.OTHER, is_known=False), AGAIN),
    "on loan until the same day": (give_back(due_before=JUNE), stands(OUT, JUNE), AGAIN),
    "on loan until a text as before": (give_back(due_before=ODD), stands(OUT, ODD), AGAIN),
    "on loan until a day before it came back": (give_back(), stands(OUT, APRIL), AGAIN),
    "lost since a day before it came back": (give_back(), stands(Standing.LOST, APRIL), AGAIN),
    "on loan until another day": (give_back(was_on_loan=True, due_before=JUNE), stands(OUT, JULY), DARK),
    "on loan, and was on none before": (give_back(was_on_loan=False), stands(OUT, JULY), DARK),
    "on loan until the day it came back": (give_back(), stands(OUT, Due(date(2026, 5, 12))), DARK),
    "on loan until the day before, which it still is in the west": (
        give_back(),
        stands(OUT, Due(date(2026, 5, 11))),
        DARK,
    ),
    "on loan, nothing known before": (give_back(), stands(OUT, JULY), DARK),
    "on loan, no day told": (give_back(due_before=JUNE), stands(OUT), DARK),
    "on loan, another text": (give_back(due_before=JUNE), stands(OUT, ODD), DARK),
    "lost, no day told": (give_back(due_before=JUNE), stands(Standing.LOST), DARK),
    "the server tells nothing of items": (give_back(due_before=JUNE), None, DARK),
}


@pytest.mark.parametrize("name", RETURNS)
def test_a_return_in_doubt(name: str) -> None:
    """It is done when the item is on nobody's account, told again when its loan is surely the one that was to end, and
    else before staff: no newer loan is ended, and no return is lost."""
    promise, item, expected = RETURNS[name]
    one = entry(1, promise, secure_intended(1), secured(1))

    verdict = judge(one, item, None)

    assert verdict_name(verdict) == expected
    assert may_be_sent_again(one, verdict) == (expected == AGAIN)


def test_a_return_that_was_done_keeps_what_was_known() -> None:
    """The line can still say how late it was: the due date is the one the server told before."""
    verdict = judge(entry(1, give_back(was_on_loan=True, due_before=APRIL)), stands(Standing.AVAILABLE), None)

    assert isinstance(verdict, Granted)
    assert verdict.back is not None
    assert (verdict.due, verdict.title, verdict.back.was_on_loan) == (APRIL, "活着", True)


def account(owed: int | Money | None, *fees: str) -> AccountFacts:
    named = tuple(FeeFact(fee, cny(150)) for fee in fees) if fees else None
    return AccountFacts(ANNA, True, owed=cny(owed) if isinstance(owed, int) else owed, fees=named)


PAYMENTS: dict[str, tuple[AccountFacts | None, str]] = {
    "as much is owed as before": (account(400), AGAIN),
    "less by just that": (account(250), DONE),
    "less by more": (account(100), DARK),
    "more": (account(500), DARK),
    "nothing told": (account(None), DARK),
    "cannot be asked": (None, DARK),
    "another currency": (account(Money(400, "EUR")), DARK),
    "as much, and the fee is open still": (account(400, "f1", "f2"), AGAIN),
    "as much, and the fee is gone": (account(400, "f2"), DARK),
    "less by just that, and the fee is gone": (account(250, "f2"), DONE),
    "less by just that, and the fee is open still": (account(250, "f1"), DARK),
}


@pytest.mark.parametrize("name", PAYMENTS)
def test_a_payment_in_doubt(name: str) -> None:
    """It was posted when exactly that much less is owed, is posted again when as much is owed as before, and else is
    before staff; where fees are named, they have to agree."""
    facts, expected = PAYMENTS[name]
    one = entry(1, pay(150, 400), approved(1))

    verdict = judge(one, None, None, account=facts)

    assert verdict_name(verdict) == expected
    assert may_be_sent_again(one, verdict) == (expected == AGAIN)


def test_a_part_of_a_fee_leaves_it_open() -> None:
    """Whether a fee is open tells nothing where less than it was paid."""
    promise = replace(pay(50, 400), parts=(FeePart("f1", cny(50)),))

    assert verdict_name(judge(entry(1, promise), None, None, account=account(350, "f1"))) == DONE


def test_a_payment_without_a_sum_before_is_never_guessed() -> None:
    """What was owed before was not told, so nothing now can show whether it was posted."""
    assert verdict_name(judge(entry(1, pay(150, None)), None, None, account=account(250))) == DARK


def test_what_waits_for_tags_or_money_is_not_sent_however_it_is_judged() -> None:
    """A return that is not secured, and a payment nobody took the money of, must not come true."""
    assert not may_be_sent_again(entry(1, give_back(), secure_intended(1)), NOT_DONE)
    assert not may_be_sent_again(entry(1, pay()), NOT_DONE)


def test_a_report_is_simply_made_again() -> None:
    """To be told twice that a book needs care is no harm, so nothing is asked."""
    one = entry(1, report_care())
    assert may_be_sent_again(one, judge(one, None, None))


def verdict_name(verdict: object) -> str:
    if isinstance(verdict, Unclear):
        assert str(ANNA.reveal()) not in verdict.why
        return DARK
    return AGAIN if verdict == NOT_DONE else DONE
