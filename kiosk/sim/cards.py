"""Cards for the reader: a library card that carries its number as NDEF text, and one that says nothing."""

from __future__ import annotations

from zlib import crc32

from drivers.link import Clock
from drivers.sim.card import CardContent, Type2Tag, VirtualCard


def library_card(number: str, clock: Clock) -> VirtualCard:
    """A card with *number* (ASCII, at most 200 characters) in an NDEF text record (NFC Forum RTD Text)."""
    payload = b"\x02en" + number.encode("ascii")
    message = b"\xd1\x01" + bytes((len(payload),)) + b"T" + payload
    return VirtualCard(clock, _uid(number), Type2Tag(message))


def strange_card(clock: Clock) -> VirtualCard:
    """A card of another system: it has a UID and no number to read."""
    return VirtualCard(clock, _uid("strange"), CardContent())


def _uid(text: str) -> bytes:
    """Seven bytes beginning with NXP's, always the same for *text*."""
    return b"\x04" + crc32(text.encode()).to_bytes(4, "big") + len(text).to_bytes(2, "big")
