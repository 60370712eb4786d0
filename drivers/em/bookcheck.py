"""The bytes of the 3M BookCheck 940 series: two vendor requests and their replies (device reference 8.1).

Request BD reads or sets the mode, B7 reads the sensors; both answer with nine bytes, of which the mode's first four
say something.  Whether a clear bit 3 of the sensors' byte 7 means that the verifier sees an active strip was inferred
from labels and not seen on a device.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "MODE",
    "READ_ONLY",
    "REPLY_BYTES",
    "SAFE",
    "SENSORS",
    "Mode",
    "ReplyError",
    "Sensors",
    "live",
    "parse_mode",
    "parse_sensors",
]

MODE = 0xBD
SENSORS = 0xB7
REPLY_BYTES = 9

READ_ONLY = (0xFFFF, 0xFFFF)
"""wValue and wIndex of BD that change nothing."""

SAFE = (0x00FF, 0xFFFF)
"""wValue and wIndex of BD that choose magnetic-media mode, in which no strip is touched, and leave the rest."""

_MODE_BYTES_MIN = 4


class ReplyError(Exception):
    """A reply that no unit of this series can give."""


@dataclass(frozen=True, slots=True)
class Mode:
    """What the unit does by itself to an item that crosses it.

    *checks_in*: it sensitises, otherwise it desensitises; *is_normal* false is magnetic-media mode: it does neither.
    *is_manual*: it waits for somebody to press its button.
    """

    checks_in: bool
    is_normal: bool
    is_lit: bool
    is_manual: bool


@dataclass(frozen=True, slots=True)
class Sensors:
    """*direction*: 1 or 2 as the item moves or the one before it moved, 0 before any.  *bit* is bit 3 of byte 7."""

    is_sensed: bool
    direction: int
    bit: bool


def live(*, checks_in: bool) -> tuple[int, int]:
    """wValue and wIndex of BD by which the unit treats every item that crosses it, by itself."""
    return (0x0101 if checks_in else 0x0100, 0x00FF)


def parse_mode(reply: bytes) -> Mode:
    """The mode that BD answered.  Raises `ReplyError`."""
    if not _MODE_BYTES_MIN <= len(reply) <= REPLY_BYTES:
        raise ReplyError(f"request BD: a reply of {len(reply)} bytes")
    if any(byte > 1 for byte in reply[:_MODE_BYTES_MIN]):
        raise ReplyError(f"request BD: no mode is {reply.hex(' ')}")
    return Mode(*(bool(byte) for byte in reply[:_MODE_BYTES_MIN]))


def parse_sensors(reply: bytes) -> Sensors:
    """The sensors that B7 answered.  Raises `ReplyError`."""
    if len(reply) != REPLY_BYTES:
        raise ReplyError(f"request B7: a reply of {len(reply)} bytes")
    if reply[6] > 2:
        raise ReplyError(f"request B7: nothing moves in direction {reply[6]:02X}")
    return Sensors(reply[2] != 0, reply[6], bool(reply[7] & 0x08))
