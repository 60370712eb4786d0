"""How a simulated card terminal works on: one word after another, by the clock, each acknowledged by the till."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from drivers.link import Clock
from drivers.sim import zvt_words as words
from drivers.sim.zvt_line import TillLine

__all__ = ["ACKNOWLEDGED", "ScriptedTerminal", "Word"]

ACKNOWLEDGED = b"\x80\x00\x00"
_ANSWER_SECONDS = 5.0
_LINES_BY_TILL = 0x82


@dataclass
class Word:
    """Something the terminal does *seconds* after its last word.

    *speak* gives a message, None where there is none, and an empty one when it is not time yet and it is on the script
    again.
    """

    speak: Callable[[], bytes | None]
    seconds: float = 0.05


class ScriptedTerminal(ABC):
    """A terminal that is busy while there is something on its script: every command but the abort is answered 84 9C.

    Habits and faults: *pace* stretches the time that it takes by itself; *is_busy* all the time; *is_unreachable*
    swallows both directions; *says_twice*; *replaced* messages, by their two first bytes, are sent instead of the true
    ones, an empty one not at all.  *heard* is every message of the till, *paper* what the terminal printed itself.
    """

    def __init__(self, clock: Clock) -> None:
        self.pace = 1.0
        self.is_busy = False
        self.is_unreachable = False
        self.says_twice = False
        self.replaced: dict[bytes, deque[bytes]] = {}
        self.heard: list[bytes] = []
        self.paper: list[str] = []
        self._clock = clock
        self._lock = threading.Lock()
        self._line = TillLine()
        self._script: deque[Word] = deque()
        self._worked_at = 0.0
        self._unacknowledged = b""
        self._config = 0

    @abstractmethod
    def _obey(self, control: bytes, data: bytes) -> None:
        """Does what the till says to a terminal that has nothing to do."""

    @abstractmethod
    def _stopped(self) -> None:
        """06 B0 has come."""

    def hang_up(self) -> None:
        """The till is gone, with all that was on the line."""
        with self._lock:
            self._line.hang_up()

    @property
    def is_at_work(self) -> bool:
        """Whether something is under way that a till has begun."""
        return bool(self._script)

    def receive(self, data: bytes) -> bytes:
        """See `FarEnd.receive`."""
        with self._lock:
            now = self._clock.monotonic()
            if not self.is_unreachable:
                for message in self._line.take(data, now):
                    self._told(message)
            while self._worked(now):
                continue
            if self.is_unreachable:
                self._line.hang_up()
                return b""
            return self._line.give(now)

    def _told(self, message: bytes) -> None:
        self.heard.append(message)
        control = message[:2]
        if control == b"\x80\x00" or control[0] == 0x84:
            self._unacknowledged = b""
        elif control == b"\x06\xb0":
            self._stopped()
        elif self._script or self.is_busy:
            self._say(b"\x84\x9c\x00")
        else:
            self._obey(control, message[5:] if message[2] == 0xFF else message[3:])

    def _begin(self, *script: Word) -> None:
        self._say(ACKNOWLEDGED)
        self._script.extend(script)
        self._worked_at = self._clock.monotonic()

    def _worked(self, now: float) -> bool:
        """Does the next thing when it is time; whether it did."""
        if not self._script:
            return False
        wait = _ANSWER_SECONDS if self._unacknowledged else self._script[0].seconds * self.pace
        if now - self._worked_at < wait:
            return False
        word = self._script.popleft()
        message = word.speak()
        if message == b"":
            return False
        self._worked_at = now
        if message is not None:
            self._unacknowledged = message
            self._say(message)
        return True

    def _say(self, message: bytes) -> None:
        waiting = self.replaced.get(message[:2])
        if waiting:
            message = waiting.popleft()
        for _ in range(2 if self.says_twice and message else 1):
            if message:
                self._line.say(message)

    def _printing(self, lines: Sequence[str], *, is_block: bool = False) -> list[Word]:
        """Words that bring *lines* to the till, where it prints; else they are on the terminal's own paper now."""
        if self._config & _LINES_BY_TILL != _LINES_BY_TILL:
            self.paper += lines
            return []
        said = [words.text_block(lines)] if is_block else [words.text_line(line) for line in lines]
        return [Word(partial(bytes, one)) for one in said]
