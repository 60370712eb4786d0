"""The far end of a barcode scanner: types what is scanned, as it is set up, or as a broken one does."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from drivers.link import Clock

__all__ = ["BrokenOff", "ControlInside", "Endless", "GarbageBefore", "ScanFault", "ScannerFarEnd", "Split"]


@dataclass(frozen=True, slots=True)
class Split:
    """The bytes come in pieces of *size*, *gap_seconds* apart."""

    size: int
    gap_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class GarbageBefore:
    """*data* comes in front of the code."""

    data: bytes


@dataclass(frozen=True, slots=True)
class ControlInside:
    """*character* stands at *position* of the code."""

    position: int
    character: int = 0x07


@dataclass(frozen=True, slots=True)
class Endless:
    """The code is repeated until it has *length* characters."""

    length: int


@dataclass(frozen=True, slots=True)
class BrokenOff:
    """Only the first *length* bytes come, and no terminator."""

    length: int


ScanFault = Split | GarbageBefore | ControlInside | Endless | BrokenOff


class ScannerFarEnd:
    """A scanner that sends *prefix*, an AIM identifier where one is given, the code and *terminator*.

    It starts lit.  A command `<I>` makes it dark and `<H>` lit again, as a Microscan MS-820 does; what is
    shown to a dark scanner is not read.  It may be used from two threads.
    """

    def __init__(self, clock: Clock, prefix: bytes = b"", terminator: bytes = b"\r") -> None:
        self.prefix = prefix
        self.terminator = terminator
        self._clock = clock
        self._pieces: deque[tuple[float, bytes]] = deque()
        self._heard = b""
        self._is_lit = True
        self._lock = threading.Lock()

    @property
    def is_lit(self) -> bool:
        """Whether it reads what is shown to it."""
        return self._is_lit

    def scan(self, code: str, aim: str = "", fault: ScanFault | None = None) -> None:
        """Shows it *code* (ASCII); *aim* is letter and modifier, as "F0"."""
        data = code.encode("ascii")
        ending = self.terminator
        if isinstance(fault, ControlInside):
            data = data[: fault.position] + bytes((fault.character,)) + data[fault.position :]
        if isinstance(fault, Endless):
            data = (data * (fault.length // len(data) + 1))[: fault.length]
        head = fault.data if isinstance(fault, GarbageBefore) else b""
        sent = head + self.prefix + (b"]" + aim.encode("ascii") if aim else b"") + data + ending
        if isinstance(fault, BrokenOff):
            sent = sent[: fault.length]
        if isinstance(fault, Split):
            self.type(sent, fault.size, fault.gap_seconds)
        else:
            self.type(sent)

    def type(self, data: bytes, piece_size: int = 0, gap_seconds: float = 0.0) -> None:
        """Sends *data* as it is, in pieces of *piece_size* (0: whole), *gap_seconds* apart."""
        size = piece_size or max(1, len(data))
        with self._lock:
            due = self._clock.monotonic()
            for start in range(0, len(data) if self._is_lit else 0, size):
                self._pieces.append((due, data[start : start + size]))
                due += gap_seconds

    def receive(self, data: bytes) -> bytes:
        """See `FarEnd.receive`: one piece of what was scanned, once it is due."""
        with self._lock:
            self._heard = (self._heard + data)[-64:]
            for command, is_lit in ((b"<H>", True), (b"<I>", False)):
                if command in self._heard:
                    self._heard = self._heard.rpartition(command)[2]
                    self._is_lit = is_lit
            if self._pieces and self._pieces[0][0] <= self._clock.monotonic():
                return self._pieces.popleft()[1]
            return b""
