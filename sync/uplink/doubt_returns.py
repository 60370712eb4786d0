"""What became of a return or a payment that was perhaps told to the server, judged by what it says afterwards; pure.

An item is back when it is on nobody's account.  While it is on loan the question is whose loan that is: the one that
was to end, then the return is told again; or one that was made since, which must not be ended.  A due date other than
before shows neither (the reader may have renewed it at home), so a human looks.

Money moves the sum that is owed: the same as before, then the payment was not posted and is told again; less by exactly
what was paid, then it was.  Whoever settles the very same fees at the desk meanwhile cannot be told apart from it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sync.entries import Due, GiveBack, Granted, Pay, Reason, Refused, TakenBack
from sync.questions import AccountFacts, ItemFacts, Standing
from sync.uplink.reports import Unclear, Verdict

_NOT_DONE: Final = Refused(Reason.NOT_DONE)
_NOT_ON_LOAN: Final = frozenset(
    {
        Standing.AVAILABLE,
        Standing.ON_HOLD_SHELF,
        Standing.IN_TRANSIT,
        Standing.IN_PROCESS,
        Standing.NOT_FOR_LOAN,
    }
)
"""Standings in which an item is on nobody's account.  A lost item often still is."""


def is_free(item: ItemFacts) -> bool:
    """Whether *item* is on nobody's account."""
    return not item.is_known or item.standing in _NOT_ON_LOAN


def judge_give_back(promise: GiveBack, item: ItemFacts | None) -> Verdict:
    """What became of an item that was given back, by what the server says of it now; None: it cannot be asked.

    `NOT_DONE` means that telling it again ends no other loan than the one that was to end.
    """
    if item is None:
        return Unclear("the server tells nothing of items")
    if not item.is_known:
        # Telling it again ends nobody's loan, and the server's own refusal is what staff have to see.
        return _NOT_DONE
    if is_free(item):
        back = TakenBack(was_on_loan=promise.was_on_loan)
        return Granted(promise.due_before or Due(None), item.title, magnetic=item.magnetic, back=back)
    if _is_same_loan(promise, item):
        return _NOT_DONE
    # Also where it was on no loan before: that may be one of this terminal's own, which the server heard of since.
    return Unclear("nothing tells whether the loan it has now is the one that was to end")


def _is_same_loan(promise: GiveBack, item: ItemFacts) -> bool:
    due, before = item.due, promise.due_before
    if due is None:
        return False
    if before is not None and due == before:
        return True
    # Nobody is lent an item until a day that has passed.  The library's day may be another than that of UTC.
    return due.day is not None and due.day < promise.at.date() - timedelta(days=1)


def judge_pay(promise: Pay, account: AccountFacts | None) -> Verdict:
    """What became of a payment whose money was taken, by the *account* now; None: it cannot be asked."""
    before, now = promise.owed_before, None if account is None else account.owed
    if account is None or before is None or now is None:
        return Unclear("what is owed, before or now, is not known")
    if not before.currency == now.currency == promise.amount.currency:
        return Unclear("what is owed is told in another currency")
    gone, left = _fees(promise, account)
    if now == before and not gone:
        return _NOT_DONE
    if now.minor_units == before.minor_units - promise.amount.minor_units and not left:
        return Granted(Due(None))
    return Unclear("what is owed does not tell whether it was posted")


def _fees(promise: Pay, account: AccountFacts) -> tuple[bool, bool]:
    """Whether a fee that was paid is gone, and whether one is as high as what was paid of it, where each is named.

    Then a sum that agrees with neither agrees by chance: somebody else paid, or something else came up.
    """
    if account.fees is None:
        return False, False
    still_open = {fee.id: fee.amount for fee in account.fees}
    paid = [part for part in promise.parts if part.fee]
    is_gone = any(part.fee not in still_open for part in paid)
    return is_gone, any(still_open.get(part.fee) == part.amount for part in paid)
