"""What an installer can say about a FEIG pad; the keys of its section in the configuration."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from drivers.rfid.iso15693_settings import Iso15693Settings, ReleaseCheck
from drivers.rfid.obid import BlockOrder, FrameType

__all__ = ["ObidPadSettings", "OrderPolicy", "Outputs", "ReleaseCheck"]


class OrderPolicy(Enum):
    """In which order the bytes of a block travel; AUTO lets the check sum of the tag's content decide."""

    REVERSED = "reversed"
    NATURAL = "natural"
    AUTO = "auto"


class Outputs(Enum):
    """What the pad can light and sound."""

    NONE = "none"
    CPR = "cpr"


@dataclass(frozen=True, slots=True)
class ObidPadSettings(Iso15693Settings):
    """A FEIG pad; raises `SettingsError` for values out of range.

    *frame* standard on serial lines, advanced on TCP.  *bus_address* 0 to 254, or 255 for any reader.
    *password_file* holds the EAS/AFI password of NXP chips, where tags are protected by one (see `password.py`).
    """

    frame: FrameType = FrameType.STANDARD
    bus_address: int = 0xFF
    block_order: OrderPolicy = OrderPolicy.AUTO
    outputs: Outputs = Outputs.NONE
    password_file: str = field(default="", metadata={"is_file": True})

    def __post_init__(self) -> None:
        self.check_ranges(("bus_address", 0, 255))
        self.check_pad()

    @property
    def wire_order(self) -> BlockOrder:
        """The order in which blocks are taken from the wire; AUTO begins with what the manual says."""
        return BlockOrder.NATURAL if self.block_order is OrderPolicy.NATURAL else BlockOrder.REVERSED
