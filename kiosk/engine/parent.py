"""Ends a process when the one that started it is gone, however that came to its end."""

from __future__ import annotations

import os
import threading

LOOK_SECONDS = 1.0


class Parent:
    """The process that started this one, by the id that it gave as its own: it may be gone before we can ask."""

    def __init__(self, pid: int) -> None:
        self._pid = pid

    @property
    def is_gone(self) -> bool:
        """Whether it ended; this process then has another parent."""
        return os.getppid() != self._pid


class SetOrOrphaned(threading.Event):
    """An event whose `wait` also ends, at most a second late, when *parent* is gone."""

    def __init__(self, parent: Parent) -> None:
        super().__init__()
        self._parent = parent

    def wait(self, timeout: float | None = None) -> bool:
        """As promised by `threading.Event`, and true as well once the parent is gone."""
        waited = 0.0
        while timeout is None or waited < timeout:
            slice_seconds = LOOK_SECONDS if timeout is None else min(LOOK_SECONDS, timeout - waited)
            if super().wait(slice_seconds):
                return True
            if self._parent.is_gone:
                return True
            waited += slice_seconds
        return False
