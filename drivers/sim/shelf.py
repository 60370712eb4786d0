"""The shelf: tags and cards to lay on far ends, sound ones and the troublesome ones a library meets.

Everything here is made from what is asked: the same words give the same tag, UID included.
"""

from __future__ import annotations

from zlib import crc32

from drivers.rfid import TagUid
from drivers.sim import hf_content, uhf_content
from drivers.sim.tag import SimulatedTag
from drivers.sim.uhf_content import UhfContent
from drivers.sim.uhf_tag import SimulatedUhfTag

__all__ = [
    "blank_3m_tag",
    "clear_item_tag",
    "empty_tag",
    "foreign_item_tag",
    "item_tag",
    "item_tag_3m",
    "item_tag_28560_2",
    "item_tags",
    "locked_item_tag",
    "patron_card_tag",
    "uhf_blank_tag",
    "uhf_consortium_tag",
    "uhf_item_tag",
    "uid_for",
    "weak_item_tag",
    "wrong_crc_item_tag",
]

OWNER = "CN-110108"
FOREIGN_OWNER = "DE-705"
MEMORY_BYTES = 112
"""Twenty-eight blocks of four bytes, as the common library chip has."""

UHF_USER_BYTES = 64
"""The user bank of a common UHF chip: 512 bits."""

SECURED_AFI = 0x07
LEGACY_3M_SECURED_AFI = 0xD7
DSFID_28560_2 = 0x06
UNIVERSITY = "10248"
"""The national code of a Chinese university, as the consortium's tags name their owner."""


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
    memory = hf_content.iso28560_3(
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


def item_tag_28560_2(
    identifier: str,
    *,
    part: int = 1,
    parts: int = 1,
    owner: str = OWNER,
    usage: int | None = 0x11,
    media_format: int | None = None,
    dsfid: int = DSFID_28560_2,
    memory_bytes: int = MEMORY_BYTES,
) -> SimulatedTag:
    """The secured tag of an item by ISO 28560-2 = GB/T 35660.2.  Raises `ValueError` where it does not fit."""
    memory = hf_content.iso28560_2(
        identifier,
        part=part,
        parts=parts,
        owner=owner,
        usage=usage,
        media_format=media_format,
        size_bytes=memory_bytes,
    )
    uid = uid_for(f"28560-2/{owner}/{identifier}/{part}")
    return SimulatedTag(uid, bytearray(memory), afi=SECURED_AFI, dsfid=dsfid)


def item_tag_3m(
    barcode: str, *, part: int = 1, parts: int = 1, media_type: int = 1, afi: int = LEGACY_3M_SECURED_AFI
) -> SimulatedTag:
    """The secured tag of an item in 3M's old layout."""
    memory = hf_content.legacy_3m(barcode, part=part, parts=parts, media_type=media_type)
    return SimulatedTag(uid_for(f"3m/{barcode}/{part}"), bytearray(memory), afi=afi, dsfid=0)


def blank_3m_tag(name: str = "blank") -> SimulatedTag:
    """A tag as 3M sold it, never written; *name* only makes its UID."""
    return SimulatedTag(
        uid_for(f"3m/{name}"), bytearray(hf_content.BLANK_3M.ljust(32, b"\0")), afi=0, dsfid=0
    )


def clear_item_tag(barcode: str, *, offset: int = 0) -> SimulatedTag:
    """The secured tag of an item with its barcode in clear from byte *offset*, and nothing else."""
    memory = hf_content.in_clear(barcode, offset=offset, size_bytes=MEMORY_BYTES)
    return SimulatedTag(uid_for(f"clear/{barcode}"), bytearray(memory), afi=SECURED_AFI, dsfid=0)


def uhf_item_tag(
    identifier: str,
    *,
    part: int = 1,
    parts: int = 1,
    owner: str = OWNER,
    usage: int | None = None,
    media_format: int | None = None,
    afi: int = SECURED_AFI,
) -> SimulatedUhfTag:
    """The secured UHF tag of an item by ISO 28560-4 = GB/T 35660.3."""
    content = uhf_content.iso28560_4(
        identifier, part=part, parts=parts, owner=owner, usage=usage, media_format=media_format, afi=afi
    )
    return _uhf_tag(content)


def uhf_consortium_tag(
    identifier: str,
    *,
    coding: int = 0,
    university: str = UNIVERSITY,
    part: int = 1,
    parts: int = 1,
    usage: tuple[int, int] | None = None,
) -> SimulatedUhfTag:
    """The secured UHF tag of an item in the format of the Chinese university consortium."""
    content = uhf_content.cn_university(
        identifier, coding=coding, university=university, part=part, parts=parts, usage=usage
    )
    return _uhf_tag(content)


def uhf_blank_tag(serial: int = 1) -> SimulatedUhfTag:
    """A UHF tag as its maker sold it."""
    return SimulatedUhfTag(bytes.fromhex("E2003412") + serial.to_bytes(8, "big"), 0x3000)


def _uhf_tag(content: UhfContent) -> SimulatedUhfTag:
    return SimulatedUhfTag(content.epc, content.pc, bytearray(content.user.ljust(UHF_USER_BYTES, b"\0")))
