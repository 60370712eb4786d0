"""What the far ends of UHF modules have in common: a line with a speed, a field with tags, faults, and their time.

A maker's far end says how its frames look and what it does with a command.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from drivers.link import Clock
from drivers.sim import airtime
from drivers.sim.uhf_faults import Faults, ReaderFault
from drivers.sim.uhf_tag import UhfField

__all__ = ["BITS_PER_BYTE", "Part", "UhfReader"]

BITS_PER_BYTE = 10
"""8N1: a start bit, eight data bits, a stop bit."""

_BROKEN_FRAME_SECONDS = 0.25
_START_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Part:
    """One frame of an answer: *head* no lie changes, *data*, and where in that an EPC ends (-1: at its end)."""

    head: bytes
    data: bytes
    epc_ends_at: int = -1


class UhfReader(UhfField, ABC):
    """`FarEnd` that is a UHF reader; tags are laid and taken from any thread.

    *baud* is the line's right speed; `line_is_at` tells at which one it is spoken to.  With *line_baud* and
    *has_air_time* it takes as long as the real thing.  *restarts_after* is how many further questions it answers before
    its power fails for a moment.
    """

    def __init__(
        self, clock: Clock, *, address: int, baud: int, line_baud: int = 0, has_air_time: bool = False
    ) -> None:
        super().__init__()
        self.faults = Faults()
        self.commands_heard: list[bytes] = []
        self.power_dbm = 26
        self.is_silent_at_wrong_speed = False
        self.restarts_after: int | None = None
        self._clock = clock
        self._address = address
        self._baud = baud
        self._spoken_at = baud
        self._line_baud = line_baud
        self._has_air_time = has_air_time
        self._unread = bytearray()
        self._heard_at = 0.0
        self._deaf_until = 0.0

    def restart(self) -> None:
        """Its power was gone for a moment: what it had heard is lost, and what it hears while it starts."""
        self._unread.clear()
        self._deaf_until = self._clock.monotonic() + _START_SECONDS

    def line_is_at(self, baud: int) -> None:
        """The other side speaks at *baud* from now on."""
        self._spoken_at = baud

    def receive(self, data: bytes) -> bytes:
        """As promised by `FarEnd`."""
        if self._clock.monotonic() < self._deaf_until:
            return b""
        if self._spoken_at != self._baud:
            return (
                b"" if self.is_silent_at_wrong_speed or not data else bytes(0xFE ^ byte for byte in data[::2])
            )
        sent = self._said_unasked()
        if not data:
            return sent
        now = self._clock.monotonic()
        if now - self._heard_at > _BROKEN_FRAME_SECONDS:
            self._unread.clear()
        self._unread += data
        while (frame := self._next_frame()) is not None:
            sent += self._answered(frame)
            if self.restarts_after is not None:
                self.restarts_after -= 1
                if self.restarts_after <= 0:
                    self.restarts_after = None
                    self.restart()
        self._heard_at = self._clock.monotonic()
        return sent

    @abstractmethod
    def _next_frame(self) -> bytes | None:
        """Takes the next sound frame out of `_unread`; None when there is none yet."""

    @abstractmethod
    def _answered(self, frame: bytes) -> bytes:
        """What is sent back for a sound *frame*."""

    @abstractmethod
    def _framed(self, command: int, payload: bytes) -> bytes:
        """A frame of this reader's own."""

    @abstractmethod
    def _disturbed(self, command: int) -> bytes:
        """What it answers to *command* when the air is disturbed."""

    def _said_unasked(self) -> bytes:
        """What it says by itself now."""
        return b""

    def _sent(self, command: int, parts: list[Part]) -> bytes:
        """The frames of an answer, each with the fault that is its turn; disturbed air ends it."""
        sent = b""
        for part in parts:
            fault = self.faults.next()
            payload = part.head + self.faults.changed(part.data, fault, part.epc_ends_at)
            match fault:
                case ReaderFault.SILENCE:
                    continue
                case ReaderFault.DISTURBED_AIR:
                    return sent + self._framed(command, self._disturbed(command))
                case ReaderFault.STRANGE_STATUS:
                    payload = b"\x77"
            said = command ^ 0x01 if fault is ReaderFault.OTHER_COMMAND else command
            sent += self.faults.damaged(self._framed(said, payload), fault)
        return sent

    def _spend(self, byte_count: int, air_seconds: float) -> None:
        """Takes the time that *byte_count* bytes on the line and the air take, where it is asked to."""
        if self._has_air_time:
            self._clock.wait(air_seconds)
        if self._line_baud:
            self._clock.wait(airtime.line_seconds(byte_count, self._line_baud, BITS_PER_BYTE))
