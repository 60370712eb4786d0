"""What an installer can say about a FEIG pad; the keys of its section in the configuration."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from drivers.link import SettingsError
from drivers.rfid.obid import BlockOrder, FrameType
from drivers.rfid.tag_settings import TagSettings
from drivers.rfid.tagdata.rules import DecodeRules

__all__ = ["ObidPadSettings", "OrderPolicy", "Outputs", "ReleaseCheck"]


class OrderPolicy(Enum):
    """In which order the bytes of a block travel; AUTO lets the check sum of the tag's content decide."""

    REVERSED = "reversed"
    NATURAL = "natural"
    AUTO = "auto"


class ReleaseCheck(Enum):
    """How it is found out, before a loan is asked for, that a tag could not be released.

    REWRITE writes the security state that the tag has once more: the only way to see a locked AFI and a tag
    too weak to be written.  LOCK_STATE asks for the lock bits of the blocks and takes a tag with all of them
    locked for one that was locked as a whole.  NONE leaves it to the release.
    """

    REWRITE = "rewrite"
    LOCK_STATE = "lock-state"
    NONE = "none"


class Outputs(Enum):
    """What the pad can light and sound."""

    NONE = "none"
    CPR = "cpr"


@dataclass(frozen=True, slots=True)
class ObidPadSettings(TagSettings):
    """A FEIG pad; raises `SettingsError` for values out of range.

    *frame* standard on serial lines, advanced on TCP.  *bus_address* 0 to 254, or 255 for any reader.
    *reads_extensions* also reads what stands behind the fixed part of a tag (the media format, which keeps
    magnetic tape away from a strip unit) for one more read per tag.
    """

    frame: FrameType = FrameType.STANDARD
    bus_address: int = 0xFF
    block_order: OrderPolicy = OrderPolicy.AUTO
    release_check: ReleaseCheck = ReleaseCheck.REWRITE
    reads_extensions: bool = False
    outputs: Outputs = Outputs.NONE
    answer_seconds_max: float = 1.5
    retries: int = 3
    pause_seconds: float = 0.005

    def __post_init__(self) -> None:
        for name, least, most in (
            ("bus_address", 0, 255),
            ("answer_seconds_max", 0.1, 10),
            ("retries", 0, 10),
            ("pause_seconds", 0, 1),
        ):
            value = getattr(self, name)
            if not least <= value <= most:
                raise SettingsError(f"{name} = {value}: allowed is {least} to {most}")
        self.check_tags()

    @property
    def wire_order(self) -> BlockOrder:
        """The order in which blocks are taken from the wire; AUTO begins with what the manual says."""
        return BlockOrder.NATURAL if self.block_order is OrderPolicy.NATURAL else BlockOrder.REVERSED

    @property
    def rules(self) -> DecodeRules:
        """How the memory is understood."""
        return self.decode_rules(tries_both_orders=self.block_order is OrderPolicy.AUTO)
