"""What became of an entry that was perhaps sent and never answered, judged by what the server says afterwards.

Loans, renewals and their undoing are judged here, what was given back and paid in `doubt_returns.py`.

Koha renews a loan on a blind repeat and SIPServer executes twice, so nothing in doubt is sent again before this.
A patron's list of loans counts; what an item says of itself counts only where there is no list, because it does not
say whose loan it is.  A list proves absence only when it is whole.  What cannot be told apart is `Unclear`.

A request cut off on its way may have been executed for another, shorter number (SIPServer and Koha execute what came
before the connection closed): a new loan whose number begins ours is therefore not "not done".
"""

from __future__ import annotations

from typing import Final, assert_never

from sync.entries import (
    Answer,
    Due,
    Entry,
    GiveBack,
    Granted,
    ItemId,
    Lend,
    Pay,
    Reason,
    Refused,
    Renew,
    ReportCare,
    UndoLoan,
)
from sync.questions import AccountFacts, ItemFacts, LoanFact, PatronFacts, Standing
from sync.uplink.doubt_returns import is_free, judge_give_back, judge_pay
from sync.uplink.promised import is_withdrawn
from sync.uplink.reports import Unclear, Verdict

NOT_DONE: Final = Refused(Reason.NOT_DONE)


def judge(
    entry: Entry,
    item: ItemFacts | None,
    patron: PatronFacts | None,
    *,
    account: AccountFacts | None = None,
    was_sent: bool = True,
    is_given_up: bool = False,
) -> Verdict:
    """What became of *entry*, by what the server says now; None where it was not asked or cannot tell.

    `Granted`: it was done.  `NOT_DONE`: it was not.  `Unclear`: neither can be shown; its text is for the sealed part
    of a case: it may name items, never a patron.  *was_sent*: it was perhaps sent, so that what is found may be its
    doing.  *is_given_up*: the terminal withdrew its own promise, so what was there before must be told apart again.
    """
    promise = entry.promise
    match promise:
        case GiveBack():
            return judge_give_back(promise, item)
        case Pay():
            return judge_pay(promise, account)
        case ReportCare():
            # Nothing is asked: to be told twice that a book needs care is no harm.
            return NOT_DONE
        case Lend() | Renew() | UndoLoan():
            return _judge_loan(entry, promise, item, patron, was_sent=was_sent, is_given_up=is_given_up)
        case _:
            assert_never(promise)


def _judge_loan(
    entry: Entry,
    promise: Lend | Renew | UndoLoan,
    item: ItemFacts | None,
    patron: PatronFacts | None,
    *,
    was_sent: bool,
    is_given_up: bool,
) -> Verdict:
    loan = _loan(promise.item, patron)
    is_nobodys = item is not None and is_free(item)
    if loan is not None and is_nobodys:
        return Unclear("the patron's list has the loan, the item says it is not on loan")
    is_absent = loan is None and (_is_whole(patron) or is_nobodys)
    match promise:
        case Lend():
            if must_come_true(entry) and not is_given_up:
                return _judge_kept(promise, loan, is_absent, item, patron, was_sent)
            return _judge_lend(promise, loan, is_absent, item, patron)
        case Renew():
            return _judge_renew(promise, loan, is_absent, item)
        case UndoLoan():
            if is_absent:
                return Granted(Due(None))
            return NOT_DONE if loan is not None else Unclear("nothing tells whose loan it is")
        case _:
            assert_never(promise)


def must_come_true(entry: Entry) -> bool:
    """Whether *entry* is sent until it is done or refused: an undoing, a loan the reader took away already, and what
    else has happened: an item that was given back and secured as far as it goes, money that was taken, a report.
    """
    match entry.promise:
        case UndoLoan():
            return True
        case Lend():
            return entry.is_kept and not is_withdrawn(entry)
        case Renew():
            return False
        case GiveBack() | Pay() | ReportCare():
            return entry.may_be_carried
        case _:
            assert_never(entry.promise)


def may_be_sent_again(entry: Entry, verdict: Verdict) -> bool:
    """Whether *entry*, which asking showed was not done, is to be carried (again).

    Undoing a loan must come true, and so must a loan the reader already took away, a return and a payment; a loan or
    renewal the reader was told nothing of must not.
    """
    return verdict == NOT_DONE and must_come_true(entry)


def as_carried(entry: Entry | None, answer: Answer) -> Answer:
    """What *answer* means, which was given when *entry* was carried: that it was not done is for asking to show.

    A server that will never take what must come true has refused it, and so it is before staff; it is not sent again.
    """
    is_never_taken = isinstance(answer, Refused) and answer.reason is Reason.NOT_DONE
    return Refused(Reason.OTHER) if is_never_taken and entry is not None and must_come_true(entry) else answer


def is_undone_when_late(entry: Entry, answer: Granted) -> bool:
    """Whether *entry*, granted when the reader had been told otherwise, has to be undone.

    A grant that only renewed is not: undoing it would take back the loan there was before.
    """
    return isinstance(entry.promise, Lend) and not must_come_true(entry) and not answer.renewed


def _judge_lend(
    promise: Lend, loan: LoanFact | None, is_absent: bool, item: ItemFacts | None, patron: PatronFacts | None
) -> Verdict:
    before = promise.charged_before
    if loan is not None:
        if before is None:
            return Unclear("it is on loan to the patron; whether it was before is not known")
        if promise.item in before:
            return Unclear("it was on loan to the patron before already")
        return _found(loan, item)
    shorter = _shorter_loans(promise, patron)
    if shorter:
        return _perhaps_cut_short(shorter)
    return NOT_DONE if is_absent else Unclear("nothing tells whose loan it is")


def _judge_kept(
    promise: Lend,
    loan: LoanFact | None,
    is_absent: bool,
    item: ItemFacts | None,
    patron: PatronFacts | None,
    was_sent: bool,
) -> Verdict:
    if loan is not None:
        return _found(loan, item)
    if was_sent:
        shorter = _shorter_loans(promise, patron)
        if shorter:
            return _perhaps_cut_short(shorter)
    is_nobodys = patron is not None and not patron.is_known
    if is_absent or is_nobodys:
        return NOT_DONE
    is_perhaps_theirs = item is not None and item.standing is Standing.ON_LOAN
    if was_sent or is_perhaps_theirs:
        # A server whose list is cut off may have it on this very account, and would renew it.
        return Unclear("nothing tells whose loan it is")
    return NOT_DONE


def _found(loan: LoanFact, item: ItemFacts | None) -> Granted:
    """Lists of loans often name numbers only; the item's own due date is then that of this loan."""
    if item is None:
        return Granted(loan.due or Due(None), loan.title)
    return Granted(loan.due or item.due or Due(None), loan.title or item.title, magnetic=item.magnetic)


def _perhaps_cut_short(shorter: tuple[ItemId, ...]) -> Unclear:
    names = ", ".join(shorter)
    return Unclear(f"newly on loan to the patron is {names}, whose number begins like this one's")


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


def _shorter_loans(promise: Lend, patron: PatronFacts | None) -> tuple[ItemId, ...]:
    if patron is None or patron.loans is None:
        return ()
    before = promise.charged_before or ()
    return tuple(
        loan.item
        for loan in patron.loans
        if promise.item.startswith(loan.item) and loan.item not in before and loan.item != promise.item
    )
