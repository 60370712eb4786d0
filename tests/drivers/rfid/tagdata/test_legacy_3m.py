"""3M's old layout: its examples, blank tags, and what it takes to be believed."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drivers.rfid import Content, EmptyTag, LibraryItem, UnknownTag
from drivers.rfid.tagdata.decode import decode
from drivers.rfid.tagdata.meaning import NO_INFORMATION
from drivers.rfid.tagdata.rules import DecodeRules, Model
from drivers.sim import shelf
from drivers.sim.hf_content import BLANK_3M, legacy_3m
from tests.drivers.rfid.tagdata.examples import Example, hf_examples, hf_memory, turned
from tests.kit.effort import effort

RULES = DecodeRules()
EXAMPLES = [example for example in hf_examples() if example.model is Model.LEGACY_3M]


def decoded(data: bytes) -> Content:
    return decode(hf_memory(data), RULES)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_read_in_either_byte_order(example: Example) -> None:
    """The examples give barcode, part and what the media type says, and more blocks behind them change nothing."""
    data = example.memory.data

    assert decoded(data) == decoded(turned(data, 4)) == decoded(data + bytes(80)) == example.content


def test_the_shelf_writes_the_examples() -> None:
    """The example with library and branch is made byte for byte."""
    assert legacy_3m("200901010123", media_type=0) == EXAMPLES[0].memory.data


@pytest.mark.parametrize(
    ("media_type", "media_format"),
    [(0, None), (1, 1), (2, 4), (3, 4), (4, 3), (5, 3), (6, 2), (7, 3), (8, 3), (9, 2), (13, 3)],
)
def test_media_types_say_what_a_coil_must_not_touch(media_type: int, media_format: int | None) -> None:
    """Tapes and diskettes are magnetic, alone or with a book; "other" says nothing."""
    content = decoded(legacy_3m("1302003767", media_type=media_type))

    assert content == LibraryItem("1302003767", 1, 1, "", NO_INFORMATION, media_format)


@pytest.mark.parametrize("size", [28, 32, 64])
def test_a_tag_as_3m_sold_it_is_empty(size: int) -> None:
    """Twenty-four bytes of 55 and four of 00 are a tag that nobody has written."""
    data = BLANK_3M.ljust(size, b"\0")

    assert decode(hf_memory(data), RULES) == (EmptyTag() if size >= 32 else UnknownTag("layout"))
    assert decode(hf_memory(bytes(shelf.blank_3m_tag().memory)), RULES) == EmptyTag()


@pytest.mark.parametrize("end", [4, 8, 16, 28])
def test_a_part_of_such_a_tag_asks_for_more(end: int) -> None:
    """The first blocks look like this layout, and are not believed before all of them were read."""
    assert decode(hf_memory(EXAMPLES[0].memory.data[:end], is_whole=False), RULES) == UnknownTag("more")


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (0, 5),
        (1, 0x10),
        (1, 0x01),
        (2, 1),
        (3, 10),
        (3, 0xFF),
        (4, 0),
        (5, 0),
        (6, 7),
        (6, 0xE9),
        (28, 1),
        (31, 0x80),
    ],
)
def test_a_byte_that_is_always_the_same_is_part_of_the_proof(at: int, value: int) -> None:
    """With another first byte, count, media type, filling or end the tag is not believed."""
    data = bytearray(EXAMPLES[0].memory.data)
    data[at] = value

    assert decoded(bytes(data)) == UnknownTag("crc")


@settings(max_examples=effort(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    barcode=st.from_regex(r"[!-~]{1,16}", fullmatch=True),
    parts=st.integers(1, 15),
    part=st.integers(1, 15),
    media_type=st.sampled_from([0, 1, 6]),
)
def test_what_is_written_by_the_model_is_read_the_same(
    barcode: str, parts: int, part: int, media_type: int
) -> None:
    """Every barcode that fits is read back with its part."""
    part = min(part, parts)

    content = decoded(legacy_3m(barcode, part=part, parts=parts, media_type=media_type))

    assert isinstance(content, LibraryItem)
    assert content[:4] == (barcode, part, parts, "")
    tag = shelf.item_tag_3m(barcode, part=part, parts=parts, media_type=media_type)
    assert decode(hf_memory(bytes(tag.memory), tag.dsfid), RULES) == content


def test_hostile_memory_never_raises() -> None:
    """Twenty thousand changed and cut memories each give some content."""
    chance = random.Random(501)
    kinds = set()
    for _ in range(effort(20_000)):
        data = bytearray(chance.choice(EXAMPLES).memory.data + BLANK_3M)
        for _ in range(chance.randrange(4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        if chance.random() < 0.3:
            data = data[: chance.randrange(len(data) + 1)]
        if chance.random() < 0.05:
            data = bytearray(BLANK_3M + bytes(chance.randrange(2)) * 8)
        kinds.add(type(decode(hf_memory(bytes(data), is_whole=chance.random() < 0.7), RULES)))
    assert kinds == {LibraryItem, EmptyTag, UnknownTag}
