"""What a reader who gives something back is told: never a refusal, always where it goes and how late it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kiosk.wording.bins import bin_sign, colour_text, route_text
from kiosk.wording.catalogue import words_in
from kiosk.wording.choices import label_of
from kiosk.wording.explanations import Tone
from kiosk.wording.giving_back import drop_row
from kiosk.wording.pages import notices_of, page_of
from kiosk.wording.returns import STATUSES, back_row_of
from kiosk.workflow import view as v
from kiosk.workflow.view import BackLine, BackStatus, Choice, DropStep, Language, Notice, Shown, Trouble
from sync.entries import Due, ItemId, Money, Reason
from sync.rules.sorting import Bin, Colour, Route
from tests.look.samples import VIEWS

CHINESE, ENGLISH = Language.CHINESE, Language.ENGLISH
RID = (BackStatus.BACK, BackStatus.BACK_NO_LOAN, BackStatus.BACK_RECORDED, BackStatus.BACK_TO_STAFF)
LATE = BackLine(
    "1",
    BackStatus.BACK,
    ItemId("1"),
    "Salt",
    was_due=Due(date(2027, 3, 30)),
    days_overdue=12,
    fee=Money(120, "EUR"),
)


@pytest.mark.parametrize("language", Language)
def test_every_state_of_a_returned_item_has_its_own_words(language: Language) -> None:
    """A reader tells all states of an item that comes back apart by words alone."""
    said = {back_row_of(words_in(language), BackLine("1", status)).status for status in BackStatus}

    assert len(said) == len(BackStatus) == len(STATUSES)


@pytest.mark.parametrize("status", BackStatus)
def test_given_back_is_said_of_what_the_reader_is_rid_of_and_of_nothing_else(status: BackStatus) -> None:
    """The words for given back stand at what stays in the library, and at no other item."""
    is_rid = status in RID

    assert back_row_of(words_in(ENGLISH), BackLine("1", status)).status.startswith("Given back") is is_rid
    assert back_row_of(words_in(CHINESE), BackLine("1", status)).status.startswith("已归还") is is_rid


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("why", [*Reason, *Trouble], ids=str)
def test_whatever_the_matter_is_a_return_left_to_staff_asks_nothing_more_of_the_reader(
    why: Reason | Trouble, language: Language
) -> None:
    """What is so and what to do are two whole sentences, and nobody is told that the item is refused."""
    row = back_row_of(words_in(language), BackLine("1", BackStatus.BACK_TO_STAFF, why=why))

    for sentence in (row.what, row.advice):
        assert sentence.endswith(("。", "！") if language is CHINESE else (".", "!"))
    if isinstance(why, Reason):
        assert row.advice == words_in(language).say("Please leave the item here. You need do nothing else.")
    assert not {"refused", "rejected"} & set(row.what.lower().split())
    assert "拒绝" not in row.what


def test_what_stands_against_a_patron_is_not_said_of_a_return() -> None:
    """A closed account, owed fees or a full quota never come up when somebody gives a book back."""
    for why in (Reason.PATRON_BLOCKED, Reason.FEES_OWED, Reason.LIMIT_REACHED, Reason.CARD_LOST):
        row = back_row_of(words_in(ENGLISH), BackLine("1", BackStatus.BACK_TO_STAFF, why=why))

        assert row.what == "The library's system did not close this loan by itself."


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (ENGLISH, "No loan found: it had already been returned, thank you."),
        (CHINESE, "没有找到借阅记录：此书先前已归还，谢谢。"),
    ],
)
def test_what_was_not_on_loan_is_taken_with_thanks(language: Language, sentence: str) -> None:
    """An item without a loan had been returned before: the reader is thanked, not questioned."""
    assert back_row_of(words_in(language), BackLine("1", BackStatus.BACK_NO_LOAN)).what == sentence


def test_another_librarys_item_goes_with_its_reader_or_onto_its_own_pile() -> None:
    """As the library has it, the reader is asked to take it along, or to lay it where such items lie."""
    mine = BackLine("tag:1", BackStatus.HANDED_BACK, why=Trouble.FOREIGN_LIBRARY)
    pile = replace(mine, route=Route.FOREIGN, bin=Bin("7", "table", Colour.YELLOW))

    taken, laid = back_row_of(words_in(ENGLISH), mine), back_row_of(words_in(ENGLISH), pile)

    assert taken.what == laid.what == "This item belongs to another library."
    assert taken.status == "Please take it with you"
    assert "take it along" in taken.advice
    assert laid.status == "Please put it on the pile for other libraries"
    assert "take it along" not in laid.advice


@pytest.mark.parametrize(("days", "said"), [(1, "1 day overdue"), (12, "12 days overdue")])
def test_overdue_is_said_with_its_days_its_day_and_its_cost(days: int, said: str) -> None:
    """By how much, since when and at what cost: three texts of their own, in the reader's words."""
    line = replace(LATE, days_overdue=days)

    row = back_row_of(words_in(ENGLISH), line)

    assert (row.late, row.since, row.cost) == (said, "It was due on 30 March 2027", "Overdue fee €1.20")
    assert back_row_of(words_in(CHINESE), line).late == f"逾期 {days} 天"


def test_what_came_in_time_is_not_called_late() -> None:
    """Nothing of being overdue is said of an item that came in time; a fee of another kind still is."""
    row = back_row_of(words_in(ENGLISH), replace(LATE, days_overdue=0))

    assert (row.late, row.since, row.cost) == ("", "", "")
    assert row.facts == ("Fee €1.20",)


def test_a_due_text_without_a_day_is_shown_as_it_is() -> None:
    """Where no day was understood the server's own words stand there, in no sentence they would not fit."""
    row = back_row_of(words_in(ENGLISH), replace(LATE, was_due=Due(None, " end of term ")))

    assert row.since == "Due date: end of term"


def test_overdue_stands_on_top_of_the_list_and_of_the_summary() -> None:
    """Whoever does not read the rows still sees that something was overdue, in the gravest tone there is."""
    for view in (v.GivingBack((LATE,), 1), v.BackSummary((LATE,), 1, 0, 0, 9)):
        (remark,) = page_of(words_in(ENGLISH), view).remarks

        assert remark.tone is Tone.GRAVE
        assert remark.what == "1 book was overdue."
    assert page_of(words_in(ENGLISH), v.GivingBack((replace(LATE, days_overdue=0),), 1)).remarks == ()


@pytest.mark.parametrize("language", Language)
def test_every_route_and_every_colour_has_its_own_word(language: Language) -> None:
    """Where an item goes, and what its bin looks like, is told in words as well."""
    words = words_in(language)

    assert len({route_text(words, route) for route in Route}) == len(Route)
    assert len({colour_text(words, colour) for colour in Colour}) == len(Colour)


def test_a_bin_is_told_by_number_place_colour_and_words() -> None:
    """Whoever sees no colours, or no numbers, still finds the bin."""
    sign = bin_sign(words_in(ENGLISH), Bin("2", " left trolley ", Colour.BLUE), Route.HOLD_HERE)

    assert sign is not None
    assert (sign.number, sign.colour) == ("2", "blue")
    assert sign.order == "Put it into bin 2, the blue one"
    assert sign.place == "left trolley · Reserved for another reader"


def test_a_bin_without_colour_or_place_is_told_by_its_number() -> None:
    """A library that paints no bins names no colour; without a bin there is no sign, and the route is a fact."""
    sign = bin_sign(words_in(ENGLISH), Bin("A12"), None)

    assert sign is not None
    assert (sign.order, sign.place, sign.colour) == ("Put it into bin A12", "", "")
    row = back_row_of(words_in(ENGLISH), replace(LATE, days_overdue=0, fee=None, route=Route.DAMAGED))
    assert row.bin is None
    assert row.facts == ("Has to be mended",)


def test_readers_are_told_apart_by_number_and_never_named() -> None:
    """In a batch of several readers each row says on which receipt it stands; in a batch of one, none does."""
    line = replace(LATE, reader=2)

    assert "Receipt 2" in back_row_of(words_in(ENGLISH), line, has_readers=True).facts
    assert back_row_of(words_in(ENGLISH), line).facts == ()


@pytest.mark.parametrize(("language", "said"), [(ENGLISH, "You need no card."), (CHINESE, "无需读者证。")])
def test_nobody_is_asked_for_a_card_to_give_something_back(language: Language, said: str) -> None:
    """The first thing a reader with a book in the hand reads is that no card is needed."""
    assert page_of(words_in(language), v.GivingBack((), 0)).note == said
    assert page_of(words_in(language), v.BookDropping(DropStep.READY)).lead == said


def test_without_the_server_a_return_is_recorded_and_the_bar_above_says_nothing_else() -> None:
    """That the system is away is said once, with what it means for a return; loans are not spoken of."""
    view = v.GivingBack((), 0, is_recorded_only=True)
    words, notices = words_in(ENGLISH), (Notice.SERVER_AWAY, Notice.LENDING_PROVISIONALLY)

    (remark,) = page_of(words, view).remarks

    assert remark.tone is Tone.CALM
    assert "all the same" in remark.advice
    assert notices_of(words, Shown(view, ENGLISH, notices)) == ()


@pytest.mark.parametrize("language", Language)
def test_every_step_of_the_book_drop_says_something_else(language: Language) -> None:
    """No two steps of a book drop have the same title, and each can be read at a glance."""
    titles = [page_of(words_in(language), v.BookDropping(step)).title for step in DropStep]

    assert len(set(titles)) == len(titles)
    assert all(len(title) <= (10 if language is CHINESE else 24) for title in titles)


@pytest.mark.parametrize(
    ("status", "title"),
    [
        (BackStatus.BACK, "Given back. Thank you!"),
        (BackStatus.BACK_NO_LOAN, "It had already been returned"),
        (BackStatus.BACK_TO_STAFF, "Taken in. Thank you!"),
    ],
)
def test_the_book_drop_thanks_for_what_it_took_as_it_took_it(status: BackStatus, title: str) -> None:
    """Given back is said where it is; what staff look at is taken in; what was not on loan is told so."""
    view = v.BookDropping(DropStep.DONE, BackLine("1", status))

    assert page_of(words_in(ENGLISH), view).title == title


@pytest.mark.parametrize(
    "why", [Trouble.ONE_AT_A_TIME, Trouble.FOREIGN_LIBRARY, Trouble.UNREADABLE_TAG, None]
)
def test_the_book_drop_says_why_something_has_to_be_taken_out(why: Trouble | None) -> None:
    """What is not taken comes with the reason and with what to do, also where nothing was read."""
    view = v.BookDropping(DropStep.TAKE_OUT, why=why)

    for language, stop in ((ENGLISH, "."), (CHINESE, "。")):
        lead = page_of(words_in(language), view).lead
        assert lead.endswith(stop)
        assert lead.count(stop) >= 2


def test_what_is_in_the_drop_is_called_by_its_title_or_not_at_all() -> None:
    """Nothing is invented for a thing that could not be read."""
    assert drop_row(words_in(ENGLISH), v.BookDropping(DropStep.DONE, LATE)).title == "Salt"
    unread = BackLine("tag:1", BackStatus.NOT_TAKEN)
    assert drop_row(words_in(ENGLISH), v.BookDropping(DropStep.TAKE_OUT, unread)).title == ""
    assert drop_row(words_in(ENGLISH), v.BookDropping(DropStep.READY)).title == ""


def test_parts_that_are_missing_can_be_left_missing() -> None:
    """A reader who has lost a part can still give back the rest, by a button that says so."""
    view = VIEWS["giving-back-every-status"]

    assert label_of(words_in(ENGLISH), "give-back:10000008", view) == "Give it back as it is"
    assert label_of(words_in(CHINESE), "give-back:10000008", view) == "就这样归还"
    assert (
        label_of(words_in(ENGLISH), v.GIVE_BACK, v.Welcome((), choices=(Choice(v.GIVE_BACK),)))
        == "Give books back"
    )
