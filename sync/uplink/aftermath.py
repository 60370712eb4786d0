"""What is written about an entry whose session is gone.

What start-up makes of an entry it finds unsettled is in `start_up.py`.

| Promise | granted | refused | not done, as asking showed | unclear |
|---|---|---|---|---|
| Lend, undo when late | an entry of its own undoes it, unless it only renewed | refused | not done | a case |
| Lend, keep | done | a case: it has happened already | sent again | a case |
| Lend the terminal promised | done; a case if another day is due | a case | sent | a case |
| the same, withdrawn | an entry of its own undoes it, unless it only renewed | refused | not done | a case |
| Renew | done | refused | not done | a case |
| UndoLoan | done, and the loan undone | a case of the loan; done where there is no loan | sent again | a case |
| GiveBack | done, or the case it is | a case, unless there was no loan | sent again | a case |
| Pay | done | a case: nobody is there to be paid back | sent again | a case |
| ReportCare | done | refused; a case of an unknown item | sent again | (never) |

Silence and a held answer are written once and change nothing else: the entry stays in its lane.

An item that is given back was secured, or is a case for not being so, before the server was told: that case stays,
however the server answers.  A return that is refused now stays secured, also of an item that is not ours: it lies here
no more, as far as anybody knows.  Money is not given back without the reader: a terminal may want the card for that.

What the terminal itself granted has two stories, its tags' and the server's, and either may end first: the entry is
settled by `settle_promised` (`promised.py`) when both are told, whoever tells the second one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from sync.entries import (
    Answer,
    Answered,
    CaseOpened,
    CaseReason,
    Entry,
    EntryKey,
    EntryRow,
    GiveBack,
    Granted,
    Held,
    Intended,
    Lend,
    Pay,
    Reason,
    Refused,
    Renew,
    ReportCare,
    Restored,
    SecureFailed,
    Settled,
    Settlement,
    Silence,
    UndoLoan,
)
from sync.uplink.doubt import NOT_DONE, is_undone_when_late, may_be_sent_again
from sync.uplink.promised import case_reasons, settle_promised, with_rows
from sync.uplink.reports import Unclear


@dataclass(frozen=True, slots=True)
class Aftermath:
    """*rows* to commit at once, then *entries* (theirs are among the rows) to enter the lane."""

    rows: tuple[EntryRow, ...] = ()
    entries: tuple[Entry, ...] = ()


def aftermath(
    entry: Entry,
    outcome: Answer | Unclear,
    at: datetime,
    new_key: Callable[[], EntryKey],
    undone: Entry | None = None,
    undo: Entry | None = None,
    seconds: float | None = None,
) -> Aftermath:
    """What follows from *outcome*, an answer or a verdict, for the unanswered *entry* of no running session.

    *new_key* gives the key of an entry that has to begin.  *undone* is the unsettled entry an `UndoLoan` undoes, None
    when that is settled; *undo* the entry that undoes this one, None when there is none.
    *seconds* is the monotonic clock at *at*, for what begins now.  Raises `ValueError` when
    *entry* is answered or settled already.
    """
    if entry.is_settled or isinstance(entry.answer, Granted | Refused):
        raise ValueError(f"{entry.key}: was answered before")
    key = entry.key
    match outcome:
        case Silence() | Held():
            last = entry.rows[-1]
            is_known = isinstance(last, Answered) and type(last.answer) is type(outcome)
            return Aftermath() if is_known else Aftermath((Answered(key, at, outcome),))
        case Unclear():
            return Aftermath(_unclear(entry, at, outcome.why, undone))
        case Refused() if may_be_sent_again(entry, outcome):
            return Aftermath()
        case Granted() | Refused():
            answered = Answered(key, at, outcome)
            rest = closing(with_rows(entry, answered), at, new_key, undone, undo, seconds)
            return Aftermath((answered, *rest.rows), rest.entries)
        case _:
            assert_never(outcome)


def closing(
    entry: Entry,
    at: datetime,
    new_key: Callable[[], EntryKey],
    undone: Entry | None = None,
    undo: Entry | None = None,
    seconds: float | None = None,
) -> Aftermath:
    """What still has to be written about *entry*, which was granted or refused.

    Unless the terminal itself promised it, it has no release of its own.
    """
    key, promise, answer = entry.key, entry.promise, entry.answer
    if not isinstance(answer, Granted | Refused):
        raise ValueError(f"{key}: was not answered")
    is_late = undo is None and isinstance(answer, Granted) and is_undone_when_late(entry, answer)
    if is_late and isinstance(promise, Lend):
        return _undo(key, promise, at, new_key, seconds)
    if entry.promised is not None:
        return Aftermath(settle_promised(entry, at, undo))
    match promise:
        case Lend() if isinstance(answer, Granted):
            return Aftermath((Settled(key, at, Settlement.DONE),))
        case Lend() if entry.is_kept and isinstance(answer, Refused):
            return Aftermath(case_rows(key, at, CaseReason.LOAN_REFUSED, answer.reason.value))
        case Lend() | Renew():
            return Aftermath((Settled(key, at, _how(answer)),))
        case UndoLoan():
            return Aftermath(_undoing_answered(key, answer, at, undone))
        case GiveBack():
            return Aftermath(_given_back(entry, answer, at))
        case Pay():
            return Aftermath(_paid(entry, answer, at))
        case ReportCare() if isinstance(answer, Refused) and answer.reason is Reason.ITEM_UNKNOWN:
            return Aftermath(case_rows(key, at, CaseReason.CARE_REFUSED, answer.reason.value))
        case ReportCare():
            return Aftermath((Settled(key, at, _how(answer)),))
        case _:
            assert_never(promise)


def _given_back(entry: Entry, answer: Granted | Refused, at: datetime) -> tuple[EntryRow, ...]:
    key = entry.key
    if entry.is_secure_open:
        # It was being secured once more, and nobody saw the end of that.
        failed = SecureFailed(key, at, (), "not seen")
        return failed, *case_rows(key, at, CaseReason.RETURN_NOT_SECURED, "not seen")
    is_case = bool(case_reasons(entry))
    if isinstance(answer, Granted):
        return (Settled(key, at, Settlement.CASE if is_case else Settlement.DONE),)
    # What was not ours has gone home as it came; what was on loan to nobody is here, which is all that was wanted.
    is_well = answer.reason is Reason.NOT_ON_LOAN or any(isinstance(row, Restored) for row in entry.rows)
    if is_well:
        return (Settled(key, at, Settlement.CASE if is_case else Settlement.REFUSED),)
    return _case_once(entry, at, CaseReason.RETURN_REFUSED, answer.reason.value)


def _paid(entry: Entry, answer: Granted | Refused, at: datetime) -> tuple[EntryRow, ...]:
    key = entry.key
    if isinstance(answer, Granted):
        return (Settled(key, at, Settlement.DONE),)
    return _case_once(entry, at, CaseReason.PAYMENT_NOT_POSTED, answer.reason.value)


def _case_once(entry: Entry, at: datetime, reason: CaseReason, detail: str) -> tuple[EntryRow, ...]:
    if reason in case_reasons(entry):
        return (Settled(entry.key, at, Settlement.CASE),)
    return case_rows(entry.key, at, reason, detail)


def _how(answer: Granted | Refused) -> Settlement:
    if isinstance(answer, Granted):
        return Settlement.DONE
    return Settlement.NOT_DONE if answer == NOT_DONE else Settlement.REFUSED


def _undo(
    loan: EntryKey, lent: Lend, at: datetime, new_key: Callable[[], EntryKey], seconds: float | None
) -> Aftermath:
    """The loan stays open until the entry that undoes it is answered."""
    key = new_key()
    promise = UndoLoan(lent.item, lent.patron, at, loan)
    intended = Intended(key, at, promise, seconds)
    return Aftermath((intended,), (Entry(key, promise, (intended,)),))


def _undoing_answered(
    key: EntryKey, answer: Granted | Refused, at: datetime, undone: Entry | None
) -> tuple[EntryRow, ...]:
    if isinstance(answer, Granted):
        end = Settled(key, at, Settlement.DONE)
        return (end,) if undone is None else (end, Settled(undone.key, at, Settlement.UNDONE))
    if answer.reason is Reason.NOT_ON_LOAN:
        end = Settled(key, at, Settlement.NOT_DONE)
        return (end,) if undone is None else (end, Settled(undone.key, at, Settlement.UNDONE))
    if undone is None:
        return case_rows(key, at, CaseReason.UNDO_REFUSED, answer.reason.value)
    return (
        Settled(key, at, Settlement.REFUSED),
        *case_rows(undone.key, at, CaseReason.UNDO_REFUSED, answer.reason.value),
    )


def _unclear(entry: Entry, at: datetime, why: str, undone: Entry | None) -> tuple[EntryRow, ...]:
    """One case; where a loan was to be undone it is that loan's."""
    key = entry.key
    if undone is None:
        is_money = isinstance(entry.promise, Pay)
        reason = CaseReason.PAYMENT_NOT_POSTED if is_money else CaseReason.OUTCOME_UNKNOWN
        return case_rows(key, at, reason, why)
    return Settled(key, at, Settlement.CASE), *case_rows(undone.key, at, CaseReason.OUTCOME_UNKNOWN, why)


def case_rows(key: EntryKey, at: datetime, reason: CaseReason, detail: str) -> tuple[EntryRow, ...]:
    """What ends entry *key* as a case; *detail* is for staff."""
    return CaseOpened(key, at, reason, detail), Settled(key, at, Settlement.CASE)
