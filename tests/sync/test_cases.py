"""Cases: what a human is shown of an entry, what fits, and what a reader is told later."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from sync.cases import CaseNote, CaseRefused, TagState, Wish, case_of, cases_of, closing, ends_of, news_of
from sync.entries import (
    Answered,
    CaseClosed,
    CaseEnd,
    CaseOpened,
    CaseReason,
    Due,
    Entry,
    EntryKey,
    EntryRow,
    Granted,
    IfGrantedLate,
    Intended,
    ItemId,
    Lend,
    PatronId,
    Promised,
    Reason,
    Refused,
    Released,
    ReleaseFailed,
    ReleaseIntended,
    Settled,
    Settlement,
    Silence,
    Strip,
    TagBits,
)
from sync.questions import News, NewsKind

AT = datetime(2026, 5, 12, 12, 0, tzinfo=UTC)
KEY = EntryKey("3f2a9c0011223344", 12, 840, 1)
ITEM = ItemId("10000001")
TOLD = Due(date(2026, 6, 9), "2026-06-09")
OTHER = Due(date(2026, 6, 2), "20260602    235900")
TAG = TagBits("E0040150ABCDEF01", 0x07, False)

PROMISED = Promised(KEY, AT, TOLD, AT)
RELEASING = ReleaseIntended(KEY, AT, (TAG,))
STRIP = ReleaseIntended(KEY, AT, (), Strip.UNVERIFIED)
RELEASED = Released(KEY, AT, (TAG,))
GRANTED = Answered(KEY, AT, Granted(TOLD, "活着"))
GRANTED_OTHER = Answered(KEY, AT, Granted(OTHER, "活着"))
REFUSED = Answered(KEY, AT, Refused(Reason.ITEM_ON_HOLD_FOR_OTHER, "活着"))
DONE, CASE = Settled(KEY, AT, Settlement.DONE), Settled(KEY, AT, Settlement.CASE)


def opened(reason: CaseReason) -> CaseOpened:
    return CaseOpened(KEY, AT, reason, "2300000042 was here")


def entry(*rows: EntryRow) -> Entry:
    """A loan the terminal asked for, with these rows behind its first one."""
    promise = Lend(ITEM, PatronId("2300000042"), AT, if_granted_late=IfGrantedLate.KEEP)
    return Entry(KEY, promise, (Intended(KEY, AT, promise, 7.0), *rows))


def provisional(*rows: EntryRow) -> Entry:
    """A loan the terminal granted by itself, its tag released."""
    return entry(PROMISED, RELEASING, RELEASED, *rows)


def test_a_case_shows_both_sides() -> None:
    """A loan that was promised and refused: what the reader was told, that the tag is released, and the server's no."""
    case = case_of(provisional(REFUSED, opened(CaseReason.LOAN_REFUSED), CASE))

    assert case is not None
    assert (case.reference, case.item, case.title, case.patron) == ("3f2a-12-840-1", ITEM, "活着", "···42")
    assert case.reasons == (CaseNote(CaseReason.LOAN_REFUSED, AT),)
    assert (case.ours.wish, case.ours.promised, case.ours.tags) == (Wish.LOAN, TOLD, TagState.RELEASED)
    assert (case.server.answer, case.server.at, case.server.due) == (REFUSED.answer, AT, None)
    assert case.is_settled


def test_nobody_is_named_in_a_case() -> None:
    """Neither the patron's number nor the detail that may quote it is in the value."""
    assert "2300000042" not in repr(case_of(provisional(opened(CaseReason.OUTCOME_UNKNOWN))))


@pytest.mark.parametrize(
    ("rows", "tags"),
    [
        ((), TagState.UNTOUCHED),
        ((GRANTED, RELEASING), TagState.UNKNOWN),
        ((GRANTED, RELEASING, RELEASED), TagState.RELEASED),
        ((GRANTED, RELEASING, ReleaseFailed(KEY, AT, (TAG,), "AFI")), TagState.FAILED),
        ((GRANTED, RELEASING, ReleaseFailed(KEY, AT, (), "gone")), TagState.UNKNOWN),
        ((GRANTED, RELEASING, ReleaseFailed(KEY, AT, (TAG,), "AFI"), RELEASING, RELEASED), TagState.RELEASED),
        ((GRANTED, STRIP, ReleaseFailed(KEY, AT, (), "strip-active", Strip.ACTIVE)), TagState.FAILED),
        ((GRANTED, STRIP, ReleaseFailed(KEY, AT, (), "left", Strip.UNVERIFIED)), TagState.UNKNOWN),
        ((GRANTED, STRIP, ReleaseFailed(KEY, AT, (TAG,), "left", Strip.UNVERIFIED)), TagState.UNKNOWN),
        ((GRANTED, STRIP, Released(KEY, AT, (), Strip.UNVERIFIED)), TagState.RELEASED),
    ],
)
def test_a_case_says_what_is_known_of_the_tags(rows: tuple[EntryRow, ...], tags: TagState) -> None:
    """A release that began and was not seen to end is unknown, also when it was written down as failed unseen."""
    case = case_of(entry(*rows, opened(CaseReason.RELEASE_UNKNOWN)))

    assert case is not None
    assert case.ours.tags is tags


def test_silence_is_no_answer() -> None:
    """A server that was only silent has said nothing, and at no moment."""
    case = case_of(entry(Answered(KEY, AT, Silence("timeout")), opened(CaseReason.OUTCOME_UNKNOWN)))

    assert case is not None
    assert (case.server.answer, case.server.at) == (None, None)


def test_what_is_closed_or_was_never_opened_is_no_case() -> None:
    """Only an open case is shown, and one that was opened again shows what came after the closing alone."""
    row = CaseClosed(KEY, AT, "desk", CaseEnd.RETURNED_AT_DESK)
    closed = entry(opened(CaseReason.OUTCOME_UNKNOWN), row)
    again = entry(opened(CaseReason.OUTCOME_UNKNOWN), row, opened(CaseReason.NOT_SECURED))

    assert [case.reasons[0].reason for case in cases_of([entry(), closed, again])] == [CaseReason.NOT_SECURED]


@pytest.mark.parametrize("reason", CaseReason)
def test_every_reason_can_be_closed(reason: CaseReason) -> None:
    """Whatever the reason, and with any other beside it, there is something that staff can do."""
    assert ends_of([reason])
    assert all(CaseEnd.RETURNED_AT_DESK in ends_of([reason, other]) for other in CaseReason)


def test_a_book_that_left_without_a_loan_is_not_left_as_it_stands() -> None:
    """A refused loan ends with the book back, lent properly, or known to be gone."""
    with pytest.raises(CaseRefused, match="cannot be closed as as-it-stands; what fits: lent-at-desk"):
        closing(provisional(opened(CaseReason.LOAN_REFUSED)), CaseEnd.AS_IT_STANDS, "desk", "", AT)


def test_closing_writes_who_how_and_what_they_add() -> None:
    """The row says all of it, without blanks around."""
    row = closing(
        provisional(opened(CaseReason.DUE_DIFFERS)), CaseEnd.DUE_AGREED, " 王 ", " told by phone ", AT
    )

    assert row == CaseClosed(KEY, AT, "王", CaseEnd.DUE_AGREED, "told by phone")


@pytest.mark.parametrize(
    ("by", "note", "why"),
    [
        ("", "", "who closes it has to be said"),
        ("x" * 41, "", "at most 40"),
        ("desk", "x" * 401, "at most 400"),
        ("desk", "a\nb", "control characters"),
        ("de\x1bsk", "", "control characters"),
    ],
)
def test_a_closing_that_cannot_be_read_is_refused(by: str, note: str, why: str) -> None:
    """A name is needed, and neither it nor the note may be long or hold control characters."""
    with pytest.raises(CaseRefused, match=why):
        closing(provisional(opened(CaseReason.OUTCOME_UNKNOWN)), CaseEnd.NOT_FOUND, by, note, AT)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ((), "is no case"),
        ((opened(CaseReason.NOT_SECURED), CaseClosed(KEY, AT, "a", CaseEnd.NOT_FOUND)), "closed already"),
    ],
)
def test_what_is_no_open_case_is_not_closed(rows: tuple[EntryRow, ...], why: str) -> None:
    """A second closing, and one of an entry that never had a case, say so."""
    with pytest.raises(CaseRefused, match=why):
        closing(entry(*rows), CaseEnd.NOT_FOUND, "desk", "", AT)


NEWS = {
    "unanswered": (provisional(), None),
    "confirmed": (provisional(GRANTED, DONE), News(NewsKind.CONFIRMED, ITEM, TOLD, TOLD, "活着")),
    "another day": (
        provisional(GRANTED_OTHER, opened(CaseReason.DUE_DIFFERS), CASE),
        News(NewsKind.DUE_CHANGED, ITEM, TOLD, OTHER, "活着"),
    ),
    "refused": (
        provisional(REFUSED, opened(CaseReason.LOAN_REFUSED), CASE),
        News(NewsKind.NOT_CONFIRMED, ITEM, TOLD, None, "活着"),
    ),
    "settled at the desk": (
        provisional(REFUSED, opened(CaseReason.LOAN_REFUSED), CASE, CaseClosed(KEY, AT, "d", CaseEnd.RETURNED_AT_DESK)),
        None,
    ),
    "asked the server": (entry(GRANTED, RELEASING, RELEASED, DONE), None),
    "the book stayed": (entry(PROMISED, RELEASING, ReleaseFailed(KEY, AT, (TAG,), "AFI"), GRANTED), None),
    "undone": (entry(PROMISED, GRANTED, Settled(KEY, AT, Settlement.UNDONE)), None),
    "strip kept": (entry(PROMISED, GRANTED, DONE), News(NewsKind.CONFIRMED, ITEM, TOLD, TOLD, "活着")),
}  # fmt: skip


@pytest.mark.parametrize("name", NEWS)
def test_a_reader_is_told_what_became_of_a_provisional_loan(name: str) -> None:
    """Confirmed, another date, or not confirmed; nothing of what staff settled or of books that stayed."""
    told, news = NEWS[name]

    assert news_of([told]) == (() if news is None else (news,))


@pytest.mark.parametrize(
    ("answered", "kind"),
    [
        (Due(date(2026, 6, 9), "20260609    235900"), NewsKind.CONFIRMED),
        (Due(None, ""), NewsKind.CONFIRMED),
        (Due(None, "next week"), NewsKind.DUE_CHANGED),
        (Due(date(2026, 6, 10), "2026-06-09"), NewsKind.DUE_CHANGED),
    ],
)
def test_the_day_decides_whether_a_date_is_another(answered: Due, kind: NewsKind) -> None:
    """The same day in another writing is no news; no date does not contradict; a text that is no date does."""
    (news,) = news_of([provisional(Answered(KEY, AT, Granted(answered)))])

    assert news.kind is kind
