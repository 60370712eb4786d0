"""A person in front of the real window: shows views through the bridge, touches it, pumps frames."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.link.clock import RealClock
from kiosk.workflow.events import Chosen, Touched
from kiosk.workflow.view import Language, OneMoment, Shown, View
from ui.bridge import Bridge
from ui.environment import WindowSettings

if TYPE_CHECKING:
    from kivy.uix.widget import Widget

    from ui.kiosk_app import KioskApp
    from ui.player import Script

SIDE = 960
SIZES = {"tall": (540, 960), "wide": (960, 540)}
DEADLINE_SECONDS = 20.0
STATE = Path(__file__).parents[2] / "build" / "kivy"


def open_rig() -> ScreenRig:
    """Open the window with the real application in it; its frames come when the rig pumps."""
    from kivy.base import runTouchApp

    from ui.kiosk_app import KioskApp

    posted: list[object] = []
    bridges: list[Bridge] = []
    first = Shown(OneMoment(), Language.ENGLISH)
    app = KioskApp(posted.append, bridges.append, WindowSettings(), first)
    app._run_prepare()
    runTouchApp(embedded=True)
    rig = ScreenRig(app, posted)
    rig.pump(lambda: bridges)
    rig.bridge = bridges[0]
    return rig


class ScreenRig:
    """The application, what it posted, and hands."""

    bridge: Bridge

    def __init__(self, app: KioskApp, posted: list[object]) -> None:
        from ui.player import Player

        self.app = app
        self.posted = posted
        assert app.stage is not None
        self.stage = app.stage
        self.stage.size_hint = (None, None)
        self.stage.settling_seconds = 0
        self.player = Player(self.stage, STATE.parent / "look", DEADLINE_SECONDS)
        self.clock = RealClock()

    def reset(self) -> None:
        """Let the next view have a screen of its own, whatever it is, and forget what was posted."""
        self.stage.settling_seconds = 0
        # A screen in between would be built for nobody.
        self.stage._shown = None
        self.posted.clear()

    def close(self) -> None:
        """End the application."""
        from kivy.base import stopTouchApp

        stopTouchApp()
        self.app.on_stop()

    def frames(self, count: int) -> None:
        """Let *count* frames pass."""
        from kivy.base import EventLoop

        for _ in range(count):
            EventLoop.idle()

    def pump(self, until: Callable[[], object]) -> None:
        """Let frames pass until *until* is true; an `AssertionError` after the deadline."""
        deadline = self.clock.monotonic() + DEADLINE_SECONDS
        while not until():
            assert self.clock.monotonic() < deadline, "what was waited for did not happen"
            self.frames(1)

    def show(
        self, view: View | Shown, language: Language = Language.ENGLISH, orientation: str = "tall"
    ) -> None:
        """Show *view* as the desk does, and wait until everything found its place."""
        self.stage.size = SIZES[orientation]
        shown = view if isinstance(view, Shown) else Shown(view, language, library="Example City Library")
        self.bridge.show(shown)
        self.pump(lambda: self.stage.shown is shown and self.stage.is_settled)
        self.settle()

    def settle(self) -> None:
        """Wait until nothing moves any more."""
        before: object = None

        def is_still() -> bool:
            nonlocal before
            now = [(widget.x, widget.y, widget.width, widget.height) for widget in self.stage.walk()]
            is_same, before = now == before, now
            return is_same

        self.pump(is_still)

    def play(self, script: Script) -> None:
        """Play *script* to its end, a frame after each of its steps."""
        for _ in script:
            self.frames(1)

    def touch(self, choice: str) -> None:
        """Touch the button *choice*."""
        self.play(self.player.touch(choice))

    def press(self, digits: str) -> None:
        """Touch keys of the number pad without entering."""
        for digit in digits:
            self.touch(digit)

    @property
    def said(self) -> list[object]:
        """What was posted, without the bare signs of life."""
        return [event for event in self.posted if event != Touched()]

    def choose(self, choice: str) -> list[object]:
        """Touch *choice* and wait for the event; what was said."""
        self.posted.clear()
        self.touch(choice)
        self.pump(lambda: self.said)
        return self.said

    def scroll_down(self) -> None:
        """Touch the arrow below the list."""
        for one in self.of_type("BookList"):
            self.play(self.player.tap(one.ids.down))
        self.settle()

    def of_type(self, name: str) -> Iterator[Widget]:
        """All widgets of the class called *name*."""
        return (widget for widget in self.stage.walk() if type(widget).__name__ == name)

    def texts(self) -> str:
        """Everything that can be read, one line per text."""
        words = (getattr(widget, "words", "") or getattr(widget, "text", "") for widget in self.stage.walk())
        return "\n".join(filter(None, words))


def chosen(choice: str) -> list[object]:
    """What a touch on *choice* says."""
    return [Chosen(choice)]


def display_environment(display: str) -> dict[str, str]:
    """The environment of a process that draws on *display*."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KIVY_", "SDL_"))}
    return {**kept, "DISPLAY": display, "KIVY_HOME": str(STATE)}
