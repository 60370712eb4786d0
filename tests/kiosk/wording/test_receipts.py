"""Receipts as codes hold everything but a person, in texts that a code can hold."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC

import pytest

from kiosk.wording.catalogue import words_in
from kiosk.wording.paper.checking import preview
from kiosk.wording.receipts import (
    CODE_BYTES_MAX,
    KINDS,
    WORDS,
    receipt_codes,
    receipt_row_of,
    receipt_texts,
)
from kiosk.workflow.receipts import Receipt, ReceiptKind, ReceiptLine, ReceiptWord
from kiosk.workflow.view import Language
from sync.entries import ItemId, Money
from tests.look.services import (
    BACK_RECEIPT,
    DUE,
    LOAN_RECEIPT,
    LONG,
    LONG_CHINESE,
    LONG_RECEIPT,
    PAYMENT_RECEIPT,
    WAS_DUE,
)

CHINESE, ENGLISH = Language.CHINESE, Language.ENGLISH


@pytest.mark.parametrize("language", Language)
def test_every_word_of_a_receipt_is_there(language: Language) -> None:
    """Each kind of receipt and each end of a line has its words, and no two read the same."""
    words = words_in(language)

    assert len({words.say(KINDS[kind]) for kind in ReceiptKind}) == len(ReceiptKind)
    assert len({words.say(WORDS[word]) for word in ReceiptWord}) == len(ReceiptWord)


def test_a_receipt_as_it_is_scanned() -> None:
    """The whole text: where, what for, when, by which number, and each loan with its day."""
    assert receipt_texts(LOAN_RECEIPT, UTC) == (
        "Example City Library · Hall 1\n"
        "Receipt for what you borrowed\n"
        "14 April 2027, 01:05\n"
        "Reference: k7f2-31-305\n"
        "\n"
        "1. A Short History of Paper\n"
        "Borrowed · Due back 12 May 2027\n"
        "2. 纸的故事\n"
        "Borrowed provisionally · Due back 12 May 2027\n"
        "\n"
        "Loans are provisional until the library confirms them.",
    )


def test_a_receipt_speaks_the_language_it_was_made_in() -> None:
    """A Chinese receipt is Chinese whatever the screen shows, with what was late and what that costs."""
    (text,) = receipt_texts(BACK_RECEIPT, UTC)

    assert "还书凭条" in text
    assert "逾期 12 天 · 应还日期 2027年3月30日 · ¥1.20" in text
    assert "（无借阅记录）" in text


def test_a_title_cannot_write_lines_of_its_own() -> None:
    """A title with line breaks in it stays one line, so that it cannot pass for another item or a sum."""
    line = ReceiptLine(ReceiptWord.PAID, ItemId("1"), "Salt\n2. Pepper\nPaid in all: CN¥0.00")

    (text,) = receipt_texts(replace(PAYMENT_RECEIPT, lines=(line,)), UTC)

    assert "1. Salt 2. Pepper Paid in all: CN¥0.00" in text.splitlines()


def test_a_payment_receipt_says_how_much_how_and_whether_the_books_have_it() -> None:
    """The sum, the means, the other side's number, and honestly that it is not posted yet."""
    (text,) = receipt_texts(PAYMENT_RECEIPT, UTC)

    assert "Paid in all: CN¥6.20" in text
    assert "Paid by: Bank card" in text
    assert "Payment number: T-000123" in text
    assert "It is not in the library's books yet." in text
    assert "not in the library's books" not in receipt_texts(replace(PAYMENT_RECEIPT, is_posted=True), UTC)[0]


@pytest.mark.parametrize("is_posted", [True, False])
@pytest.mark.parametrize(
    ("word", "said"),
    [
        (ReceiptWord.PAID_BACK, "Money given back"),
        (ReceiptWord.PAYMENT_UNKNOWN, "Not clear whether paid, the staff find out"),
    ],
)
def test_money_that_went_back_or_is_unclear_is_not_called_paid(
    word: ReceiptWord, said: str, is_posted: bool
) -> None:
    """Code and paper say what became of it, also beside a title, and that nothing is to come into the books."""
    line = ReceiptLine(word, ItemId("1"), "Salt", amount=Money(620, "CNY"))
    receipt = replace(PAYMENT_RECEIPT, lines=(line,), is_posted=is_posted)
    (code,) = receipt_texts(receipt, UTC)
    paper = repr(preview(None, receipt, UTC))

    for text in (code, paper):
        assert said in text
        assert "Paid in all" not in text
        assert "books" not in text
        assert "was taken" not in text
    assert "Total CN¥6.20" in code


@pytest.mark.parametrize("title", ["Salt", LONG, LONG_CHINESE, "𠮷" * 300, "a\nb" * 90, "{0} {title} %s"])
@pytest.mark.parametrize("count", [0, 1, 7, 60])
def test_no_text_is_more_than_a_code_can_hold_and_no_line_is_left_out(title: str, count: int) -> None:
    """However many items and however long their titles, every item stands in one of the texts, once."""
    lines = tuple(
        ReceiptLine(
            ReceiptWord.BACK_TO_STAFF,
            ItemId("9" * 64),
            title,
            WAS_DUE,
            999,
            Money(99999999, "CNY"),
            f"k7f2-31-305-{at}",
        )
        for at in range(count)
    )
    receipt = replace(
        LONG_RECEIPT, library=title, terminal=title, language="zh_CN", lines=lines, voucher=title
    )

    texts = receipt_texts(receipt, UTC)

    assert all(len(text.encode()) <= CODE_BYTES_MAX for text in texts)
    for at in range(count):
        assert sum(f"k7f2-31-305-{at}\n" in f"{text}\n" for text in texts) == 1


def test_a_receipt_in_several_codes_says_so_on_each() -> None:
    """Every part names the receipt and which part of how many it is; one that fits says nothing of parts."""
    texts = receipt_texts(LONG_RECEIPT, UTC)

    assert len(texts) > 2
    for at, text in enumerate(texts, 1):
        assert f"({at}/{len(texts)})" in text
        assert LONG_RECEIPT.reference in text
    assert sum("provisional until" in text for text in texts) == 1
    assert "(1/1)" not in receipt_texts(LOAN_RECEIPT, UTC)[0]


def test_the_receipts_of_two_readers_never_share_a_code() -> None:
    """Each receipt has codes of its own, whose captions say whose turn it is by number."""
    codes = receipt_codes(words_in(ENGLISH), (BACK_RECEIPT, LONG_RECEIPT), UTC)

    assert codes[0][0] == "Receipt 1"
    assert codes[1][0] == f"Receipt 2 · code 1 of {len(codes) - 1}"
    for _, text in codes:
        assert (BACK_RECEIPT.reference in text) != (LONG_RECEIPT.reference in text)
    assert receipt_codes(words_in(ENGLISH), (LOAN_RECEIPT,), UTC)[0][0] == ""


def test_a_receipt_has_no_place_for_a_person() -> None:
    """There is no field a name or a card number could be in."""
    assert {field.name for field in fields(Receipt)} == {
        "kind",
        "reference",
        "library",
        "terminal",
        "at",
        "language",
        "lines",
        "is_provisional",
        "total",
        "means",
        "voucher",
        "is_posted",
        "terminal_lines",
    }


def test_only_what_is_lent_has_a_day_to_keep() -> None:
    """A loan's row says until when; what came back in time says nothing of days, and without title it has a number."""
    words = words_in(ENGLISH)

    lent = receipt_row_of(words, ReceiptLine(ReceiptWord.RENEWED, ItemId("7"), " ", DUE))
    back = receipt_row_of(words, ReceiptLine(ReceiptWord.BACK, ItemId("7"), "Salt", DUE))

    assert (lent.title, lent.due) == ("Item 7", "Due back 12 May 2027")
    assert (back.due, back.facts) == ("", ())
