"""The Kivy application around the stage: small, hard to leave, and it does not die of one bad frame."""

from __future__ import annotations

import logging
import traceback
from collections import deque
from collections.abc import Callable, Iterator

from kivy.app import App
from kivy.base import ExceptionHandler, ExceptionManager
from kivy.clock import Clock
from kivy.core.window import Window

from kiosk.workflow.view import Shown
from ui import typeface
from ui.bridge import Bridge
from ui.environment import WindowSettings
from ui.screens import MODULES, screen_for
from ui.screens.screen import Post
from ui.stage import Stage

log = logging.getLogger(__name__)

# So many failures in so many seconds are no accident: better start again.
FAILURES_MAX, FAILURES_SECONDS = 5, 10.0


class Guard(ExceptionHandler):
    """Lets the screen go on after an error, and end after too many; logs where it was, never what was shown."""

    def __init__(self) -> None:
        super().__init__()
        self._failed_at: deque[float] = deque(maxlen=FAILURES_MAX)
        self.is_given_up = False

    def handle_exception(self, exception: BaseException) -> int:
        """Decide what becomes of *exception*, which came out of a frame."""
        if not isinstance(exception, Exception):
            return int(ExceptionManager.RAISE)
        frames = traceback.extract_tb(exception.__traceback__)
        where = " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames[-6:])
        log.error("a frame failed with %s at %s", type(exception).__name__, where)
        self._failed_at.append(float(Clock.get_time()))
        is_full = len(self._failed_at) == FAILURES_MAX
        if is_full and self._failed_at[-1] - self._failed_at[0] < FAILURES_SECONDS:
            self.is_given_up = True
            return int(ExceptionManager.RAISE)
        return int(ExceptionManager.PASS)


class KioskApp(App):
    """One stage in one window."""

    use_kivy_settings = False

    def __init__(
        self, post: Post, started: Callable[[Bridge], None], window: WindowSettings, first: Shown
    ) -> None:
        super().__init__(title=window.title)
        self._post = post
        self._started = started
        self._first = first
        self._is_stopped = False
        self.bridge = Bridge(self._show, lambda call: Clock.schedule_once(lambda _: call(), 0))
        self.stage: Stage | None = None

    def build(self) -> Stage:
        """The stage with the first view."""
        typeface.register()
        self.stage = Stage(self._post, size=Window.size)
        self.stage.show(self._first)
        return self.stage

    def on_start(self) -> None:
        """Hear no keyboard; wait for the first frame."""
        for event in ("on_keyboard", "on_key_down", "on_key_up", "on_textinput"):
            Window.fbind(event, _ignore)
        Window.fbind("on_flip", self._first_flip)

    def on_stop(self) -> None:
        """Kivy calls this once or twice; what was typed is forgotten once."""
        if not self._is_stopped:
            self._is_stopped = True
            if self.stage is not None and self.stage.screen is not None:
                self.stage.screen.leave()

    def open_settings(self, *_: object) -> bool:
        """A reader has nothing to set."""
        return False

    def serve(self) -> int:
        """Run until the window closes; the exit code."""
        guard = Guard()
        ExceptionManager.add_handler(guard)
        try:
            self.run()
        except Exception:
            if not guard.is_given_up:
                raise
            log.critical("the screen failed %d times in %d seconds and ends", FAILURES_MAX, FAILURES_SECONDS)
        finally:
            self.on_stop()
            ExceptionManager.remove_handler(guard)
        return 1 if guard.is_given_up else 0

    def _show(self, shown: Shown) -> None:
        if self.stage is not None:
            self.stage.show(shown)

    def _first_flip(self, *_: object) -> None:
        Window.funbind("on_flip", self._first_flip)
        Clock.schedule_once(self._after_first_frame, 0)

    def _after_first_frame(self, *_: object) -> None:
        self._started(self.bridge)
        rest = iter(MODULES)
        Clock.schedule_interval(lambda _: _load_next(rest), 0)


def _load_next(rest: Iterator[type]) -> bool:
    """Load one more screen, so that no frame waits for all; false when none is left."""
    view = next(rest, None)
    if view is None:
        return False
    screen_for(view)
    return True


def _ignore(*_: object) -> bool:
    """A barcode wedge or a keyboard types into nothing."""
    return True
