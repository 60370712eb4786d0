"""What became of an entry that was perhaps sent and never answered, judged by what the server says afterwards.

Koha renews a loan on a blind repeat and SIPServer executes twice, so nothing in doubt is sent again before this.
A patron's list of loans counts; what an item says of itself counts only where there is no list, because it does not
say whose loan it is.  A list proves absence only when it is whole.  What cannot be told apart is `Unclear`.

A request cut off on its way may have been executed for another, shorter number (SIPServer and Koha execute what came
before the connection closed): a new loan whose number begins ours is therefore not "not done".
"""

from __future__ import annotations

from typing import Final, assert_never

from sync.entries import (
    Due,
    Entry,
    Granted,
    IfGrantedLate,
    ItemId,
    Lend,
    Promise,
    Reason,
    Refused,
    Renew,
    UndoLoan,
)
from sync.questions import ItemFacts, LoanFact, PatronFacts, Standing
from sync.uplink.reports import Unclear, Verdict

NOT_DONE: Final = Refused(Reason.NOT_DONE)

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


def judge(entry: Entry, item: ItemFacts | None, patron: PatronFacts | None) -> Verdict:
    """What became of *entry*, by what the server says now; None where it was not asked or cannot tell.

    `Granted`: it was done.  `NOT_DONE`: it was not.  `Unclear`: neither can be shown.
    """
    promise = entry.promise
    loan = _loan(promise.item, patron)
    is_free = _is_free(item)
    if loan is not None and is_free:
        return Unclear("the patron's list has the loan, the item says it is not on loan")
    is_absent = loan is None and (_is_whole(patron) or is_free)
    match promise:
        case Lend():
            return _judge_lend(promise, loan, is_absent, item, patron)
        case Renew():
            return _judge_renew(promise, loan, is_absent, item)
        case UndoLoan():
            if is_absent:
                return Granted(Due(None))
            return NOT_DONE if loan is not None else Unclear("nothing tells whose loan it is")
        case _:
            assert_never(promise)


def may_be_sent_again(promise: Promise, verdict: Verdict) -> bool:
    """Whether *promise*, which asking showed was not done, is to be carried again.

    Undoing a loan must come true, and so must a loan the reader already took away; a loan or renewal the reader was
    told nothing of must not.
    """
    if verdict != NOT_DONE:
        return False
    match promise:
        case UndoLoan():
            return True
        case Lend():
            return promise.if_granted_late is IfGrantedLate.KEEP
        case Renew():
            return False
        case _:
            assert_never(promise)


def is_undone_when_late(promise: Promise, answer: Granted) -> bool:
    """Whether *promise*, granted when the reader had been told otherwise, has to be undone.

    A grant that only renewed is not: undoing it would take back the loan there was before.
    """
    is_loan = isinstance(promise, Lend) and promise.if_granted_late is IfGrantedLate.UNDO
    return is_loan and not answer.renewed


def _judge_lend(
    promise: Lend, loan: LoanFact | None, is_absent: bool, item: ItemFacts | None, patron: PatronFacts | None
) -> Verdict:
    before = promise.charged_before
    if loan is not None:
        if before is None:
            return Unclear("it is on loan to the patron; whether it was before is not known")
        if promise.item in before:
            return Unclear("it was on loan to the patron before already")
        magnetic = None if item is None else item.magnetic
        title = loan.title or ("" if item is None else item.title)
        return Granted(loan.due or Due(None), title, magnetic=magnetic)
    if _shorter_loans(promise, patron):
        return Unclear("another item whose number begins like this one's is newly on loan to the patron")
    return NOT_DONE if is_absent else Unclear("nothing tells whose loan it is")


def _judge_renew(promise: Renew, loan: LoanFact | None, is_absent: bool, item: ItemFacts | None) -> Verdict:
    if is_absent:
        return NOT_DONE
    before = promise.due_before
    now = loan.due if loan is not None else None
    if now is None and item is not None:
        now = item.due
    if before is None or now is None:
        return Unclear("the due date before or now is not known")
    if now == before:
        return NOT_DONE
    if before.day is None or now.day is None:
        return Unclear("the due date changed and cannot be read")
    if now.day > before.day:
        return Granted(now, "" if loan is None else loan.title, renewed=True)
    if now.day == before.day and not (now.text and before.text):
        return NOT_DONE
    return Unclear("the due date changed, and not to a later day")


def _loan(item: ItemId, patron: PatronFacts | None) -> LoanFact | None:
    if patron is None or patron.loans is None:
        return None
    return next((loan for loan in patron.loans if loan.item == item), None)


def _is_whole(patron: PatronFacts | None) -> bool:
    """Whether the list of loans is the whole list: the card is known, and the server's own count agrees."""
    if patron is None or not patron.is_known or patron.loans is None:
        return False
    return patron.loan_count is None or patron.loan_count == len(patron.loans)


def _is_free(item: ItemFacts | None) -> bool:
    return item is not None and (not item.is_known or item.standing in _NOT_ON_LOAN)


def _shorter_loans(promise: Lend, patron: PatronFacts | None) -> bool:
    if patron is None or patron.loans is None:
        return False
    before = promise.charged_before or ()
    return any(
        promise.item.startswith(loan.item) and loan.item not in before and loan.item != promise.item
        for loan in patron.loans
    )
