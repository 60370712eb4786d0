"""What a human must settle: a case is read off its entry, and closing it is one more row.

A case shows both sides: what this terminal did and told, and what the server said.  Nobody is named in it; the patron
is a mask.  The patron's number itself stays sealed in the journal until the case is closed.

`case_ends.py` says which ways of closing fit which reason, `case_deeds.py` what is known of tags and money.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sync.case_deeds import PaidMoney, TagState, money_of, tags_of
from sync.case_ends import Wish, ends_of, wish_of
from sync.entries import (
    Answered,
    CaseClosed,
    CaseEnd,
    CaseOpened,
    CaseReason,
    Due,
    Entry,
    EntryKey,
    Flaw,
    Granted,
    Held,
    ItemId,
    Refused,
    ReportCare,
    Settled,
    Settlement,
    Silence,
)
from sync.questions import News, NewsKind

BY_LENGTH_MAX: Final = 40
NOTE_LENGTH_MAX: Final = 400
_TOLD_IN_FULL: Final = (CaseReason.PAYMENT_UNKNOWN, CaseReason.PAYMENT_NOT_POSTED)
"""The detail of these is references only: nothing in it points to a person."""


class CaseRefused(ValueError):
    """This case cannot be closed like that; the text says why, for staff, and names nobody."""


@dataclass(frozen=True, slots=True)
class CaseNote:
    """Why a human has to look, and since when (by the terminal's clock); *detail*: all references of a payment."""

    reason: CaseReason
    at: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class OurSide:
    """What the terminal did: *at* the reader asked, *promised* the due date it told the reader by itself.

    *money* is that of a payment, *flaws* those of a report.
    """

    wish: Wish
    at: datetime
    promised: Due | None
    tags: TagState
    money: PaidMoney | None = None
    flaws: tuple[Flaw, ...] = ()


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
    """One open case.  *patron* is a mask, never a number, empty where nobody said who they are; *item* is None for a
    payment.  *ends* are the ways of closing that fit.

    *is_settled* false: the entry is still on its way to the server, and what it says may still change the picture.
    """

    key: EntryKey
    item: ItemId | None
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
    promise, wish = entry.promise, wish_of(entry.promise)
    promised = None if entry.promised is None else entry.promised.due
    flaws = promise.flaws if isinstance(promise, ReportCare) else ()
    title = server.answer.title if isinstance(server.answer, Granted | Refused) else ""
    return Case(
        entry.key,
        promise.item,
        title,
        "" if promise.patron is None else promise.patron.mask(),
        notes,
        OurSide(wish, promise.at, promised, tags_of(entry), money_of(entry), flaws),
        server,
        ends_of((note.reason for note in notes), wish),
        entry.is_settled,
    )


def cases_of(entries: Iterable[Entry]) -> tuple[Case, ...]:
    """The open cases of *entries*, in their order."""
    return tuple(case for entry in entries if (case := case_of(entry)) is not None)


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
    promised, answer, item = entry.promised, entry.answer, entry.promise.item
    if promised is None or item is None or not isinstance(answer, Granted | Refused) or _stayed(entry):
        return None
    if any(isinstance(row, CaseClosed) for row in entry.rows) and not entry.has_open_case:
        return None
    if isinstance(answer, Refused):
        return News(NewsKind.NOT_CONFIRMED, item, promised.due, None, answer.title)
    kind = NewsKind.CONFIRMED if is_same_due(promised.due, answer.due) else NewsKind.DUE_CHANGED
    return News(kind, item, promised.due, answer.due, answer.title)


def _stayed(entry: Entry) -> bool:
    ended = next((row.how for row in entry.rows if isinstance(row, Settled)), None)
    if ended in (Settlement.UNDONE, Settlement.REFUSED, Settlement.NOT_DONE):
        return True
    return tags_of(entry) is TagState.FAILED


def _open_notes(entry: Entry) -> tuple[CaseNote, ...]:
    notes: list[CaseNote] = []
    for row in entry.rows:
        if isinstance(row, CaseOpened):
            detail = row.detail if row.reason in _TOLD_IN_FULL else ""
            notes.append(CaseNote(row.reason, row.at, detail))
        elif isinstance(row, CaseClosed):
            notes.clear()
    return tuple(notes)


def _last_answer(entry: Entry) -> Answered | None:
    answered = (
        row for row in entry.rows if isinstance(row, Answered) and not isinstance(row.answer, Silence)
    )
    return next(reversed(tuple(answered)), None)


def _text(what: str, text: str, length_min: int = 0, length_max: int = NOTE_LENGTH_MAX) -> str:
    stripped = text.strip()
    if len(stripped) < length_min:
        raise CaseRefused(f"{what} has to be said")
    if len(stripped) > length_max:
        raise CaseRefused(f"{what} has at most {length_max} characters, not {len(stripped)}")
    if not stripped.isprintable():
        raise CaseRefused(f"{what} is one line without control characters")
    return stripped
