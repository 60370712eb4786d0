"""Prepares Kivy before it is imported: the one place that says how the window, touch and logs behave.

Kivy reads `KIVY_*` and its configuration while it is imported, so `prepare` comes first.  What it changes and why:
a kiosk does not end with the Escape key, has no settings panel, no right-click dots, no log files of its own, takes
no arguments, and never falls back to another window provider (that one ends the process from C without a word).
"""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path

ROTATIONS = (0, 90, 180, 270)


class ScreenUnusable(Exception):
    """There is no display, no font or no place for Kivy's files; the installer has to act.  The text says which."""


@dataclass(frozen=True, slots=True)
class WindowSettings:
    """The kiosk's window.

    *width* and *height* in pixels, before *rotation* (clockwise degrees, for a screen mounted on its side).
    *video* names SDL's video driver: "x11", "kmsdrm" or "offscreen"; empty takes `SDL_VIDEODRIVER`, else X11 when
    there is a display.  *touch_device* is an input device read through mtdev (needed with kmsdrm); without it, touch
    comes through the display server.  *frames_per_second_max* 0 draws as fast as it can.  *state* is a
    folder for Kivy's own files.
    """

    width: int = 1080
    height: int = 1920
    is_fullscreen: bool = False
    rotation: int = 0
    video: str = ""
    touch_device: str = ""
    frames_per_second_max: int = 60
    state: Path = Path("build/kivy")
    left: int = 0
    top: int = 0
    title: str = "Library kiosk"


def prepare(window: WindowSettings, environment: MutableMapping[str, str] | None = None) -> None:
    """Set everything Kivy reads.  Raises `ScreenUnusable`; call it before anything imports Kivy."""
    if window.rotation not in ROTATIONS:
        raise ScreenUnusable(f"rotation is one of {', '.join(map(str, ROTATIONS))}, not {window.rotation}")
    values = os.environ if environment is None else environment
    values["SDL_VIDEODRIVER"] = video_driver(window, values)
    values["KIVY_HOME"] = str(window.state.absolute())
    values["KIVY_WINDOW"] = "sdl2"
    # With Kivy's own mode an uncaught traceback can vanish.
    values["KIVY_LOG_MODE"] = "PYTHON"
    for name in ("KIVY_NO_ARGS", "KIVY_NO_CONFIG", "KIVY_NO_FILELOG", "KIVY_NO_CONSOLELOG"):
        values[name] = "1"
    try:
        window.state.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ScreenUnusable(f"Kivy's folder {window.state} cannot be made: {error.strerror}") from error
    if environment is None:
        _configure(window)


def video_driver(window: WindowSettings, environment: MutableMapping[str, str]) -> str:
    """SDL's video driver.

    Left alone, SDL draws into memory when the display is gone, and a kiosk would run unseen; so that is an error.
    """
    chosen = window.video or environment.get("SDL_VIDEODRIVER", "")
    if chosen:
        return chosen
    if environment.get("DISPLAY"):
        return "x11"
    raise ScreenUnusable("there is no display: set DISPLAY, or choose the video driver kmsdrm or offscreen")


def _configure(window: WindowSettings) -> None:
    if "kivy.core.window" in sys.modules:
        raise ScreenUnusable("Kivy's window was imported before ui.environment.prepare")
    from kivy.config import Config

    Config.set("kivy", "exit_on_escape", "0")
    Config.set("kivy", "log_level", "warning")
    Config.set("kivy", "desktop", "0")
    graphics = {
        "width": window.width,
        "height": window.height,
        "fullscreen": "auto" if window.is_fullscreen else "0",
        "borderless": int(window.is_fullscreen),
        "show_cursor": int(not window.is_fullscreen),
        "rotation": window.rotation,
        "resizable": int(not window.is_fullscreen),
        "position": "custom",
        "left": window.left,
        "top": window.top,
        # Icons bring their own smooth edges.
        "multisamples": "0",
        "maxfps": window.frames_per_second_max,
    }
    for name, value in graphics.items():
        Config.set("graphics", name, str(value))
    for provider, _ in Config.items("input"):
        Config.remove_option("input", provider)
    Config.set("input", "mouse", "mouse,disable_multitouch")
    if window.touch_device:
        Config.set("input", "touch", f"mtdev,{window.touch_device}")
