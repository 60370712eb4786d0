"""Circulation systems that speak SIP2 as the real ones were seen to: a far end with a memory, and a line that breaks.

What all of them do: a request that was cut off before its CR is executed when the connection closes, with whatever
number it had come to; a repeated 11 renews the patron's own loan; 97 brings the last reply again; a checksum is
expected only where the frame bears one.  In what they differ is a `Personality`; what they do is in `sip2_counter.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from drivers.link import DeviceLost
from drivers.link.memory import VirtualClock
from tests.kit.sip2_counter import LOAN_DAYS, RESEND, Counter, Deed, Fee, Hold, Loan
from tests.kit.sip2_personalities import (
    DEFINITION,
    DP2,
    EDGE,
    EVERGREEN,
    EVERY_PERSONALITY,
    INTERLIB,
    KOHA,
    PERSONALITIES,
    SIPSERVER,
    Personality,
)
from tests.kit.sip2_server import framed

__all__ = [
    "DEFINITION",
    "DP2",
    "EDGE",
    "EVERGREEN",
    "EVERY_PERSONALITY",
    "INTERLIB",
    "KOHA",
    "LATE_SECONDS",
    "LOAN_DAYS",
    "PERSONALITIES",
    "SIPSERVER",
    "BreakingLine",
    "Breaks",
    "Counter",
    "Deed",
    "Fault",
    "Fee",
    "Hold",
    "Loan",
    "Personality",
    "System",
]

LATE_SECONDS = 5.5
"""After the terminal's own limit for an answer, and before it asks what became of the request."""


class System(Counter):
    """A circulation system at the far end of a line; *frames* are what it was asked, *replies* what it said."""

    def __init__(
        self, personality: Personality, clock: VirtualClock, items: frozenset[str], patrons: frozenset[str]
    ) -> None:
        super().__init__(personality, clock, items, patrons)
        self.frames: list[bytes] = []
        self.replies: list[bytes] = []
        self._pending = b""
        self._last = ""

    def receive(self, data: bytes) -> bytes:
        """As promised by `FarEnd`."""
        *frames, self._pending = (self._pending + data).split(b"\r")
        return b"".join(self._answer(frame.strip(b"\n")) for frame in frames)

    def hang_up(self) -> None:
        """The connection is closed: what had come of a request is executed; nobody hears the answer."""
        rest, self._pending = self._pending.strip(b"\n"), b""
        if rest:
            self._answer(rest)

    def _answer(self, frame: bytes) -> bytes:
        self.frames.append(frame)
        text = frame.decode(self.personality.charset)
        match = re.search(r"(?:AY(\d))?AZ([0-9A-F]{4})$", text)
        if match is None:
            # What ends a frame without a checksum and is no letter or digit is taken for the line's noise.
            text = re.sub(r"[^A-Za-z0-9]+$", "", text)
        elif (sum(frame[:-4]) + int(match[2], 16)) & 0xFFFF:
            return f"{RESEND}\r".encode()
        else:
            text = text[: match.start()]
        if text.startswith("97"):
            said, sequence = self._last, "0"
        else:
            self._last = said = self.answer(text)
            sequence = (match[1] or "") if match else ""
        if not said:
            return b""
        reply = self._framed(said, sequence, is_checked=match is not None)
        self.replies.append(reply)
        return reply

    def _framed(self, said: str, sequence: str, *, is_checked: bool) -> bytes:
        person = self.personality
        if said == RESEND:
            return f"{RESEND}\r".encode()
        if person.counts_code_units:
            value = -sum(map(ord, said.removesuffix("|"))) & 0xFFFF
            return f"{said}AY4AZ{value:04X}".encode(person.charset) + person.terminator
        if is_checked:
            return framed(said, sequence, person.charset, person.terminator)
        return said.encode(person.charset) + person.terminator


class Breaks(Enum):
    """What happens to one exchange."""

    REQUEST_CUT = "the connection breaks while the request is on its way"
    REPLY_CUT = "the connection breaks while the reply is on its way"
    REPLY_STOPS = "the reply stops, and the connection stays open"
    NOTHING_ARRIVES = "the request is lost, and the connection stays open"
    NO_REPLY = "the request is executed, and nothing comes back"
    LATE_REPLY = "the reply comes after everybody has gone"


@dataclass(frozen=True)
class Fault:
    """What happens to the first request of *message*: *breaks*, after *length* bytes where that matters."""

    message: str
    breaks: Breaks
    length: int = 0


class BreakingLine:
    """`Link` to a `System` over which *faults* happen, each once; several lines share the list."""

    def __init__(self, system: System, clock: VirtualClock, faults: list[Fault]) -> None:
        self._system = system
        self._clock = clock
        self._faults = faults
        self._arrived = b""
        self._late = (0.0, b"")
        self._is_broken = False

    def write(self, data: bytes, timeout_seconds: float) -> None:
        """As promised by `Link`: it cannot tell how far the bytes came."""
        if self._is_broken:
            raise DeviceLost("closed")
        fault = next((one for one in self._faults if data.startswith(one.message.encode())), None)
        if fault is None:
            self._arrived += self._system.receive(data)
            return
        self._faults.remove(fault)
        match fault.breaks:
            case Breaks.REQUEST_CUT:
                self._system.receive(data[: fault.length])
                self._hang_up()
            case Breaks.REPLY_CUT:
                self._arrived += self._system.receive(data)[: fault.length]
                self._hang_up()
            case Breaks.REPLY_STOPS:
                self._arrived += self._system.receive(data)[: fault.length]
            case Breaks.NO_REPLY:
                self._system.receive(data)
            case Breaks.LATE_REPLY:
                self._late = (self._clock.monotonic() + LATE_SECONDS, self._system.receive(data))
            case Breaks.NOTHING_ARRIVES:
                pass

    def read(self, size_max: int, timeout_seconds: float) -> bytes:
        """As promised by `Link`."""
        self._take_late()
        if not self._arrived:
            if self._is_broken:
                raise DeviceLost("closed")
            self._clock.wait(timeout_seconds)
            return b""
        piece, self._arrived = self._arrived[:size_max], self._arrived[size_max:]
        return piece

    def discard_input(self) -> int:
        """As promised by `Link`."""
        if self._is_broken:
            raise DeviceLost("closed")
        self._take_late()
        count, self._arrived = len(self._arrived), b""
        return count

    def close(self) -> None:
        """As promised by `Link`; the system sees it."""
        if not self._is_broken:
            self._hang_up()

    def _take_late(self) -> None:
        due, late = self._late
        if late and self._clock.monotonic() >= due:
            self._arrived, self._late = self._arrived + late, (0.0, b"")

    def _hang_up(self) -> None:
        self._is_broken = True
        self._system.hang_up()
