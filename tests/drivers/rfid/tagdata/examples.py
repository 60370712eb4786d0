"""The example tags of every data model, as they stand under tests/wire/."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from drivers.masked import Masked
from drivers.rfid import Content, LibraryItem, PatronCard, TagMemory, TagUid, UhfMemory
from drivers.rfid.tagdata.rules import Model

WIRE = Path(__file__).parents[3] / "wire"
UID = TagUid("E004010012345678")
UHF_UID = TagUid("1703000398130803F4040000")


def lines(name: str) -> Iterator[list[str]]:
    """The words of each line of tests/wire/*name* that is no remark."""
    for line in (WIRE / name).read_text().splitlines():
        if line and not line.startswith("#"):
            yield line.split()


class Example(NamedTuple):
    """A tag, its model, and what it says."""

    model: Model
    memory: TagMemory
    content: Content


class UhfExample(NamedTuple):
    """A UHF tag, its model, and what it says; *crc* is the StoredCRC where it is known."""

    model: Model
    memory: UhfMemory
    content: Content
    crc: int | None


def hf_memory(data: bytes, dsfid: int = 0, block_size: int = 4, *, is_whole: bool = True) -> TagMemory:
    """*data* as the memory of one tag."""
    return TagMemory(UID, dsfid, 0x07, data, block_size, is_whole)


def item(words: list[str]) -> Content:
    """What *words* (identifier, part, parts, owner, usage, media format) make of a tag."""
    number, part, parts, owner, usage, media_format = words
    owner = "" if owner == "-" else owner
    if usage.startswith("8"):
        return PatronCard(Masked(number), owner)
    medium = None if media_format == "-" else int(media_format)
    return LibraryItem(number, int(part), int(parts), owner, int(usage, 16), medium)


def hf_examples() -> Iterator[Example]:
    """Every HF example, those of ISO 28560-3 first."""
    for words in lines("iso28560_3.txt"):
        data = bytes.fromhex("".join(words[6:]))
        yield Example(Model.ISO_28560_3, hf_memory(data, 0x3E), item([*words[:5], "-"]))
    for words in lines("hf_tags.txt"):
        data = bytes.fromhex("".join(words[8:]))
        size = 32 if Model(words[0]) is Model.LEGACY_3M else 112
        memory = hf_memory(data.ljust(size, b"\0"), int(words[1], 16))
        yield Example(Model(words[0]), memory, item(words[2:8]))


def uhf_examples() -> Iterator[UhfExample]:
    """Every UHF example with its user bank."""
    for words in lines("uhf_tags.txt"):
        epc = bytes.fromhex(words[9])
        user = b"" if words[10] == "-" else bytes.fromhex(words[10]).ljust(64, b"\0")
        crc = None if words[7] == "-" else int(words[7], 16)
        memory = UhfMemory(UHF_UID, int(words[8], 16), epc, user)
        yield UhfExample(Model(words[0]), memory, item(words[1:7]), crc)


def turned(data: bytes, size: int) -> bytes:
    """*data* with each block of *size* bytes the other way round."""
    return b"".join(data[at : at + size][::-1] for at in range(0, len(data), size))
