"""What is in a ZVT message: fields behind a byte that names them (bitmaps), a TLV container, decimal digits, texts.

How long a field is follows from its name alone, so what comes behind one that is not known cannot be read: reading
stops there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from drivers.payment.card_numbers import without_card_numbers
from drivers.payment.zvt import ZvtError

__all__ = ["Encoding", "Field", "Fields", "bcd", "digits_of", "fields_of", "text_of", "tlv_of", "variable"]

_MULTI_BYTE_TAG = 0x1F


class Field:
    """The names of the fields that are used here."""

    TIMEOUT = 0x01
    AMOUNT = 0x04
    TLV = 0x06
    TRACE = 0x0B
    TIME = 0x0C
    DATE = 0x0D
    CARD_NUMBER = 0x22
    RESULT = 0x27
    TERMINAL = 0x29
    TEXT = 0x3C
    CURRENCY = 0x49
    RECEIPT = 0x87
    CARD_NAME = 0x8B


_FIXED_BYTES: Mapping[int, int] = {
    **dict.fromkeys((0x01, 0x02, 0x03, 0x05, 0x19, 0x27, 0x8A, 0x8C, 0xA0, 0xD0, 0xD2, 0xD3), 1),
    **dict.fromkeys((0x0D, 0x0E, 0x17, 0x3A, 0x49, 0x87), 2),
    **dict.fromkeys((0x0B, 0x0C, 0x37, 0x3D, 0x88, 0xAA), 3),
    0x29: 4,
    0xBA: 5,
    0x04: 6,
    0x3B: 8,
    0x2A: 15,
}
# How many bytes F0 to F9, one decimal digit each, say how long the field is.
_LENGTH_DIGITS: Mapping[int, int] = {
    **dict.fromkeys((0x22, 0x23, 0x2D, 0x8B, 0xA7, 0xD1), 2),
    **dict.fromkeys((0x24, 0x2E, 0x3C, 0x60, 0x92, 0x9A, 0xAF), 3),
}


class Encoding(Enum):
    """In which letters a terminal writes its texts, as its supplier says."""

    CP437 = "cp437"
    LATIN_1 = "iso-8859-1"


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a message by name; not *is_whole* when one that is not known ended the reading."""

    values: Mapping[int, bytes]
    is_whole: bool

    def digits(self, name: int) -> str | None:
        """The decimal digits of the field *name*; None when it is not there.  Raises `ZvtError`."""
        value = self.values.get(name)
        return None if value is None else digits_of(value)

    def number(self, name: int) -> int | None:
        """As `digits`, as a number."""
        digits = self.digits(name)
        return None if digits is None else int(digits)


def fields_of(data: bytes) -> Fields:
    """The fields in *data*.

    Raises `ZvtError` when one is cut off, or there twice with two contents.
    """
    values: dict[int, bytes] = {}
    place = 0
    while place < len(data):
        name = data[place]
        bounds = _bounds(name, data, place + 1)
        if bounds is None:
            return Fields(values, is_whole=False)
        begin, size = bounds
        value = data[begin : begin + size]
        if len(value) != size:
            raise ZvtError(f"field {name:02X} is cut off")
        if values.setdefault(name, value) != value:
            raise ZvtError(f"field {name:02X} is there twice")
        place = begin + size
    return Fields(values, is_whole=True)


def _bounds(name: int, data: bytes, place: int) -> tuple[int, int] | None:
    """Where the content of the field *name* begins and how long it is; None when the name is not known."""
    if name in _FIXED_BYTES:
        return place, _FIXED_BYTES[name]
    if name in _LENGTH_DIGITS:
        digits = _LENGTH_DIGITS[name]
        return place + digits, variable(data[place : place + digits], digits)
    if name == Field.TLV:
        return _tlv_length(data, place)
    return None


def variable(data: bytes, digits: int) -> int:
    """The length that *digits* bytes F0 to F9 say, the highest digit first.  Raises `ZvtError`."""
    if len(data) != digits or any(not 0xF0 <= byte <= 0xF9 for byte in data):
        raise ZvtError(f"{data.hex(' ')} is no length")
    return int("".join(str(byte & 0x0F) for byte in data))


def tlv_of(data: bytes) -> tuple[tuple[int, bytes], ...]:
    """Tags and contents of *data*, the inside of a container, in order (ISO/IEC 8825-1, definite lengths).

    Raises `ZvtError` for a tag or a length that is cut off.
    """
    found = []
    place = 0
    while place < len(data):
        tag, place = data[place], place + 1
        if tag & _MULTI_BYTE_TAG == _MULTI_BYTE_TAG:
            if place >= len(data) or data[place] & 0x80:
                raise ZvtError("a tag that is cut off, or of three bytes")
            tag, place = tag << 8 | data[place], place + 1
        begin, size = _tlv_length(data, place)
        if begin + size > len(data):
            raise ZvtError(f"tag {tag:02X} is cut off")
        found.append((tag, data[begin : begin + size]))
        place = begin + size
    return tuple(found)


def _tlv_length(data: bytes, place: int) -> tuple[int, int]:
    """Where the content begins whose length stands at *place*, and that length."""
    if place >= len(data):
        raise ZvtError("a length that is not there")
    first = data[place]
    if first < 0x80:
        return place + 1, first
    count = first & 0x7F
    if count not in (1, 2) or place + 1 + count > len(data):
        raise ZvtError(f"a length cannot begin with {first:02X}")
    return place + 1 + count, int.from_bytes(data[place + 1 : place + 1 + count], "big")


def bcd(digits: str) -> bytes:
    """Two decimal *digits* a byte.  Raises `ZvtError` for an odd count or what is no digit."""
    if len(digits) % 2 or not (digits.isascii() and digits.isdigit()):
        raise ZvtError("not an even number of digits")
    return bytes.fromhex(digits)


def digits_of(data: bytes) -> str:
    """The decimal digits in *data*.  Raises `ZvtError` for a half byte that is none."""
    digits = data.hex()
    if not digits.isdigit():
        raise ZvtError("half bytes that are no decimal digits")
    return digits


def text_of(data: bytes, encoding: Encoding) -> str:
    """*data* as one line, without control characters, trailing blanks and card numbers."""
    text = data.decode(encoding.value).split("\0", 1)[0]
    return without_card_numbers("".join(one if one.isprintable() else " " for one in text)).rstrip()
