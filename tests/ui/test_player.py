"""The player does what a person can do, and says when it cannot."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from kiosk.workflow import view as v
from kiosk.workflow.events import Chosen, PinEntered
from tests.look.samples import VIEWS
from tests.ui.rig import SIDE, ScreenRig
from ui.player import PlayedTooLong, Player, Script


def play(rig: ScreenRig, script: object) -> BaseException | None:
    """Play *script* by the clock, as the demo does; what ended it."""
    ended: list[BaseException | None] = []
    rig.player.play(script, ended.append)  # type: ignore[arg-type]
    rig.pump(lambda: ended)
    return ended[0]


def test_a_script_touches_types_and_waits(rig: ScreenRig) -> None:
    """A script is played frame by frame: it sees the view, types a PIN, and touches a choice."""
    rig.show(VIEWS["enter-pin"])

    def script(player: Player) -> Script:
        yield from player.until(lambda: isinstance(player.view, v.EnterPin))
        yield from player.type_digits("0815")
        yield from player.touch(v.CANCEL)

    assert play(rig, script) is None
    rig.pump(lambda: len(rig.said) == 2)
    assert isinstance(rig.said[0], PinEntered)
    assert rig.said[0].pin.reveal() == "0815"
    assert rig.said[1] == Chosen(v.CANCEL)


def test_what_does_not_come_ends_the_script_with_its_name(rig: ScreenRig) -> None:
    """A choice that is never offered is an error that names it."""
    rig.show(VIEWS["still-there"])
    rig.player.deadline_seconds = 0.2

    ended = play(rig, lambda player: player.touch("renew:10000001"))
    rig.player.deadline_seconds = 20

    assert isinstance(ended, PlayedTooLong)
    assert "renew:10000001 is not offered" in str(ended)


def test_a_disabled_choice_cannot_be_played(rig: ScreenRig) -> None:
    """The player has no other hands than a reader."""
    rig.show(VIEWS["borrowing-ending"])

    assert rig.player.find(v.FINISH) is None


def test_a_shot_is_saved_under_exactly_its_name(rig: ScreenRig, tmp_path: Path) -> None:
    """A picture has the name it was asked for and shows what the window shows, right side up."""
    rig.show(VIEWS["welcome"])
    rig.player.folder = tmp_path

    assert play(rig, lambda player: player.shot("01-welcome.png")) is None

    with Image.open(tmp_path / "01-welcome.png") as picture:
        assert picture.size == (SIDE, SIDE)
        width, height = map(int, rig.stage.size)
        part = picture.convert("RGB").crop((0, SIDE - height, width, SIDE))
        assert part.getpixel((4, 4)) == (255, 255, 255)
        assert part.getpixel((4, height - 4)) == (245, 242, 235)
        colours = part.getcolors(maxcolors=1 << 20)
        assert colours is not None
        assert len(list(colours)) > 50
