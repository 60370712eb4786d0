"""The kiosk's own window up to its first frame: one byte on standard output, and out."""

from __future__ import annotations

import os

from ui import app
from ui.bridge import Bridge
from ui.environment import WindowSettings


def started(bridge: Bridge) -> None:
    """The first frame stands."""
    os.write(1, b".")
    os._exit(0)


if __name__ == "__main__":
    app.run(lambda event: None, started, WindowSettings(video="offscreen"))
