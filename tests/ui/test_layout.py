"""What a reader looks for is in sight, in reach and stands out, in both languages and both orientations."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.workflow import view as v
from kiosk.workflow.view import Choice, Language, Status
from sync.entries import Money, Reason
from tests.look.samples import DUE, REFUSED, borrowing, line, shown
from tests.ui.geometry import SLACK, box, is_inside
from tests.ui.rig import SIZES, ScreenRig
from ui import style


@pytest.mark.parametrize(
    ("name", "orientation"),
    [
        ("borrowing-every-status", "tall"),
        ("summary-every-status", "wide"),
        ("borrowing-stack", "tall"),
        ("borrowing-stack", "wide"),
    ],
)
def test_every_row_of_a_long_list_can_be_brought_into_sight(
    rig: ScreenRig, name: str, orientation: str
) -> None:
    """Scrolled to the end by the arrow, the list shows its last row whole, and nothing of it is lost."""
    rig.show(shown(name, Language.ENGLISH), orientation=orientation)
    rows = list(rig.of_type("BookRow"))
    entries = next(rig.of_type("BookList")).entries
    for _ in range(len(rows) * 2):
        if entries.scroll_y <= 0 or not entries.can_scroll:
            break
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


def test_the_screens_follow_the_size_of_the_window(rig: ScreenRig) -> None:
    """All sizes are shares of the window: what is 112 units high in the tall window is so in the wide one."""
    heights = {}
    for orientation in SIZES:
        rig.show(shown("still-there", Language.ENGLISH), orientation=orientation)
        heights[orientation] = {button.id: button.height for button in rig.of_type("ChoiceButton")}

    assert heights["tall"] == heights["wide"]
