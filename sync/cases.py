"""What a human must settle: a case is read off its entry, and closing it is one more row.

A case shows both sides: what this terminal did and told, and what the server said.  Nobody is named in it; the patron
is a mask.  The patron's number itself stays sealed in the journal until the case is closed.

| Reason | what fits |
|---|---|
| release-unknown, not-secured, undo-refused, outcome-unknown, journal-damaged | stands, lent, returned, not found |
| loan-refused: the reader has the item and the server has no loan | lent at the desk, returned, not found |
| due-differs | the due date agreed with the reader, as it stands (the server's date), returned |

One closing ends every open case of an entry, so it has to fit all of them; "returned at the desk" always does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final, assert_never

from sync.entries import (
    Answered,
    CaseClosed,
    CaseEnd,
    CaseOpened,
    CaseReason,
    Due,
    Entry,
    EntryKey,
    Granted,
    Held,
    ItemId,
    Lend,
    Promise,
    Refused,
    ReleaseFailed,
    Renew,
    Settled,
    Settlement,
    Silence,
    Strip,
    UndoLoan,
)
from sync.questions import News, NewsKind

BY_LENGTH_MAX: Final = 40
NOTE_LENGTH_MAX: Final = 400

_ANY: Final = (CaseEnd.AS_IT_STANDS, CaseEnd.LENT_AT_DESK, CaseEnd.RETURNED_AT_DESK, CaseEnd.NOT_FOUND)
_FITTING: Final[dict[CaseReason, tuple[CaseEnd, ...]]] = {
    CaseReason.RELEASE_UNKNOWN: _ANY,
    CaseReason.NOT_SECURED: _ANY,
    CaseReason.UNDO_REFUSED: _ANY,
    CaseReason.OUTCOME_UNKNOWN: _ANY,
    CaseReason.JOURNAL_DAMAGED: _ANY,
    # A book that left without a loan cannot be left as it stands.
    CaseReason.LOAN_REFUSED: (CaseEnd.LENT_AT_DESK, CaseEnd.RETURNED_AT_DESK, CaseEnd.NOT_FOUND),
    CaseReason.DUE_DIFFERS: (CaseEnd.DUE_AGREED, CaseEnd.AS_IT_STANDS, CaseEnd.RETURNED_AT_DESK),
}


class CaseRefused(ValueError):
    """This case cannot be closed like that; the text says why, for staff, and names nobody."""


class Wish(Enum):
    """What the entry asked for."""

    LOAN = "loan"
    RENEWAL = "renewal"
    TAKING_BACK = "taking-back"


class TagState(Enum):
    """What is known of the item's tags and strip: *UNTOUCHED* nothing was written, *UNKNOWN* a release began and nobody
    saw its end, *FAILED* the release did not come about as far as it was read.
    """

    UNTOUCHED = "untouched"
    RELEASED = "released"
    UNKNOWN = "unknown"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CaseNote:
    """Why a human has to look, and since when (by the terminal's clock)."""

    reason: CaseReason
    at: datetime


@dataclass(frozen=True, slots=True)
class OurSide:
    """What the terminal did: *at* the reader asked, *promised* the due date it told the reader by itself."""

    wish: Wish
    at: datetime
    promised: Due | None
    tags: TagState


@dataclass(frozen=True, slots=True)
class ServerSide:
    """What the server said last, *at*; *answer* None: it never said anything that can be believed."""

    answer: Granted | Refused | Held | None
    at: datetime | None

    @property
    def due(self) -> Due | None:
        """The due date by the server's word."""
        return self.answer.due if isinstance(self.answer, Granted) else None


@dataclass(frozen=True, slots=True)
class Case:
    """One open case.  *patron* is a mask, never a number.  *ends* are the ways of closing that fit.

    *is_settled* false: the entry is still on its way to the server, and what it says may still change the picture.
    """

    key: EntryKey
    item: ItemId
    title: str
    patron: str
    reasons: tuple[CaseNote, ...]
    ours: OurSide
    server: ServerSide
    ends: tuple[CaseEnd, ...]
    is_settled: bool

    @property
    def reference(self) -> str:
        """What people call it."""
        return self.key.reference


def case_of(entry: Entry) -> Case | None:
    """The open case of *entry*; None when no human has to look, or no longer."""
    notes = _open_notes(entry)
    if not notes:
        return None
    answered = _last_answer(entry)
    server = ServerSide(entry.answer, None if answered is None else answered.at)
    promised = entry.promised
    title = server.answer.title if isinstance(server.answer, Granted | Refused) else ""
    return Case(
        entry.key,
        entry.promise.item,
        title,
        entry.promise.patron.mask(),
        notes,
        OurSide(
            _wish(entry.promise), entry.promise.at, None if promised is None else promised.due, _tags(entry)
        ),
        server,
        ends_of(note.reason for note in notes),
        entry.is_settled,
    )


def cases_of(entries: Iterable[Entry]) -> tuple[Case, ...]:
    """The open cases of *entries*, in their order."""
    return tuple(case for entry in entries if (case := case_of(entry)) is not None)


def ends_of(reasons: Iterable[CaseReason]) -> tuple[CaseEnd, ...]:
    """What can be done about a case of all these *reasons*; never empty for at least one."""
    fitting = [_FITTING[reason] for reason in reasons]
    return tuple(end for end in CaseEnd if fitting and all(end in ends for ends in fitting))


def closing(entry: Entry, how: CaseEnd, by: str, note: str, at: datetime) -> CaseClosed:
    """The row that closes every open case of *entry*; *by* is who says so, *note* what they add.

    Raises `CaseRefused` when there is no open case (any more), *how* does not fit its reasons, *by* is missing, or a
    text is too long or holds control characters.
    """
    case = case_of(entry)
    if case is None:
        was_one = any(isinstance(row, CaseClosed) for row in entry.rows)
        raise CaseRefused(f"{entry.key.reference} is {'closed already' if was_one else 'no case'}")
    if how not in case.ends:
        fitting = ", ".join(end.value for end in case.ends)
        raise CaseRefused(f"{case.reference} cannot be closed as {how.value}; what fits: {fitting}")
    return CaseClosed(
        entry.key, at, _text("who closes it", by, 1, BY_LENGTH_MAX), how, _text("the note", note)
    )


def news_of(entries: Iterable[Entry]) -> tuple[News, ...]:
    """What became of the loans the terminal itself granted, of one patron's *entries*, in their order.

    A loan whose case staff have closed, or that never came about because the item stayed, is no news; nor is one that
    nobody has answered yet.
    """
    return tuple(news for entry in entries if (news := _news(entry)) is not None)


def is_same_due(told: Due, answered: Due) -> bool:
    """Whether the server's due date is the one the reader was told; days count where both are known.

    A server that tells no date does not contradict.
    """
    if told.day is not None and answered.day is not None:
        return told.day == answered.day
    return answered.text == told.text or (answered.day is None and not answered.text)


def _news(entry: Entry) -> News | None:
    promised, answer = entry.promised, entry.answer
    if promised is None or not isinstance(answer, Granted | Refused) or _stayed(entry):
        return None
    if any(isinstance(row, CaseClosed) for row in entry.rows) and not entry.has_open_case:
        return None
    item = entry.promise.item
    if isinstance(answer, Refused):
        return News(NewsKind.NOT_CONFIRMED, item, promised.due, None, answer.title)
    kind = NewsKind.CONFIRMED if is_same_due(promised.due, answer.due) else NewsKind.DUE_CHANGED
    return News(kind, item, promised.due, answer.due, answer.title)


def _stayed(entry: Entry) -> bool:
    ended = next((row.how for row in entry.rows if isinstance(row, Settled)), None)
    if ended in (Settlement.UNDONE, Settlement.REFUSED, Settlement.NOT_DONE):
        return True
    return _tags(entry) is TagState.FAILED


def _open_notes(entry: Entry) -> tuple[CaseNote, ...]:
    notes: list[CaseNote] = []
    for row in entry.rows:
        if isinstance(row, CaseOpened):
            notes.append(CaseNote(row.reason, row.at))
        elif isinstance(row, CaseClosed):
            notes.clear()
    return tuple(notes)


def _last_answer(entry: Entry) -> Answered | None:
    answered = (
        row for row in entry.rows if isinstance(row, Answered) and not isinstance(row.answer, Silence)
    )
    return next(reversed(tuple(answered)), None)


def _wish(promise: Promise) -> Wish:
    match promise:
        case Lend():
            return Wish.LOAN
        case Renew():
            return Wish.RENEWAL
        case UndoLoan():
            return Wish.TAKING_BACK
        case _:
            assert_never(promise)


def _tags(entry: Entry) -> TagState:
    if entry.is_release_open:
        return TagState.UNKNOWN
    if entry.is_released:
        return TagState.RELEASED
    failed = next((row for row in reversed(entry.rows) if isinstance(row, ReleaseFailed)), None)
    if failed is None:
        return TagState.UNTOUCHED
    if failed.strip is not None:
        # Also of an item with tags: one side that was read does not tell the other.
        return TagState.FAILED if failed.strip is Strip.ACTIVE else TagState.UNKNOWN
    # A release that nobody saw the end of is written as failed, with no tag read.
    return TagState.FAILED if failed.after else TagState.UNKNOWN


def _text(what: str, text: str, length_min: int = 0, length_max: int = NOTE_LENGTH_MAX) -> str:
    stripped = text.strip()
    if len(stripped) < length_min:
        raise CaseRefused(f"{what} has to be said")
    if len(stripped) > length_max:
        raise CaseRefused(f"{what} has at most {length_max} characters, not {len(stripped)}")
    if not stripped.isprintable():
        raise CaseRefused(f"{what} is one line without control characters")
    return stripped
