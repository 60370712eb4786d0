"""Forty library tags from bytes to typed values."""

from __future__ import annotations

from binascii import crc_hqx
from struct import unpack_from

from drivers.rfid import LibraryItem, TagMemory, TagUid
from drivers.rfid.tagdata.decode import decode
from drivers.rfid.tagdata.rules import DecodeRules
from drivers.sim import hf_content
from tests.bench.figures import Figure
from tests.bench.pairs import ratios

TAGS = 40
RULES = DecodeRules()
MEMORIES = tuple(
    TagMemory(
        TagUid(f"E0040100{number:08X}"),
        0x3E,
        0x07,
        hf_content.iso28560_3(f"3{number:013}", owner="CN-110108", size_bytes=32),
        4,
    )
    for number in range(TAGS)
)


def ours() -> object:
    """Content of every tag."""
    contents = [decode(memory, RULES) for memory in MEMORIES]
    if not all(type(content) is LibraryItem for content in contents):
        raise AssertionError("a tag was not understood")
    return contents


def floor() -> object:
    """The CRC and the fields of every tag, and nothing made of them."""
    seen = []
    for memory in MEMORIES:
        data = memory.data
        crc = crc_hqx(data[21:32] + b"\0\0", crc_hqx(data[:19], 0xFFFF))
        usage, parts, part, number, stored, owner = unpack_from("<BBB16sH11s", data)
        if crc != stored:
            raise AssertionError("wrong checksum")
        seen.append((usage, parts, part, number, owner))
    return seen


def figures(pairs: int, repeat: int) -> list[Figure]:
    """The decoder's figure: *pairs* ratios of *repeat* stacks of forty."""
    samples = ratios(ours, floor, pairs=pairs, repeat=repeat)
    return [Figure("40 ISO 28560-3 tags to typed values", samples, "times", "crc_hqx + struct alone", 3.0)]
