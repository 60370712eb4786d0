"""What stands in the memory of simulated ISO 15693 tags: every data model's content made from words.

Written apart from `drivers.rfid.tagdata`, which reads it, so that a round trip proves both.  It belongs to the far ends
alone: the terminal never writes an item.
"""

from __future__ import annotations

from collections.abc import Iterable

from drivers.sim.isil_bits import isil_bits

__all__ = [
    "BLANK_3M",
    "compaction_for",
    "crc_28560_3",
    "in_clear",
    "iso28560_2",
    "iso28560_3",
    "legacy_3m",
    "object_15962",
    "set_information",
]

BLANK_3M = b"\x55" * 24 + bytes(4)
INTEGER, NUMERIC, FIVE_BIT, SIX_BIT, SEVEN_BIT, OCTETS, UTF_8 = range(1, 8)
_ISIL_OIDS = (3, 11)


def crc_28560_3(data: bytes) -> int:
    """The CRC of the fixed layout, bit by bit, over the first 32 or 34 bytes without the CRC's own place."""
    crc = 0xFFFF
    for byte in data[:19] + data[21:34].ljust(13, b"\0"):
        crc ^= byte << 8
        for _ in range(8):
            crc = crc << 1 ^ (0x11021 if crc & 0x8000 else 0)
    return crc


def iso28560_3(
    identifier: str,
    *,
    part: int = 1,
    parts: int = 1,
    owner: str = "",
    usage: int = 0x11,
    media_format: int | None = None,
    size_bytes: int = 32,
) -> bytes:
    """The fixed layout in *size_bytes*; *owner* is an ISIL with hyphen.  Raises `ValueError` where it does not fit."""
    number = identifier.encode()
    country, _, institution = owner.partition("-")
    isil = country.encode().ljust(2, b"\0") + institution.encode()
    if not number or len(number) > 16 or len(isil) > 13 or len(country) > 2 or not 1 <= part <= parts <= 255:
        raise ValueError(f"does not fit ISO 28560-3: {identifier!r}, part {part} of {parts}, {owner!r}")
    block = bytearray((usage, parts, part)) + number.ljust(16, b"\0") + bytes(2) + isil.ljust(13, b"\0")
    if size_bytes < len(block) and any(block[size_bytes:]):
        raise ValueError(f"owner {owner!r} does not fit a tag of {size_bytes} bytes")
    block[19:21] = crc_28560_3(bytes(block)).to_bytes(2, "little")
    if media_format is not None:
        block += bytes((5, 1, 0, 5 ^ 1 ^ media_format, media_format))
        if len(block) > size_bytes:
            raise ValueError(f"a media format does not fit a tag of {size_bytes} bytes")
    return bytes(block[:size_bytes].ljust(size_bytes, b"\0"))


def iso28560_2(
    identifier: str,
    *,
    part: int = 1,
    parts: int = 1,
    owner: str = "",
    usage: int | None = None,
    media_format: int | None = None,
    others: Iterable[bytes] = (),
    size_bytes: int = 112,
) -> bytes:
    """Objects of ISO 28560-2 in *size_bytes*, the item's in whole blocks first; *others* are objects behind them.

    There is a content parameter where there is more than the item, and set information where there are several parts.
    Raises `ValueError` where it does not fit.
    """
    elements: dict[int, bytes] = {}
    if owner:
        elements[3] = object_15962(3, owner)
    if parts > 1:
        elements[4] = object_15962(4, set_information(part, parts))
    if usage is not None:
        elements[5] = object_15962(5, bytes((usage,)), compaction=OCTETS)
    if media_format is not None:
        elements[19] = object_15962(19, bytes((media_format,)), compaction=OCTETS)
    memory = object_15962(1, identifier, align=4)
    if elements:
        memory += content_parameter(elements) + b"".join(elements.values())
    memory += b"".join(others)
    if len(memory) > size_bytes:
        raise ValueError(f"{identifier!r} needs {len(memory)} bytes, more than {size_bytes}")
    return memory.ljust(size_bytes, b"\0")


def content_parameter(oids: Iterable[int]) -> bytes:
    """The object that lists *oids*: OID 3 is the first bit."""
    places = {oid - 3 for oid in oids}
    bits = "".join("01"[place in places] for place in range(max(places) + 1))
    return object_15962(2, _packed(bits, "0"), compaction=0)


def object_15962(oid: int, value: str | bytes, *, compaction: int | None = None, align: int = 1) -> bytes:
    """One object; text is packed by *compaction*, or as the standard chooses.  Its length is a multiple of *align*.

    An ISIL (OID 3 and 11) is packed as such without *compaction*; bytes stand as they are.
    """
    if isinstance(value, bytes):
        code, data = compaction or 0, value
    elif compaction is None and oid in _ISIL_OIDS:
        code, data = 0, _packed(isil_bits(value), "1")
    else:
        code = compaction_for(value) if compaction is None else compaction
        data = compacted(value, code)
    size = 2 + (oid > 14) + len(data)
    has_pads = size % align > 0
    pads = -(size + 1) % align if has_pads else 0
    head = [has_pads << 7 | code << 4 | min(oid, 15)]
    head += [oid - 15] if oid > 14 else []
    head += [pads] if has_pads else []
    return bytes((*head, len(data))) + data + bytes(pads)


def compaction_for(text: str) -> int:
    """The code by which the standard packs *text* shortest."""
    least, most = min(map(ord, text)), max(map(ord, text))
    if text.isascii() and text.isdigit() and len(text) > 1:
        return INTEGER if text[0] != "0" and len(text) < 20 else NUMERIC
    if least >= 0x41 and most <= 0x5F and len(text) > 2:
        return FIVE_BIT
    if least >= 0x20 and most <= 0x5F and len(text) > 3:
        return SIX_BIT
    if most < 0x7F and len(text) > 7:
        return SEVEN_BIT
    return OCTETS if most < 0x100 else UTF_8


def compacted(text: str, code: int) -> bytes:
    """*text* packed by compaction *code*."""
    if code == INTEGER:
        return bytes.fromhex(f"{int(text):x}".zfill(-(-len(f"{int(text):x}") // 2) * 2))
    if code == NUMERIC:
        return bytes.fromhex(text + "f" * (len(text) % 2))
    if code == OCTETS:
        return text.encode("latin-1")
    if code == UTF_8:
        return text.encode()
    width, filling = {FIVE_BIT: (5, "0"), SIX_BIT: (6, "10000000"), SEVEN_BIT: (7, "1")}[code]
    return _packed("".join(f"{ord(letter):08b}"[-width:] for letter in text), filling)


def _packed(bits: str, filling: str) -> bytes:
    """Bits as bytes; the last byte is filled with *filling*, which is repeated."""
    bits += (filling * 8)[: -len(bits) % 8]
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))


def set_information(part: int, parts: int) -> str:
    """Set information in the fewest digits: the total, then the part."""
    width = len(str(max(part, parts)))
    return f"{parts:0{width}}{part:0{width}}"


def legacy_3m(
    barcode: str,
    *,
    part: int = 1,
    parts: int = 1,
    media_type: int = 1,
    branch_and_library: int = 0xFFFFFFFF,
    own: int = 0x7FFFFFFF,
    size_bytes: int = 32,
) -> bytes:
    """3M's layout from before ISO 28560, in *size_bytes*."""
    head = bytes((4, int(f"{part:x}{parts:x}", 16), 0, media_type))
    numbers = branch_and_library.to_bytes(4, "big") + own.to_bytes(4, "big")
    return (head + barcode.encode("ascii").ljust(16, b"\0") + numbers).ljust(size_bytes, b"\0")


def in_clear(text: str, *, offset: int = 0, size_bytes: int = 112) -> bytes:
    """*text* in ASCII from byte *offset*, all else 00."""
    return (bytes(offset) + text.encode("ascii")).ljust(size_bytes, b"\0")
