"""Wires and time: what a driver talks through, and nothing about what is said.

A driver is `open(settings, link, clock)`; every wait of its goes through one of the two.  `urls.py` makes a link
from its URL (`link_url.py`):

    serial:/dev/ttyUSB0?baud=38400&parity=E     a serial line or pseudo-terminal
    tcp://host:port                             a byte stream over TCP
    tls://host:port?ca=FILE                     the same, encrypted, certificate checked
    file:/dev/usb/lp0                           a device that is a file, as printers of usblp are
    usbprinter:04b8:0202?serial=...             a printer of the USB printer class, without its kernel driver
    pcsc:READER NAME                            smart cards through pcscd
    vpcd://host:port                            a card far end without pcscd (demo and tests)
    usb:0d2c:03ae?serial=...                    a USB device that is spoken to by control transfers
    gpio:/dev/gpiochip0                         the lines of a GPIO chip
    input:/dev/kiosk/scanner                    the keys of an input device, grabbed
    usb+tcp://host:port                         these three at a far end in another process (`remote.py`),
    gpio+tcp://host:port, input+tcp://host:port   for trying a driver without its hardware
    trace+URL                                   a byte stream or a card reader with a hex log around it

`memory.py` is the link of the tests: synchronous, with faults to inject, on a virtual clock; the other
`memory_*.py` are those of the other kinds.

A link never interprets what it carries, never retries and never starts a thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import NamedTuple, Protocol, runtime_checkable

__all__ = [
    "ApduLink",
    "CardPresence",
    "Clock",
    "ControlLink",
    "DeviceFault",
    "DeviceLost",
    "InputLink",
    "KeyEvent",
    "LineLink",
    "Link",
    "PeerUntrusted",
    "SettingsError",
    "TunableLink",
]


class SettingsError(Exception):
    """Something in the configuration is wrong; the installer has to act.  The text names what and what is
    allowed.
    """


class DeviceLost(Exception):
    """The device does not answer or is no longer there; open it again later; staff act when it stays away."""


class PeerUntrusted(DeviceLost):
    """The other end is there but cannot prove who it is; nothing was said to it.  The installer acts."""


class DeviceFault(Exception):
    """The device is there and says that it, or what it was asked, is at fault."""


class Clock(Protocol):
    """Time as three promises; the real one is in `clock.py`, the virtual one in `memory.py`."""

    def now(self) -> datetime:
        """Wall time, aware, UTC.  May jump; never use it to measure or to order."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back."""

    def wait(self, seconds: float) -> None:
        """Returns after *seconds*; zero or less returns at once."""


class Link(Protocol):
    """A stream of bytes in both directions, to one device or server."""

    def read(self, size_max: int, timeout_seconds: float) -> bytes:
        """What has arrived, 1 to *size_max* bytes, as soon as anything has; empty when nothing came in time.

        A zero timeout only looks.  Raises `DeviceLost` when the other end is gone.
        """

    def write(self, data: bytes, timeout_seconds: float) -> None:
        """Sends all of *data* in one go.

        Raises `DeviceLost` when the other end is gone or has not taken all in time; how much it has seen is
        then unknown.
        """

    def discard_input(self) -> int:
        """Throws away what has arrived unread and says how many bytes that were.  Raises `DeviceLost`."""

    def close(self) -> None:
        """Frees the line.  May be called twice; never raises."""


@runtime_checkable
class TunableLink(Link, Protocol):
    """A link whose speed can be changed while it is open, where there may be a line with a speed behind it."""

    def retune(self, baud: int) -> bool:
        """Goes on at *baud*; what was under way is lost.  False, and nothing changed, where the line has no speed.

        Raises `DeviceFault` when the line cannot do *baud*, `DeviceLost` when it is gone.
        """


class CardPresence(Enum):
    """What a card reader sees."""

    ABSENT = "absent"
    PRESENT = "present"


class ApduLink(Protocol):
    """A reader of smart cards, with at most one card at a time (PC/SC part 5, ISO 7816-4)."""

    def wait_for_change(self, timeout_seconds: float) -> CardPresence:
        """What lies on the reader once that differs from the last answer, or after *timeout_seconds*.

        A card swapped for another between two calls is reported as ABSENT once.  Raises `DeviceLost` when the
        reader or the service behind it is gone.
        """

    def transmit(self, command: bytes, timeout_seconds: float) -> bytes:
        """The card's response to *command*: data and the two status bytes.

        Raises `DeviceFault` when the card left or does not answer, `DeviceLost` when the reader is gone.
        """

    def close(self) -> None:
        """Lets the card and the reader go.  May be called twice; never raises."""


class ControlLink(Protocol):
    """A USB device that is spoken to by vendor control transfers on endpoint 0 (USB 2.0, 9.3)."""

    def control_in(self, request: int, value: int, index: int, size: int, timeout_seconds: float) -> bytes:
        """At most *size* bytes that the device gives to vendor *request* (bmRequestType C0).

        *request* is one byte, *value* and *index* are 16 bits each.  Raises `DeviceFault` when the device refuses the
        request (a stall), `DeviceLost` when it is gone or does not answer in time.
        """

    def close(self) -> None:
        """Frees the device.  May be called twice; never raises."""


class LineLink(Protocol):
    """Digital inputs and outputs of one GPIO chip, by line number.  True is active, whatever the voltage."""

    def claim(self, inputs: Sequence[int], outputs: Sequence[int], active_low: Sequence[int] = ()) -> None:
        """Takes the lines, outputs inactive from the first moment on; *active_low* are inverted.

        Raises `DeviceFault` for a line that is not there or is somebody else's, `DeviceLost` when the chip is gone.
        """

    def read(self, line: int) -> bool:
        """Whether *line*, an input that was claimed, is active now.  Raises `DeviceLost`."""

    def write(self, line: int, active: bool) -> None:
        """Makes *line*, an output that was claimed, active or not.  Raises `DeviceLost`."""

    def wait_for_edge(self, timeout_seconds: float) -> bool:
        """Whether any input changed since the last call, at most *timeout_seconds* after this one.  `DeviceLost`."""

    def close(self) -> None:
        """Makes all outputs inactive and gives the lines back.  May be called twice; never raises."""


class KeyEvent(NamedTuple):
    """A key went down or up: *code* as the kernel numbers keys (input-event-codes.h, KEY_*)."""

    code: int
    is_down: bool


class InputLink(Protocol):
    """An input device that is grabbed: what it types reaches nobody else."""

    def read(self, timeout_seconds: float) -> tuple[KeyEvent, ...]:
        """The keys that changed, oldest first, as soon as any did; empty when none did in time.

        Repeats are left out.  When the kernel dropped events (SYN_DROPPED) raises `DeviceFault`: what was being typed
        is not known.  Raises `DeviceLost` when the device is gone.
        """

    def close(self) -> None:
        """Gives the device back.  May be called twice; never raises."""
