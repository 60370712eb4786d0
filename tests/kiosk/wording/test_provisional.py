"""What a reader is told of loans that the terminal granted by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.wording.catalogue import words_in
from kiosk.wording.explanations import Tone
from kiosk.wording.lines import row_of
from kiosk.wording.pages import notices_of, page_of
from kiosk.wording.provisional import TITLE_COLUMNS_MAX, news_of
from kiosk.workflow import view as v
from kiosk.workflow.view import Language, Line, Notice, Shown, SlipState, Status
from sync.entries import Due, ItemId
from sync.questions import News, NewsKind
from tests.look.samples import DUE, LONG_CHINESE_TITLE, NEWS, PROVISIONAL, VIEWS

CHINESE, ENGLISH = Language.CHINESE, Language.ENGLISH


def test_a_provisional_session_says_so_before_the_first_loan() -> None:
    """Once the terminal lends by itself the reader reads it on top of the list, calmly; else not a word of it."""
    provisional = page_of(words_in(ENGLISH), VIEWS["borrowing-empty-provisional"]).remarks
    usual = page_of(words_in(ENGLISH), VIEWS["borrowing-empty"]).remarks

    assert [one.tone for one in provisional] == [Tone.CALM]
    assert "provisional" in provisional[0].what
    assert usual == ()


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            ENGLISH,
            ["2 loans are provisional", "as soon as the network is back", "by 12 May 2027", "next time"],
        ),
        (CHINESE, ["2 本为暂借", "网络恢复后", "2027年5月12日", "下次"]),
    ],
)
def test_the_end_of_a_provisional_session_says_until_when_and_what_comes_next(
    language: Language, said: list[str]
) -> None:
    """A reader leaves knowing that it is provisional, until when the books are lent, and how it goes on."""
    (remark,) = page_of(words_in(language), VIEWS["summary-provisional"]).remarks

    for words in said:
        assert words in remark.what + remark.advice


def test_a_provisional_loan_is_called_so_whatever_else_is_the_matter_with_it() -> None:
    """A loan that was not verified, or whose alarm stays on, is provisional as well where it was lent here."""
    for status in (Status.LENT_NOT_VERIFIED, Status.LENT_STAYS_SECURED):
        line = Line("1", status, due=DUE, is_provisional=True)

        (remark,) = page_of(words_in(ENGLISH), v.Summary((line,), 1, 0, 0, 9, True)).remarks

        assert remark.what.startswith("1 loan is provisional")
        assert row_of(words_in(ENGLISH), line).facts == ("Provisional", "Due back 12 May 2027")
    confirmed = row_of(words_in(ENGLISH), Line("1", Status.LENT_NOT_VERIFIED, due=DUE))
    assert confirmed.facts == ("Due back 12 May 2027",)


def test_different_due_days_are_looked_up_in_the_list() -> None:
    """Where not all provisional loans are due on one day, none is named for all."""
    (remark,) = page_of(words_in(ENGLISH), VIEWS["summary-partly-provisional"]).remarks

    assert "2027" not in remark.advice
    assert "Please keep to the dates shown below." in remark.advice


def test_a_due_text_without_a_day_is_kept_as_it_was_told() -> None:
    """A due date that is no day is named in its own words, and one that is unknown is not named."""
    lines = tuple(replace(line, due=Due(None, "end of term")) for line in PROVISIONAL[:1])
    told = page_of(words_in(ENGLISH), v.Summary(lines, 1, 0, 0, 9, True)).remarks[0]
    silent = page_of(words_in(ENGLISH), v.Summary((replace(lines[0], due=None),), 1, 0, 0, 9, True)).remarks[
        0
    ]

    assert "Please bring it back by end of term." in told.advice
    assert "Please keep to the dates shown below." in silent.advice


def test_a_session_without_provisional_loans_says_nothing_of_them() -> None:
    """Whoever borrowed with the server there reads nothing about provisional loans."""
    assert page_of(words_in(ENGLISH), VIEWS["summary"]).remarks == ()


@pytest.mark.parametrize("language", Language)
def test_news_come_gravest_first_and_good_news_is_short(language: Language) -> None:
    """What was not confirmed stands first, then other due days, then all that is confirmed in one sentence."""
    told = news_of(words_in(language), NEWS)

    assert [one.tone for one in told] == [Tone.CARE, Tone.CARE, Tone.GOOD]
    assert "2027" in told[1].advice
    assert "2" in told[2].what


def test_another_due_day_tells_both_days() -> None:
    """A reader whose due date changed reads the day that was promised and the day that holds."""
    (told,) = news_of(words_in(ENGLISH), NEWS[2:3])

    assert "A Field Guide to Lighthouses" in told.what
    assert "12 May 2027" in told.advice
    assert "28 April 2027" in told.advice


def test_many_news_of_a_kind_are_counted() -> None:
    """Ten changed dates are one sentence, not ten cards."""
    many = tuple(News(NewsKind.DUE_CHANGED, ItemId(str(n)), DUE, DUE) for n in range(10)) + tuple(
        News(NewsKind.NOT_CONFIRMED, ItemId(str(n)), DUE) for n in range(20, 31)
    )

    told = news_of(words_in(ENGLISH), many)

    assert [one.what for one in told] == [
        "The library could not confirm 11 of your loans.",
        "10 loans have other due dates than you were told.",
    ]


def test_a_title_in_a_sentence_is_shortened_and_a_missing_one_is_its_number() -> None:
    """News stay short whatever the title is, in either script."""
    for title in (LONG_CHINESE_TITLE, "word " * 40):
        (told,) = news_of(words_in(ENGLISH), (News(NewsKind.NOT_CONFIRMED, ItemId("7"), DUE, title=title),))
        shown = told.what.split('"')[1]
        assert shown.endswith("…")
        assert len(shown.encode("gb18030")) <= TITLE_COLUMNS_MAX + 2

    (told,) = news_of(words_in(ENGLISH), (News(NewsKind.NOT_CONFIRMED, ItemId("7"), DUE),))
    assert "Item 7" in told.what


def test_the_same_is_not_said_twice_on_one_screen() -> None:
    """Where the screen itself says that loans are provisional, the bar above it does not; other bars stay."""
    notices = (Notice.LENDING_PROVISIONALLY, Notice.PRINTER_AWAY)
    words = words_in(ENGLISH)

    during = notices_of(words, Shown(VIEWS["borrowing-provisional"], ENGLISH, notices))
    before = notices_of(words, Shown(VIEWS["welcome"], ENGLISH, notices))
    usual = notices_of(words, Shown(VIEWS["borrowing-empty"], ENGLISH, notices))

    assert [len(during), len(before), len(usual)] == [1, 2, 2]
    assert during[0].startswith("The printer")


def test_notices_leave_room_for_the_screen() -> None:
    """However much is out of order, four bars are shown; the printer's is left out first, the server's is one."""
    words = words_in(ENGLISH)

    every = notices_of(words, Shown(VIEWS["welcome"], ENGLISH, tuple(Notice)))
    server = notices_of(
        words, Shown(VIEWS["welcome"], ENGLISH, (Notice.SERVER_AWAY, Notice.LENDING_PROVISIONALLY))
    )

    assert len(every) == 4
    assert not any("printer" in said for said in every)
    assert len(server) == 1
    assert "You can still borrow." in server[0]


@pytest.mark.parametrize(
    ("slip", "reference", "said"),
    [
        (None, "", ""),
        (None, "K1", "Reference for the desk: K1"),
        (SlipState.PRINTING, "K1", "A slip is being printed for you.\nReference for the desk: K1"),
        (SlipState.PRINTED, "K1", "Please take the printed slip along.\nReference for the desk: K1"),
        (
            SlipState.NOT_PRINTED,
            "K1",
            "If no slip came out, please note the reference.\nReference for the desk: K1",
        ),
    ],
)
def test_a_line_tells_where_its_slip_is_and_always_the_reference(
    slip: SlipState | None, reference: str, said: str
) -> None:
    """With or without paper, a reader can name the case at the desk."""
    line = Line("1", Status.NOT_LENT, reference=reference, slip=slip)

    assert row_of(words_in(ENGLISH), line).slip == said
