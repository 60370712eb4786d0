"""Links that are no byte streams, carried by one: to a far end that `kiosk sim` serves, with no USB or GPIO in between.

    usb+tcp://HOST:PORT     control transfers
    gpio+tcp://HOST:PORT    the lines of a chip
    input+tcp://HOST:PORT   the keys of an input device

(and `usb+serial:/path` for a pseudo-terminal).  Real devices are never behind these; the driver above them is the real
one.  Each message is a length byte and so many bytes, integers are big-endian:

| to the far end | its answer |
|---|---|
| request(1) value(2) index(2) size(1) | 00 data, or 01 for a stall |
| `C` inputs(1) outputs(1) inverted(1), then the numbers(2) of each | 00, or 01 when they cannot be had |
| `R` line(2) | 00 state(1) |
| `W` line(2) state(1) | 00 |
| `E` | 00 and 01 when an input changed since the last time, else 00 |
| nothing | type(2) code(2) value(4), for each event of a keyboard as it comes |
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from contextlib import suppress

from drivers.link import Clock, DeviceFault, DeviceLost, KeyEvent, Link
from drivers.link.key_events import KeyQueue

__all__ = [
    "EVENT",
    "LINE",
    "REQUEST",
    "MessageReader",
    "RemoteControl",
    "RemoteKeys",
    "RemoteLines",
    "framed",
]

REQUEST = struct.Struct(">BHHB")
LINE = struct.Struct(">H")
EVENT = struct.Struct(">HHi")

ANSWER_SECONDS = 2.0
_LOOK_SECONDS = 0.01
_READ_SIZE = 4096


def framed(payload: bytes) -> bytes:
    """*payload*, at most 255 bytes, with its length in front."""
    return bytes((len(payload),)) + payload


class MessageReader:
    """Bytes in, in whatever pieces they come, messages out."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, data: bytes) -> None:
        """Takes what has arrived."""
        self._bytes += data

    def next(self) -> bytes | None:
        """The next whole message without its length; None until there is one."""
        if not self._bytes or len(self._bytes) <= self._bytes[0]:
            return None
        end = 1 + self._bytes[0]
        message = bytes(self._bytes[1:end])
        del self._bytes[:end]
        return message


class _Asking:
    """Question and answer over *link*; once an answer stayed away it is lost, for that one may still come."""

    def __init__(self, link: Link, clock: Clock) -> None:
        self._link = link
        self._clock = clock
        self._is_lost = False

    def ask(self, payload: bytes, timeout_seconds: float) -> bytes:
        """The far end's answer without its first byte.  Raises `DeviceFault` for a refusal and `DeviceLost`."""
        if self._is_lost:
            raise DeviceLost("the far end was lost")
        self._is_lost = True
        answer = self._answer(payload, timeout_seconds)
        if answer[:1] not in (b"\0", b"\1"):
            raise DeviceLost("the far end answers something else")
        self._is_lost = False
        if answer[:1] == b"\1":
            raise DeviceFault("the far end refuses")
        return answer[1:]

    def _answer(self, payload: bytes, timeout_seconds: float) -> bytes:
        self._link.discard_input()
        self._link.write(framed(payload), timeout_seconds)
        reader = MessageReader()
        until = self._clock.monotonic() + timeout_seconds
        while (answer := reader.next()) is None:
            left = until - self._clock.monotonic()
            if left <= 0:
                raise DeviceLost("the far end does not answer")
            reader.feed(self._link.read(_READ_SIZE, left))
        return answer

    def close(self) -> None:
        """Frees the line."""
        self._link.close()


class RemoteControl:
    """`ControlLink` to a far end behind *link*."""

    def __init__(self, link: Link, clock: Clock) -> None:
        self._asking = _Asking(link, clock)

    def control_in(self, request: int, value: int, index: int, size: int, timeout_seconds: float) -> bytes:
        """As promised by `ControlLink`."""
        return self._asking.ask(REQUEST.pack(request, value, index, size), timeout_seconds)[:size]

    def close(self) -> None:
        """As promised by `ControlLink`."""
        self._asking.close()


class RemoteLines:
    """`LineLink` to a far end behind *link*."""

    def __init__(self, link: Link, clock: Clock) -> None:
        self._asking = _Asking(link, clock)
        self._clock = clock
        self._outputs: tuple[int, ...] = ()

    def claim(self, inputs: Sequence[int], outputs: Sequence[int], active_low: Sequence[int] = ()) -> None:
        """As promised by `LineLink`."""
        counts = bytes((len(inputs), len(outputs), len(active_low)))
        lines = b"".join(LINE.pack(line) for line in (*inputs, *outputs, *active_low))
        self._asking.ask(b"C" + counts + lines, ANSWER_SECONDS)
        self._outputs = tuple(outputs)

    def read(self, line: int) -> bool:
        """As promised by `LineLink`."""
        return self._asking.ask(b"R" + LINE.pack(line), ANSWER_SECONDS) == b"\1"

    def write(self, line: int, active: bool) -> None:
        """As promised by `LineLink`."""
        self._asking.ask(b"W" + LINE.pack(line) + bytes((active,)), ANSWER_SECONDS)

    def wait_for_edge(self, timeout_seconds: float) -> bool:
        """As promised by `LineLink`."""
        until = self._clock.monotonic() + timeout_seconds
        while True:
            if self._asking.ask(b"E", ANSWER_SECONDS) == b"\1":
                return True
            left = until - self._clock.monotonic()
            if left <= 0:
                return False
            self._clock.wait(min(left, _LOOK_SECONDS))

    def close(self) -> None:
        """As promised by `LineLink`."""
        outputs, self._outputs = self._outputs, ()
        with suppress(DeviceLost, DeviceFault):
            for line in outputs:
                self.write(line, False)
        self._asking.close()


class RemoteKeys:
    """`InputLink` to a far end behind *link*."""

    def __init__(self, link: Link, clock: Clock) -> None:
        self._link = link
        self._clock = clock
        self._reader = MessageReader()
        self._keys = KeyQueue()

    def read(self, timeout_seconds: float) -> tuple[KeyEvent, ...]:
        """As promised by `InputLink`."""
        until = self._clock.monotonic() + timeout_seconds
        while not (keys := self._keys.take()):
            data = self._link.read(_READ_SIZE, max(0.0, until - self._clock.monotonic()))
            if not data and self._clock.monotonic() >= until:
                return ()
            self._reader.feed(data)
            while (message := self._reader.next()) is not None:
                if len(message) != EVENT.size:
                    raise DeviceLost("the far end says something else")
                self._keys.add([EVENT.unpack(message)])
        return keys

    def close(self) -> None:
        """As promised by `InputLink`."""
        self._link.close()
