"""Slows down whoever guesses enrolment codes: only so many wrong ones a minute, from one address and from all."""

from __future__ import annotations

import threading
from collections import deque

from drivers.link import Clock

WINDOW_SECONDS = 60.0
FROM_ONE_MAX = 5
FROM_ALL_MAX = 50


class Attempts:
    """Remembers the wrong codes of the last minute; safe for several threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._wrong: deque[tuple[float, str]] = deque(maxlen=FROM_ALL_MAX)

    def may_try(self, address: str) -> bool:
        """Whether a code from *address* is looked at now."""
        with self._lock:
            oldest = self._clock.monotonic() - WINDOW_SECONDS
            while self._wrong and self._wrong[0][0] <= oldest:
                self._wrong.popleft()
            from_one = sum(1 for _, one in self._wrong if one == address)
            return from_one < FROM_ONE_MAX and len(self._wrong) < FROM_ALL_MAX

    def was_wrong(self, address: str) -> None:
        """A code from *address* was wrong."""
        with self._lock:
            self._wrong.append((self._clock.monotonic(), address))
