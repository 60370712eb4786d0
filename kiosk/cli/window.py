"""The kiosk's window, opened behind the commands that have one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from kiosk.cli.application import refuse


class Window:
    """The kiosk's window, in pixels."""

    def __init__(
        self, width: int, height: int, is_fullscreen: bool, video: str = "", state: Path = Path("build/kivy")
    ) -> None:
        self._size = (width, height)
        self._is_fullscreen = is_fullscreen
        self._video = video
        self._state = state
        self._app: Any = None

    def serve(self, post: Callable[[Any], None], started: Callable[[Callable[[Any], None]], None]) -> int:
        """Opens and blocks until closed; *started* gets the way to show views once the first frame stands."""
        from ui import environment
        from ui.app import FIRST

        settings = environment.WindowSettings(
            *self._size, is_fullscreen=self._is_fullscreen, video=self._video, state=self._state
        )
        try:
            environment.prepare(settings)
        except environment.ScreenUnusable as error:
            refuse(str(error))
        from ui.kiosk_app import KioskApp

        self._app = KioskApp(post, lambda bridge: started(bridge.show), settings, FIRST)
        return int(self._app.serve())

    def play(
        self, folder: Path, script: Callable[[Any], Any], finished: Callable[[BaseException | None], None]
    ) -> None:
        """Drives *script* by touches on the window."""
        from ui.player import Player

        Player(self._app.stage, folder).play(script, finished)

    def close(self) -> None:
        """Ends `serve`."""
        self._app.stop()
