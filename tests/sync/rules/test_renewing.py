"""May a loan be lengthened, and if not, exactly why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from sync.entries import Reason
from sync.rules.renewing import renewal_refusal
from sync.rules.terms import (
    CardStatus,
    CategoryTerms,
    Condition,
    ItemState,
    LentTo,
    LoanState,
    LoanTerms,
    PatronState,
    Terms,
)

TODAY = date(2026, 5, 12)
TERMS = Terms(CategoryTerms(loans_max=1, overdue_max=0), LoanTerms(30, renewals_max=2, renewal_days=30))
LOAN = LoanState(due_on=date(2026, 5, 20), renewals=1)
MINE = ItemState(lent_to=LentTo.THIS_PATRON)


def judge(
    item: ItemState = MINE,
    loan: LoanState = LOAN,
    patron: PatronState | None = None,
    *,
    fee_consented: bool = False,
) -> Reason | None:
    return renewal_refusal(
        loan, item, patron or PatronState(loans=1), TERMS, TODAY, fee_consented=fee_consented
    )


def test_a_reader_at_the_limit_may_renew() -> None:
    """A renewal adds nothing to what the reader has, so the loan limit does not count."""
    assert judge() is None


@pytest.mark.parametrize(
    ("item", "loan", "patron", "reason"),
    [
        (ItemState(), LOAN, PatronState(), Reason.NOT_ON_LOAN),
        (ItemState(lent_to=LentTo.SOMEBODY_ELSE), LOAN, PatronState(), Reason.ITEM_ON_LOAN_TO_OTHER),
        (MINE, LOAN, PatronState(card=CardStatus.LOST), Reason.CARD_LOST),
        (MINE, LOAN, PatronState(overdue=1), Reason.LOANS_OVERDUE),
        (replace(MINE, condition=Condition.LOST), LOAN, PatronState(), Reason.ITEM_LOST),
        (replace(MINE, is_held_for_other=True), LOAN, PatronState(), Reason.ITEM_ON_HOLD_FOR_OTHER),
        (MINE, replace(LOAN, renewals=2), PatronState(), Reason.RENEWAL_LIMIT),
        (replace(MINE, checkout_fee_minor=100), LOAN, PatronState(), Reason.FEE_NEEDS_CONSENT),
    ],
)
def test_every_refused_renewal_has_its_reason(
    item: ItemState, loan: LoanState, patron: PatronState, reason: Reason
) -> None:
    """Each thing that stands against a renewal is told as itself."""
    assert judge(item, loan, patron) is reason


def test_a_fee_that_was_agreed_to_lets_renew() -> None:
    """With consent, what costs a fee is renewed."""
    assert judge(replace(MINE, checkout_fee_minor=100), fee_consented=True) is None
