"""Kivy is prepared in one place, and a kiosk without a display says so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ui.environment import ScreenUnusable, WindowSettings, prepare, video_driver


def test_without_a_display_nothing_runs_unseen() -> None:
    """SDL would draw into memory; a kiosk whose display is gone is an error that says what to set."""
    with pytest.raises(ScreenUnusable, match="DISPLAY"):
        video_driver(WindowSettings(), {})


@pytest.mark.parametrize(
    ("video", "environment", "driver"),
    [
        ("", {"DISPLAY": ":7"}, "x11"),
        ("", {"DISPLAY": ":7", "SDL_VIDEODRIVER": "offscreen"}, "offscreen"),
        ("kmsdrm", {"DISPLAY": ":7", "SDL_VIDEODRIVER": "offscreen"}, "kmsdrm"),
    ],
)
def test_the_video_driver_is_named_outright(video: str, environment: dict[str, str], driver: str) -> None:
    """The setting counts before the environment, the environment before the display."""
    assert video_driver(WindowSettings(video=video), environment) == driver


def test_kivy_is_told_to_stay_quiet_and_in_its_window(tmp_path: Path) -> None:
    """No arguments, no log files, no other window provider; its own files go into the kiosk's state."""
    environment: dict[str, str] = {}

    prepare(WindowSettings(video="offscreen", state=tmp_path / "kivy"), environment)

    assert environment["KIVY_WINDOW"] == "sdl2"
    assert environment["KIVY_LOG_MODE"] == "PYTHON"
    assert environment["KIVY_HOME"] == str(tmp_path / "kivy")
    assert {environment[f"KIVY_NO_{what}"] for what in ("ARGS", "CONFIG", "FILELOG")} == {"1"}


def test_a_rotation_that_is_none_is_refused() -> None:
    """An impossible rotation is an error that names what is allowed."""
    with pytest.raises(ScreenUnusable, match="0, 90, 180, 270"):
        prepare(WindowSettings(rotation=45), {})


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A state folder that is a file is an error that names it."""
    (tmp_path / "file").write_text("")

    with pytest.raises(ScreenUnusable, match="file"):
        prepare(WindowSettings(video="offscreen", state=tmp_path / "file" / "kivy"), {})


def test_importing_the_way_in_imports_no_kivy() -> None:
    """The environment can still be prepared after `ui.app` is imported: Kivy comes later."""
    program = "import sys, ui.app, ui.style; print(any(name.startswith('kivy') for name in sys.modules))"

    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout

    assert printed.strip() == "False"
