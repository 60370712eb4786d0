"""The screen that sends a reader to the strip unit."""

from __future__ import annotations

import pytest

from kiosk.workflow import view as v
from tests.look.samples import VIEWS
from tests.ui.rig import ScreenRig


def seen_by_type(rig: ScreenRig, name: str) -> bool:
    """Whether a widget of the class called *name* can be seen."""
    return any(widget.opacity > 0 for widget in rig.of_type(name))


def test_each_step_at_the_strip_unit_has_a_picture_of_its_own_movement(rig: ScreenRig) -> None:
    """Slid over, laid down, left alone while the unit works, taken away, scanned again: hands see what to do."""
    pictures = {}
    for name in ("strip-slide", "strip-lay", "strip-working", "strip-take-away", "strip-scan-again"):
        rig.show(VIEWS[name])
        pictures[name] = next(rig.of_type("Illustration")).name

    assert len(set(pictures.values())) == len(pictures)
    assert all(pictures.values())


def test_while_the_strip_unit_works_no_time_runs_out(rig: ScreenRig) -> None:
    """Three dots stand in the place of the count-down while the unit is at it, and nowhere else."""
    rig.show(VIEWS["strip-slide"])
    assert seen_by_type(rig, "CountDown")
    assert not seen_by_type(rig, "Dots")

    rig.show(VIEWS["strip-working"])

    assert seen_by_type(rig, "Dots")
    assert not seen_by_type(rig, "CountDown")


def test_the_strip_screen_names_the_one_item_it_is_about(rig: ScreenRig) -> None:
    """The title stands on it, large; without one, the item's number."""
    rig.show(VIEWS["strip-slide"])
    assert next(rig.of_type("TitleCard")).title == "How Bridges Stand"

    rig.show(VIEWS["strip-sensitise"])

    assert next(rig.of_type("TitleCard")).title == "Item 10000027"


@pytest.mark.parametrize("orientation", ["tall", "wide"])
def test_that_it_lies_there_is_the_one_thing_to_say(rig: ScreenRig, orientation: str) -> None:
    """Where the unit senses nothing, the button that says so is the one thing to do, above the way out."""
    rig.show(VIEWS["strip-lay"], orientation=orientation)

    buttons = {button.id: button for button in rig.of_type("ChoiceButton")}
    assert buttons[v.STRIP_READY].y > buttons[v.NO].top
    assert buttons[v.STRIP_READY].role.value == "primary"
    assert buttons[v.NO].role.value == "quiet"
