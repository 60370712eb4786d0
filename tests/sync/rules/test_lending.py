"""May this item be lent to this patron today, and if not, exactly why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from sync.entries import Reason
from sync.rules.lending import age_years, item_refusal, lending_refusal, may_borrow_more, patron_refusals
from sync.rules.limits import limit_refusal, loans_left
from sync.rules.terms import (
    CardStatus,
    CategoryTerms,
    Condition,
    ItemState,
    LentTo,
    LoanTerms,
    PatronState,
    Terms,
    Use,
)

TODAY = date(2026, 5, 12)
CATEGORY = CategoryTerms(loans_max=5, fees_ceiling_minor=5000, overdue_max=0, age_assumed_years=18)
TERMS = Terms(CATEGORY, LoanTerms(loan_days=30, renewals_max=2, renewal_days=30, count_max=2))
ITEM = ItemState()
PATRON = PatronState(born_on=date(1990, 1, 1), expires_on=TODAY)


def judge(item: ItemState = ITEM, patron: PatronState = PATRON, terms: Terms = TERMS) -> Reason | None:
    return lending_refusal(item, patron, terms, TODAY, fee_consented=False)


def test_an_ordinary_book_is_lent_to_an_ordinary_reader() -> None:
    """Nothing stands in the way, up to and including the last day of the card."""
    assert judge() is None
    assert may_borrow_more(PATRON, CATEGORY, TODAY)


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (ItemState(use=Use.REFERENCE), Reason.ITEM_REFERENCE),
        (ItemState(use=Use.SPECIAL), Reason.ITEM_SPECIAL_COLLECTION),
        (ItemState(use=Use.LARGE_SERIES), Reason.ITEM_LARGE_SERIES),
        (ItemState(use=Use.PERIODICAL), Reason.ITEM_NOT_FOR_LOAN),
        (ItemState(condition=Condition.IN_PROCESS), Reason.ITEM_NOT_FOR_LOAN),
        (ItemState(condition=Condition.IN_TRANSIT), Reason.ITEM_IN_TRANSIT),
        (ItemState(condition=Condition.LOST), Reason.ITEM_LOST),
        (ItemState(condition=Condition.MISSING), Reason.ITEM_LOST),
        (ItemState(condition=Condition.DAMAGED), Reason.ITEM_DAMAGED),
        (ItemState(condition=Condition.WITHDRAWN), Reason.ITEM_WITHDRAWN),
    ],
)
def test_what_is_not_lent_to_anybody_says_so(item: ItemState, reason: Reason) -> None:
    """A collection to be read here, or an item that is not in its place, is refused whoever asks."""
    assert item_refusal(item) is reason
    assert judge(item) is reason


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (ItemState(lent_to=LentTo.SOMEBODY_ELSE), Reason.ITEM_ON_LOAN_TO_OTHER),
        (ItemState(is_held_for_other=True), Reason.ITEM_ON_HOLD_FOR_OTHER),
        (ItemState(age_min_years=37), Reason.ITEM_AGE_RATING),
        (ItemState(checkout_fee_minor=200), Reason.FEE_NEEDS_CONSENT),
    ],
)
def test_what_stands_between_this_item_and_this_reader_says_so(item: ItemState, reason: Reason) -> None:
    """An item in principle for loan is refused to this reader for one exact reason."""
    assert item_refusal(item) is None
    assert judge(item) is reason


@pytest.mark.parametrize(
    ("patron", "reason"),
    [
        (replace(PATRON, card=CardStatus.LOST), Reason.CARD_LOST),
        (replace(PATRON, card=CardStatus.BLOCKED), Reason.PATRON_BLOCKED),
        (replace(PATRON, blocks=1), Reason.PATRON_BLOCKED),
        (replace(PATRON, expires_on=date(2026, 5, 11)), Reason.PATRON_EXPIRED),
        (replace(PATRON, fees_owed_minor=5001), Reason.FEES_OWED),
        (replace(PATRON, overdue=1), Reason.LOANS_OVERDUE),
    ],
)
def test_a_card_that_is_stopped_says_why_before_any_item_does(patron: PatronState, reason: Reason) -> None:
    """What the card is stopped for comes before what is wrong with the item."""
    assert patron_refusals(patron, CATEGORY, TODAY) == (reason,)
    assert judge(ItemState(use=Use.REFERENCE), patron) is reason
    assert not may_borrow_more(patron, CATEGORY, TODAY)


def test_all_reasons_of_a_card_are_told_the_gravest_first() -> None:
    """A card with everything wrong tells lost, expired, fees and overdue in that order."""
    worst = PatronState(
        card=CardStatus.LOST, expires_on=date(2020, 1, 1), blocks=2, fees_owed_minor=9999, overdue=3
    )

    assert patron_refusals(worst, CATEGORY, TODAY) == (
        Reason.CARD_LOST,
        Reason.PATRON_EXPIRED,
        Reason.FEES_OWED,
        Reason.LOANS_OVERDUE,
    )


def test_a_debt_at_the_ceiling_and_no_ceiling_at_all_let_borrow() -> None:
    """Only a debt above the ceiling stops, and a category without ceilings is never stopped by money or delay."""
    generous = replace(CATEGORY, fees_ceiling_minor=None, overdue_max=None)

    assert patron_refusals(replace(PATRON, fees_owed_minor=5000), CATEGORY, TODAY) == ()
    assert patron_refusals(replace(PATRON, fees_owed_minor=10**9, overdue=99), generous, TODAY) == ()


@pytest.mark.parametrize(
    ("loans", "of_type", "left", "reason"),
    [
        (0, 0, 5, None),
        (4, 1, 1, None),
        (5, 0, 0, Reason.LIMIT_REACHED),
        (7, 0, 0, Reason.LIMIT_REACHED),
        (3, 2, 2, Reason.LIMIT_REACHED),
    ],
)
def test_the_number_of_items_is_limited_in_all_and_by_type(
    loans: int, of_type: int, left: int, reason: Reason | None
) -> None:
    """One more than the category's limit, or than the limit for the type, is refused; the rest is counted right."""
    patron = replace(PATRON, loans=loans, loans_of_type=of_type)

    assert loans_left(patron, CATEGORY) == left
    assert limit_refusal(patron, CATEGORY, TERMS.loan) is reason
    assert judge(patron=patron) is reason


def test_a_type_that_a_category_does_not_get_is_not_for_loan() -> None:
    """Without a loan period there is no loan."""
    assert judge(terms=Terms(CATEGORY, LoanTerms(0))) is Reason.ITEM_NOT_FOR_LOAN


def test_a_fee_is_asked_about_last_and_once_it_is_agreed_to_the_item_is_lent() -> None:
    """Nobody consents to a fee for something that would be refused anyway."""
    costly = ItemState(checkout_fee_minor=200)
    full = replace(PATRON, loans=5)

    assert judge(costly, full) is Reason.LIMIT_REACHED
    assert lending_refusal(costly, PATRON, TERMS, TODAY, fee_consented=True) is None


@pytest.mark.parametrize(
    ("born_on", "today", "age"),
    [
        (date(2010, 5, 12), date(2026, 5, 12), 16),
        (date(2010, 5, 13), date(2026, 5, 12), 15),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (None, date(2026, 5, 12), 18),
    ],
)
def test_age_counts_completed_years(born_on: date | None, today: date, age: int) -> None:
    """A year is completed on the birthday, for 29 February on 1 March, and is assumed where no date is known."""
    assert age_years(PatronState(born_on=born_on), CATEGORY, today) == age


def test_what_the_reader_has_already_is_already_theirs() -> None:
    """It is never lent again, and no other reason is given for that, whatever else is wrong."""
    assert judge(ItemState(lent_to=LentTo.THIS_PATRON)) is Reason.ALREADY_YOURS
    assert judge(ItemState(use=Use.REFERENCE, lent_to=LentTo.THIS_PATRON)) is Reason.ALREADY_YOURS
