"""One thread for work that takes long and belongs to no device: reading a whole backup, writing an export."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.engine.inbox import Inbox
from kiosk.engine.logs import Log
from kiosk.engine.pump import SLICE_SECONDS


class WorkPump:
    """Does what it is given, one after the other."""

    name = "work"

    def __init__(self, log: Log, idle: Callable[[float], None] | None = None) -> None:
        self._log = log
        self._waiting: Inbox[Callable[[], None]] = Inbox(idle=idle)

    def do(self, work: Callable[[], None]) -> None:
        """Takes *work* over, from any thread.  It tells its outcome itself; what it raises is only logged."""
        self._waiting.post(work)

    def turn(self) -> None:
        """Does all that waits; waits a slice when nothing does."""
        for work in self._waiting.take(SLICE_SECONDS):
            try:
                work()
            except Exception as mistake:
                self._log.failure("work failed", mistake)

    def close(self) -> None:
        """Nothing to free."""
