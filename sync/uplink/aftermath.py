"""What is written about an entry whose session is gone, and what start-up makes of an entry it finds unsettled.

| Promise | granted | refused | not done, as asking showed | unclear |
|---|---|---|---|---|
| Lend, undo when late | an entry of its own undoes it, unless it only renewed | refused | not done | a case |
| Lend, keep | done | a case: it has happened already | sent again | a case |
| Renew | done | refused | not done | a case |
| UndoLoan | done, and the loan undone | a case of the loan; done where there is no loan | sent again | a case |

Silence and a held answer are written once and change nothing else: the entry stays in its lane.
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
    IfGrantedLate,
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
) -> Aftermath:
    """What follows from *outcome*, an answer or a verdict, for the unanswered *entry* of no running session.

    *new_key* gives the key of an entry that has to begin.  *undone* is the unsettled entry an `UndoLoan` undoes, None
    when that is settled.  Raises `ValueError` when *entry* is answered or settled already.
    """
    if entry.is_settled or isinstance(entry.answer, Granted | Refused):
        raise ValueError(f"{entry.key}: was answered before")
    key, promise = entry.key, entry.promise
    match outcome:
        case Silence() | Held():
            last = entry.rows[-1]
            is_known = isinstance(last, Answered) and type(last.answer) is type(outcome)
            return Aftermath() if is_known else Aftermath((Answered(key, at, outcome),))
        case Unclear():
            return Aftermath(_unclear(key, at, outcome.why, undone))
        case Refused() if may_be_sent_again(promise, outcome):
            return Aftermath()
        case Granted() | Refused():
            answered = Answered(key, at, outcome)
            rest = closing(Entry(key, promise, (*entry.rows, answered)), at, new_key, undone)
            return Aftermath((answered, *rest.rows), rest.entries)
        case _:
            assert_never(outcome)


def closing(
    entry: Entry, at: datetime, new_key: Callable[[], EntryKey], undone: Entry | None = None
) -> Aftermath:
    """What still has to be written about *entry*, which was granted or refused and has no release of its own."""
    key, promise, answer = entry.key, entry.promise, entry.answer
    if not isinstance(answer, Granted | Refused):
        raise ValueError(f"{key}: was not answered")
    match promise:
        case Lend() if isinstance(answer, Granted):
            if is_undone_when_late(promise, answer):
                return _undo(entry, at, new_key)
            return Aftermath((Settled(key, at, Settlement.DONE),))
        case Lend() if promise.if_granted_late is IfGrantedLate.KEEP and isinstance(answer, Refused):
            return Aftermath(
                _case(key, at, CaseReason.OUTCOME_UNKNOWN, f"lent, then refused: {answer.reason.value}")
            )
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


def _undo(entry: Entry, at: datetime, new_key: Callable[[], EntryKey]) -> Aftermath:
    """The loan stays open until the entry that undoes it is answered."""
    key = new_key()
    promise = UndoLoan(entry.promise.item, entry.promise.patron, at, entry.key)
    intended = Intended(key, at, promise)
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
class CarryAgain:
    """It was perhaps sent, and this server knows its key again: it enters its lane as it is."""


@dataclass(frozen=True, slots=True)
class FinishRelease:
    """Its tags were being released: finished while they lie in the field, else a case (`release_unknown`)."""


@dataclass(frozen=True, slots=True)
class Leave:
    """The entry that undoes it settles it."""


@dataclass(frozen=True, slots=True)
class Settle:
    """Nobody needs to be asked: this is written, before anything else."""

    aftermath: Aftermath


AtStart = Ask | CarryAgain | FinishRelease | Leave | Settle


def at_start(
    entry: Entry,
    undo: Entry | None,
    at: datetime,
    new_key: Callable[[], EntryKey],
    undone: Entry | None = None,
    is_repeat_safe: bool = False,
) -> AtStart:
    """What start-up does about the unsettled *entry*.

    *undo* is the entry that undoes it (`Journal.undo_of`), *undone* the unsettled one it undoes.  *is_repeat_safe*:
    the server answers a repeat with the same key as it did the first time.
    """
    if not isinstance(entry.answer, Granted | Refused):
        return CarryAgain() if is_repeat_safe else Ask()
    if undo is not None and not undo.is_settled:
        return Leave()
    if any(isinstance(row, CaseOpened) for row in entry.rows):
        return Settle(Aftermath((Settled(entry.key, at, Settlement.CASE),)))
    if entry.is_release_open:
        return FinishRelease()
    if entry.is_released:
        return Settle(Aftermath((Settled(entry.key, at, Settlement.DONE),)))
    if undo is not None:
        was_undone = isinstance(undo.answer, Granted)
        rows = (Settled(entry.key, at, Settlement.UNDONE),)
        return Settle(Aftermath(rows if was_undone else _case_of_undo(entry, undo, at)))
    if any(isinstance(row, ReleaseFailed) for row in entry.rows):
        return Settle(
            Aftermath(_case(entry.key, at, CaseReason.RELEASE_UNKNOWN, "restart after a failed release"))
        )
    return Settle(closing(entry, at, new_key, undone))


def _case_of_undo(entry: Entry, undo: Entry, at: datetime) -> tuple[EntryRow, ...]:
    why = undo.answer.reason.value if isinstance(undo.answer, Refused) else "unclear"
    return _case(entry.key, at, CaseReason.UNDO_REFUSED, why)


def release_unknown(entry: Entry, at: datetime, why: str) -> Aftermath:
    """What is written about an entry at `FinishRelease` whose tags are no longer there; *why* is for staff."""
    return Aftermath(
        (ReleaseFailed(entry.key, at, (), why), *_case(entry.key, at, CaseReason.RELEASE_UNKNOWN, why))
    )
