"""Why a server, or the terminal on its behalf, does not do what was asked: what is so, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.wording.catalogue import mark
from sync.entries import Reason

REASONS: Mapping[Reason, tuple[str, str]] = {
    Reason.ITEM_UNKNOWN: (
        mark("The library's records do not know this item."),
        mark("Please show it to the staff at the desk."),
    ),
    Reason.ITEM_ON_LOAN_TO_OTHER: (
        mark("This item is still on loan to another reader."),
        mark("Please take it to the desk, so that it can be returned first."),
    ),
    Reason.ITEM_ON_HOLD_FOR_OTHER: (
        mark("Another reader is waiting for this item."),
        mark("Please leave it at the desk. You can ask there to be the next."),
    ),
    Reason.ITEM_REFERENCE: (
        mark("This item is for use in the library only."),
        mark("You are welcome to read it here. Please put it back on its shelf afterwards."),
    ),
    Reason.ITEM_SPECIAL_COLLECTION: (
        mark("This item belongs to a special collection and stays in the library."),
        mark("The staff at the desk will show you where you can read it."),
    ),
    Reason.ITEM_LARGE_SERIES: (
        mark("This item is part of a large series, which stays in the library."),
        mark("You are welcome to read it here. Please put it back on its shelf afterwards."),
    ),
    Reason.ITEM_LOST: (
        mark("This item had been reported lost."),
        mark("Thank you for finding it. Please hand it in at the desk."),
    ),
    Reason.ITEM_IN_TRANSIT: (
        mark("This item is on its way to another library."),
        mark("Please hand it in at the desk."),
    ),
    Reason.ITEM_DAMAGED: (
        mark("This item is recorded as damaged."),
        mark("Please hand it in at the desk, so that it can be mended."),
    ),
    Reason.ITEM_WITHDRAWN: (
        mark("This item no longer belongs to the collection."),
        mark("Please hand it in at the desk."),
    ),
    Reason.ITEM_INCOMPLETE: (
        mark("A part of this item is recorded as missing."),
        mark("Please take it to the desk, so that the staff can check its parts."),
    ),
    Reason.ITEM_AGE_RATING: (
        mark("This item has an age rating that does not fit your card."),
        mark("The staff at the desk can help you."),
    ),
    Reason.ITEM_NOT_FOR_LOAN: (
        mark("This item cannot be borrowed."),
        mark("You are welcome to read it here. The staff at the desk can tell you more."),
    ),
    Reason.LIMIT_REACHED: (
        mark("You have borrowed as many items as your card allows."),
        mark("Please return something first, or leave this item here."),
    ),
    Reason.RENEWAL_LIMIT: (
        mark("This loan cannot be renewed again."),
        mark("Please return the item by the day it is due."),
    ),
    Reason.NOT_ON_LOAN: (
        mark("This item is not on loan to you."),
        mark("To borrow it, please lay it on the pad again."),
    ),
    Reason.ALREADY_YOURS: (
        mark("You have borrowed this item already."),
        mark("You can renew it, if you want to keep it longer."),
    ),
    Reason.FEE_NEEDS_CONSENT: (
        mark("Borrowing this item costs a fee."),
        mark("Nothing is charged unless you agree to it."),
    ),
    Reason.PATRON_UNKNOWN: (
        mark("The library does not know this card."),
        mark("Please check that it is your card for this library, or ask at the desk."),
    ),
    Reason.PATRON_BLOCKED: (
        mark("Your card cannot be used for borrowing at the moment."),
        mark("Please ask at the desk. The staff will tell you the reason."),
    ),
    Reason.PATRON_EXPIRED: (
        mark("Your card is no longer valid."),
        mark("Please have it extended at the desk."),
    ),
    Reason.CARD_LOST: (
        mark("This card was reported lost and no longer works."),
        mark("If it is yours, please go to the desk."),
    ),
    Reason.FEES_OWED: (
        mark("There are unpaid fees on your account."),
        mark("Please pay them at the desk. You can borrow right after that."),
    ),
    Reason.LOANS_OVERDUE: (
        mark("Some of your loans are overdue."),
        mark("Please return them first. You can borrow right after that."),
    ),
    Reason.WRONG_PIN: (
        mark("That is not the PIN of this card."),
        mark("Please try again, or ask at the desk for a new PIN."),
    ),
    Reason.NOT_PERMITTED_HERE: (
        mark("Your card cannot be used at this terminal."),
        mark("Please borrow at the desk."),
    ),
    Reason.NOT_WITHOUT_SERVER: (
        mark("This item can only be lent while the library's system can be reached."),
        mark("Please leave it here and try again later, or ask at the desk."),
    ),
    Reason.OFFLINE_LIMIT: (
        mark("Until the library's system is back, you can borrow no more items here."),
        mark("Please leave this item here, or borrow it at the desk."),
    ),
    Reason.NOT_DONE: (
        mark("This could not be completed, and nothing was recorded."),
        mark("Please try once more, or borrow at the desk."),
    ),
    Reason.FEE_GONE: (
        mark("This fee is no longer open."),
        mark("Please look at your account again, or ask at the desk."),
    ),
    Reason.AMOUNT_DIFFERS: (
        mark("The library's system has another amount for this fee."),
        mark("Please look at your account again, or ask at the desk."),
    ),
    Reason.CURRENCY_DIFFERS: (
        mark("The library's system keeps this fee in another currency."),
        mark("Please pay it at the desk."),
    ),
    Reason.NOT_RETURNABLE_HERE: (
        mark("The library's system does not take this item back here."),
        mark("Please hand it to the staff. They will settle it."),
    ),
    Reason.OTHER: (
        mark("The library's system did not allow this."),
        mark("Please ask at the desk."),
    ),
}
