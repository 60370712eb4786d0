"""What a driver can say of a device it was never configured for: how `kiosk devices` finds out what is plugged in.

A driver that can tell has, beside `open`, a function `probe(link, clock) -> Identity | None`: it asks one question
that every device of its kind answers and that harms no other, never touches a tag, a strip or a card, takes at most
about a second, and leaves *link* open.  None: it is something else, or silent.  Its `DriverEntry` names the lines on
which it is worth asking (`probe_lines`, URL options such as "baud=38400&parity=E").
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Identity"]


@dataclass(frozen=True, slots=True)
class Identity:
    """What a device says of itself; empty where it does not say.  *serial* is the device's, never a person's."""

    model: str
    firmware: str = ""
    serial: str = ""
