"""Everything on every screen is whole, apart, in reach and large enough, in both languages and both orientations."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from kivy.uix.widget import Widget

from kiosk.workflow import view as v
from kiosk.workflow.view import Choice, Language, Status
from sync.entries import Money, Reason
from tests.look.samples import DUE, REFUSED, VIEWS, borrowing, line, shown
from tests.ui.rig import SIZES, ScreenRig
from ui import style

Box = tuple[float, float, float, float]
SLACK = 1.5


def box(widget: Widget) -> Box:
    """Left, bottom, right, top in the window."""
    left, bottom = widget.to_window(widget.x, widget.y)
    return (left, bottom, left + widget.width, bottom + widget.height)


def is_inside(inner: Box, outer: Box) -> bool:
    """Whether *inner* lies within *outer*."""
    return (
        inner[0] >= outer[0] - SLACK
        and inner[1] >= outer[1] - SLACK
        and inner[2] <= outer[2] + SLACK
        and inner[3] <= outer[3] + SLACK
    )


def overlap(one: Box, other: Box) -> bool:
    """Whether the two share more than an edge."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return wide > SLACK and high > SLACK


def is_scrolled(widget: Widget) -> bool:
    """Whether *widget* stands in something that scrolls."""
    ancestor = widget.parent
    while isinstance(ancestor, Widget):
        if hasattr(ancestor, "scroll_y"):
            return True
        ancestor = ancestor.parent
    return False


def texts(rig: ScreenRig) -> list[Widget]:
    """Everything that shows letters."""
    return [widget for widget in rig.stage.walk() if getattr(widget, "text", "") and widget.opacity > 0]


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("orientation", SIZES)
def test_everything_is_whole_apart_and_large_enough(
    rig: ScreenRig, name: str, language: Language, orientation: str
) -> None:
    """No text is cut off, nothing overlaps, all lies inside the window, and whatever is touched is large."""
    rig.show(shown(name, language), orientation=orientation)
    window: Box = (0.0, 0.0, float(SIZES[orientation][0]), float(SIZES[orientation][1]))
    unit = min(SIZES[orientation]) / style.SHORT_SIDE

    for text in texts(rig):
        if not is_scrolled(text):
            assert is_inside(box(text), window), text.text
        width, height = text.texture_size
        assert width <= text.width + SLACK, text.text
        assert height <= text.height * 1.2 + SLACK, text.text

    touchables = list(rig.player.touchables())
    for one in touchables:
        assert one.height >= style.TOUCH_MIN * unit - SLACK, one.id
        assert one.width >= style.TOUCH_MIN * unit - SLACK, one.id
        if not is_scrolled(one):
            assert is_inside(box(one), window), one.id
        for label in one.walk(restrict=True):
            if getattr(label, "text", ""):
                assert is_inside(box(label), box(one)), label.text

    standing = [widget for widget in [*touchables, *texts(rig)] if not is_scrolled(widget)]
    for one, other in combinations(standing, 2):
        is_part = one in other.walk(restrict=True) or other in one.walk(restrict=True)
        assert is_part or not overlap(box(one), box(other)), (one, other)


@pytest.mark.parametrize("orientation", SIZES)
@pytest.mark.parametrize("name", ["borrowing-every-status", "borrowing-stack", "summary-every-status"])
def test_every_row_of_a_long_list_can_be_brought_into_sight(
    rig: ScreenRig, name: str, orientation: str
) -> None:
    """Scrolled to the end by the arrow, the list shows its last row whole, and nothing of it is lost."""
    rig.show(shown(name, Language.ENGLISH), orientation=orientation)
    rows = list(rig.of_type("BookRow"))
    entries = next(rig.of_type("BookList")).entries
    for _ in range(len(rows) * 2):
        rig.scroll_down()

    last = min(rows, key=lambda row: row.y)
    assert box(last)[1] >= box(entries)[1] - SLACK
    assert entries.scroll_y == pytest.approx(0, abs=0.001) or not entries.can_scroll


@pytest.mark.parametrize(("orientation", "plain"), [("tall", 6), ("wide", 4)])
@pytest.mark.parametrize("language", Language)
def test_a_stack_with_a_refused_book_needs_no_scrolling(
    rig: ScreenRig, language: Language, orientation: str, plain: int
) -> None:
    """Six books and a refused one are seen whole at once in a tall window, four and a refused one in a wide one."""
    lines = (*(line(30 + n, Status.LENT, f"Invented book {n}", due=DUE) for n in range(plain)), REFUSED)
    rig.show(borrowing(lines), language, orientation)

    books = next(rig.of_type("BookList"))
    rows = list(rig.of_type("BookRow"))
    assert len(rows) == plain + 1
    assert all(is_inside(box(row), box(books)) for row in rows)
    assert not books.can_scroll
    assert not [key for key in books.walk() if type(key).__name__ == "Key" and key.height and key.width]


@pytest.mark.parametrize("language", Language)
def test_four_reasons_stand_in_sight_and_more_have_arrows(rig: ScreenRig, language: Language) -> None:
    """In a wide window four explanations are seen whole; a fifth is not hidden without a sign that it is there."""
    reasons = (Reason.CARD_LOST, Reason.PATRON_BLOCKED, Reason.FEES_OWED, Reason.LOANS_OVERDUE)
    four = v.NotServed(reasons, Money(123456, "CNY"), (), 20, (Choice(v.DONE),))
    rig.show(four, language, "wide")
    heading = next(rig.of_type("Heading"))
    assert not heading.can_scroll
    assert all(is_inside(box(card), box(heading)) for card in rig.of_type("Remark"))

    rig.show(replace(four, messages=("Please bring an identity document.",)), language, "wide")
    assert heading.can_scroll
    for _ in range(3):
        rig.play(rig.player.tap(heading.ids.down))
    rig.settle()
    last = min(rig.of_type("Remark"), key=lambda card: card.y)
    assert box(last)[1] >= box(heading)[1] - SLACK


@pytest.mark.parametrize("language", Language)
def test_to_finish_is_wider_than_to_count(rig: ScreenRig, language: Language) -> None:
    """In a tall window the two stand side by side, equally high, and the one thing to do is the larger one."""
    rig.show(shown("borrowing-stack", language))

    buttons = {button.id: button for button in rig.of_type("ChoiceButton")}
    finish, count = buttons[v.FINISH], buttons[v.COUNT]
    assert finish.width > 1.5 * count.width
    assert finish.height == count.height
    assert finish.y == count.y
    assert finish.x > count.right


@pytest.mark.parametrize("orientation", SIZES)
def test_the_actions_are_in_reach(rig: ScreenRig, orientation: str) -> None:
    """What there is to choose stands in the lower half of the window, below a seated reader's shoulder."""
    rig.show(shown("borrowing-stack", Language.ENGLISH), orientation=orientation)

    for button in rig.of_type("ChoiceButton"):
        assert box(button)[3] <= SIZES[orientation][1] / 2


@pytest.mark.parametrize("pair", style.TEXT_ON)
def test_text_stands_out_from_its_ground(pair: str) -> None:
    """Every text has a contrast of at least 7 to 1 to what it stands on (WCAG 2.2, 1.4.6)."""
    text, ground = style.TEXT_ON[pair]

    assert style.contrast(text, ground) >= 7


def test_contrast_is_measured_as_the_standard_says() -> None:
    """Black on white is 21 to 1, white on white 1 to 1, and the standard's grey #767676 just 4.54."""
    black, white = style.colour("#000000"), style.colour("#FFFFFF")

    assert style.contrast(black, white) == pytest.approx(21)
    assert style.contrast(white, white) == pytest.approx(1)
    assert style.contrast(style.colour("#767676"), white) == pytest.approx(4.54, abs=0.01)


def test_every_text_colour_on_the_screens_is_one_whose_contrast_was_measured(rig: ScreenRig) -> None:
    """No screen uses a text colour that is not in the table of measured pairs."""
    measured = {tuple(round(part, 3) for part in pair[0]) for pair in style.TEXT_ON.values()}

    for name in VIEWS:
        rig.show(shown(name, Language.ENGLISH))
        for text in texts(rig):
            assert tuple(round(part, 3) for part in text.color) in measured, text.text


def test_the_screens_follow_the_size_of_the_window(rig: ScreenRig) -> None:
    """All sizes are shares of the window: what is 112 units high in the tall window is so in the wide one."""
    heights = {}
    for orientation in SIZES:
        rig.show(shown("still-there", Language.ENGLISH), orientation=orientation)
        heights[orientation] = {button.id: button.height for button in rig.of_type("ChoiceButton")}

    assert heights["tall"] == heights["wide"]
