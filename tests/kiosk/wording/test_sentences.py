"""Everything a view can say has its sentence, in every language."""

from __future__ import annotations

from datetime import date
from enum import Enum

import pytest

from kiosk.wording.catalogue import words_in
from kiosk.wording.choices import enter_label, key_label, label_of
from kiosk.wording.explanations import Explained, explain
from kiosk.wording.lending import quota_text
from kiosk.wording.lines import STATUSES, row_of
from kiosk.wording.pages import closing_text, count_captions, page_of, unit_text
from kiosk.wording.values import day_in, due_in, money_in
from kiosk.wording.welcome import ways_of
from kiosk.workflow import view as v
from kiosk.workflow.view import Language, Line, Notice, Outage, PaymentTrouble, Refusal, Status, Trouble, Way
from sync.entries import Due, ItemId, Money, Reason
from tests.look.samples import VIEWS

CHINESE, ENGLISH = Language.CHINESE, Language.ENGLISH
EXPLAINED: list[Explained] = [*Reason, *Trouble, *Refusal, *Outage, *Notice, *PaymentTrouble]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("thing", EXPLAINED, ids=lambda thing: f"{type(thing).__name__}.{thing.name}")
def test_everything_that_goes_wrong_says_what_is_so_and_what_to_do(
    thing: Explained, language: Language
) -> None:
    """Every reason, trouble, refusal, outage and notice has two whole short sentences: what, and what to do."""
    explanation = explain(words_in(language), thing)

    for sentence in (explanation.what, explanation.advice):
        assert sentence.endswith(("。", "！") if language is CHINESE else (".", "!"))
        assert 4 <= len(sentence) <= (40 if language is CHINESE else 90)


@pytest.mark.parametrize("kind", [Reason, Trouble, Refusal, Outage, PaymentTrouble])
def test_no_two_reasons_read_the_same(kind: type[Enum]) -> None:
    """What is so is said exactly: within a kind no sentence stands for two different causes."""
    for language in Language:
        said = [explain(words_in(language), member).what for member in kind]  # type: ignore[arg-type]

        assert len(set(said)) == len(said)


@pytest.mark.parametrize("language", Language)
def test_every_status_has_its_own_words(language: Language) -> None:
    """A reader tells all states of an item apart by words alone."""
    said = {row_of(words_in(language), Line("1", status)).status for status in Status}

    assert len(said) == len(Status) == len(STATUSES)


@pytest.mark.parametrize("status", Status)
def test_lent_is_said_of_what_is_lent_only(status: Status) -> None:
    """The words for lent stand at items that are lent, and at no others."""
    is_lent = status in (
        Status.LENT,
        Status.LENT_STAYS_SECURED,
        Status.LENT_PROVISIONALLY,
        Status.LENT_NOT_VERIFIED,
    )

    assert row_of(words_in(ENGLISH), Line("1", status)).status.startswith("Borrowed") is is_lent
    assert row_of(words_in(CHINESE), Line("1", status)).status.startswith("已借出") is is_lent


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", VIEWS)
def test_every_view_has_a_title_and_a_word_on_every_button(name: str, language: Language) -> None:
    """No screen is without a headline and no button without a word."""
    words, view = words_in(language), VIEWS[name]

    assert page_of(words, view).title
    labels = [label_of(words, choice.id, view) for choice in view.choices]
    assert all(labels)
    assert len(set(labels)) == len(labels)


def test_samples_cover_every_view() -> None:
    """The samples that pictures and tests are made of hold every kind of view."""
    assert {type(view) for view in VIEWS.values()} == set(v.View.__args__)


def test_a_choice_nobody_offers_has_no_word() -> None:
    """A button without a word is an error, not an empty button."""
    with pytest.raises(LookupError):
        label_of(words_in(ENGLISH), "no-such-choice", v.OneMoment())


@pytest.mark.parametrize("language", Language)
def test_languages_are_called_what_their_readers_call_them(language: Language) -> None:
    """The button for a language is written in that language, whichever language is shown."""
    words = words_in(language)

    assert label_of(words, "language:zh_CN", v.OneMoment()) == "中文"
    assert label_of(words, "language:en", v.OneMoment()) == "English"


def test_a_book_that_cannot_be_put_back_stays_lent() -> None:
    """Whoever took a book away too early is told that it is lent, and can only say that it cannot come back."""
    view = VIEWS["put-back"]

    assert "is lent to you" in page_of(words_in(ENGLISH), view).lead
    assert label_of(words_in(ENGLISH), v.NO, view) == "I cannot put it back"
    assert label_of(words_in(CHINESE), v.NO, view) == "无法放回"


@pytest.mark.parametrize("why", [Trouble.NO_ANSWER, Reason.ITEM_ON_HOLD_FOR_OTHER])
def test_a_renewal_that_failed_is_not_told_as_a_loan_that_failed(why: Trouble | Reason) -> None:
    """A loan that could not be renewed still stands, so its words are others than those of a book not lent."""
    renewal = row_of(words_in(ENGLISH), Line("1", Status.ALREADY_YOURS, why=why))
    loan = row_of(words_in(ENGLISH), Line("1", Status.NOT_LENT, why=why))

    assert "renewed" in renewal.what
    assert "renewed" not in loan.what
    assert renewal.advice != loan.advice


@pytest.mark.parametrize(
    ("lent", "farewell"), [(2, "your card and the borrowed books"), (0, "Please take your card with you.")]
)
def test_only_what_is_lent_is_to_be_taken_along(lent: int, farewell: str) -> None:
    """At the end a reader is asked to take the borrowed books along, and never one that was not lent."""
    summary = v.Summary((), lent, 0, 1, 9)

    assert farewell in page_of(words_in(ENGLISH), summary).lead


def test_days_are_written_in_full() -> None:
    """A due day cannot be misread: the month is a word, or the parts are named."""
    day = date(2027, 5, 12)

    assert day_in(ENGLISH, day) == "12 May 2027"
    assert day_in(CHINESE, day) == "2027年5月12日"


def test_a_due_text_that_was_not_understood_is_shown_as_the_server_wrote_it() -> None:
    """Where no day was understood the reader sees the server's own text, and no invented day."""
    assert due_in(ENGLISH, Due(None, " in two weeks ")) == "in two weeks"
    assert due_in(CHINESE, Due(None)) == ""


@pytest.mark.parametrize(
    ("money", "english", "chinese"),
    [
        (Money(150, "CNY"), "CN¥1.50", "¥1.50"),
        (Money(5, "EUR"), "€0.05", "€0.05"),
        (Money(123456, "EUR"), "€1,234.56", "€1,234.56"),
        (Money(150, "JPY"), "JP¥150", "JP¥150"),
    ],
)
def test_amounts_have_the_decimals_of_their_currency(money: Money, english: str, chinese: str) -> None:
    """An amount is written with its currency and as many decimals as that currency has."""
    assert money_in(ENGLISH, money) == english
    assert money_in(CHINESE, money) == chinese


@pytest.mark.parametrize(("books", "title"), [(1, "1 book is on the pad"), (2, "2 books are on the pad")])
def test_one_is_not_said_like_many(books: int, title: str) -> None:
    """English counts one book and two books."""
    assert page_of(words_in(ENGLISH), v.Welcome((Way.CARD,), books)).title == title
    assert page_of(words_in(CHINESE), v.Welcome((Way.CARD,), books)).title == f"感应区上有 {books} 本书"


def test_a_line_tells_due_day_fee_and_parts() -> None:
    """An item's row holds everything about it: title, state, due day, fee, parts, and the server's own words."""
    line = Line(
        "1",
        Status.LENT,
        ItemId("1"),
        "Salt",
        Due(date(2027, 5, 12)),
        fee=Money(150, "EUR"),
        parts=3,
        parts_present=3,
        message=" from the server ",
    )

    row = row_of(words_in(ENGLISH), line)

    assert row.title == "Salt"
    assert row.facts == ("Due back 12 May 2027", "Fee €1.50", "3 of 3 parts")
    assert row.message == "The library's system says: from the server"


@pytest.mark.parametrize(
    ("line", "title"),
    [
        (Line("7", Status.WAITING, ItemId("7")), "Item 7"),
        (Line("tag:E004", Status.NOT_LENT), "Something on the pad"),
        (Line("scan:1", Status.NOT_LENT), "A scanned barcode"),
        (Line("7", Status.WAITING, ItemId("7"), "  "), "Item 7"),
    ],
)
def test_a_thing_without_a_title_is_still_called_something(line: Line, title: str) -> None:
    """Until the server told the title the item number stands there; a thing without number is described."""
    assert row_of(words_in(ENGLISH), line).title == title


def test_braces_in_a_title_stay_as_they_are() -> None:
    """A title, a name or a number is data: nothing in it is taken for a place to fill in."""
    view = v.PutBack(Line("1", Status.PUT_BACK, title="{0} {title} %s {n!r}"), 5)

    assert '"{0} {title} %s {n!r}"' in page_of(words_in(ENGLISH), view).lead
    assert "{name}" in page_of(words_in(ENGLISH), borrowing_by("{name}")).greeting


def borrowing_by(name: str) -> v.Borrowing:
    """A session in which nothing was laid down yet."""
    return v.Borrowing(name, (), 0, 0)


@pytest.mark.parametrize(
    ("quota", "left", "text"),
    [
        (None, None, ""),
        (None, 2, "You may borrow 2 more"),
        (5, 2, "You may borrow 2 more of 5"),
        (5, 0, "You have reached your limit"),
        (5, -1, "You have reached your limit"),
    ],
)
def test_the_quota_is_told_when_it_is_known(quota: int | None, left: int | None, text: str) -> None:
    """What may still be borrowed is shown before it is exceeded, and not guessed."""
    assert quota_text(words_in(ENGLISH), quota, left) == text


def test_nobody_at_the_limit_is_asked_for_more_books() -> None:
    """Whoever may borrow no more is asked to finish, not to add books."""
    words, lines = words_in(ENGLISH), (Line("1", Status.LENT),)

    assert page_of(words, v.Borrowing("", lines, 1, 1, quota_left=1)).lead == "Add more books, or finish."
    assert page_of(words, v.Borrowing("", lines, 1, 1, quota_left=0)).lead == "Please touch Finish."


def test_a_declared_number_that_differs_is_said() -> None:
    """A reader who said six books and laid down five is told so; one who said five is not."""
    words = words_in(ENGLISH)

    said = page_of(words, v.Borrowing("", (Line("1", Status.WAITING),), 5, 0, declared=6)).remarks
    assert [one.what for one in said] == ["You said 6, the pad sees 5."]
    assert page_of(words, v.Borrowing("", (Line("1", Status.WAITING),), 5, 0, declared=5)).remarks == ()


def test_seconds_ways_and_keys_have_words() -> None:
    """The count-down, the ways to say who one is and the keys of the number pad have words in every language."""
    for language in Language:
        words = words_in(language)

        assert unit_text(words, 2)
        assert closing_text(words, 7) != closing_text(words, 8)
        assert len(set(count_captions(words))) == 2
        assert len(set(ways_of(words, v.Welcome(tuple(Way))))) == len(Way)
        assert len({enter_label(words), key_label(words, "erase"), key_label(words, "clear")}) == 3
