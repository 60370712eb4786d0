"""Serial lines and pseudo-terminals, through pyserial.

pyserial opens the line, takes it exclusively and sets speed and framing; reading and writing go to the
descriptor itself, because `Link.read` gives what is there and pyserial's waits until the whole count has
come.

An unplugged line shows itself in three ways (an empty read that was announced, `OSError`, and
`termios.error`, which is not an `OSError`); all of them are `DeviceLost` here.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import termios
from typing import Literal

import serial

from drivers.link import Clock, DeviceFault, DeviceLost, SettingsError

__all__ = ["SerialLink", "open_serial"]

Parity = Literal["N", "E", "O"]

_GONE = (OSError, termios.error)
_DISCARD_BYTES_MAX = 1 << 20


def open_serial(
    device: str,
    clock: Clock,
    *,
    baud: int = 9600,
    parity: Parity = "N",
    data_bits: Literal[7, 8] = 8,
    stop_bits: Literal[1, 2] = 1,
) -> SerialLink:
    """Opens *device* for this process alone.

    Raises `DeviceLost` when it is not there or somebody else holds it, `SettingsError` when the line cannot
    do what is asked (a pseudo-terminal refuses parity on some kernels).
    """
    framing = f"{baud} baud {data_bits}{parity}{stop_bits}"
    try:
        port = serial.Serial(
            device,
            baudrate=baud,
            bytesize=data_bits,
            parity=parity,
            stopbits=stop_bits,
            timeout=0,
            exclusive=True,
        )
    except ValueError as error:
        raise SettingsError(f"{device}: {framing} is not possible: {error}") from error
    except _GONE as error:
        number = error.args[0] if error.args else None
        if number == errno.EINVAL:
            raise SettingsError(f"{device}: the line refuses {framing}{_hint(device, parity)}") from error
        raise DeviceLost(f"{device}: {_reason(number, error)}") from error
    return SerialLink(port, device, clock)


def _reason(number: object, error: BaseException) -> str:
    """What pyserial says, without the name and the number that it says twice."""
    if number == errno.EWOULDBLOCK:
        return "somebody else holds it"
    if errno.ENOTTY in getattr(error.__context__, "args", ()):
        return "is no serial line"
    return os.strerror(number) if isinstance(number, int) else str(error)


def _hint(device: str, parity: Parity) -> str:
    is_pseudo = os.path.realpath(device).startswith("/dev/pts/")
    return "; a pseudo-terminal has no parity" if is_pseudo and parity != "N" else ""


class SerialLink:
    """`Link` over an open serial port."""

    def __init__(self, port: serial.Serial, device: str, clock: Clock) -> None:
        self._port = port
        self._device = device
        self._clock = clock

    def read(self, size_max: int, timeout_seconds: float) -> bytes:
        """As promised by `Link`."""
        try:
            if not self._ready(select.POLLIN, timeout_seconds):
                return b""
            data = os.read(self._descriptor(), size_max)
        except BlockingIOError:
            return b""
        except _GONE as error:
            raise self._lost(error) from error
        if not data:
            raise self._lost("announced input that was not there")
        return data

    def write(self, data: bytes, timeout_seconds: float) -> None:
        """As promised by `Link`; *timeout_seconds* is for all of *data*, not for each piece."""
        deadline = self._clock.monotonic() + timeout_seconds
        rest = memoryview(data)
        try:
            while rest:
                if not self._ready(select.POLLOUT, deadline - self._clock.monotonic()):
                    raise DeviceLost(f"{self._device}: {len(rest)} of {len(data)} bytes not taken in time")
                try:
                    rest = rest[os.write(self._descriptor(), rest) :]
                except BlockingIOError:
                    continue
        except _GONE as error:
            raise self._lost(error) from error

    def discard_input(self) -> int:
        """As promised by `Link`; stops after 1 MiB, so that a babbling device cannot hold it."""
        count = 0
        while count < _DISCARD_BYTES_MAX:
            piece = self.read(4096, 0.0)
            if not piece:
                break
            count += len(piece)
        return count

    def retune(self, baud: int) -> bool:
        """As promised by `TunableLink`; the framing stays."""
        try:
            self._descriptor()
            self._port.baudrate = baud
            termios.tcflush(self._port.fileno(), termios.TCIOFLUSH)
        except ValueError as error:
            raise DeviceFault(f"{self._device}: the line cannot do {baud} baud: {error}") from error
        except _GONE as error:
            raise self._lost(error) from error
        return True

    def close(self) -> None:
        """Frees the line, unsent bytes included."""
        with contextlib.suppress(*_GONE):
            if self._port.is_open:
                termios.tcflush(self._port.fileno(), termios.TCIOFLUSH)
        with contextlib.suppress(*_GONE):
            self._port.close()

    def _descriptor(self) -> int:
        if not self._port.is_open:
            raise DeviceLost(f"{self._device}: the link is closed")
        return self._port.fileno()

    def _ready(self, event: int, timeout_seconds: float) -> bool:
        poll = select.poll()
        poll.register(self._descriptor(), event)
        state = poll.poll(max(0.0, timeout_seconds) * 1000)
        return bool(state)

    def _lost(self, why: object) -> DeviceLost:
        return DeviceLost(f"{self._device}: {why}")
