"""Wires and time: what a driver talks through, and nothing about what is said.

A driver is `open(settings, link, clock)`; every wait of its goes through one of the two.  `open_link` (in
`urls.py`) makes a link from its URL:

    serial:/dev/ttyUSB0?baud=38400&parity=E     a serial line or pseudo-terminal
    tcp://host:port                             a byte stream over TCP
    tls://host:port?ca=FILE                     the same, encrypted, certificate checked
    pcsc:READER NAME                            smart cards through pcscd
    vpcd://host:port                            a card far end without pcscd (demo and tests)
    trace+URL                                   any of these with a hex log around it

`memory.py` is the link of the tests: synchronous, with faults to inject, on a virtual clock.

A link never interprets what it carries, never retries and never starts a thread.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Protocol

__all__ = [
    "ApduLink",
    "CardPresence",
    "Clock",
    "DeviceFault",
    "DeviceLost",
    "Link",
    "PeerUntrusted",
    "SettingsError",
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
