"""May this patron keep this item longer?  None means yes; otherwise the one reason to tell the reader."""

from __future__ import annotations

from datetime import date

from sync.entries import Reason
from sync.rules.lending import item_refusal, patron_refusals
from sync.rules.terms import ItemState, LentTo, LoanState, PatronState, Terms


def renewal_refusal(
    loan: LoanState, item: ItemState, patron: PatronState, terms: Terms, today: date, *, fee_consented: bool
) -> Reason | None:
    """Why *patron*'s *loan* of *item* is not lengthened on *today*, or None when it is.

    In this order: it is not theirs, the card is stopped, the item was reported lost or called in,
    somebody else waits for it, it was renewed as often as it may be, the fee was not agreed to.  The loan
    limit does not count: nothing is added.
    """
    if item.lent_to is LentTo.NOBODY:
        return Reason.NOT_ON_LOAN
    if item.lent_to is LentTo.SOMEBODY_ELSE:
        return Reason.ITEM_ON_LOAN_TO_OTHER
    stopped = patron_refusals(patron, terms.category, today)
    if stopped:
        return stopped[0]
    refused = item_refusal(item)
    if refused is not None:
        return refused
    if item.is_held_for_other:
        return Reason.ITEM_ON_HOLD_FOR_OTHER
    if loan.renewals >= terms.loan.renewals_max or terms.loan.renewal_days <= 0:
        return Reason.RENEWAL_LIMIT
    if item.checkout_fee_minor > 0 and not fee_consented:
        return Reason.FEE_NEEDS_CONSENT
    return None
