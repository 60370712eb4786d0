"""A bounded queue with one taker: the inbox of the desk, and the orders of a pump."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

E = TypeVar("E")

SIZE_MAX = 10_000


class Inbox(Generic[E]):
    """Takes from any thread, in order; nothing is dropped but what a newer thing of its kind replaces.

    *replaces* gives a key for what only the newest counts of (a reading of the pad): an older one still waiting
    under the same key is taken out when the newer comes.  None: never replaced.  *idle* stands for waiting where
    no other thread can post: a hand-cranked kiosk moves its clock by it.
    """

    def __init__(
        self,
        *,
        size_max: int = SIZE_MAX,
        replaces: Callable[[E], Hashable | None] = lambda _: None,
        idle: Callable[[float], None] | None = None,
    ) -> None:
        self._size_max = size_max
        self._replaces = replaces
        self._idle = idle
        self._waiting: dict[int, E] = {}
        self._newest: dict[Hashable, int] = {}
        self._posted = 0
        self._changed = threading.Condition()

    def post(self, thing: E) -> None:
        """Puts *thing* at the end; waits while the queue is full, for whoever takes has to catch up first."""
        key = self._replaces(thing)
        with self._changed:
            if key is not None:
                self._waiting.pop(self._newest.get(key, 0), None)
            while len(self._waiting) >= self._size_max:
                self._changed.wait()
            self._posted += 1
            self._waiting[self._posted] = thing
            if key is not None:
                self._newest[key] = self._posted
            self._changed.notify_all()

    def take(self, timeout_seconds: float) -> tuple[E, ...]:
        """All that waits, oldest first, as soon as anything does; empty after *timeout_seconds*."""
        with self._changed:
            if not self._waiting and timeout_seconds > 0:
                if self._idle is None:
                    self._changed.wait(timeout_seconds)
                else:
                    self._idle(timeout_seconds)
            taken = tuple(self._waiting.values())
            self._waiting.clear()
            self._newest.clear()
            self._changed.notify_all()
        return taken

    def __len__(self) -> int:
        with self._changed:
            return len(self._waiting)
