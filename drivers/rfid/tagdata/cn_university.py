"""The UHF format of the Chinese university libraries' consortium (device reference 3.1 B).

PC word: GS1 toggle, low byte 00.  EPC:

    0    bit 7 lent (0: the gate alarms), bits 6-5 reserved 0, bits 4-0 sorting bin
    1    bits 7-6 coding of the item: 00 96-bit, 01 128-bit, 10 plain; bits 5-0 version less one
    2-3  content index, one bit for each element in the user bank
    4-   the item; bytes 00 behind it

User bank: OID << 2 and two bits of the length, the rest of the length, data; 00 ends it.  OID 3 is the owner's national
university code, 4 set information (parts, part), 5 type of usage and its state, with meanings of their own.

Nothing here has a check sum.  The proof is that reserved bits, version, coding and filling are as they must be, and
that the user bank holds just the elements of the index; a tag without any user elements has an index of sixteen zeros.
Real tags write the index in either byte order.
"""

from __future__ import annotations

from functools import lru_cache

from drivers.rfid import Content, UnknownTag
from drivers.rfid.tagdata import media_formats, pc_word
from drivers.rfid.tagdata.meaning import NO_INFORMATION, Fields, content_of

__all__ = ["content_index", "parse"]

_INDEXED_OIDS = (3, 4, 5, 6, 11, 12, 14, 15, 16, 24, 26, 27, 28, 29, 30, 31)
_OWNER, _SET, _USAGE = 3, 4, 5
_FIXED_BYTES = {_OWNER: 2, _SET: 4, _USAGE: 2, 11: 2}
_RESERVED_BITS = 0x60
_VERSION_END = 8
_HEADER_BYTES = 4
_CODES_96, _CODES_128, _PLAIN = 0, 1, 2
_LENGTH_MAX = 14
_PLAIN_EPC_BYTES = 18
_COMPACT_CHARACTERS = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DOCUMENT, _DISC, _SHELF_MARK, _CARD, _EQUIPMENT = range(5)
_USAGES = {
    (_DOCUMENT, 0): 0x11,
    (_DOCUMENT, 1): 0x21,
    (_DOCUMENT, 2): 0x71,
    (_DOCUMENT, 3): 0x01,
    (_DISC, 0): 0x11,
    (_DISC, 1): 0x21,
    (_DISC, 2): 0x01,
}
"""Document: to be lent, not to be lent, discarded, in process; disc: to be lent, not to be lent, in process."""


def parse(pc: int, epc: bytes, user: bytes | None) -> Content | None:
    """What a tag says by this model, None when it is not of it.

    `UnknownTag` ("more") where the index asks for the user bank and it was not read, or ends inside an element;
    ("layout") where the bank does not hold what the index says, or the tag marks a shelf; otherwise as `content_of`.
    """
    if pc_word.is_iso(pc) or pc & 0xFF or pc_word.epc_bytes(pc) != len(epc) or len(epc) <= _HEADER_BYTES:
        return None
    if epc[0] & _RESERVED_BITS or epc[1] & 0x3F >= _VERSION_END:
        return None
    item = _item(epc[1] >> 6, epc[_HEADER_BYTES:], len(epc))
    if item is None:
        return None
    index = epc[2:_HEADER_BYTES]
    if not any(index):
        return content_of(Fields(item))
    if user is None:
        return UnknownTag("more")
    elements = _elements(user, (content_index(index), content_index(index[::-1])))
    return elements if isinstance(elements, UnknownTag) else _content(item, elements)


@lru_cache(maxsize=64)
def content_index(index: bytes) -> frozenset[int]:
    """The OIDs that the two bytes *index* name: bit 0 of the last one is OID 3."""
    bits = int.from_bytes(index, "big")
    return frozenset(oid for place, oid in enumerate(_INDEXED_OIDS) if bits >> place & 1)


def _item(coding: int, data: bytes, epc_size: int) -> str | None:
    if coding == _PLAIN:
        return _text(data) if epc_size >= _PLAIN_EPC_BYTES else None
    if coding not in (_CODES_96, _CODES_128):
        return None
    compact_from, size = (8, 8) if coding == _CODES_96 else (12, 12)
    length = data[0] & 0x0F
    if not 1 <= length <= _LENGTH_MAX:
        return None
    if length < compact_from:
        text = _text(data[1:]) if data[0] == length else None
        return text if text is not None and len(text) == length else None
    if len(data) < size or any(data[size:]):
        return None
    return _item_96(data, length) if coding == _CODES_96 else _item_128(data, length)


def _text(data: bytes) -> str | None:
    """ASCII without spaces, with nothing but 00 behind it, of 1 to 14 characters."""
    text = data.rstrip(b"\0")
    if not 1 <= len(text) <= _LENGTH_MAX or not all(0x21 <= byte <= 0x7E for byte in text):
        return None
    return text.decode("ascii")


def _item_96(data: bytes, length: int) -> str | None:
    """Three letters or digits, then digits, and any ASCII character as the last one: 8 to 14 in eight bytes."""
    low, high = int.from_bytes(data[:4], "little"), int.from_bytes(data[4:8], "little")
    head = _six_bit(low >> 12, 3)
    fourth = low >> 30 | (high & 3) << 2
    digits = str(high >> 2).zfill(length - 5)
    if fourth > 9 or len(digits) != length - 5:
        return None
    return _compact(f"{head}{fourth}{digits}", low >> 4 & 0xFF)


def _item_128(data: bytes, length: int) -> str | None:
    """Letters or digits, and any ASCII character as the last one: 12 to 14 in twelve bytes."""
    low, middle, high = (int.from_bytes(data[at : at + 4], "little") for at in (0, 4, 8))
    if low >> 12 + 6 * (length - 11) or middle >> 30 or high >> 30:
        return None
    head = _six_bit(high, 5) + _six_bit(middle, 5) + _six_bit(low >> 12, length - 11)
    return _compact(head, low >> 4 & 0xFF)


def _six_bit(number: int, count: int) -> str:
    """*count* characters of six bits, the last one in the lowest bits."""
    return "".join([chr((number >> 6 * place & 0x3F) + 0x30) for place in range(count - 1, -1, -1)])


def _compact(head: str, last: int) -> str | None:
    if not _COMPACT_CHARACTERS.issuperset(head) or not 0x21 <= last <= 0x7E:
        return None
    return head + chr(last)


def _elements(user: bytes, wanted: tuple[frozenset[int], ...]) -> dict[int, bytes] | UnknownTag:
    """The elements in *user*, by OID, up to its end or the first 00."""
    found: dict[int, bytes] = {}
    at, size = 0, len(user)
    while at < size and user[at] >> 2:
        oid, length = user[at] >> 2, (user[at] & 3) << 8
        if at + 2 > size:
            return UnknownTag("more")
        length |= user[at + 1]
        if oid not in _INDEXED_OIDS or oid in found or length not in (0, _FIXED_BYTES.get(oid, length)):
            return UnknownTag("layout")
        if at + 2 + length > size:
            return UnknownTag("more")
        found[oid] = user[at + 2 : at + 2 + length]
        at += 2 + length
    if at >= size and any(found.keys() < oids for oids in wanted):
        return UnknownTag("more")
    return found if found.keys() in wanted else UnknownTag("layout")


def _content(item: str, elements: dict[int, bytes]) -> Content:
    part = parts = 1
    if elements.get(_SET):
        parts, part = (int.from_bytes(elements[_SET][at : at + 2], "big") for at in (0, 2))
    usage, media_format = NO_INFORMATION, None
    if elements.get(_USAGE):
        kind, state = elements[_USAGE]
        if kind == _SHELF_MARK:
            return UnknownTag("layout")
        usage = {_CARD: 0x80, _EQUIPMENT: 0x90}.get(kind, _USAGES.get((kind, state), NO_INFORMATION))
        media_format = media_formats.DISC if kind == _DISC else None
    return content_of(Fields(item, part, parts, _university(elements.get(_OWNER, b"")), usage, media_format))


def _university(code: bytes) -> str:
    """The five digits of a national university code; those of the forces begin with 9 and are kept with a 6."""
    if not code:
        return ""
    digits = str(int.from_bytes(code, "big")).zfill(5)
    return "9" + digits[1:] if digits[0] == "6" else digits
