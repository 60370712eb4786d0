"""The kiosk's window.  `run` is the only way in."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.workflow.view import Language, OneMoment, Shown
from ui import environment
from ui.bridge import Bridge
from ui.environment import WindowSettings

FIRST = Shown(OneMoment(), Language.ENGLISH)


def run(
    post: Callable[[object], None],
    started: Callable[[Bridge], None],
    window: WindowSettings,
    first: Shown = FIRST,
) -> int:
    """Open the window, show *first*, and serve until the window is closed or SIGTERM comes.

    Once the first frame stands, *started* is called in the Kivy thread with the way to show views; whatever is heavy
    belongs there.  Every touch is handed to *post*, in the Kivy thread: it must not block.  Gives the exit code: 0, or
    1 when the screen failed too often.  Raises `ScreenUnusable` when there is no display or font.
    """
    environment.prepare(window)
    from ui.kiosk_app import KioskApp

    return KioskApp(post, started, window, first).serve()
