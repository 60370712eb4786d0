"""ISO 28560-3, the fixed layout that began as the Danish data model (device reference 2.1).

    0      type of usage (high nibble and sub-type) ... low nibble 1 is the version
    1      number of parts          2      ordinal of this part
    3-18   identifier, padded 00    19-20  CRC, LSB first
    21-22  country of the owner     23-33  the owner's ISIL without country and hyphen

A tag of 32 bytes lacks the last two bytes of the owner; the CRC (CCITT-FALSE, over 0-18 and 21-33) counts
them as 00. Behind byte 33 there may be extension blocks: LEN, ID (LSB first), XOR of the whole block 00,
data.

What real tags do differently: the two digits of the usage are swapped (18 for a patron card: the version
stands in the high nibble then; 13 to 15 are left as they are: they may as well be the sub-types that
28560-2 has, and what is read as "no offline issue" is never lent too freely), the bytes of parts and
ordinal are swapped (the ordinal cannot be the larger one), blocks are written in the other byte order (see
`decode.py`), and some have a wrong CRC.
"""

from __future__ import annotations

import re
import struct
from binascii import crc_hqx
from functools import lru_cache

from drivers.rfid import Content, LibraryItem, UnknownTag
from drivers.rfid.tagdata.meaning import Fields, content_of

__all__ = [
    "BLOCK_BYTES",
    "SHORT_BLOCK_BYTES",
    "checksum",
    "goes_on",
    "parse",
    "parse_unchecked",
]

BLOCK_BYTES = 34
SHORT_BLOCK_BYTES = 32
_CRC_START = 0xFFFF
_unpack_full = struct.Struct("<3s16sH13s").unpack_from
_unpack_short = struct.Struct("<3s16sH11s").unpack
_new_tuple = tuple.__new__
_ORDINARY = b"\x11\x01\x01"
"""Circulating, one part of one: what nearly every book's tag begins with."""
_LEFT_ALONE = (1, 3, 4, 5)
"""Second digits behind a 1 that are not swapped: the version, and no offline issue, no offline return, neither."""
_PLAUSIBLE_IDENTIFIER = re.compile(r"[0-9A-Za-z][0-9A-Za-z .,:;/+*_$%()-]{3,15}\Z")
_STRANGER = re.compile(r"[A-Za-z]{1,2}-[0-9A-Za-z]")
_LIBRARY_EXTENSION = 1


def checksum(data: bytes) -> int:
    """The model's CRC of the first 32 or 34 bytes of *data*, whatever stands in the CRC's own place."""
    owner = data[21:BLOCK_BYTES]
    return crc_hqx(owner + bytes(13 - len(owner)), crc_hqx(data[:19], _CRC_START))


def parse(data: bytes) -> Content | None:
    """What *data* says by this model, None when the CRC disagrees or it is shorter than 32 bytes.

    `EmptyTag` for an empty identifier, `UnknownTag` ("text", "layout") where the CRC is right and the content
    makes no sense all the same.
    """
    # Written for speed: a stack of ordinary books takes the shortest way, everything else `_content`.
    size_bytes = len(data)
    if size_bytes == 32:
        kind, number, crc, owner = _unpack_short(data)
        owner += b"\0\0"
    elif size_bytes >= 34:
        kind, number, crc, owner = _unpack_full(data)
    else:
        return None
    if crc_hqx(kind + number + owner, 0xFFFF) != crc:
        return None
    if kind == _ORDINARY and size_bytes <= 34:
        try:
            identifier = number.rstrip(b"\0 ").decode()
        except UnicodeDecodeError:
            return UnknownTag("text")
        if identifier and identifier.isprintable():
            return _new_tuple(LibraryItem, (identifier, 1, 1, _isil(owner), 0x11, None, True))
    return _content(kind, number, owner, data, is_verified=True)


def parse_unchecked(data: bytes, own_owner: str) -> Content | None:
    """What *data* seems to say although its CRC is wrong; None unless that is plausible and a stranger's.

    Libraries that joined a network meet old tags with wrong CRCs of other owners; tags of *own_owner* have
    been written by a station that computes it, so a wrong CRC there means damage.  An owner that is none may be
    anybody's, and a long ISIL stands cut on a tag.
    """
    if len(data) < SHORT_BLOCK_BYTES:
        return None
    kind, number, owner = data[:3], data[3:19], data[21:BLOCK_BYTES]
    usage, parts, part = kind
    if 1 not in (usage & 0x0F, usage >> 4) or not (1 <= part <= 99 and 1 <= parts <= 99):
        return None
    content = _content(kind, number, owner, data, is_verified=False)
    match content:
        case LibraryItem(identifier=identifier, owner=isil):
            is_cut = owner[-1:] not in (b"\0", b" ") and own_owner.startswith(isil)
            is_strange = isil != own_owner and not is_cut and _STRANGER.match(isil) is not None
            return None if not is_strange or _PLAUSIBLE_IDENTIFIER.match(identifier) is None else content
        case _:
            return None


def _content(kind: bytes, number: bytes, owner: bytes, data: bytes, *, is_verified: bool) -> Content:
    usage, parts, part = kind
    if usage >> 4 == 1 and usage & 0x0F not in _LEFT_ALONE:
        usage = usage << 4 & 0xF0 | 1
    try:
        identifier = number.rstrip(b"\0 ").decode()
    except UnicodeDecodeError:
        return UnknownTag("text")
    return content_of(Fields(identifier, part, parts, _isil(owner), usage, _media_format(data), is_verified))


@lru_cache(maxsize=64)
def _isil(owner: bytes) -> str:
    text = owner.decode("ascii", "replace")
    country, institution = text[:2].rstrip("\0 "), text[2:].rstrip("\0 ")
    isil = "-".join(part for part in (country, institution) if part)
    return isil if isil.isprintable() else ""


def goes_on(data: bytes) -> bool:
    """Whether a media format may still stand behind *data*, which begins with this model's fixed part."""
    return _media_format_or_end(data) is None


def _media_format(data: bytes) -> int | None:
    """The first field of the library extension block; None without one, or when the blocks are broken."""
    found = _media_format_or_end(data)
    return None if found is None or found < 0 else found


_NONE = -1


def _media_format_or_end(data: bytes) -> int | None:
    """As `_media_format`, but -1 where there is none, and None where the blocks go on behind *data*."""
    at = BLOCK_BYTES
    while at < len(data):
        length = data[at]
        if length == 1:
            at += 1
            continue
        if length < 4:
            return _NONE
        block = data[at : at + length]
        if len(block) < length:
            return None
        parity = 0
        for byte in block:
            parity ^= byte
        if parity:
            return _NONE
        if block[1] | block[2] << 8 == _LIBRARY_EXTENSION and length >= 5:
            return block[4]
        at += length
    return None
