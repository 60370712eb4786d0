"""ISO 15693 tags, whoever reads them: what a reader has to be able to do for `iso15693_pad.py`, and its answers.

A driver implements `Iso15693Reader` over its own frames; inventories, security states, checks and memory are the
pad's.  Each call is one question to the tag, repeated inside where line or air were disturbed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from drivers.rfid import PadSignal, TagUid

__all__ = ["Iso15693Reader", "TagBlocks", "TagFacts", "Written"]


@dataclass(frozen=True, slots=True)
class TagFacts:
    """What a tag says about itself; None for what was not asked for or cannot be told."""

    afi: int | None
    dsfid: int | None = None
    block_size_bytes: int | None = None
    block_count: int | None = None


@dataclass(frozen=True, slots=True)
class TagBlocks:
    """Whole blocks of memory, *data* in the tag's own order as far as the reader's settings know it."""

    block_size_bytes: int
    data: bytes


class Written(Enum):
    """What became of a write to a tag, as far as reader and tag say."""

    DONE = "done"
    LOCKED = "locked"
    UNSUPPORTED = "unsupported"
    REFUSED = "refused"
    """The tag heard it and did not do it: it may want a password."""
    UNCERTAIN = "uncertain"
    """Not heard, or not confirmed."""


class Iso15693Reader(Protocol):
    """Every call may raise `DeviceLost` and `DeviceFault`; those about one tag raise `TagGone`."""

    blocks_per_read: int
    """How many blocks one answer holds at most."""

    bytes_per_read: int
    """And how many bytes of memory."""

    tries_both_orders: bool
    """Whether the order of a block's bytes is left to the check sums."""

    def collect(self, seen: set[TagUid]) -> bool:
        """Adds the tags of one full inventory to *seen*; false when it was disturbed and should be done again."""

    def facts(self, uid: TagUid, *, with_afi: bool) -> TagFacts | None:
        """What *uid* says about itself; None when it does not know the question.

        Where *with_afi* the tag is asked in any case, so an answer proves that it is there.
        """

    def dsfid(self, uid: TagUid) -> int | None:
        """The DSFID of *uid*, for readers whose `facts` leave it out; None when it cannot be told."""

    def blocks(self, uid: TagUid, first: int, count: int, block_size_bytes: int | None) -> TagBlocks | None:
        """Up to *count* blocks from *first*, at least one; None when they reach beyond the end of memory.

        *block_size_bytes* is their size where that is known.
        """

    def is_locked_as_a_whole(self, uid: TagUid, count: int) -> bool | None:
        """Whether all of the first *count* blocks are locked; None when it cannot be told."""

    def eas(self, uid: TagUid) -> bool | None:
        """Whether the EAS bit of *uid* was heard: "off" is the absence of an answer.  None where the chip has none."""

    def write_afi(self, uid: TagUid, afi: int) -> Written:
        """Writes the AFI byte."""

    def write_eas(self, uid: TagUid, is_on: bool) -> Written:
        """Switches the EAS bit."""

    def signal(self, signal: PadSignal) -> None:
        """As `Pad.signal`."""

    def close(self) -> None:
        """As `Pad.close`."""
