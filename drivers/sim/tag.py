"""An ISO 15693 tag in memory, with what real ones do wrong."""

from __future__ import annotations

from dataclasses import dataclass, field

from drivers.rfid import TagUid

__all__ = ["SimulatedTag"]


@dataclass(slots=True)
class SimulatedTag:
    """A tag: *memory* in its own byte order, whole blocks.

    *eas* is None where the chip has no such bit.  *afi_locked* and *locked_blocks* are what can never be
    undone. *write_failures* is how often a write fails before it succeeds, as for a tag at the edge of the
    field; *read_failures* the same for anything else it is asked.  *leaves_after* is how many further
    commands it hears before it is taken away: the last one is still carried out, but its answer is not heard.
    *knows_information* and *knows_security_status* are false for chips without those commands.
    """

    uid: TagUid
    memory: bytearray
    afi: int = 0x07
    dsfid: int = 0x3E
    eas: bool | None = None
    block_size_bytes: int = 4
    afi_locked: bool = False
    locked_blocks: set[int] = field(default_factory=set)
    write_failures: int = 0
    read_failures: int = 0
    leaves_after: int | None = None
    knows_information: bool = True
    knows_security_status: bool = True

    @property
    def block_count(self) -> int:
        """How many blocks the memory has."""
        return len(self.memory) // self.block_size_bytes
