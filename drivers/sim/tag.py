"""An ISO 15693 tag in memory, with what real ones do wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from zlib import crc32

from drivers.rfid import TagUid

__all__ = ["EAS_AFI_PASSWORD", "SimulatedTag"]

EAS_AFI_PASSWORD = 0x10
"""Which of a chip's passwords guards the EAS bit and the AFI (NXP)."""


@dataclass(slots=True)
class SimulatedTag:
    """A tag: *memory* in its own byte order, whole blocks.

    *eas* is None where the chip has no such bit.  *afi_locked* and *locked_blocks* are what can never be
    undone. *write_failures* is how often a write fails before it succeeds, as for a tag at the edge of the
    field; *read_failures* the same for anything else it is asked, *eas_silences* how often its EAS alarm is too weak to
    be heard.  *leaves_after* is how many further
    commands it hears before it is taken away: the last one is still carried out, but its answer is not heard.
    *knows_information* and *knows_security_status* are false for chips without those commands.

    *password* (32 bits) is None for chips without one.  Where it *guards_afi* or *guards_eas*, they are written only
    after it was presented; a wrong one makes the tag *is_mute* until the field was off.  *password_tries* counts how
    often one was presented.
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
    eas_silences: int = 0
    leaves_after: int | None = None
    knows_information: bool = True
    knows_security_status: bool = True
    password: int | None = None
    guards_afi: bool = False
    guards_eas: bool = False
    password_tries: int = 0
    is_mute: bool = False
    is_open: bool = False
    is_quiet: bool = False
    randoms_given: int = 0

    @property
    def block_count(self) -> int:
        """How many blocks the memory has."""
        return len(self.memory) // self.block_size_bytes

    def power_up(self) -> None:
        """What the field's coming back does: nothing is quiet, mute or opened by a password any more."""
        self.is_quiet = self.is_mute = self.is_open = False

    def random_number(self) -> bytes:
        """The next random number: two bytes, other ones each time, always the same for the same tag."""
        self.randoms_given += 1
        return self._last_random()

    def present(self, identifier: int, covered: bytes) -> bool:
        """Takes a password, each byte covered by exclusive or with the last random number, repeated."""
        self.password_tries += 1
        random = self._last_random() * 2 if self.randoms_given else b""
        shown = bytes(one ^ other for one, other in zip(covered, random, strict=False))
        self.is_open = (
            identifier == EAS_AFI_PASSWORD
            and self.password is not None
            and shown == self.password.to_bytes(4, "big")
        )
        self.is_mute = not self.is_open
        return self.is_open

    def _last_random(self) -> bytes:
        return (crc32(f"{self.uid}/{self.randoms_given}".encode()) & 0xFFFF).to_bytes(2, "big")
