"""What start-up makes of an entry it finds unsettled.

What may be carried and was not answered is in doubt.  A release or a securing under way is finished by the session
while the tags may still lie there; of a payment under way it asks whoever was to take the money.  An entry that was
answered, or told by nobody and given up, is ended as its rows say.

A journal that was restored from a copy does not know what happened since the copy was made.  Its terminal may have
taken other money by now, and no card terminal can tell what became of an older payment than its last: that is a case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sync.entries import (
    CaseReason,
    Dropped,
    Entry,
    EntryKey,
    EntryRow,
    GiveBack,
    Granted,
    Pay,
    PaymentNotMade,
    PaymentReversed,
    Refused,
    ReportCare,
    Settled,
    Settlement,
)
from sync.uplink.aftermath import Aftermath, case_rows, closing
from sync.uplink.promised import (
    case_reasons,
    is_release_failed,
    settled_like_its_undoing,
)

_NEVER_TOLD = (CaseReason.RETURN_UNKNOWN, CaseReason.PAYMENT_UNKNOWN)
"""Of these the server was not told and will not be: staff have to say what became of item or money."""


@dataclass(frozen=True, slots=True)
class Ask:
    """It enters its lane: in doubt, for it was perhaps sent, unless the journal shows that it was not."""


@dataclass(frozen=True, slots=True)
class FinishRelease:
    """Its tags were being released: finished while they lie in the field, else a case.

    *is_unanswered*: it enters its lane in doubt as well.
    """

    is_unanswered: bool = False


@dataclass(frozen=True, slots=True)
class FinishSecuring:
    """An item that was given back was being secured: finished, and told, while its tags lie in the field; else a case.

    It was never sent, and enters its lane held.
    """


@dataclass(frozen=True, slots=True)
class FindPayment:
    """Nobody wrote down whether its money was taken: whoever was to take it is asked.

    It was never sent, and enters its lane held.
    """


@dataclass(frozen=True, slots=True)
class Leave:
    """The entry that undoes it settles it."""


@dataclass(frozen=True, slots=True)
class Settle:
    """Nobody needs to be asked: this is written, before anything else."""

    aftermath: Aftermath


AtStart = Ask | FinishRelease | FinishSecuring | FindPayment | Leave | Settle


def at_start(
    entry: Entry,
    undo: Entry | None,
    at: datetime,
    new_key: Callable[[], EntryKey],
    undone: Entry | None = None,
    seconds: float | None = None,
    *,
    is_of_copy: bool = False,
) -> AtStart:
    """What start-up does about the unsettled *entry*.

    *undo* is the entry that undoes it (`Journal.undo_of`), *undone* the unsettled one it undoes; *seconds* is the
    monotonic clock at *at*.  *is_of_copy*: it is older than the copy that the journal was restored from.
    """
    if not isinstance(entry.answer, Granted | Refused):
        early = _not_told_yet(entry, at, is_of_copy=is_of_copy)
        if early is not None:
            return early
        return FinishRelease(is_unanswered=True) if entry.is_release_open else Ask()
    if isinstance(entry.promise, Pay) and isinstance(entry.answer, Refused):
        return Settle(Aftermath(_giving_back(entry, entry.answer, at)))
    if _was_about_to_fall(entry):
        return Settle(Aftermath(case_rows(entry.key, at, CaseReason.NOT_IN_BIN, "restart before it fell")))
    if isinstance(entry.promise, GiveBack | Pay | ReportCare):
        return Settle(closing(entry, at, new_key))
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
        return Settle(Aftermath(case_rows(entry.key, at, CaseReason.RELEASE_UNKNOWN, why)))
    return Settle(closing(entry, at, new_key, undone, undo, seconds))


def _was_about_to_fall(entry: Entry) -> bool:
    """Whether the item of *entry* was taken back in a book drop and was not seen to fall.

    Anywhere else an entry that is granted is settled in the same commit, unless its tags are being secured once more.
    """
    is_granted = isinstance(entry.promise, GiveBack) and isinstance(entry.answer, Granted)
    is_seen = any(isinstance(row, Dropped) for row in entry.rows)
    return is_granted and not (is_seen or entry.is_secure_open or case_reasons(entry))


def _giving_back(entry: Entry, refused: Refused, at: datetime) -> tuple[EntryRow, ...]:
    """What ends a payment that the books refused: its money was asked back, and the end of that may be unseen."""
    if any(isinstance(row, PaymentReversed) for row in entry.rows):
        return (Settled(entry.key, at, Settlement.UNDONE),)
    if case_reasons(entry):
        return (Settled(entry.key, at, Settlement.CASE),)
    why = f"perhaps-given-back, refused as {refused.reason.value}"
    return case_rows(entry.key, at, CaseReason.PAYMENT_NOT_POSTED, why)


def _not_told_yet(entry: Entry, at: datetime, *, is_of_copy: bool) -> AtStart | None:
    """What becomes of an unanswered return or payment that the server must not be told of (yet)."""
    if any(reason in _NEVER_TOLD for reason in case_reasons(entry)):
        return Settle(Aftermath((Settled(entry.key, at, Settlement.CASE),)))
    if any(isinstance(row, PaymentNotMade) for row in entry.rows):
        return Settle(Aftermath((Settled(entry.key, at, Settlement.NOT_DONE),)))
    if entry.is_payment_open and is_of_copy:
        return Settle(Aftermath(case_rows(entry.key, at, CaseReason.PAYMENT_UNKNOWN, "restored-journal")))
    if entry.is_payment_open:
        return FindPayment()
    if isinstance(entry.promise, GiveBack) and not entry.may_be_carried:
        return FinishSecuring()
    return None
