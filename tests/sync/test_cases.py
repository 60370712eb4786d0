"""Cases: what a human is shown of an entry, what fits, and what a reader is told later."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from sync.case_deeds import MoneyState, PaidMoney, TagState
from sync.case_ends import Wish, ends_of
from sync.cases import CaseNote, CaseRefused, case_of, cases_of, closing, news_of
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
    Flaw,
    GiveBack,
    Granted,
    IfGrantedLate,
    Intended,
    ItemId,
    Lend,
    Means,
    Money,
    PatronId,
    Pay,
    PaymentApproved,
    PaymentNotMade,
    PaymentReversed,
    Promised,
    Reason,
    Refused,
    Released,
    ReleaseFailed,
    ReleaseIntended,
    ReportCare,
    Restored,
    Secured,
    SecureFailed,
    SecureIntended,
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


OF_ANY = (CaseReason.OUTCOME_UNKNOWN, CaseReason.JOURNAL_DAMAGED)
OF_MONEY = (CaseReason.PAYMENT_UNKNOWN, CaseReason.PAYMENT_NOT_POSTED, *OF_ANY)
OF_CARE = (CaseReason.CARE_REFUSED, *OF_ANY)
OF_ITEMS = tuple(reason for reason in CaseReason if reason in OF_ANY or reason not in (*OF_MONEY, *OF_CARE))


@pytest.mark.parametrize(
    ("wish", "reasons", "end"),
    [
        (Wish.LOAN, OF_ITEMS, CaseEnd.RETURNED_AT_DESK),
        (Wish.RETURN, OF_ITEMS, CaseEnd.RETURNED_AT_DESK),
        (Wish.PAYMENT, OF_MONEY, CaseEnd.POSTED_AT_DESK),
        (Wish.PAYMENT, OF_MONEY, CaseEnd.PAID_BACK_AT_DESK),
        (Wish.CARE, OF_CARE, CaseEnd.NOT_FOUND),
    ],
)
def test_every_reason_can_be_closed(wish: Wish, reasons: tuple[CaseReason, ...], end: CaseEnd) -> None:
    """Whatever the reason, and with any other beside it that such an entry can have, there is something that fits both:
    an item that is back at the desk, money that is posted or paid back."""
    assert {*OF_ITEMS, *OF_MONEY, *OF_CARE} == set(CaseReason)
    for reason in reasons:
        for other in reasons:
            assert end in ends_of([reason, other], wish), (reason, other)


def test_reasons_that_cannot_meet_do_not_hold_a_case_for_ever() -> None:
    """Were an entry to have reasons that no closing fits together, staff may use what fits one of them."""
    assert ends_of([CaseReason.DUE_DIFFERS, CaseReason.PAYMENT_UNKNOWN])
    assert ends_of([]) == ()


@pytest.mark.parametrize("reason", OF_ANY)
def test_what_money_wants_is_not_what_a_book_wants(reason: CaseReason) -> None:
    """A payment whose outcome nobody knows is posted, paid back or was never made; no book is returned for it, and no
    loan is closed by paying."""
    money = {CaseEnd.POSTED_AT_DESK, CaseEnd.PAID_BACK_AT_DESK, CaseEnd.NOT_PAID}

    assert set(ends_of([reason], Wish.PAYMENT)) == money
    assert not money & set(ends_of([reason], Wish.LOAN))
    assert not money & set(ends_of([reason], Wish.RETURN))


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


def back(*rows: EntryRow) -> Entry:
    promise = GiveBack(ITEM, AT, True, TOLD)
    return Entry(KEY, promise, (Intended(KEY, AT, promise), *rows))


def pay(*rows: EntryRow) -> Entry:
    promise = Pay(PatronId("2300000042"), Money(350, "CNY"), (), Means.CARD, AT, mark_before="TRACE 41")
    return Entry(KEY, promise, (Intended(KEY, AT, promise), *rows))


SECURING = SecureIntended(KEY, AT, (TAG,))
FAILED_TO_SECURE = SecureFailed(KEY, AT, (TAG,), "write")


@pytest.mark.parametrize(
    ("rows", "tags"),
    [
        ((SECURING,), TagState.UNKNOWN),
        ((SECURING, Secured(KEY, AT, (TAG,))), TagState.SECURED),
        ((SECURING, FAILED_TO_SECURE), TagState.FAILED),
        ((SECURING, SecureFailed(KEY, AT, (), "taken-away")), TagState.UNKNOWN),
        ((SECURING, SecureFailed(KEY, AT, (), "unit", Strip.INACTIVE)), TagState.FAILED),
        ((SECURING, SecureFailed(KEY, AT, (TAG,), "unit", Strip.UNVERIFIED)), TagState.UNKNOWN),
        ((SECURING, FAILED_TO_SECURE, SECURING), TagState.UNKNOWN),
        ((SECURING, Secured(KEY, AT, (TAG,)), REFUSED, Restored(KEY, AT, (TAG,))), TagState.RESTORED),
    ],
)
def test_a_case_of_a_return_says_whether_the_item_is_secure(
    rows: tuple[EntryRow, ...], tags: TagState
) -> None:
    """Secured, not secured, put back as it was, or nobody knows: as the rows say; and nobody is named, for nobody said
    who they are."""
    case = case_of(back(*rows, opened(CaseReason.RETURN_NOT_SECURED)))

    assert case is not None
    assert (case.ours.wish, case.ours.tags, case.patron, case.item) == (Wish.RETURN, tags, "", ITEM)
    assert case.ends == (CaseEnd.RETURNED_AT_DESK, CaseEnd.SECURED_AT_DESK, CaseEnd.NOT_FOUND)


@pytest.mark.parametrize(
    ("rows", "state", "found_by"),
    [
        ((), MoneyState.UNKNOWN, ("", "TRACE 41")),
        ((PaymentNotMade(KEY, AT, "declined"),), MoneyState.NOT_TAKEN, ("", "TRACE 41")),
        ((PaymentApproved(KEY, AT, "42", "TRACE 42"),), MoneyState.TAKEN, ("42", "TRACE 42")),
        (
            (PaymentApproved(KEY, AT, "42", "TRACE 42"), REFUSED, PaymentReversed(KEY, AT, "43")),
            MoneyState.GIVEN_BACK,
            ("42", "TRACE 42"),
        ),
    ],
)
def test_a_case_of_a_payment_says_where_the_money_is(
    rows: tuple[EntryRow, ...], state: MoneyState, found_by: tuple[str, str]
) -> None:
    """Amount, means, what became of the money and every reference by which the other side finds it; no item."""
    reason = CaseOpened(KEY, AT, CaseReason.PAYMENT_UNKNOWN, "receipt 41, terminal 7")
    case = case_of(pay(*rows, reason))

    assert case is not None
    assert case.item is None
    assert case.ours.money == PaidMoney(Money(350, "CNY"), Means.CARD, state, *found_by)
    assert case.reasons == (CaseNote(CaseReason.PAYMENT_UNKNOWN, AT, "receipt 41, terminal 7"),)


def test_the_detail_of_other_cases_stays_sealed() -> None:
    """What a case of a loan or a return says beside its reason may name somebody: it is not shown."""
    case = case_of(back(opened(CaseReason.RETURN_REFUSED)))

    assert case is not None
    assert case.reasons[0].detail == ""


def test_a_case_of_a_report_says_what_is_wrong_with_the_item() -> None:
    """What the reader marked is what staff read; who marked it they do not."""
    promise = ReportCare(ITEM, (Flaw.LOOSE_PAGES,), AT, "self")
    entry = Entry(KEY, promise, (Intended(KEY, AT, promise), opened(CaseReason.CARE_REFUSED)))
    case = case_of(entry)

    assert case is not None
    assert (case.ours.flaws, case.patron, case.item) == ((Flaw.LOOSE_PAGES,), "", ITEM)
    assert case.ends == (CaseEnd.AS_IT_STANDS, CaseEnd.NOT_FOUND)
