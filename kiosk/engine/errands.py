"""What is asked of a process through its control socket, and what becomes of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

Request = Mapping[str, Any]
Answer = Mapping[str, Any]


class NotDone(Exception):
    """A request that is refused or failed; the text is for staff and names nobody.

    *is_call_wrong*: the request itself makes no sense, and would not another time.
    """

    def __init__(self, sentence: str, *, is_call_wrong: bool = False) -> None:
        super().__init__(sentence)
        self.is_call_wrong = is_call_wrong


class Errand:
    """An answer that comes later.  Fulfilled once, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._outcome: Answer | NotDone | None = None
        self._told: Callable[[], None] = lambda: None

    def fulfil(self, outcome: Answer | NotDone) -> None:
        """The answer is there; a second one is dropped."""
        with self._lock:
            if self._outcome is not None:
                return
            self._outcome = outcome
            told = self._told
        told()

    @property
    def outcome(self) -> Answer | NotDone | None:
        """The answer; None while there is none."""
        with self._lock:
            return self._outcome

    def when_done(self, told: Callable[[], None]) -> None:
        """*told* is called once the answer is there, from the thread that gave it or, if it was there, from here."""
        with self._lock:
            self._told = told
            is_done = self._outcome is not None
        if is_done:
            told()


Command = Callable[[Request], Answer | Errand]
