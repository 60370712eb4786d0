"""How a loan the terminal itself granted ends: when its tags' story and the server's are both told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sync.cases import is_same_due
from sync.entries import (
    CaseClosed,
    CaseEnd,
    CaseOpened,
    CaseReason,
    Due,
    Entry,
    EntryRow,
    Granted,
    Promised,
    Reason,
    Refused,
    ReleaseFailed,
    Settled,
    Settlement,
)


def settle_promised(entry: Entry, at: datetime, undo: Entry | None = None) -> tuple[EntryRow, ...]:
    """What ends *entry*, which the terminal itself granted, as far as its rows tell both of its stories.

    Nothing while one of them is open: no believed answer yet, a release whose result is not recorded, or an unsettled
    entry *undo* that takes the loan back and settles both.  To be asked whenever a row was added to either story.
    Raises `ValueError` for an entry without a promise of ours.
    """
    promised = entry.promised
    if promised is None:
        raise ValueError(f"{entry.key}: was not promised by the terminal")
    if entry.is_settled or entry.is_release_open:
        return ()
    match entry.answer:
        case Granted(due=due):
            return _granted(entry, promised, due, at, undo)
        case Refused() as refused if undo is not None or is_withdrawn(entry):
            # The item stayed, and there is no loan: both sides agree.
            how = Settlement.NOT_DONE if refused.reason is Reason.NOT_DONE else Settlement.REFUSED
            return (Settled(entry.key, at, Settlement.CASE if case_reasons(entry) else how),)
        case Refused() if is_back(entry):
            return (Settled(entry.key, at, Settlement.CASE),)
        case Refused(reason=reason):
            opened = CaseOpened(entry.key, at, CaseReason.LOAN_REFUSED, reason.value)
            return opened, Settled(entry.key, at, Settlement.CASE)
        case _:
            return ()


def _granted(
    entry: Entry, promised: Promised, due: Due, at: datetime, undo: Entry | None
) -> tuple[EntryRow, ...]:
    key = entry.key
    if undo is not None:
        return settled_like_its_undoing(entry, undo, at) if undo.is_settled else ()
    rows: list[EntryRow] = []
    if not is_same_due(promised.due, due):
        detail = f"promised {_day(promised.due)}, due {_day(due)}"
        rows.append(CaseOpened(key, at, CaseReason.DUE_DIFFERS, detail))
    if is_back(entry):
        rows.append(CaseOpened(key, at, CaseReason.UNDO_REFUSED, "returned at the desk before it was lent"))
    if is_withdrawn(entry):
        rows.append(CaseOpened(key, at, CaseReason.RELEASE_UNKNOWN, "lent, and not released"))
    is_case = bool(rows) or bool(case_reasons(entry))
    return (*rows, Settled(key, at, Settlement.CASE if is_case else Settlement.DONE))


def _day(due: Due) -> str:
    return due.text if due.day is None else due.day.isoformat()


def settled_like_its_undoing(entry: Entry, undo: Entry, at: datetime) -> tuple[EntryRow, ...]:
    """What ends *entry*, a grant, after *undo*, which was to undo it, was settled."""
    key, answer = entry.key, undo.answer
    if isinstance(answer, Granted) or (isinstance(answer, Refused) and answer.reason is Reason.NOT_ON_LOAN):
        return (Settled(key, at, Settlement.UNDONE),)
    why = answer.reason.value if isinstance(answer, Refused) else "unclear"
    return CaseOpened(key, at, CaseReason.UNDO_REFUSED, why), Settled(key, at, Settlement.CASE)


def is_release_failed(entry: Entry) -> bool:
    """Whether the last release that was recorded failed, and none is under way."""
    if entry.is_released or entry.is_release_open:
        return False
    return any(isinstance(row, ReleaseFailed) for row in entry.rows)


def is_withdrawn(entry: Entry) -> bool:
    """Whether the terminal took its promise back: the release failed, and not because nobody saw its end.

    The tags were read back as secured then, and the reader was told that it is not lent.
    """
    if entry.promised is None or not is_release_failed(entry):
        return False
    return CaseReason.RELEASE_UNKNOWN not in case_reasons(entry)


def is_back(entry: Entry) -> bool:
    """Whether staff had the item in their hands when they closed its cases, before the server had said anything."""
    closed = [row.how for row in entry.rows if isinstance(row, CaseClosed)]
    return closed[-1:] == [CaseEnd.RETURNED_AT_DESK] and not entry.has_open_case


def case_reasons(entry: Entry) -> tuple[CaseReason, ...]:
    """Why cases were opened about *entry*, closed ones too, the oldest first."""
    return tuple(row.reason for row in entry.rows if isinstance(row, CaseOpened))


def with_rows(entry: Entry, *rows: EntryRow) -> Entry:
    """*entry* as it is once *rows* are written."""
    return replace(entry, rows=(*entry.rows, *rows))
