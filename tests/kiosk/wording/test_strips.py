"""What a reader is told at the strip unit, and of items with a strip."""

from __future__ import annotations

import pytest

from kiosk.wording.catalogue import words_in
from kiosk.wording.choices import label_of
from kiosk.wording.lines import row_of
from kiosk.wording.pages import page_of
from kiosk.workflow import view as v
from kiosk.workflow.view import Choice, Language, Line, Status, StripStep, Trouble, UseStripUnit

CHINESE, ENGLISH = Language.CHINESE, Language.ENGLISH
ON_THE_UNIT = (StripStep.DESENSITISE, StripStep.AGAIN, StripStep.SENSITISE)
SENSED, LAID_DOWN = (Choice(v.NO),), (Choice(v.STRIP_READY), Choice(v.NO))


def view_of(step: StripStep, choices: tuple[Choice, ...], *, is_working: bool = False) -> UseStripUnit:
    """An item that is to go over the unit."""
    return UseStripUnit(Line("1", Status.STRIP_WANTED, title="Salt"), step, 9, is_working, choices)


@pytest.mark.parametrize("language", Language)
def test_each_step_at_the_strip_unit_has_words_of_its_own(language: Language) -> None:
    """To be lent, once more, to be made secure again, slid over or laid down: no two read the same."""
    views = [view_of(step, SENSED) for step in StripStep] + [view_of(step, LAID_DOWN) for step in ON_THE_UNIT]

    pages = [page_of(words_in(language), view) for view in views]

    assert len({(page.title, page.lead) for page in pages}) == len(views)


@pytest.mark.parametrize(("language", "rule"), [(ENGLISH, "One book at a time"), (CHINESE, "每次只放一本")])
@pytest.mark.parametrize("step", StripStep)
@pytest.mark.parametrize("is_working", [False, True])
def test_the_strip_unit_takes_one_book_and_its_screen_says_so(
    step: StripStep, is_working: bool, language: Language, rule: str
) -> None:
    """Whatever is to be done at the unit, the first thing that stands there is that it takes one book at a time."""
    assert page_of(words_in(language), view_of(step, SENSED, is_working=is_working)).greeting == rule


@pytest.mark.parametrize("step", ON_THE_UNIT)
def test_a_button_is_only_asked_for_where_there_is_one(step: StripStep) -> None:
    """Where the unit senses a book by itself nobody is sent to a button; where it does not, everybody is."""
    words = words_in(ENGLISH)

    assert "button" not in page_of(words, view_of(step, SENSED)).lead
    assert "button" in page_of(words, view_of(step, LAID_DOWN)).lead


@pytest.mark.parametrize("step", StripStep)
def test_while_the_unit_works_the_book_stays_where_it_is(step: StripStep) -> None:
    """While the unit is at it there is nothing to do but to leave the book alone."""
    page = page_of(words_in(ENGLISH), view_of(step, (), is_working=True))

    assert (page.title, page.lead) == ("One moment, please", "Please leave it where it is.")


def test_nothing_at_the_strip_unit_calls_the_item_lent() -> None:
    """Until the strip is off the loan may be taken back: no step promises it, and the last says it was."""
    for choices in (SENSED, LAID_DOWN):
        for step in (StripStep.DESENSITISE, StripStep.AGAIN):
            page = page_of(words_in(ENGLISH), view_of(step, choices))
            said = f"{page.title} {page.lead}".lower().split()
            assert not {"lent", "borrowed", "yours"} & set(said)
        assert "taken back" in page_of(words_in(ENGLISH), view_of(StripStep.SENSITISE, choices)).title


@pytest.mark.parametrize(
    ("language", "ready", "no"),
    [(ENGLISH, "It lies on the unit", "Have it done at the desk"), (CHINESE, "已放好", "到服务台办理")],
)
def test_the_choices_at_the_strip_unit(language: Language, ready: str, no: str) -> None:
    """A reader says that the book lies there, or has it done at the desk."""
    view = view_of(StripStep.DESENSITISE, LAID_DOWN)

    assert label_of(words_in(language), v.STRIP_READY, view) == ready
    assert label_of(words_in(language), v.NO, view) == no


def test_a_strip_that_could_not_be_checked_leaves_the_item_borrowed() -> None:
    """The reader may go, and knows what to do should the gate sound."""
    row = row_of(words_in(ENGLISH), Line("1", Status.LENT, why=Trouble.STRIP_NOT_CHECKED))

    assert row.status == "Borrowed"
    assert "You may take it along." in row.advice
    assert "If the gate sounds" in row.advice


@pytest.mark.parametrize(
    "why", [Trouble.STRIP_MAGNETIC_MEDIA, Trouble.STRIP_MEDIA_UNKNOWN, Trouble.STRIP_PERMANENT]
)
def test_a_strip_that_stays_on_sends_its_reader_to_the_desk(why: Trouble) -> None:
    """Whose item is lent with its alarm on is told the reason, and to see the desk before leaving."""
    row = row_of(words_in(ENGLISH), Line("1", Status.LENT_STAYS_SECURED, why=why))

    assert row.status == "Borrowed, its alarm stays on"
    assert "at the desk" in row.advice


def test_a_tape_is_kept_away_from_the_strip_unit() -> None:
    """Whoever borrows a tape reads that the unit would erase it, and to keep it away."""
    row = row_of(words_in(ENGLISH), Line("1", Status.LENT_STAYS_SECURED, why=Trouble.STRIP_MAGNETIC_MEDIA))

    assert "erase" in row.what
    assert "keep it away from the unit" in row.advice
