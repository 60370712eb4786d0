"""How many items a patron may have at once: by category as a whole, and by item type within it."""

from __future__ import annotations

from sync.entries import Reason
from sync.rules.terms import CategoryTerms, LoanTerms, PatronState


def loans_left(patron: PatronState, category: CategoryTerms) -> int:
    """How many more items of any type the category lets *patron* have; never negative."""
    return max(0, category.loans_max - patron.loans)


def limit_refusal(patron: PatronState, category: CategoryTerms, loan: LoanTerms) -> Reason | None:
    """LIMIT_REACHED when one more item of the type that *loan* is for would be too many, else None."""
    if loans_left(patron, category) == 0:
        return Reason.LIMIT_REACHED
    if loan.count_max is not None and patron.loans_of_type >= loan.count_max:
        return Reason.LIMIT_REACHED
    return None
