"""The two ways a message travels: in blocks over a serial line, or as it is over TCP.

Neither waits for anything but the slice it is given.  A message that moves money is never sent again by itself: a
terminal that says "damaged" may mean another block, and one whose "taken" was lost has taken it.
"""

from __future__ import annotations

from typing import Protocol

from drivers.link import Clock, Link
from drivers.payment.zvt import ACKNOWLEDGED, Apdu, ApduCutter, ZvtError, decode, encode
from drivers.payment.zvt_serial import BlockReader, Sign, block

__all__ = ["Carrier", "CarrierBroken", "SerialCarrier", "TcpCarrier"]

_READ_BYTES = 4096
_WRITE_SECONDS_MAX = 1.0
_TRIES = 3
_DAMAGED_MAX = 5
# A line on which something always arrives is left again.
_READS_MAX = 200
_BYTE_SECONDS_MAX = 0.2
_MESSAGE_SECONDS_MAX = 15.0
# A float sum may fall short of the moment it was waited for by less than this.
_GRAIN_SECONDS = 1e-6


class CarrierBroken(Exception):
    """The line is there, and what goes over it is not understood; *args* is one word."""


class Carrier(Protocol):
    """A way for messages in both directions."""

    def send(self, apdu: Apdu, *, is_repeatable: bool) -> None:
        """Sends *apdu*, once more where the line damages it and *is_repeatable*.  Raises `DeviceLost`."""

    def receive(self, timeout_seconds: float) -> Apdu | None:
        """The next message, at most *timeout_seconds* after the call; None when none came.

        Raises `DeviceLost`, and `CarrierBroken` when what was sent was not taken or what comes makes no sense.
        """

    def discard(self) -> None:
        """Forgets what has arrived.  Raises `DeviceLost`."""


class TcpCarrier:
    """`Carrier` where the line itself loses nothing."""

    def __init__(self, link: Link, clock: Clock) -> None:
        self._link = link
        self._clock = clock
        self._cutter = ApduCutter()
        self._begun_at = 0.0

    def send(self, apdu: Apdu, *, is_repeatable: bool) -> None:
        """As promised by `Carrier`; nothing is ever sent again."""
        del is_repeatable
        self._link.write(encode(apdu), _WRITE_SECONDS_MAX)

    def receive(self, timeout_seconds: float) -> Apdu | None:
        """As promised by `Carrier`."""
        deadline = self._clock.monotonic() + timeout_seconds
        while True:
            try:
                apdu = self._cutter.next_apdu()
            except ZvtError as error:
                raise CarrierBroken("damaged") from error
            now = self._clock.monotonic()
            if apdu is not None:
                self._begun_at = now
                return apdu
            if self._cutter.is_inside and now - self._begun_at > _MESSAGE_SECONDS_MAX:
                self._cutter.drop()
                raise CarrierBroken("damaged")
            left = deadline - now
            data = self._link.read(_READ_BYTES, max(0.0, left))
            if data:
                if not self._cutter.is_inside:
                    self._begun_at = self._clock.monotonic()
                self._cutter.feed(data)
            elif left <= _GRAIN_SECONDS:
                return None

    def discard(self) -> None:
        """As promised by `Carrier`."""
        self._cutter.drop()
        self._link.discard_input()


class SerialCarrier:
    """`Carrier` in blocks, each of which is answered; *answer_seconds_max* is for that answer."""

    def __init__(self, link: Link, clock: Clock, answer_seconds_max: float) -> None:
        self._link = link
        self._clock = clock
        self._answer_seconds_max = answer_seconds_max
        self._reader = BlockReader()
        self._sent = b""
        self._tries_left = 0
        self._answer_by: float | None = None
        self._heard_at = 0.0
        self._damaged = 0
        self._last_message = b""

    def send(self, apdu: Apdu, *, is_repeatable: bool) -> None:
        """As promised by `Carrier`."""
        if apdu != ACKNOWLEDGED:
            self._last_message = b""
        self._sent = block(encode(apdu))
        self._tries_left = _TRIES - 1 if is_repeatable else 0
        self._write()

    def receive(self, timeout_seconds: float) -> Apdu | None:
        """As promised by `Carrier`."""
        deadline = self._clock.monotonic() + timeout_seconds
        for _ in range(_READS_MAX):
            apdu = self._next_message()
            if apdu is not None:
                return apdu
            self._look_at_the_clock()
            if not self._listen(deadline):
                return None
        return None

    def discard(self) -> None:
        """As promised by `Carrier`."""
        self._reader.drop()
        self._answer_by = None
        self._last_message = b""
        self._link.discard_input()

    def _next_message(self) -> Apdu | None:
        """The next message of what has arrived."""
        while True:
            try:
                part = self._reader.next_part()
            except ZvtError:
                self._refuse()
                continue
            if part is None:
                return None
            if isinstance(part, Sign):
                self._answered(part)
                continue
            apdu = self._taken(part)
            if apdu is not None:
                return apdu

    def _listen(self, deadline: float) -> bool:
        """Waits for bytes; false when *deadline* is over."""
        now = self._clock.monotonic()
        left = deadline - now
        waits = [left]
        if self._answer_by is not None:
            waits.append(self._answer_by - now)
        if self._reader.is_inside:
            waits.append(self._heard_at + _BYTE_SECONDS_MAX - now)
        data = self._link.read(_READ_BYTES, max(0.0, min(waits)))
        if data:
            self._heard_at = self._clock.monotonic()
            self._reader.feed(data)
        return bool(data) or left > _GRAIN_SECONDS

    def _look_at_the_clock(self) -> None:
        now = self._clock.monotonic()
        if self._reader.is_inside and now - self._heard_at >= _BYTE_SECONDS_MAX - _GRAIN_SECONDS:
            self._reader.drop()
            self._refuse()
        if self._answer_by is not None and now >= self._answer_by - _GRAIN_SECONDS:
            self._again("silent")

    def _taken(self, message: bytes) -> Apdu | None:
        """The message of a sound block; None when it is one that the terminal has only repeated."""
        self._sign(Sign.ACK)
        try:
            apdu = decode(message)
        except ZvtError as error:
            raise CarrierBroken("damaged") from error
        is_repeated = message == self._last_message and self._answer_by is not None
        self._last_message, self._damaged = message, 0
        if is_repeated and self._tries_left:
            # It has not had our answer to the first one.
            self._again("silent")
            return None
        self._answer_by = None
        return apdu

    def _answered(self, sign: Sign) -> None:
        if self._answer_by is None:
            return
        if sign is Sign.ACK:
            self._answer_by = None
        else:
            self._again("refused")

    def _again(self, why: str) -> None:
        if not self._tries_left:
            self._answer_by = None
            raise CarrierBroken(why)
        self._tries_left -= 1
        self._write()

    def _refuse(self) -> None:
        self._damaged += 1
        if self._damaged > _DAMAGED_MAX:
            self._damaged = 0
            raise CarrierBroken("damaged")
        self._sign(Sign.NAK)

    def _write(self) -> None:
        self._link.write(self._sent, _WRITE_SECONDS_MAX)
        self._answer_by = self._clock.monotonic() + self._answer_seconds_max

    def _sign(self, sign: Sign) -> None:
        self._link.write(bytes((sign,)), _WRITE_SECONDS_MAX)
