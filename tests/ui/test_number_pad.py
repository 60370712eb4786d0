"""Digits stay in the number pad until they are entered, and leave nothing behind."""

from __future__ import annotations

import pytest

from drivers.masked import Masked, Secret
from kiosk.workflow import view as v
from kiosk.workflow.events import NumberEntered, PinEntered, Touched
from kiosk.workflow.view import Choice, View
from tests.look.samples import VIEWS
from tests.ui.rig import ScreenRig

CANCEL = (Choice(v.CANCEL),)


def digits(rig: ScreenRig) -> str:
    """What the pad holds."""
    return "".join(next(rig.of_type("NumberPad"))._digits)


def test_a_typed_number_is_posted_once_and_whole(rig: ScreenRig) -> None:
    """A card number typed on the pad is posted as it was typed; while typing, only signs of life are."""
    rig.show(VIEWS["enter-number"])

    rig.press("20000017")
    rig.frames(2)
    assert set(map(type, rig.posted)) == {Touched}
    assert "2000 0017" in rig.texts()

    rig.touch("enter")
    rig.pump(lambda: rig.said)
    assert rig.said == [NumberEntered(Masked("20000017"))]
    assert digits(rig) == ""


def test_a_typed_pin_shows_as_dots_and_is_posted_masked(rig: ScreenRig) -> None:
    """Nobody reads a PIN on the screen, and no event, printed, tells it."""
    rig.show(VIEWS["enter-pin"])

    rig.press("4711")
    rig.frames(2)
    assert "●●●●" in rig.texts()
    assert not set("4711") & set(next(rig.of_type("NumberPad")).face)

    rig.touch("enter")
    rig.pump(lambda: rig.said)
    assert rig.said == [PinEntered(Secret("4711"))]
    assert "4711" not in repr(rig.posted)
    assert digits(rig) == ""


def test_erase_takes_one_digit_and_clear_takes_all(rig: ScreenRig) -> None:
    """The two other keys do what is written on them."""
    rig.show(VIEWS["enter-number"])

    rig.press("123")
    rig.touch("erase")
    assert digits(rig) == "12"
    rig.touch("clear")
    assert digits(rig) == ""


def test_nothing_typed_cannot_be_entered(rig: ScreenRig) -> None:
    """An empty number is never posted: the key waits for the first digit."""
    rig.show(VIEWS["enter-pin"])
    button = next(one for one in rig.of_type("ChoiceButton") if one.id == "enter")

    assert not button.is_enabled
    rig.play(rig.player.tap(button))
    rig.frames(2)

    assert rig.said == []


def test_no_more_digits_than_the_view_allows(rig: ScreenRig) -> None:
    """Further digits are ignored."""
    rig.show(v.EnterPin(length_max=4, choices=CANCEL))

    rig.press("123456")

    assert digits(rig) == "1234"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (v.EnterPin(choices=CANCEL), v.EnterPin(tries_left=2, choices=CANCEL)),
        (v.EnterNumber(choices=CANCEL), v.EnterNumber(is_wrong=True, choices=CANCEL)),
        (v.EnterPin(choices=CANCEL), v.EnterPin(length_max=6, choices=CANCEL)),
    ],
)
def test_what_was_typed_is_forgotten_when_something_else_is_asked(
    rig: ScreenRig, before: View, after: View
) -> None:
    """A wrong number or PIN is typed anew from nothing."""
    rig.show(before)
    rig.press("12")

    rig.show(after)

    assert digits(rig) == ""


@pytest.mark.parametrize("name", ["welcome", "still-there", "looking-up", "enter-number"])
def test_what_was_typed_is_gone_with_its_screen(rig: ScreenRig, name: str) -> None:
    """Whatever view comes, half-typed digits are forgotten, also when the number pad comes back."""
    rig.show(VIEWS["enter-pin"])
    rig.press("47")
    pad = next(rig.of_type("NumberPad"))

    rig.show(VIEWS[name])
    assert pad._digits == []
    assert pad.face == ""

    rig.show(VIEWS["enter-pin"])
    assert digits(rig) == ""


def test_one_more_book_on_the_pad_does_not_disturb_typing(rig: ScreenRig) -> None:
    """Somebody who lays down a book while typing the PIN goes on typing."""
    rig.show(v.EnterPin(books=1, choices=CANCEL))
    rig.press("12")

    rig.show(v.EnterPin(books=2, choices=CANCEL))

    assert digits(rig) == "12"


def test_ending_the_program_forgets_what_was_typed(rig: ScreenRig) -> None:
    """A kiosk that is stopped while somebody types keeps no digit; stopping twice is the same as once."""
    rig.show(VIEWS["enter-pin"])
    rig.press("12")
    assert rig.stage.screen is not None

    rig.stage.screen.leave()
    rig.stage.screen.leave()

    assert digits(rig) == ""
