"""Every view in both languages and both orientations: each is shown once, for all that is promised of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import pytest

from kiosk.wording.account import fee_row_of, hold_row_of, loan_row_of
from kiosk.wording.catalogue import Words, words_in
from kiosk.wording.choices import label_of
from kiosk.wording.lines import Row, row_of
from kiosk.wording.pages import page_of
from kiosk.wording.returns import back_row_of
from kiosk.workflow import view as v
from kiosk.workflow.view import Choice, Language
from tests.look.samples import VARIANTS, VIEWS, shown
from tests.ui.geometry import SLACK, Box, box, is_inside, is_scrolled, overlap, texts
from tests.ui.rig import SIZES, ScreenRig, chosen
from ui import style

Key = tuple[str, Language, str]
WAYS = [(language, orientation) for orientation in SIZES for language in Language]
# Every view in all four ways; its further variants take turns.
TURNS = {name: WAYS[at % len(WAYS)] for at, name in enumerate(VARIANTS)}
EVERY: list[Key] = [
    (name, language, orientation)
    for language, orientation in WAYS
    for name in VIEWS
    if TURNS.get(name, (language, orientation)) == (language, orientation)
]
TOUCHED = [key for key in EVERY if key[1:] == TURNS.get(key[0], (Language.ENGLISH, "tall"))]


@dataclass(frozen=True, slots=True)
class Seen:
    """The window while it shows *view*."""

    rig: ScreenRig
    view: v.View
    language: Language
    orientation: str


@pytest.fixture(scope="module")
def seen(session_rig: ScreenRig, request: pytest.FixtureRequest) -> Iterator[Seen]:
    """One of `EVERY`; all tests of a view follow each other, so that it is drawn for the first of them only."""
    name, language, orientation = request.param
    session_rig.reset()
    session_rig.show(shown(name, language), orientation=orientation)
    yield Seen(session_rig, VIEWS[name], language, orientation)
    session_rig.stage.size = SIZES["tall"]


def of_every_view(keys: list[Key]) -> pytest.MarkDecorator:
    """A test of each of *keys*, which it is named after."""
    return pytest.mark.parametrize(
        "seen", keys, indirect=True, scope="module", ids=[f"{n}-{la.value}-{o}" for n, la, o in keys]
    )


def choices_of(view: v.View) -> list[Choice]:
    """Everything that *view* offers, in itself and in its lines."""
    match view:
        case v.Borrowing() | v.GivingBack():
            lines: list[v.Line | v.BackLine | v.LoanLine | v.FeeLine] = list(view.lines)
        case v.Account(is_loading=False):
            lines = [*(view.loans or ()), *(view.fees or ())]
        case v.ChooseFees():
            lines = list(view.fees)
        case _:
            lines = []
    return [*view.choices, *(choice for line in lines for choice in line.choices)]


def rows_of(words: Words, view: v.View) -> list[Row]:
    """Everything that *view* has a row for, in words."""
    match view:
        case v.Borrowing() | v.Summary():
            return [row_of(words, line) for line in view.lines]
        case v.GivingBack() | v.BackSummary():
            has_readers = max((line.reader for line in view.lines), default=0) > 1
            return [back_row_of(words, line, has_readers=has_readers) for line in view.lines]
        case v.Account(is_loading=False):
            rows = [loan_row_of(words, line) for line in view.loans or ()]
            rows += [hold_row_of(words, line) for line in view.holds or ()]
            return rows + [fee_row_of(words, line) for line in view.fees or ()]
        case v.ChooseFees():
            return [fee_row_of(words, line) for line in view.fees]
        case _:
            return []


@of_every_view(EVERY)
def test_a_screen_says_what_its_view_holds(seen: Seen) -> None:
    """Title, lead, every reason, every item and every button of a view can be read on its screen."""
    view, words = seen.view, words_in(seen.language)

    page, said = page_of(words, view), seen.rig.texts()

    expected = [page.greeting, page.title, page.lead, *page.quotes]
    expected += [part for remark in page.remarks for part in (remark.what, remark.advice)]
    expected += [label_of(words, choice.id, view) for choice in choices_of(view)]
    expected.append(page.note)
    for row in rows_of(words, view):
        expected += [row.title, row.status, row.what, row.advice, row.message, row.slip, *row.facts]
        expected += [row.late, row.since, row.cost, row.due]
        if row.bin is not None:
            expected += [row.bin.number, row.bin.order, row.bin.place]
    for text in expected:
        assert text in said


@of_every_view(EVERY)
def test_everything_is_whole_apart_and_large_enough(seen: Seen) -> None:
    """No text is cut off, nothing overlaps, all lies inside the window, and whatever is touched is large."""
    size = SIZES[seen.orientation]
    window: Box = (0.0, 0.0, float(size[0]), float(size[1]))
    unit = min(size) / style.SHORT_SIDE

    for text in texts(seen.rig):
        if not is_scrolled(text):
            assert is_inside(box(text), window), text.text
        width, height = text.texture_size
        assert width <= text.width + SLACK, text.text
        assert height <= text.height * 1.2 + SLACK, text.text

    touchables = list(seen.rig.player.touchables())
    for one in touchables:
        assert one.height >= style.TOUCH_MIN * unit - SLACK, one.id
        assert one.width >= style.TOUCH_MIN * unit - SLACK, one.id
        if not is_scrolled(one):
            assert is_inside(box(one), window), one.id
        for label in one.walk(restrict=True):
            if getattr(label, "text", ""):
                assert is_inside(box(label), box(one)), label.text

    standing = [widget for widget in [*touchables, *texts(seen.rig)] if not is_scrolled(widget)]
    for one, other in combinations(standing, 2):
        is_part = one in other.walk(restrict=True) or other in one.walk(restrict=True)
        assert is_part or not overlap(box(one), box(other)), (one, other)


@of_every_view(EVERY)
def test_every_text_colour_on_the_screens_is_one_whose_contrast_was_measured(seen: Seen) -> None:
    """No screen uses a text colour that is not in the table of measured pairs."""
    measured = {tuple(round(part, 3) for part in pair[0]) for pair in style.TEXT_ON.values()}

    for text in texts(seen.rig):
        assert tuple(round(part, 3) for part in text.color) in measured, text.text


@of_every_view([key for key in TOUCHED if choices_of(VIEWS[key[0]])])
def test_a_touch_on_a_choice_posts_that_choice(seen: Seen) -> None:
    """Each enabled choice can be touched where it stands, and says its own id and nothing else."""
    for choice in choices_of(seen.view):
        if choice.enabled:
            assert seen.rig.choose(choice.id) == chosen(choice.id)
