"""What is written about an entry whose session is gone, and what start-up makes of an entry it finds unsettled.

| Promise | granted | refused | not done, as asking showed | unclear |
|---|---|---|---|---|
| Lend, undo when late | an entry of its own undoes it, unless it only renewed | refused | not done | a case |
| Lend, keep | done | a case: it has happened already | sent again | a case |
| Lend the terminal promised | done; a case if another day is due | a case | sent | a case |
| the same, withdrawn | an entry of its own undoes it, unless it only renewed | refused | not done | a case |
| Renew | done | refused | not done | a case |
| UndoLoan | done, and the loan undone | a case of the loan; done where there is no loan | sent again | a case |

Silence and a held answer are written once and change nothing else: the entry stays in its lane.

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
    Granted,
    Held,
    Intended,
    Lend,
    Reason,
    Refused,
    ReleaseFailed,
    Renew,
    Settled,
    Settlement,
    Silence,
    UndoLoan,
)
from sync.uplink.doubt import NOT_DONE, is_undone_when_late, may_be_sent_again
from sync.uplink.promised import (
    case_reasons,
    is_release_failed,
    settle_promised,
    settled_like_its_undoing,
    with_rows,
)
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
            return Aftermath(_unclear(key, at, outcome.why, undone))
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
    if isinstance(answer, Granted) and is_undone_when_late(entry, answer) and undo is None:
        return _undo(entry, at, new_key, seconds)
    if entry.promised is not None:
        return Aftermath(settle_promised(entry, at, undo))
    match promise:
        case Lend() if isinstance(answer, Granted):
            return Aftermath((Settled(key, at, Settlement.DONE),))
        case Lend() if entry.is_kept and isinstance(answer, Refused):
            return Aftermath(_case(key, at, CaseReason.LOAN_REFUSED, answer.reason.value))
        case Lend() | Renew():
            return Aftermath((Settled(key, at, _how(answer)),))
        case UndoLoan():
            return Aftermath(_undoing_answered(key, answer, at, undone))
        case _:
            assert_never(promise)


def _how(answer: Granted | Refused) -> Settlement:
    if isinstance(answer, Granted):
        return Settlement.DONE
    return Settlement.NOT_DONE if answer == NOT_DONE else Settlement.REFUSED


def _undo(entry: Entry, at: datetime, new_key: Callable[[], EntryKey], seconds: float | None) -> Aftermath:
    """The loan stays open until the entry that undoes it is answered."""
    key = new_key()
    promise = UndoLoan(entry.promise.item, entry.promise.patron, at, entry.key)
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
        return _case(key, at, CaseReason.UNDO_REFUSED, answer.reason.value)
    return (
        Settled(key, at, Settlement.REFUSED),
        *_case(undone.key, at, CaseReason.UNDO_REFUSED, answer.reason.value),
    )


def _unclear(key: EntryKey, at: datetime, why: str, undone: Entry | None) -> tuple[EntryRow, ...]:
    """One case; where a loan was to be undone it is that loan's."""
    if undone is None:
        return _case(key, at, CaseReason.OUTCOME_UNKNOWN, why)
    return Settled(key, at, Settlement.CASE), *_case(undone.key, at, CaseReason.OUTCOME_UNKNOWN, why)


def _case(key: EntryKey, at: datetime, reason: CaseReason, detail: str) -> tuple[EntryRow, ...]:
    return CaseOpened(key, at, reason, detail), Settled(key, at, Settlement.CASE)


# --- At start -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ask:
    """It was perhaps sent: it enters its lane in doubt."""


@dataclass(frozen=True, slots=True)
class FinishRelease:
    """Its tags were being released: finished while they lie in the field, else `release_unknown`.

    *is_unanswered*: it enters its lane in doubt as well.
    """

    is_unanswered: bool = False


@dataclass(frozen=True, slots=True)
class Leave:
    """The entry that undoes it settles it."""


@dataclass(frozen=True, slots=True)
class Settle:
    """Nobody needs to be asked: this is written, before anything else."""

    aftermath: Aftermath


AtStart = Ask | FinishRelease | Leave | Settle


def at_start(
    entry: Entry,
    undo: Entry | None,
    at: datetime,
    new_key: Callable[[], EntryKey],
    undone: Entry | None = None,
    seconds: float | None = None,
) -> AtStart:
    """What start-up does about the unsettled *entry*.

    *undo* is the entry that undoes it (`Journal.undo_of`), *undone* the unsettled one it undoes; *seconds* is the
    monotonic clock at *at*.
    """
    if not isinstance(entry.answer, Granted | Refused):
        return FinishRelease(is_unanswered=True) if entry.is_release_open else Ask()
    if undo is not None and not undo.is_settled:
        return Leave()
    if entry.promised is None:
        if case_reasons(entry):
            return Settle(Aftermath((Settled(entry.key, at, Settlement.CASE),)))
        if entry.is_released:
            return Settle(Aftermath((Settled(entry.key, at, Settlement.DONE),)))
    if entry.is_release_open:
        return FinishRelease()
    if undo is not None:
        return Settle(Aftermath(settled_like_its_undoing(entry, undo, at)))
    if entry.promised is None and is_release_failed(entry):
        why = "restart after a failed release"
        return Settle(Aftermath(_case(entry.key, at, CaseReason.RELEASE_UNKNOWN, why)))
    return Settle(closing(entry, at, new_key, undone, undo, seconds))


def release_unknown(entry: Entry, at: datetime, why: str) -> Aftermath:
    """What is written about an entry at `FinishRelease` whose tags are no longer there; *why* is for staff.

    What the terminal itself granted has a case at once, and stays open until the server has answered.
    """
    key = entry.key
    rows = (
        ReleaseFailed(key, at, (), why, entry.strip_before),
        CaseOpened(key, at, CaseReason.RELEASE_UNKNOWN, why),
    )
    if entry.promised is None:
        return Aftermath((*rows, Settled(key, at, Settlement.CASE)))
    return Aftermath((*rows, *settle_promised(with_rows(entry, *rows), at)))
