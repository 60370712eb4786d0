"""What stands in simulated UHF tags: PC word, EPC and user bank of each data model, made from words.

Written apart from `drivers.rfid.tagdata`, which reads it, so that a round trip proves both.  It belongs to the far ends
alone: the terminal never writes an item.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from drivers.sim.hf_content import content_parameter, object_15962, set_information

__all__ = ["UhfContent", "cn_university", "consortium_item", "iso28560_4", "urn40"]

_TABLE = {letter: value for value, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ-.:0123456789", start=1)}
_SEGMENTS = re.compile(r"(?P<run>[1-9][0-9]{8,23})|(?P<table>[-A-Z.:0-9])|(?P<other>.)", re.DOTALL)
_INDEX = {
    oid: 1 << place for place, oid in enumerate((3, 4, 5, 6, 11, 12, 14, 15, 16, 24, 26, 27, 28, 29, 30, 31))
}
_OCTETS = 6


class UhfContent(NamedTuple):
    """The banks of a tag that count: PC word, EPC in whole words, user bank."""

    pc: int
    epc: bytes
    user: bytes


def urn40(text: str) -> bytes:
    """*text* in URN Code 40 with runs of digits and escapes, not filled to whole words."""
    packed, waiting = b"", ""
    for segment in _SEGMENTS.finditer(text):
        if segment["table"]:
            waiting += segment["table"]
            continue
        packed, waiting = packed + _words(waiting), ""
        packed += _run(segment["run"]) if segment["run"] else _escaped(segment["other"])
    return packed + _words(waiting)


def _words(text: str) -> bytes:
    packed = b""
    for at in range(0, len(text), 3):
        first, second, third = ([_TABLE[letter] for letter in text[at : at + 3]] + [0, 0])[:3]
        packed += (1600 * first + 40 * second + third + 1).to_bytes(2, "big")
    return packed


def _run(digits: str) -> bytes:
    number = int(digits)
    size = max(4, -(-number.bit_length() // 8))
    return bytes((0xFB, (len(digits) - 9) * 16 + size - 4)) + number.to_bytes(size, "big")


def _escaped(letter: str) -> bytes:
    data = letter.encode()
    return bytes((0xFB + len(data),)) + data


def iso28560_4(
    identifier: str,
    *,
    owner: str = "",
    part: int = 1,
    parts: int = 1,
    usage: int | None = None,
    media_format: int | None = None,
    others: Iterable[bytes] = (),
    afi: int = 0x07,
    owner_in_user: bool = False,
    set_in_user: bool = False,
) -> UhfContent:
    """A tag of ISO 28560-4 with *identifier*; owner and set information stand in the EPC, or in the user bank."""
    in_epc = [identifier]
    elements: dict[int, bytes] = {}
    if owner and owner_in_user:
        elements[3] = object_15962(3, owner)
    elif owner:
        in_epc.insert(0, owner)
    if parts > 1 and (set_in_user or not owner or owner_in_user):
        elements[4] = object_15962(4, set_information(part, parts))
    elif parts > 1:
        in_epc.append(set_information(part, parts))
    if usage is not None:
        elements[5] = object_15962(5, bytes((usage,)), compaction=_OCTETS)
    if media_format is not None:
        elements[19] = object_15962(19, bytes((media_format,)), compaction=_OCTETS)
    user = (content_parameter(elements) if elements else b"") + b"".join((*elements.values(), *others))
    if user:
        user = b"\x06" + user
    epc = _whole(urn40(".".join(in_epc)))
    return UhfContent(len(epc) // 2 << 11 | bool(user) << 10 | 0x100 | afi, epc, _whole(user))


def consortium_item(identifier: str, coding: int) -> bytes:
    """*identifier* as the EPC of the consortium's tags holds it; *coding* 0 for 96, 1 for 128 bits, 2 plain.

    Raises `ValueError` where the coding has no place for it.
    """
    size = len(identifier)
    compact_from = {0: 8, 1: 12, 2: 99}[coding]
    head, last = identifier[:-1], identifier[-1:]
    if not 1 <= size <= 14 or not identifier.isascii():
        raise ValueError(f"{identifier!r} does not fit")
    if size < compact_from:
        return (b"" if coding == 2 else bytes((size,))) + identifier.encode()
    letters = head[:3] if coding == 0 else head
    if not re.fullmatch("[0-9A-Z]+", letters) or (coding == 0 and not head[3:].isdigit()):
        raise ValueError(f"{identifier!r} does not fit coding {coding}")
    tail = f"{ord(last):08b}{size:04b}"
    if coding == 0:
        fourth = f"{int(head[3]):04b}"
        words = [fourth[2:] + _sixes(head[:3]) + tail, f"{int(head[4:]):030b}" + fourth[:2]]
    else:
        words = [_sixes(head[10:]) + tail, _sixes(head[5:10]), _sixes(head[:5])]
    return b"".join(int(word, 2).to_bytes(4, "little") for word in words)


def _sixes(text: str) -> str:
    return "".join(f"{ord(letter) - 0x30:06b}" for letter in text)


def cn_university(
    identifier: str,
    *,
    coding: int = 0,
    university: str = "",
    part: int = 1,
    parts: int = 1,
    usage: tuple[int, int] | None = None,
    lent: bool = False,
    sorting_bin: int = 0,
    version: int = 1,
    others: dict[int, bytes] | None = None,
    index_is_turned: bool = False,
) -> UhfContent:
    """A tag of the Chinese university consortium; *usage* is kind and state, *others* elements of the user bank.

    There is set information where there is a *university*.
    """
    elements = dict(others or {})
    if university:
        code = "6" + university[1:] if university.startswith("9") else university
        elements[3] = int(code).to_bytes(2, "big")
    if university or parts > 1:
        elements[4] = parts.to_bytes(2, "big") + part.to_bytes(2, "big")
    if usage is not None:
        elements[5] = bytes(usage)
    index = sum(_INDEX[oid] for oid in elements).to_bytes(2, "little" if index_is_turned else "big")
    epc = bytes((lent << 7 | sorting_bin, coding << 6 | version - 1)) + index
    epc = _whole(epc + consortium_item(identifier, coding))
    epc = epc.ljust({0: 12, 1: 16, 2: 18}[coding], b"\0")
    user = b"".join(
        bytes((oid << 2 | len(data) >> 8, len(data) & 0xFF)) + data for oid, data in elements.items()
    )
    return UhfContent(len(epc) // 2 << 11 | bool(user) << 10, epc, _whole(user))


def _whole(data: bytes) -> bytes:
    return data + bytes(len(data) % 2)
