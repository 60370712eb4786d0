"""ISO 28560-2 = GB/T 35660.2: what its elements say, what real tags do differently, and memory read in parts."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drivers.masked import Masked
from drivers.rfid import Content, LibraryItem, PatronCard, UnknownTag
from drivers.rfid.tagdata.decode import decode
from drivers.rfid.tagdata.meaning import NO_INFORMATION
from drivers.rfid.tagdata.rules import DecodeRules, Model
from drivers.sim import shelf
from drivers.sim.hf_content import content_parameter, iso28560_2, object_15962
from tests.drivers.rfid.tagdata.examples import Example, hf_examples, hf_memory, turned
from tests.kit.effort import effort

RULES = DecodeRules(owner="CN-110108")
ANNOUNCED = 0x06
EXAMPLES = [example for example in hf_examples() if example.model is Model.ISO_28560_2]
ITEM = object_15962(1, "30123456", align=4)


def decoded(data: bytes, dsfid: int = ANNOUNCED, size: int = 112) -> Content:
    return decode(hf_memory(data.ljust(size, b"\0"), dsfid), RULES)


def book(**said: Any) -> LibraryItem:
    return LibraryItem("30123456", 1, 1, "", NO_INFORMATION)._replace(**said)


def test_the_shelf_writes_the_standards_example() -> None:
    """The standard's worked memory is made byte for byte, so what reads it is not tried against itself alone."""
    made = (
        object_15962(1, "123456789012", align=4)
        + content_parameter([3, 4, 6])
        + object_15962(4, "1203")
        + object_15962(6, "QA268.L55")
        + object_15962(3, "US-InU-Mu", align=4)
    )

    assert EXAMPLES[0].memory.data.startswith(made)
    assert object_15962(17, "test", compaction=7) == bytes.fromhex("7F020474657374")
    assert bytes.fromhex("91010401CBA5C000") == ITEM


@pytest.mark.parametrize("dsfid", [0x06, 0x00])
@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_read_with_and_without_its_dsfid(example: Example, dsfid: int) -> None:
    """The examples give all their fields, also where nothing but their structure tells the model."""
    assert decode(example.memory, RULES) == example.content
    assert decoded(example.memory.data, dsfid) == example.content


@pytest.mark.parametrize("dsfid", [0x06, 0x00])
@pytest.mark.parametrize("example", EXAMPLES)
def test_what_a_part_of_a_memory_says_is_what_the_whole_says(example: Example, dsfid: int) -> None:
    """Read block by block, a tag says "more" until it says what the whole of it says, and nothing else between."""
    data = example.memory.data
    said = [
        decode(hf_memory(data[:end], dsfid, is_whole=end == len(data)), RULES)
        for end in range(4, len(data) + 1, 4)
    ]

    assert said[-1] == example.content
    assert {content for content in said if content != example.content} <= {UnknownTag("more")}


def test_a_content_parameter_saves_reading_on() -> None:
    """Where all that is listed was seen and an empty block follows, the rest of the tag need not be read."""
    data = iso28560_2("30123456", owner="CN-110108", part=2, parts=3, usage=0x11)

    assert decode(hf_memory(data[:44], ANNOUNCED, is_whole=False), RULES) == LibraryItem(
        "30123456", 2, 3, "CN-110108", 0x11
    )
    assert decode(hf_memory(data[:16], ANNOUNCED, is_whole=False), RULES) == UnknownTag("more")


@pytest.mark.parametrize(
    ("element", "said"),
    [
        (object_15962(4, "21"), {"part": 1, "parts": 2}),
        (object_15962(4, "0302"), {"part": 2, "parts": 3}),
        (object_15962(4, "120003"), {"part": 3, "parts": 120}),
        (object_15962(4, "12"), {"part": 1, "parts": 2}),
        (object_15962(4, "00"), {}),
        (object_15962(5, b"\x21", compaction=6), {"usage": 0x21}),
        (object_15962(5, b"\x13", compaction=0), {"usage": 0x13}),
        (object_15962(5, "10"), {"usage": 0x10}),
        (object_15962(5, "01"), {"usage": 0x01}),
        (object_15962(5, "113", compaction=1), {"usage": 0x71}),
        (object_15962(3, "US-InU-Mu", compaction=5), {"owner": "US-InU-Mu"}),
        (object_15962(23, "Zweigstelle 7"), {"owner": "Zweigstelle 7"}),
        (object_15962(7, "VJ", compaction=6), {"media_format": 3}),
        (object_15962(7, "BC", compaction=6), {"media_format": 1}),
        (object_15962(7, "ZZ", compaction=6), {}),
        (object_15962(8, "ss", compaction=6), {"media_format": 3}),
        (object_15962(19, b"\x02", compaction=6), {"media_format": 2}),
        (object_15962(19, "03", compaction=2), {"media_format": 3}),
        (object_15962(19, b"\x09", compaction=6), {}),
        (object_15962(7, "BC", compaction=6) + object_15962(8, "vf", compaction=6), {"media_format": 3}),
        (object_15962(30, "reserved", compaction=5), {}),
        (object_15962(90, "unheard of"), {}),
    ],
)
def test_every_element_that_counts_is_understood(element: bytes, said: dict[str, object]) -> None:
    """Set information, usage, owner and media format are read in each way they are written."""
    assert decoded(ITEM + element) == book(**said)
    assert decoded(element + bytes(2) + ITEM) == book(**said)


@pytest.mark.parametrize("usage", [b"\x80", b"\x81", b"\x83"])
def test_a_patron_card_is_no_item(usage: bytes) -> None:
    """A type of usage 8x makes the tag somebody's card, whether it is written as a byte or as its digits."""
    card = PatronCard(Masked("30123456"), "")

    assert decoded(ITEM + object_15962(5, usage, compaction=6)) == card
    assert decoded(ITEM + object_15962(5, usage.hex())) == card


@pytest.mark.parametrize(
    "data",
    [
        ITEM + object_15962(4, "102"),
        ITEM + object_15962(4, "0200"),
        ITEM + object_15962(5, "1F5", compaction=6),
        ITEM + object_15962(3, b"\xe7\x00", compaction=0),
        ITEM + content_parameter([3, 5]) + object_15962(3, "CN-1"),
        object_15962(4, "21"),
        ITEM + ITEM,
        ITEM + b"\x61\x7f",
        ITEM + b"\x10\x01\x41",
        object_15962(1, b"\x01", compaction=1),
        object_15962(1, b"\xff\xfe", compaction=7),
        object_15962(1, b"1234", compaction=0),
    ],
)
def test_a_tag_that_contradicts_itself_is_not_believed(data: bytes) -> None:
    """A missing or unreadable element that counts, an item twice or none, and broken objects make an unknown layout."""
    assert decoded(data) == UnknownTag("layout")


@pytest.mark.parametrize(
    "data", [object_15962(17, "Salt") + ITEM, ITEM + object_15962(90, "unheard of"), object_15962(1, "7a9")]
)
def test_without_the_dsfid_the_item_comes_first_and_all_is_a_librarys(data: bytes) -> None:
    """What would pass with the DSFID 06 is not taken for this model where only structure speaks for it."""
    assert isinstance(decoded(data, ANNOUNCED), LibraryItem)
    assert decoded(data, 0) == UnknownTag("crc")


@pytest.mark.parametrize(
    "damaged",
    [
        "1105044142433637363239000000000000000031c744453730350000400000",
        "11030341424330330343340000000000000000325344453730350000000000",
        "1103024142433331333138c00000000000000018ce44453730350000000000",
        "1103ff41424336363637380000000000000000ad3744453730350000000000",
        "11050542363932693936330000000000000000c02644453730350000000000",
        "11030141420000000000320000000000000000c7c544453730350000000000",
    ],
)
@pytest.mark.parametrize("dsfid", [0x00, 0x3E])
def test_a_damaged_part_of_a_set_is_not_read_as_objects(damaged: str, dsfid: int) -> None:
    """ISO 28560-3 tags of several parts begin like an item of objects: with a wrong CRC they stay unknown."""
    assert decoded(bytes.fromhex(damaged), dsfid) == UnknownTag("crc")


def test_an_owner_that_cannot_be_shown_is_not_told() -> None:
    """Control characters in an owner's element never reach a log or a server; the item is read all the same."""
    data = ITEM + object_15962(23, b"A\x1b[2J\n", compaction=6)

    assert decoded(data) == book(owner="")
    assert isinstance(decoded(data, 0), UnknownTag)


def test_an_identifier_with_control_characters_is_no_text() -> None:
    """An item's number that cannot be shown is not read, also under the right DSFID."""
    assert decoded(object_15962(1, b"12\x07456", compaction=6)) == UnknownTag("text")


def test_damage_to_the_frame_of_an_item_is_noticed() -> None:
    """Where one byte of the item's frame is damaged, the tag is unknown; its value itself has no check sum."""
    data = bytearray(EXAMPLES[0].memory.data)
    for at in (0, 1, 2, 8, 9):
        damaged = bytearray(data)
        damaged[at] ^= 0x40
        assert isinstance(decoded(bytes(damaged), 0), UnknownTag)


@settings(max_examples=effort(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    identifier=st.from_regex(r"[0-9A-Za-z][0-9A-Za-z./:+*_-]{3,18}", fullmatch=True),
    parts=st.integers(1, 999),
    part=st.integers(1, 999),
    usage=st.sampled_from([None, 0x01, 0x11, 0x13, 0x21, 0x60, 0x71, 0x91]),
    owner=st.sampled_from(["", "CN-110108", "CN-110108-1-NLC", "DE-705", "US-InU-Mu"]),
    media_format=st.sampled_from([None, 0, 1, 2, 3, 6]),
    dsfid=st.sampled_from([0, ANNOUNCED]),
)
def test_what_is_written_by_the_model_is_read_the_same(
    identifier: str,
    parts: int,
    part: int,
    usage: int | None,
    owner: str,
    media_format: int | None,
    dsfid: int,
) -> None:
    """Every item is read back with all its fields, whole and in parts, in either byte order of its blocks."""
    part = min(part, parts)
    data = iso28560_2(identifier, part=part, parts=parts, owner=owner, usage=usage, media_format=media_format)
    expected = LibraryItem(
        identifier, part, parts, owner, NO_INFORMATION if usage is None else usage, media_format
    )

    assert decoded(data, dsfid) == expected
    assert decoded(turned(data, 4), dsfid) == expected
    for end in range(4, 112, 12):
        assert decode(hf_memory(data[:end], dsfid, is_whole=False), RULES) in (expected, UnknownTag("more"))


def test_the_shelfs_tag_is_an_item() -> None:
    """A simulated tag of this model announces it and says what was asked for."""
    tag = shelf.item_tag_28560_2("30123456", part=1, parts=2, media_format=3)

    assert tag.dsfid == ANNOUNCED
    assert decoded(bytes(tag.memory), tag.dsfid) == LibraryItem("30123456", 1, 2, shelf.OWNER, 0x11, 3)
    with pytest.raises(ValueError, match="needs"):
        shelf.item_tag_28560_2("30123456", memory_bytes=16)


def test_hostile_memory_never_raises() -> None:
    """Twenty thousand changed and cut memories, whole or not, announced or not, each give some content."""
    chance = random.Random(356602)
    seeds = [example.memory.data for example in EXAMPLES] + [iso28560_2("30123456", usage=0x81)]
    kinds = set()
    for _ in range(effort(20_000)):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randrange(5)):
            data[chance.randrange(len(data) if chance.random() < 0.3 else 40)] = chance.randrange(256)
        if chance.random() < 0.3:
            data = data[: chance.randrange(len(data) + 1)]
        memory = hf_memory(
            bytes(data),
            chance.choice([0, 6]),
            chance.choice([0, 1, 4, 8, 32]),
            is_whole=chance.random() < 0.7,
        )
        kinds.add(type(decode(memory, RULES)))
    assert {LibraryItem, PatronCard, UnknownTag} <= kinds
