"""The shelf: tags and cards to lay on far ends, sound ones and the troublesome ones a library meets.

Everything here is made from what is asked: the same words give the same tag, UID included.
"""

from __future__ import annotations

from zlib import crc32

from drivers.rfid import TagUid
from drivers.rfid.tagdata import iso28560_3
from drivers.sim.tag import SimulatedTag

__all__ = [
    "empty_tag",
    "foreign_item_tag",
    "item_tag",
    "item_tags",
    "locked_item_tag",
    "patron_card_tag",
    "uid_for",
    "weak_item_tag",
    "wrong_crc_item_tag",
]

OWNER = "CN-110108"
FOREIGN_OWNER = "DE-705"
MEMORY_BYTES = 112
"""Twenty-eight blocks of four bytes, as the common library chip has."""

SECURED_AFI = 0x07


def uid_for(text: str) -> TagUid:
    """A UID of an NXP chip that is always the same for *text*."""
    return TagUid(f"E00401{crc32(text.encode()) & 0xFF:02X}{crc32(text[::-1].encode()):08X}")


def item_tag(
    identifier: str,
    *,
    part: int = 1,
    parts: int = 1,
    owner: str = OWNER,
    usage: int = 0x11,
    media_format: int | None = None,
    memory_bytes: int = MEMORY_BYTES,
    eas: bool | None = None,
) -> SimulatedTag:
    """The secured tag of part *part* of *parts* of an item (ISO 28560-3).  Raises `ValueError` where it does
    not fit.
    """
    memory = iso28560_3.encode(
        identifier,
        part=part,
        parts=parts,
        owner=owner,
        usage=usage,
        media_format=media_format,
        size_bytes=memory_bytes,
    )
    uid = uid_for(f"{owner}/{identifier}/{part}")
    return SimulatedTag(uid, bytearray(memory), afi=SECURED_AFI, eas=eas)


def item_tags(identifier: str, parts: int, *, owner: str = OWNER) -> tuple[SimulatedTag, ...]:
    """The tags of all parts of an item, in order."""
    return tuple(item_tag(identifier, part=part, parts=parts, owner=owner) for part in range(1, parts + 1))


def patron_card_tag(number: str, *, owner: str = OWNER) -> SimulatedTag:
    """A library card with a library tag in it (type of usage 81)."""
    return item_tag(number, owner=owner, usage=0x81)


def foreign_item_tag(identifier: str, *, owner: str = FOREIGN_OWNER) -> SimulatedTag:
    """A sound tag of another library."""
    return item_tag(identifier, owner=owner)


def empty_tag(name: str = "empty") -> SimulatedTag:
    """A tag nobody has written yet; *name* only makes its UID."""
    return SimulatedTag(uid_for(name), bytearray(MEMORY_BYTES), afi=0, dsfid=0)


def wrong_crc_item_tag(identifier: str, *, owner: str = OWNER) -> SimulatedTag:
    """An item's tag whose identifier was damaged after the check sum was written."""
    tag = item_tag(identifier, owner=owner)
    tag.memory[3] ^= 0x01
    return tag


def locked_item_tag(identifier: str, *, owner: str = OWNER) -> SimulatedTag:
    """An item's tag that can never be released: somebody locked its AFI."""
    tag = item_tag(identifier, owner=owner)
    tag.afi_locked = True
    return tag


def weak_item_tag(identifier: str, write_failures: int, *, owner: str = OWNER) -> SimulatedTag:
    """An item's tag at the edge of the field: its next *write_failures* writes fail."""
    tag = item_tag(identifier, owner=owner)
    tag.write_failures = write_failures
    return tag
