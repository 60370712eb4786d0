"""RFID pads: surfaces that see every tag lying on them.

A pad driver (`obid_pad.py`, `m210_pad.py`, `uhf18_pad.py`, `a0_pad.py`) speaks frames over a link and gives the values
below.  What a tag's memory means is decided by `tagdata/`, apart from any device.

UHF pads share their logic (`uhf_pad.py`) over what each maker's module can be asked (`uhf_module.py`), and how it is
asked (`uhf_exchange.py`); `uhf_auto.py` finds out which protocol a module speaks.

What all pads for ISO 15693 tags do alike is in `iso15693_pad.py`, over a dozen questions that a reader's own frames
answer (`iso15693.py`); `fenced_exchange.py` keeps late answers from meeting the next question.

No driver ever writes an item identifier and none ever locks anything: of a tag's memory only the security
state (AFI, EAS, a bit of a UHF tag's EPC) is written, and every write is read back before it counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, NewType, Protocol

from drivers.masked import Masked

__all__ = [
    "Content",
    "EmptyTag",
    "LibraryItem",
    "Pad",
    "PadSignal",
    "PatronCard",
    "SecurityState",
    "Tag",
    "TagGone",
    "TagMemory",
    "TagUid",
    "UhfMemory",
    "UnknownTag",
    "WriteRefused",
]

TagUid = NewType("TagUid", str)
"""Upper-case hex digits that stay the same while the tag's security state changes.

ISO 15693: sixteen, most significant byte first, `E0` in front.  UHF: the EPC with its security bits at zero (the EPC
holds them, so the EPC itself changes), in whole words.
"""


class TagGone(Exception):
    """The tag left the field, or cannot be talked to where it lies.  The reader of books has to move it."""


class WriteRefused(Exception):
    """The tag is there but its security state stays what it was: locked, or not as written when read back."""


@dataclass(frozen=True, slots=True)
class SecurityState:
    """What the gate would see; None for what pad, tag or settings do not use.

    *afi* is the AFI byte (of ISO 15693, or of a UHF tag's PC word), *eas* the EAS bit (true: the gate stops it), *bit*
    the security bit in a UHF tag's EPC (true: the gate stops it).  All None: the gate asks the server instead.
    """

    afi: int | None
    eas: bool | None = None
    bit: bool | None = None


@dataclass(frozen=True, slots=True)
class TagMemory:
    """What was read of one ISO 15693 tag: *data* in the tag's own byte order from block 0, whole blocks.

    *is_whole* false: the tag has more blocks than were read so far.
    """

    uid: TagUid
    dsfid: int
    afi: int
    data: bytes
    block_size_bytes: int
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class UhfMemory:
    """What was read of one UHF tag (ISO 18000-63, EPC Gen2): *pc* word, *epc* without CRC and PC, *user* bank.

    *user* is None where it was not read, empty where the tag has none.
    """

    uid: TagUid
    pc: int
    epc: bytes
    user: bytes | None = None


class LibraryItem(NamedTuple):
    """A tag on a library's item (ISO 28560): part *part* of *parts*, of the library *owner*.

    *owner* is the ISIL as far as the tag holds it ("CN-110108"), empty where it does not say.  *usage* is the
    type of usage byte (ISO 28560-1, OID 5; 0x1? circulating, 0x2? not for circulation, 0x7? discarded).
    *media_format* is the ISO 28560-3 extension byte (3 is magnetic tape, or a diskette), None where absent or not read.
    *is_verified* is false when the tag's check sum is wrong and the library's rules accept it all the same, and for
    tags without a data model (a number in clear, or only a UID).
    """

    identifier: str
    part: int
    parts: int
    owner: str
    usage: int
    media_format: int | None = None
    is_verified: bool = True


@dataclass(frozen=True, slots=True)
class PatronCard:
    """A tag that is somebody's library card (type of usage 0x8?)."""

    number: Masked
    owner: str


@dataclass(frozen=True, slots=True)
class EmptyTag:
    """A tag nobody has written yet: all of its memory is one byte repeated, or its identifier is empty."""


@dataclass(frozen=True, slots=True)
class UnknownTag:
    """A tag no rule explains; *why* says how far it came ("crc", "layout", "text").

    "more": memory that was not read decides (it ends inside an object and is not whole; the user bank is None): read
    on and decode again.
    """

    why: str


Content = LibraryItem | PatronCard | EmptyTag | UnknownTag


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag in the field, read and understood.

    *releasable* is false when the pad found beforehand that the security state cannot be changed (AFI locked,
    security status unreadable); *why_not* then says so in one word.
    """

    uid: TagUid
    content: Content
    security: SecurityState
    releasable: bool = True
    why_not: str = ""


class PadSignal(Enum):
    """What a pad's own lamp and buzzer can tell."""

    READY = "ready"
    WORKING = "working"
    DONE = "done"
    ATTENTION = "attention"


class Pad(Protocol):
    """A reader surface that sees every tag lying on it.

    Every call blocks for a bounded time and may raise `DeviceLost` (silent or gone: open it again) or
    `DeviceFault` (it answered that it is broken or wrongly configured).
    """

    def inventory(self) -> tuple[TagUid, ...]:
        """The tags in the field now, sorted, each once.  An empty answer is an answer."""

    def read(self, uid: TagUid) -> Tag:
        """Reads and decodes *uid*, its security state, and whether that can be changed.  Raises `TagGone`."""

    def release(self, uid: TagUid) -> tuple[SecurityState, SecurityState]:
        """Lets *uid* pass the gate: the state before and the state read back afterwards.

        Raises `TagGone` when it cannot be told any more (the state may be either), `WriteRefused` when the
        state read back still alarms.
        """

    def secure(self, uid: TagUid) -> tuple[SecurityState, SecurityState]:
        """Makes the gate stop *uid*; otherwise as `release`."""

    def restore(self, uid: TagUid, before: SecurityState) -> SecurityState:
        """Puts *uid* back as it was *before* this pad wrote to it (any AFI, EAS and bit, those that are not None): the
        state read back afterwards.  Nothing is written where it is like that already.

        Raises `TagGone`, and `WriteRefused` when the state read back is not *before*.
        """

    def is_released(self, state: SecurityState) -> bool:
        """Whether a gate lets *state* pass, by this pad's settings."""

    def signal(self, signal: PadSignal) -> None:
        """Shows *signal* by light and sound where the pad has them; a pad without them does nothing."""

    def close(self) -> None:
        """Switches the field off where possible and frees the line.  Never raises."""


def in_order(uids: Sequence[TagUid]) -> tuple[TagUid, ...]:
    """*uids* sorted, each once."""
    return tuple(sorted(set(uids)))
