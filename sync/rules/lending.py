"""May this item be lent to this patron today?  None means yes; otherwise the one reason to tell the reader.

Order of the reasons: first what the reader's card is stopped for (nothing they bring would be lent), then
what the item is not lent for to anybody, then what stands between this reader and this item, then the
count, then the fee. A fee is asked about only when everything else allows the loan.
"""

from __future__ import annotations

from datetime import date
from typing import assert_never

from sync.entries import Reason
from sync.rules.limits import limit_refusal, loans_left
from sync.rules.terms import CardStatus, CategoryTerms, Condition, ItemState, LentTo, PatronState, Terms, Use


def patron_refusals(patron: PatronState, category: CategoryTerms, today: date) -> tuple[Reason, ...]:
    """Every reason for which nothing is lent to *patron* on *today*, the gravest first; empty when all is
    well.

    The loan limit is not among them: it stops one more loan, not the card (`lending_refusal` gives it).
    """
    reasons: list[Reason] = []
    match patron.card:
        case CardStatus.LOST:
            reasons.append(Reason.CARD_LOST)
        case CardStatus.BLOCKED:
            reasons.append(Reason.PATRON_BLOCKED)
        case CardStatus.ACTIVE:
            if patron.blocks > 0:
                reasons.append(Reason.PATRON_BLOCKED)
        case _:
            assert_never(patron.card)
    if patron.expires_on is not None and today > patron.expires_on:
        reasons.append(Reason.PATRON_EXPIRED)
    if category.fees_ceiling_minor is not None and patron.fees_owed_minor > category.fees_ceiling_minor:
        reasons.append(Reason.FEES_OWED)
    if category.overdue_max is not None and patron.overdue > category.overdue_max:
        reasons.append(Reason.LOANS_OVERDUE)
    return tuple(reasons)


def may_borrow_more(patron: PatronState, category: CategoryTerms, today: date) -> bool:
    """Whether at least one more loan of some kind is open to *patron*."""
    return not patron_refusals(patron, category, today) and loans_left(patron, category) > 0


def item_refusal(item: ItemState) -> Reason | None:
    """Why *item* is not lent to anybody, whoever asks; None when it is lent in principle."""
    return _use_refusal(item.use) or _condition_refusal(item.condition)


def _use_refusal(use: Use) -> Reason | None:
    match use:
        case Use.LENDING:
            return None
        case Use.REFERENCE:
            return Reason.ITEM_REFERENCE
        case Use.SPECIAL:
            return Reason.ITEM_SPECIAL_COLLECTION
        case Use.LARGE_SERIES:
            return Reason.ITEM_LARGE_SERIES
        case Use.PERIODICAL:
            return Reason.ITEM_NOT_FOR_LOAN
        case _:
            assert_never(use)


def _condition_refusal(condition: Condition) -> Reason | None:
    match condition:
        case Condition.IN_PLACE:
            return None
        case Condition.IN_PROCESS:
            return Reason.ITEM_NOT_FOR_LOAN
        case Condition.IN_TRANSIT:
            return Reason.ITEM_IN_TRANSIT
        case Condition.LOST | Condition.MISSING:
            return Reason.ITEM_LOST
        case Condition.DAMAGED:
            return Reason.ITEM_DAMAGED
        case Condition.WITHDRAWN:
            return Reason.ITEM_WITHDRAWN
        case _:
            assert_never(condition)


def lending_refusal(
    item: ItemState, patron: PatronState, terms: Terms, today: date, *, fee_consented: bool
) -> Reason | None:
    """Why *item* is not lent to *patron* on *today*, or None when it is.

    What the patron has already is ALREADY_YOURS before anything else: it is never lent again, and never silently
    renewed (`renewing.py` judges that when it is asked for).
    """
    if item.lent_to is LentTo.THIS_PATRON:
        return Reason.ALREADY_YOURS
    stopped = patron_refusals(patron, terms.category, today)
    if stopped:
        return stopped[0]
    refused = item_refusal(item) or refusal_between(item, patron, terms, today)
    if refused is not None:
        return refused
    refused = limit_refusal(patron, terms.category, terms.loan)
    if refused is not None:
        return refused
    if item.checkout_fee_minor > 0 and not fee_consented:
        return Reason.FEE_NEEDS_CONSENT
    return None


def refusal_between(item: ItemState, patron: PatronState, terms: Terms, today: date) -> Reason | None:
    """What stands between *item* and *patron* on *today*, whatever either is worth alone; None for nothing."""
    if item.lent_to is LentTo.SOMEBODY_ELSE:
        return Reason.ITEM_ON_LOAN_TO_OTHER
    if item.is_held_for_other:
        return Reason.ITEM_ON_HOLD_FOR_OTHER
    if item.age_min_years > age_years(patron, terms.category, today):
        return Reason.ITEM_AGE_RATING
    if terms.loan.loan_days <= 0:
        return Reason.ITEM_NOT_FOR_LOAN
    return None


def age_years(patron: PatronState, category: CategoryTerms, today: date) -> int:
    """Completed years of age on *today*; the category's assumption where no date of birth is known.

    Somebody born on 29 February completes a year on 1 March of a year without that day.
    """
    born = patron.born_on
    if born is None:
        return category.age_assumed_years
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
