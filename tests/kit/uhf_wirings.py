"""Every UHF driver with its far end, for the promises that all of them keep.

A driver adds one `UhfWiring`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from drivers.link import Clock, Link
from drivers.rfid import Pad, a0_pad, uhf18_pad
from drivers.rfid.a0_commands import Writing
from drivers.rfid.a0_pad import A0PadSettings
from drivers.rfid.tag_settings import Security
from drivers.rfid.uhf18_pad import Uhf18PadSettings
from drivers.sim import uhf_content
from drivers.sim.a0_reader import A0Reader, WriteAnswer
from drivers.sim.uhf18_reader import Generation, Uhf18Reader
from drivers.sim.uhf_content import UhfContent
from drivers.sim.uhf_faults import Faults
from drivers.sim.uhf_tag import SimulatedUhfTag


class UhfFarEnd(Protocol):
    """What every UHF far end has."""

    faults: Faults
    commands_heard: list[bytes]
    restarts_after: int | None

    def receive(self, data: bytes) -> bytes:
        """As promised by `FarEnd`."""

    def lay(self, *tags: SimulatedUhfTag) -> None:
        """As `UhfField.lay`."""

    def take(self, *tags: SimulatedUhfTag) -> None:
        """As `UhfField.take`."""

    def tags(self) -> tuple[SimulatedUhfTag, ...]:
        """As `UhfField.tags`."""


@dataclass(frozen=True)
class UhfWiring:
    """A driver and its far end; *opened* takes settings by name, link and clock."""

    name: str
    reader: Callable[[Clock], UhfFarEnd]
    opened: Callable[[dict[str, Any], Link, Clock], Pad]


def _uhf18(settings: dict[str, Any], link: Link, clock: Clock) -> Pad:
    return uhf18_pad.open(Uhf18PadSettings(**settings), link, clock)


def _uhf18_by_mask(settings: dict[str, Any], link: Link, clock: Clock) -> Pad:
    return uhf18_pad.open(Uhf18PadSettings(selects_by_mask=True, **settings), link, clock)


def _a0(settings: dict[str, Any], link: Link, clock: Clock) -> Pad:
    return a0_pad.open(A0PadSettings(**settings), link, clock)


def _a0_by_word(settings: dict[str, Any], link: Link, clock: Clock) -> Pad:
    other: dict[str, Any] = {"writing": Writing.WORD, "in_session_0": True, "bus_address": 1, "rounds": 2}
    return a0_pad.open(A0PadSettings(**other, **settings), link, clock)


WIRINGS = (
    UhfWiring("uhf18-older", Uhf18Reader, _uhf18),
    UhfWiring("uhf18-older-pushing", lambda clock: Uhf18Reader(clock, pushes=True), _uhf18),
    UhfWiring(
        "uhf18-newer-by-mask",
        lambda clock: Uhf18Reader(clock, generation=Generation.NEWER, tags_per_answer=3),
        _uhf18_by_mask,
    ),
    UhfWiring("a0", A0Reader, _a0),
    UhfWiring(
        "a0-by-word",
        lambda clock: A0Reader(clock, counts_bytes=True, write_answer=WriteAnswer.CODE),
        _a0_by_word,
    ),
)

WAYS = {"afi": Security.UHF_AFI, "bit": Security.UHF_BIT}


def tag_of(content: UhfContent, **more: Any) -> SimulatedUhfTag:
    """A tag that holds *content*."""
    return SimulatedUhfTag(content.epc, content.pc, bytearray(content.user.ljust(16, b"\0")), **more)


def item(way: Security, identifier: str, part: int = 1, parts: int = 1, **more: Any) -> SimulatedUhfTag:
    """The secured tag of an item, in the data model that goes with *way*."""
    if way is Security.UHF_BIT:
        content = uhf_content.cn_university(identifier, university="10248", part=part, parts=parts)
    else:
        content = uhf_content.iso28560_4(identifier, owner="CN-110108", part=part, parts=parts)
    return tag_of(content, **more)


def is_released(tag: SimulatedUhfTag, way: Security) -> bool:
    """Whether a gate lets *tag* pass."""
    return bool(tag.epc[0] & 0x80) if way is Security.UHF_BIT else tag.pc & 0xFF == 0xC2
