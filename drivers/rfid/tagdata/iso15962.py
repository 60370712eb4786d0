"""ISO/IEC 15962 data objects, one behind the other, as ISO 28560-2 and GB/T 35660.2 use them (device reference 2.2).

    precursor | OID - 15 where the OID is 15 or more | pad count where bit 7 is set | length | data | pad bytes 00

Precursor: bit 7 says that a pad count follows, bits 6-4 the compaction, bits 3-0 the OID (15: it follows).  A byte 00
where a precursor should stand is empty memory.  Lengths of 128 bytes and more are not read: real writers do not agree
how they are coded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

__all__ = ["APPLICATION_DEFINED", "OCTETS", "Coded", "End", "Objects", "objects", "text_of"]

CONTENT_PARAMETER = 2
APPLICATION_DEFINED = 0
OCTETS = 6
_LENGTH_MAX = 127
_UNLISTED_END_BYTES = 64
_INTEGER_BYTES_MAX = 8
_INTEGER_END = 10**19
_EMPTY = re.compile(rb"\0+")


class End(Enum):
    """Where the objects end: at empty memory with nothing left to expect, where the memory ends, inside an object
    that goes on behind the memory, or where no object can be.
    """

    COMPLETE = "complete"
    AT_EDGE = "at-edge"
    INSIDE = "inside"
    BROKEN = "broken"


class Coded(NamedTuple):
    """An object's value as it stands in memory."""

    compaction: int
    value: bytes


class Objects(NamedTuple):
    """The objects found, by OID in their order, and how they ended.  *listed* is what the content parameter names."""

    coded: dict[int, Coded]
    listed: frozenset[int]
    end: End


def objects(data: bytes, block_size_bytes: int) -> Objects:
    """The objects in *data*, in time linear in its length.

    An empty block ends them once all that a content parameter lists has been seen; where there is none, 64 empty bytes
    behind an object do.  An OID that comes twice, a pad byte that is not 00 and a length of more than 127 are
    BROKEN.
    """
    coded: dict[int, Coded] = {}
    listed: frozenset[int] = frozenset()
    at, size = 0, len(data)
    while at < size:
        precursor = data[at]
        if not precursor:
            empty = _EMPTY.match(data, at)
            behind = empty.end() if empty is not None else size
            is_listed = CONTENT_PARAMETER in coded
            is_end = behind - at >= (block_size_bytes if is_listed else _UNLISTED_END_BYTES)
            if is_end and coded and listed <= coded.keys():
                return Objects(coded, listed, End.COMPLETE)
            at = behind
            continue
        oid, has_pads = precursor & 0x0F, precursor >> 7
        start = at + 2 + has_pads + (oid == 15)
        if start > size:
            return Objects(coded, listed, End.INSIDE if oid else End.BROKEN)
        if oid == 15:
            oid += data[at + 1]
        length = data[start - 1]
        end = behind = start + length
        if has_pads:
            behind += data[start - 2]
        if not oid or oid in coded or length > _LENGTH_MAX:
            return Objects(coded, listed, End.BROKEN)
        if behind > size:
            return Objects(coded, listed, End.INSIDE)
        if has_pads and any(data[end:behind]):
            return Objects(coded, listed, End.BROKEN)
        coded[oid] = Coded(precursor >> 4 & 7, data[start:end])
        if oid == CONTENT_PARAMETER:
            listed = _listed(data[start:end])
        at = behind
    return Objects(coded, listed, End.AT_EDGE)


@lru_cache(maxsize=64)
def _listed(bitmap: bytes) -> frozenset[int]:
    """The OIDs of a content parameter: OID 3 is the highest bit of the first byte."""
    bits = 8 * len(bitmap)
    number = int.from_bytes(bitmap, "big")
    return frozenset(3 + place for place in range(bits) if number >> bits - 1 - place & 1)


def text_of(coded: Coded) -> str | None:
    """The text of an object by its compaction; None where its bytes are not what that compaction makes.

    None for application defined data too, which says nothing by itself.
    """
    compaction, value = coded
    if not value:
        return ""
    unpack = _UNPACKED.get(compaction)
    return None if unpack is None else unpack(value)


def _integer(value: bytes) -> str | None:
    number = int.from_bytes(value, "big")
    if len(value) > _INTEGER_BYTES_MAX or number >= _INTEGER_END or value[0] == 0:
        return None
    return str(number)


def _numeric(value: bytes) -> str | None:
    digits = value.hex().removesuffix("f")
    return digits if digits.isdecimal() else None


def _five_bit(value: bytes) -> str | None:
    codes, rest = _codes(value, 5)
    if codes and codes[-1] == 0:
        codes.pop()
    if rest or 0 in codes:
        return None
    return "".join([chr(code | 0x40) for code in codes])


def _six_bit(value: bytes) -> str | None:
    codes, rest = _codes(value, 6)
    unused = 8 * len(value) % 6
    if rest != (1 << unused - 1 if unused else 0):
        return None
    if not unused and codes[-1] == 0x20:
        codes.pop()
    return "".join([chr(code if code & 0x20 else code | 0x40) for code in codes])


def _seven_bit(value: bytes) -> str | None:
    codes, rest = _codes(value, 7)
    unused = 8 * len(value) % 7
    if rest != (1 << unused) - 1:
        return None
    if not unused and codes[-1] == 0x7F:
        codes.pop()
    return "".join(map(chr, codes))


def _codes(value: bytes, width: int) -> tuple[list[int], int]:
    """The codes of *width* bits in *value*, and the bits left over."""
    number, bits = int.from_bytes(value, "big"), 8 * len(value)
    unused, mask = bits % width, (1 << width) - 1
    codes = [number >> place & mask for place in range(bits - width, -1, -width)]
    return codes, number & (1 << unused) - 1


def _octets(value: bytes) -> str:
    return value.rstrip(b"\0").decode("latin-1")


def _utf_8(value: bytes) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


_UNPACKED: Mapping[int, Callable[[bytes], str | None]] = {
    1: _integer,
    2: _numeric,
    3: _five_bit,
    4: _six_bit,
    5: _seven_bit,
    OCTETS: _octets,
    7: _utf_8,
}
