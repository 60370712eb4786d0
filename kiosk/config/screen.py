"""The window's size, read before anything heavy is imported; whether the rest of the file fits is found out later."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ScreenSize:
    """The window in pixels, and whether it fills the screen."""

    width: int = 1080
    height: int = 1920
    is_fullscreen: bool = True


def screen_size(path: Path) -> ScreenSize:
    """What [screen] in *path* says, and the defaults for what cannot be understood: `load` will complain about that."""
    try:
        section = tomllib.loads(path.read_text(encoding="utf-8")).get("screen", {})
    except (OSError, ValueError):
        return ScreenSize()
    if not isinstance(section, dict):
        return ScreenSize()
    width, height, fullscreen = (section.get(key) for key in ("width", "height", "fullscreen"))
    return ScreenSize(
        width if type(width) is int and 640 <= width <= 7680 else 1080,
        height if type(height) is int and 640 <= height <= 7680 else 1920,
        fullscreen if isinstance(fullscreen, bool) else True,
    )
