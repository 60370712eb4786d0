"""What an installer can say about a 3M 210/810 or Bibliotheca M210; the keys of its section in the configuration."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from drivers.rfid.iso15693_settings import Iso15693Settings, ReleaseCheck

__all__ = ["M210PadSettings", "ReleaseCheck", "StartUp"]


class StartUp(Enum):
    """Which commands of unknown meaning a reader gets before it is used: 3M's own, or Bibliotheca's besides."""

    THREE_M = "3m"
    BIBLIOTHECA = "bibliotheca"


@dataclass(frozen=True, slots=True)
class M210PadSettings(Iso15693Settings):
    """A 3M 210/810 or M210; raises `SettingsError` for values out of range.

    *settle_seconds* is how long the reader is left alone after its line was opened.
    """

    start_up: StartUp = StartUp.THREE_M
    settle_seconds: float = 0.2
    retries: int = 5
    pause_seconds: float = 0.0

    def __post_init__(self) -> None:
        self.check_ranges(("settle_seconds", 0, 5))
        self.check_pad()
