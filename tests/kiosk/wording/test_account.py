"""What a reader is told of their account."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kiosk.wording.account import fee_row_of, hold_row_of, loan_row_of
from kiosk.wording.catalogue import words_in
from kiosk.wording.pages import page_of
from kiosk.workflow import view as v
from kiosk.workflow.view import Choice, FeeLine, HoldLine, Language, LoanLine, LoanStatus, Refusal
from sync.entries import Due, FeeKind, ItemId, Money, Reason

CHINESE, ENGLISH = Language.CHINESE, Language.ENGLISH
DUE = Due(date(2027, 5, 12))
LOAN = LoanLine(ItemId("1"), title="Salt", due=DUE)
LATE = replace(LOAN, is_overdue=True, days_overdue=3)
PAY = (Choice(v.PAY),)


def account(*loans: LoanLine, **more: object) -> v.Account:
    """An account with *loans*."""
    return v.Account("", loans, (), (), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", Language)
def test_every_state_of_a_loan_and_every_kind_of_fee_has_its_own_words(language: Language) -> None:
    """A reader tells them apart by words alone."""
    words = words_in(language)

    loans = {loan_row_of(words, replace(LOAN, status=status)).status for status in LoanStatus}
    fees = {fee_row_of(words, FeeLine(Money(1, "EUR"), kind)).status for kind in FeeKind}

    assert len(loans) == len(LoanStatus)
    assert len(fees) == len(FeeKind)


def test_overdue_is_the_title_of_the_account() -> None:
    """Whoever has something overdue reads that first, with what to do; else how much is on loan."""
    words = words_in(ENGLISH)

    assert page_of(words, account(LATE)).title == "1 book is overdue"
    assert page_of(words, account(LATE, LATE, LOAN)).title == "2 books are overdue"
    assert page_of(words, account(LATE)).lead == "Please return or renew it."
    assert page_of(words, account(LOAN)).title == "1 book on loan to you"
    assert page_of(words, account()).title == "Nothing is on loan to you"
    assert page_of(words_in(CHINESE), account(LATE)).title == "有 1 本已逾期"


def test_a_row_says_until_when_or_since_when() -> None:
    """What is due stands large: the day for a loan in time, and by how much for one that is late."""
    words = words_in(ENGLISH)

    assert loan_row_of(words, LOAN).due == "Due back 12 May 2027"
    late = loan_row_of(words, LATE)
    assert (late.late, late.since, late.due) == ("3 days overdue", "It was due on 12 May 2027", "")
    unknown = loan_row_of(words, replace(LATE, days_overdue=0, due=None))
    assert (unknown.late, unknown.since) == ("Overdue", "")


def test_a_loan_that_was_not_renewed_still_stands_and_says_why() -> None:
    """The reason for not renewing is said of the renewal, with the day that still holds."""
    row = loan_row_of(
        words_in(ENGLISH),
        replace(LOAN, status=LoanStatus.NOT_RENEWED, why=Reason.ITEM_ON_HOLD_FOR_OTHER),
    )

    assert row.status == "Not renewed"
    assert "cannot be renewed" in row.what
    assert row.due == "Due back 12 May 2027"


def test_what_blocks_somebody_comes_with_what_to_do_here() -> None:
    """Fees that can be paid at this terminal are asked for here, and else at the desk; each cause is said once."""
    words = words_in(ENGLISH)
    blocks = (Reason.LOANS_OVERDUE, Reason.FEES_OWED)

    here = page_of(words, account(LATE, blocks=blocks, choices=PAY))
    assert here.lead == "Please return or renew it and pay the fees. Then you can borrow again."
    assert here.remarks == ()
    there = page_of(words, account(LATE, blocks=blocks))
    assert [one.what for one in there.remarks] == ["There are unpaid fees on your account."]
    assert "at the desk" in there.remarks[0].advice


def test_nobody_who_is_blocked_for_more_is_promised_to_borrow() -> None:
    """Returning and paying do not help somebody whose card was reported lost, and nothing says so."""
    page = page_of(words_in(ENGLISH), account(LATE, blocks=(Reason.CARD_LOST, Reason.LOANS_OVERDUE)))

    assert "borrow" not in page.lead
    assert [one.what for one in page.remarks] == ["This card was reported lost and no longer works."]


def test_whoever_may_not_borrow_is_not_told_how_much_more_they_might() -> None:
    """The quota stands there for those who can use it."""
    words = words_in(ENGLISH)

    assert "14 more" in page_of(words, account(LOAN, quota_left=14)).note
    assert page_of(words, account(LOAN, quota_left=14, blocks=(Reason.CARD_LOST,))).note == ""


@pytest.mark.parametrize(
    ("hold", "status", "facts", "due"),
    [
        (
            HoldLine("Salt", is_ready=True, pickup=" shelf 4 ", until=DUE),
            "Ready for you",
            ("Pick it up here: shelf 4",),
            "Kept for you until 12 May 2027",
        ),
        (HoldLine("Salt", is_ready=True), "Ready for you", (), ""),
        (HoldLine("Salt", queue=1), "Reserved for you", ("1 reader is before you",), ""),
        (HoldLine("Salt", queue=2), "Reserved for you", ("2 readers are before you",), ""),
        (HoldLine("Salt", queue=0), "Reserved for you", ("You are the next",), ""),
        (HoldLine("Salt"), "Reserved for you", (), ""),
    ],
)
def test_a_hold_says_where_it_lies_or_who_is_first(
    hold: HoldLine, status: str, facts: tuple[str, ...], due: str
) -> None:
    """What is ready says where and until when, what is not how many are before; what is not known is not said."""
    row = hold_row_of(words_in(ENGLISH), hold)

    assert (row.status, row.facts, row.due) == (status, facts, due)


def test_a_fee_says_for_what_and_how_much_in_its_own_currency() -> None:
    """Item, kind and amount; a fee that cannot be paid here says why."""
    fee = FeeLine(Money(120, "EUR"), FeeKind.LOSS, title="Salt", text="Volume 2", why=Reason.CURRENCY_DIFFERS)

    row = fee_row_of(words_in(ENGLISH), fee)

    assert (row.title, row.status, row.due) == ("Salt", "Compensation for loss", "€1.20")
    assert row.message == "The library's system says: Volume 2"
    assert "another currency" in row.what


def test_an_account_that_cannot_be_shown_says_so_and_nothing_of_loans() -> None:
    """Without the system there is no account, and the reader knows that books can be given back all the same."""
    page = page_of(words_in(ENGLISH), v.Account("", None, why=Refusal.SERVER_AWAY))

    assert page.title == "My account"
    assert "give books back all the same" in page.remarks[0].advice


def test_loans_the_server_does_not_tell_are_not_called_none() -> None:
    """A server that tells no loans has not said that there are none."""
    page = page_of(words_in(ENGLISH), v.Account("", None))

    assert "Nothing" not in page.title
    assert "does not tell" in page.remarks[0].what
