"""From the desk to the Kivy thread: the latest view wins.

The desk may show faster than the screen draws.  What was not drawn yet is replaced, never queued, so a flood of views
costs nothing and the screen is never behind.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from kiosk.workflow.view import Shown


class Bridge:
    """Takes views from any thread and hands the latest one to *draw* in the Kivy thread.

    *soon* asks the Kivy thread to call something before its next frame, from any thread.
    """

    def __init__(self, draw: Callable[[Shown], None], soon: Callable[[Callable[[], None]], None]) -> None:
        self._draw = draw
        self._soon = soon
        self._lock = Lock()
        self._latest: Shown | None = None

    def show(self, shown: Shown) -> None:
        """Show *shown* with the next frame, unless another one comes before; returns at once."""
        with self._lock:
            is_asked = self._latest is not None
            self._latest = shown
        if not is_asked:
            self._soon(self._draw_latest)

    def _draw_latest(self) -> None:
        with self._lock:
            latest, self._latest = self._latest, None
        if latest is not None:
            self._draw(latest)
