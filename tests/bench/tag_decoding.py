"""Forty library tags of each data model from bytes to typed values."""

from __future__ import annotations

from binascii import crc_hqx
from collections.abc import Callable
from struct import unpack_from
from typing import NamedTuple

from drivers.rfid import Content, LibraryItem, TagMemory, TagUid, UhfMemory
from drivers.rfid.tagdata.decode import decode, decode_uhf
from drivers.rfid.tagdata.rules import DEFAULT_MODELS, AsciiRule, DecodeRules, Model
from drivers.sim import hf_content, uhf_content
from tests.bench.figures import Figure
from tests.bench.pairs import ratios

TAGS = 40
RULES = DecodeRules()
IN_CLEAR = DecodeRules(models=(*DEFAULT_MODELS, Model.ASCII), ascii=AsciiRule(r"3[0-9]{13}", length=14))
BY_UID = DecodeRules(models=(Model.UID,))
NUMBERS = tuple(f"3{number:013}" for number in range(TAGS))
OWNER = "CN-110108"


class Stack(NamedTuple):
    """Forty tags of one model: what decodes them all, their bytes, and what cuts the fields out where they stand."""

    name: str
    read: Callable[[], list[Content]]
    data: tuple[bytes, ...]
    cut: Callable[[bytes], object]
    goal: float


def hf(dsfid: int, data: bytes) -> TagMemory:
    """*data* on an HF tag."""
    return TagMemory(TagUid("E004010012345678"), dsfid, 0x07, data, 4)


def uhf(content: uhf_content.UhfContent) -> UhfMemory:
    """*content* on a UHF tag."""
    return UhfMemory(TagUid(content.epc.hex().upper()), content.pc, content.epc, content.user)


def hf_stack(
    name: str,
    write: Callable[[str], bytes],
    cut: Callable[[bytes], object],
    goal: float,
    *,
    dsfid: int = 0,
    rules: DecodeRules = RULES,
) -> Stack:
    """The forty numbers as *write* puts them on HF tags."""
    memories = tuple(hf(dsfid, write(number)) for number in NUMBERS)
    data = tuple(memory.data for memory in memories)
    return Stack(name, lambda: [decode(memory, rules) for memory in memories], data, cut, goal)


def uhf_stack(
    name: str, write: Callable[[str], uhf_content.UhfContent], cut: Callable[[bytes], object], goal: float
) -> Stack:
    """The forty numbers as *write* puts them on UHF tags; *cut* gets EPC and user bank in one."""
    memories = tuple(uhf(write(number)) for number in NUMBERS)
    data = tuple(memory.epc + (memory.user or b"") for memory in memories)
    return Stack(name, lambda: [decode_uhf(memory, RULES) for memory in memories], data, cut, goal)


def object_fields(data: bytes) -> object:
    """The number, the bytes of the owner and the usage of this stack's ISO 28560-2 tags."""
    return str(int.from_bytes(data[3:9], "big")), data[17:25], data[27]


def fixed_fields(data: bytes) -> object:
    """The fields of 3M's layout."""
    head, kind, _, medium, number, numbers, own = unpack_from("<BBBB16sII", data)
    return head, kind, medium, number.rstrip(b"\0").decode(), numbers, own


def clear_fields(data: bytes) -> object:
    """The number in clear."""
    return data[:14].decode("ascii")


def urn_fields(data: bytes) -> object:
    """The words of the owner, the number as an integer, the usage of this stack's ISO 28560-4 tags."""
    return unpack_from(">HHHH", data), str(int.from_bytes(data[10:16], "big")), data[-1]


def packed_fields(data: bytes) -> object:
    """The two words of the number, university, parts and part of this stack's consortium tags."""
    return unpack_from("<4x2I", data), unpack_from(">2xH2xHH", data, 12)


MEMORIES = tuple(hf(0x3E, hf_content.iso28560_3(number, owner=OWNER, size_bytes=32)) for number in NUMBERS)
STACKS = (
    hf_stack(
        "ISO 28560-2",
        lambda number: hf_content.iso28560_2(number, owner=OWNER, usage=0x11),
        object_fields,
        50,
        dsfid=0x06,
    ),
    hf_stack("3M legacy", hf_content.legacy_3m, fixed_fields, 30),
    hf_stack("number in clear", hf_content.in_clear, clear_fields, 120, rules=IN_CLEAR),
    hf_stack("UID", lambda number: bytes(112), bytearray, 25, rules=BY_UID),
    uhf_stack(
        "ISO 28560-4",
        lambda number: uhf_content.iso28560_4(number, owner=OWNER, usage=0x11),
        urn_fields,
        35,
    ),
    uhf_stack(
        "consortium", lambda number: uhf_content.cn_university(number, university="10248"), packed_fields, 60
    ),
)
"""The models beside ISO 28560-3; a number in clear comes last, when all of them have looked at the tag."""


def ours() -> object:
    """Content of every ISO 28560-3 tag."""
    contents = [decode(memory, RULES) for memory in MEMORIES]
    if not all(type(content) is LibraryItem for content in contents):
        raise AssertionError("a tag was not understood")
    return contents


def floor() -> object:
    """The CRC and the fields of every ISO 28560-3 tag, and nothing made of them."""
    seen = []
    for memory in MEMORIES:
        data = memory.data
        crc = crc_hqx(data[21:32] + b"\0\0", crc_hqx(data[:19], 0xFFFF))
        usage, parts, part, number, stored, owner = unpack_from("<BBB16sH11s", data)
        if crc != stored:
            raise AssertionError("wrong checksum")
        seen.append((usage, parts, part, number, owner))
    return seen


def understood(stack: Stack) -> object:
    """Content of every tag of *stack*."""
    contents = stack.read()
    if not all(type(content) is LibraryItem for content in contents):
        raise AssertionError(f"a tag of {stack.name} was not understood")
    return contents


def cut_out(stack: Stack) -> object:
    """The fields of every tag of *stack* where they are known to stand, and nothing looked for or proved."""
    return [stack.cut(data) for data in stack.data]


def figures(pairs: int, repeat: int) -> list[Figure]:
    """The decoder's figures: *pairs* ratios of *repeat* stacks of forty, of one stack for the slower models."""
    samples = ratios(ours, floor, pairs=pairs, repeat=repeat)
    first = Figure("40 ISO 28560-3 tags to typed values", samples, "times", "crc_hqx + struct alone", 3.0)
    return [first, *(_figure(stack, pairs) for stack in STACKS)]


def _figure(stack: Stack, pairs: int) -> Figure:
    samples = ratios(lambda: understood(stack), lambda: cut_out(stack), pairs=pairs, repeat=1)
    return Figure(
        f"40 {stack.name} tags to typed values", samples, "times", "cutting known fields out", stack.goal
    )
