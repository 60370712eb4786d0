"""A pad for ISO 15693 tags on a memory link, with its far end at hand: FEIG's and the M210's, and what they heard."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from drivers.link.memory import MemoryLink, VirtualClock
from drivers.rfid import m210_pad, obid_pad
from drivers.rfid.iso15693_pad import Iso15693Pad
from drivers.rfid.m210_settings import M210PadSettings
from drivers.rfid.obid_settings import ObidPadSettings
from drivers.sim.m210_reader import M210Reader
from drivers.sim.obid_reader import ObidReader
from drivers.sim.tag import SimulatedTag
from drivers.sim.tag_field import TagField

WATCHED: list[TagField] = []
"""Every far end that a bench made since the last look; `tests/drivers/rfid/conftest.py` looks after each test."""

_OBID = {0x52, 0x65, 0x69, 0x6A, 0x71}
_OBID_ISO = {0x01, 0x23, 0x27, 0x2B, 0x2C}
_OBID_NXP = {0xA2, 0xA3, 0xA5, 0xB2, 0xB3}
_M210 = {0x02, 0x03, 0x09, 0x0A, 0x0B, 0x0C, 0x11, 0x13, 0x58, 0xFE}
_M210_PROBE = bytes.fromhex("040011")


def more_than_the_security_state(reader: TagField) -> list[str]:
    """What *reader* heard that locks, protects, or writes anything but AFI and EAS: as hex, empty when nothing.

    Everything counts that is not known to be harmless.
    """
    harmless = _is_harmless_to_obid if isinstance(reader, ObidReader) else _is_harmless_to_m210
    return [heard.hex(" ") for heard in reader.commands_heard if not harmless(heard)]


def _is_harmless_to_obid(heard: bytes) -> bool:
    if heard[0] == 0xB0:
        return heard[1] in _OBID_ISO
    if heard[0] == 0xB1:
        return heard[1] == 0x04 and heard[2] in _OBID_NXP
    return heard[0] in _OBID


def _is_harmless_to_m210(heard: bytes) -> bool:
    return heard[0] in _M210 or heard == _M210_PROBE


@dataclass
class HfBench:
    """A pad opened over a memory link: *settings* are the pad's, *reader_is* the far end's."""

    settings: dict[str, Any] = field(default_factory=dict)
    reader_is: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = VirtualClock()
        self.reader = self.made()
        WATCHED.append(self.reader)
        self.link = MemoryLink(self.reader, self.clock)
        self.pad = self.opened()

    def made(self) -> Any:
        """The far end."""
        raise NotImplementedError

    def opened(self) -> Iso15693Pad:
        """A pad on the bench's link."""
        return self.opened_on(self.link)

    def opened_on(self, link: MemoryLink) -> Iso15693Pad:
        """A pad on *link*."""
        raise NotImplementedError

    def lay(self, *tags: SimulatedTag) -> SimulatedTag:
        """Puts *tags* onto the pad and gives the first."""
        self.reader.lay(*tags)
        return tags[0]

    def commands(self, since: int = 0) -> list[int]:
        """What was asked, one byte each, from the *since*-th question on."""
        return [_code(heard) for heard in self.reader.commands_heard[since:]]


class ObidBench(HfBench):
    """FEIG."""

    def made(self) -> ObidReader:
        return ObidReader(self.clock, **self.reader_is)

    def opened_on(self, link: MemoryLink) -> Iso15693Pad:
        return obid_pad.open(ObidPadSettings(**self.settings), link, self.clock)


class M210Bench(HfBench):
    """3M 210/810 and M210."""

    def made(self) -> M210Reader:
        return M210Reader(self.clock, **self.reader_is)

    def opened_on(self, link: MemoryLink) -> Iso15693Pad:
        return m210_pad.open(M210PadSettings(**self.settings), link, self.clock)


def _code(heard: bytes) -> int:
    if heard[0] == 0xB0:
        return heard[1]
    return heard[2] if heard[0] == 0xB1 else heard[0]
