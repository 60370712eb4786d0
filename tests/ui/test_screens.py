"""Every screen shows its view and posts exactly what was touched."""

from __future__ import annotations

import pytest

from kiosk.workflow import view as v
from kiosk.workflow.events import Chosen, Touched
from kiosk.workflow.view import Language, Status
from tests.look.samples import VIEWS, borrowing, shown
from tests.ui.rig import ScreenRig, chosen


def test_a_disabled_choice_is_seen_and_cannot_be_chosen(rig: ScreenRig) -> None:
    """A choice that is not to be chosen stays where it was; a touch on it says only that somebody is there."""
    rig.show(VIEWS["borrowing-ending"])
    button = next(one for one in rig.of_type("ChoiceButton") if one.id == v.FINISH)

    rig.play(rig.player.tap(button))
    rig.pump(lambda: rig.posted)

    assert rig.posted == [Touched()]
    assert "Finish" in rig.texts()


def test_a_touch_on_nothing_says_that_somebody_is_there(rig: ScreenRig) -> None:
    """Touching an empty place posts one sign of life."""
    rig.show(VIEWS["welcome"])
    rig.posted.clear()

    rig.play(rig.player.tap_at(5, 5))
    rig.frames(2)

    assert rig.posted == [Touched()]


def test_a_finger_that_slides_off_a_button_chooses_nothing(rig: ScreenRig) -> None:
    """A touch counts where it ends: pulled away from the button, it is taken back."""
    from ui.player import Finger

    rig.show(VIEWS["still-there"])
    button = rig.player.find(v.FINISH)
    assert button is not None
    rig.posted.clear()

    finger = Finger(*button.to_window(*button.center))
    finger.down()
    rig.frames(2)
    finger.drag(5, 5)
    rig.frames(2)
    finger.up()
    rig.frames(3)

    assert Chosen(v.FINISH) not in rig.posted


def test_the_second_tap_of_two_does_not_choose_on_the_next_screen(rig: ScreenRig) -> None:
    """A double tap on "finish" does not close the summary that comes under the finger; a later touch does."""
    rig.show(VIEWS["borrowing-stack"])
    rig.stage.settling_seconds = 2
    rig.bridge.show(shown("summary", Language.ENGLISH))
    rig.pump(lambda: isinstance(rig.player.view, v.Summary))
    rig.frames(2)
    button = next(one for one in rig.of_type("ChoiceButton") if one.id == v.DONE)
    rig.posted.clear()

    rig.play(rig.player.tap(button))
    rig.frames(2)
    assert rig.said == []

    rig.pump(lambda: rig.stage.is_settled)
    assert rig.choose(v.DONE) == chosen(v.DONE)


def test_rows_keep_their_widgets_and_their_place(rig: ScreenRig) -> None:
    """When an item changes or another comes, no row is made anew and what the reader looks at does not move."""
    many = tuple(v.Line(f"{n}", Status.WAITING, title=f"Invented book {n}") for n in range(12))
    rig.show(borrowing(many))
    rig.scroll_down()
    books = next(rig.of_type("BookList"))
    before = {line.id: books.row(line.id) for line in many}
    places = {one: row.to_window(row.x, row.top) for one, row in before.items()}

    changed = (*many[:-1], v.Line("11", Status.LENT, title="Invented book 11"), v.Line("12", Status.WAITING))
    rig.show(borrowing(changed))

    assert {one: books.row(one) for one in before} == before
    for one, row in before.items():
        assert row.to_window(row.x, row.top) == pytest.approx(places[one], abs=2)


def test_a_row_that_went_away_is_gone_and_the_order_is_the_view_s(rig: ScreenRig) -> None:
    """The list shows the lines of the view in its order, whatever was there before."""
    lines = tuple(v.Line(f"{n}", Status.WAITING, title=f"Invented book {n}") for n in range(4))
    rig.show(borrowing(lines))

    rig.show(borrowing((lines[3], lines[1], v.Line("9", Status.LENT, title="Invented book 9"))))

    tops = {row.title: row.top for row in rig.of_type("BookRow")}
    assert sorted(tops, key=lambda title: -tops[title]) == [
        "Invented book 3",
        "Invented book 1",
        "Invented book 9",
    ]


def test_every_status_has_a_shape_of_its_own_meaning() -> None:
    """What is lent, refused, waited for and to be cared for differ in shape, not only in colour."""
    from ui.widgets.looks import LINES

    shapes = {status: LINES[status].icon for status in Status}
    by_colour = {status: LINES[status].tone for status in Status}

    for one in Status:
        for other in Status:
            if by_colour[one] != by_colour[other]:
                assert shapes[one] != shapes[other]
    assert shapes[Status.LENT] != shapes[Status.NOT_LENT]


def test_the_language_of_a_view_is_the_language_of_its_screen(rig: ScreenRig) -> None:
    """The same view in another language changes every word of ours, and no word of the library's."""
    rig.show(shown("borrowing-stack", Language.ENGLISH))
    assert "Borrowed" in rig.texts()

    rig.show(shown("borrowing-stack", Language.CHINESE))

    assert "已借出" in rig.texts()
    assert "Borrowed" not in rig.texts()
    assert "A Short History of Paper" in rig.texts()


def test_provisional_loans_are_said_calmly_and_trouble_is_not(rig: ScreenRig) -> None:
    """That loans are provisional stands on the ground of waiting, good news on green, what asks something on yellow."""
    from ui import style

    def grounds(name: str) -> list[object]:
        rig.show(shown(name, Language.ENGLISH))
        return [tuple(one.ground) for one in rig.of_type("Remark")]

    assert grounds("borrowing-provisional") == [style.WAIT_TINT]
    assert set(grounds("borrowing-good-news")) == {style.WAIT_TINT, style.GOOD_TINT}
    assert set(grounds("borrowing-counted")) == {style.CARE_TINT}


def test_a_row_shows_where_its_slip_is_and_forgets_it(rig: ScreenRig) -> None:
    """A slip and its reference stand in the row of the item, and go away when the row no longer has them."""
    line = v.Line("1", Status.NOT_LENT, title="Salt", reference="k7f2-31-215-2", slip=v.SlipState.PRINTED)
    rig.show(borrowing((line,)))
    assert "Reference for the desk: k7f2-31-215-2" in rig.texts()

    rig.show(borrowing((v.Line("1", Status.NOT_LENT, title="Salt"),)))

    assert "k7f2-31-215-2" not in rig.texts()


def test_a_notice_is_not_repeated_by_the_screen(rig: ScreenRig) -> None:
    """While the list says that loans are provisional, no bar above it says so too."""
    rig.show(shown("borrowing-provisional", Language.ENGLISH))
    assert list(rig.of_type("NoticeBar")) == []

    rig.show(shown("welcome", Language.ENGLISH))

    assert len(list(rig.of_type("NoticeBar"))) == 1
