"""A FEIG pad on a memory link, with its far end at hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from drivers.link.memory import (
    MemoryLink,
    VirtualClock,
)
from drivers.rfid import obid_pad
from drivers.rfid.obid_pad import ObidPad
from drivers.rfid.obid_settings import (
    ObidPadSettings,
)
from drivers.sim.obid_reader import ObidReader
from drivers.sim.tag import SimulatedTag


@dataclass
class Bench:
    """A pad opened over a memory link: *settings* are the pad's, *reader_is* the far end's."""

    settings: dict[str, Any] = field(default_factory=dict)
    reader_is: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = VirtualClock()
        self.reader = ObidReader(self.clock, **self.reader_is)
        self.link = MemoryLink(self.reader, self.clock)
        self.pad = self.opened()

    def opened(self, **more: Any) -> ObidPad:
        return obid_pad.open(ObidPadSettings(**(self.settings | more)), self.link, self.clock)

    def lay(self, *tags: SimulatedTag) -> SimulatedTag:
        self.reader.lay(*tags)
        return tags[0]

    def commands(self) -> list[int]:
        return [heard[1] if heard[0] == 0xB0 else heard[0] for heard in self.reader.commands_heard]
