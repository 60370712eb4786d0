"""The link of the tests: synchronous, with faults to inject, on a virtual clock.

A `MemoryLink` hands what is written to a far end at once and keeps its answer until it is read.  Nothing
waits: time passes only in the `VirtualClock`, which a late answer, an unanswered read and a far end's own
work move.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from drivers.link import Clock, DeviceLost

__all__ = [
    "AnswerFault",
    "Corrupted",
    "Cut",
    "FarEnd",
    "Late",
    "Lost",
    "MemoryLink",
    "Noise",
    "Repeated",
    "Sound",
    "VirtualClock",
    "damaged",
]


class FarEnd(Protocol):
    """What a link talks to: a simulated device or server, fed with bytes in whatever pieces they arrive."""

    def receive(self, data: bytes) -> bytes:
        """Takes *data* and gives what the far end sends back, possibly nothing.

        Empty *data* asks whether it has something to say unasked (a scan); that has to be quick.  Never
        raises for bad input: a device that cannot read a frame stays silent or complains in its own bytes.
        """


class VirtualClock:
    """`Clock` that moves only when somebody waits on it or moves it."""

    def __init__(self, start: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        self._wall = start
        self._seconds = 0.0

    def now(self) -> datetime:
        """The wall time set, plus what has been waited since."""
        return self._wall

    def monotonic(self) -> float:
        """Seconds waited since the clock was made."""
        return self._seconds

    def wait(self, seconds: float) -> None:
        """Moves both times on by *seconds* and returns at once."""
        if seconds > 0:
            self._seconds += seconds
            self._wall += timedelta(seconds=seconds)

    def jump_wall(self, seconds: float) -> None:
        """Moves the wall time alone, forth or back, as an administrator or a time server does."""
        self._wall += timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Sound:
    """This answer arrives as it was sent."""


@dataclass(frozen=True, slots=True)
class Lost:
    """This answer never arrives."""


@dataclass(frozen=True, slots=True)
class Corrupted:
    """The byte at *position* (negative from the end) is changed by exclusive or with *mask*."""

    position: int = -1
    mask: int = 0x01


@dataclass(frozen=True, slots=True)
class Cut:
    """Only the first *length* bytes arrive."""

    length: int


@dataclass(frozen=True, slots=True)
class Late:
    """The answer arrives *seconds* after it was due."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Repeated:
    """The answer arrives twice."""


@dataclass(frozen=True, slots=True)
class Noise:
    """*data* arrives in front of the answer."""

    data: bytes


AnswerFault = Sound | Lost | Corrupted | Cut | Late | Repeated | Noise


def damaged(answer: bytes, fault: AnswerFault) -> bytes:
    """What arrives of *answer*, which is not empty where a byte of it is to be corrupted."""
    match fault:
        case Sound() | Late():
            return answer
        case Lost():
            return b""
        case Corrupted(position, mask):
            changed = bytearray(answer)
            changed[position % len(changed)] ^= mask
            return bytes(changed)
        case Cut(length):
            return answer[:length]
        case Repeated():
            return answer + answer
        case Noise(data):
            return data + answer


class MemoryLink:
    """`Link` to *far_end*; what it does wrong is told by attributes and `inject`.

    *chunk_bytes* is the most a single `read` gives (0: as asked for).  *silent* swallows everything in both
    directions, *refuses_writes* lets a write time out.
    """

    def __init__(self, far_end: FarEnd, clock: Clock, *, chunk_bytes: int = 0) -> None:
        self.chunk_bytes = chunk_bytes
        self.silent = False
        self.refuses_writes = False
        self._far_end = far_end
        self._clock = clock
        self._faults: deque[AnswerFault] = deque()
        self._arriving: deque[tuple[float, bytes]] = deque()
        self._arrived = bytearray()
        self._plugged = True
        self._open = True

    def inject(self, *faults: AnswerFault) -> None:
        """Queues one fault for each of the next answers, in order; further answers are sound."""
        self._faults.extend(faults)

    def unplug(self) -> None:
        """Takes the far end away: what was under way is lost and every call raises until `replug`."""
        self._plugged = False
        self._arriving.clear()
        self._arrived.clear()

    def replug(self) -> None:
        """Puts the far end back; a closed link stays closed."""
        self._plugged = True

    def read(self, size_max: int, timeout_seconds: float) -> bytes:
        """As promised by `Link`; an empty answer has moved the clock by *timeout_seconds*."""
        self._check()
        self._ask_unasked()
        self._settle()
        if not self._arrived and self._arriving:
            delay = self._arriving[0][0] - self._clock.monotonic()
            if delay <= timeout_seconds:
                self._clock.wait(delay)
                self._settle()
                timeout_seconds = 0.0
        if not self._arrived:
            self._clock.wait(timeout_seconds)
            return b""
        length = min(size_max, self.chunk_bytes or size_max)
        piece = bytes(self._arrived[:length])
        del self._arrived[:length]
        return piece

    def write(self, data: bytes, timeout_seconds: float) -> None:
        """As promised by `Link`; the far end has answered before this returns."""
        self._check()
        if self.refuses_writes:
            self._clock.wait(timeout_seconds)
            raise DeviceLost("the other end has not taken all in time")
        if not self.silent:
            self._take(self._far_end.receive(data))

    def discard_input(self) -> int:
        """As promised by `Link`; what is late has not arrived and stays under way."""
        self._check()
        self._settle()
        count = len(self._arrived)
        self._arrived.clear()
        return count

    def close(self) -> None:
        """Frees the line; calls after it raise `DeviceLost`."""
        self._open = False

    def _check(self) -> None:
        if not self._open:
            raise DeviceLost("the link is closed")
        if not self._plugged:
            raise DeviceLost("the other end is gone")

    def _ask_unasked(self) -> None:
        if not self.silent:
            self._take(self._far_end.receive(b""))

    def _take(self, answer: bytes) -> None:
        if not answer:
            return
        fault = self._faults.popleft() if self._faults else Sound()
        due = self._clock.monotonic() + (fault.seconds if isinstance(fault, Late) else 0.0)
        answer = damaged(answer, fault)
        if answer:
            self._arriving.append((due, answer))

    def _settle(self) -> None:
        now = self._clock.monotonic()
        while self._arriving and self._arriving[0][0] <= now:
            self._arrived += self._arriving.popleft()[1]
