"""What tags say: the standard's examples, the deviations of real libraries, and memory that makes no sense."""

from __future__ import annotations

import random
from binascii import crc_hqx
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.masked import Masked
from drivers.rfid import Content, EmptyTag, LibraryItem, PatronCard, TagMemory, TagUid, UnknownTag
from drivers.rfid.tagdata import iso28560_3
from drivers.rfid.tagdata.decode import decode
from drivers.rfid.tagdata.rules import DecodeRules
from drivers.sim import hf_content
from tests.kit.effort import effort

WIRE = Path(__file__).parents[3] / "wire" / "iso28560_3.txt"
UID = TagUid("E004010012345678")
RULES = DecodeRules(owner="CN-110108")


def golden() -> list[tuple[list[str], bytes]]:
    lines = [line for line in WIRE.read_text().splitlines() if line and not line.startswith("#")]
    return [(line.split()[:6], bytes.fromhex("".join(line.split()[6:]))) for line in lines]


GOLDEN = golden()


def decoded(
    data: bytes | bytearray, rules: DecodeRules = RULES, dsfid: int = 0x3E, block_size: int = 4
) -> Content:
    return decode(TagMemory(UID, dsfid, 0x07, bytes(data), block_size), rules)


def signed(data: bytes | bytearray) -> bytes:
    changed = bytearray(data)
    changed[19:21] = iso28560_3.checksum(bytes(changed)).to_bytes(2, "little")
    return bytes(changed)


def turned(data: bytes, size: int) -> bytes:
    return b"".join(data[at : at + size][::-1] for at in range(0, len(data), size))


def book(**more: object) -> bytes:
    return hf_content.iso28560_3("01234567890123", owner="CN-110108", **more)  # type: ignore[arg-type]


def test_model_crc_has_the_standards_self_test_value() -> None:
    """The self-test text of the Danish model has the CRC 1AEE."""
    assert crc_hqx(b"RFID tag data model", 0xFFFF) == 0x1AEE


@pytest.mark.parametrize(("fields", "data"), GOLDEN, ids=[fields[0] for fields, _ in GOLDEN])
def test_golden_memories_say_what_the_standard_says(fields: list[str], data: bytes) -> None:
    """Each example memory gives its identifier, part, owner and usage, and is built back byte for byte."""
    identifier, part, parts, owner, usage, crc = fields
    expected: Content = LibraryItem(identifier, int(part), int(parts), owner, int(usage, 16))
    if usage.startswith("8"):
        expected = PatronCard(Masked(identifier), owner)

    assert decoded(data) == expected
    assert iso28560_3.checksum(data) == int(crc, 16)
    rebuilt = hf_content.iso28560_3(
        identifier, part=int(part), parts=int(parts), owner=owner, usage=int(usage, 16)
    )
    assert rebuilt == data


@pytest.mark.parametrize("size", [4, 8])
@pytest.mark.parametrize(("fields", "data"), GOLDEN, ids=[fields[0] for fields, _ in GOLDEN])
def test_blocks_in_the_other_byte_order_are_understood(fields: list[str], data: bytes, size: int) -> None:
    """A tag written with every block turned round says the same, because its CRC is right that way only."""
    assert decoded(turned(data, size), block_size=size) == decoded(data)


def test_the_other_byte_order_is_not_tried_where_the_rules_forbid_it() -> None:
    """With a fixed byte order a tag of the other one is unknown."""
    data = turned(book(), 4)

    assert decoded(data, DecodeRules(tries_both_orders=False)) == UnknownTag("crc")


@pytest.mark.parametrize(
    ("usage", "expected"), [(0x18, 0x81), (0x17, 0x71), (0x12, 0x21), (0x21, 0x21), (0x11, 0x11)]
)
def test_swapped_nibbles_of_the_usage_are_put_right(usage: int, expected: int) -> None:
    """A usage whose version stands in the high nibble is read the other way round, a right one is left alone."""
    content = decoded(book(usage=usage))

    if expected == 0x81:
        assert content == PatronCard(Masked("01234567890123"), "CN-110108")
    else:
        assert isinstance(content, LibraryItem)
        assert content.usage == expected


@pytest.mark.parametrize("usage", [0x13, 0x14, 0x15])
def test_what_a_station_wrote_about_lending_without_the_server_is_kept(usage: int) -> None:
    """No offline issue and no offline return stand where the layout has its version: read either way they hold."""
    content = decoded(book(usage=usage))

    assert isinstance(content, LibraryItem)
    assert content.usage == usage


def test_swapped_parts_are_put_right() -> None:
    """An ordinal larger than the number of parts is the number of parts."""
    data = bytearray(book(part=2, parts=3))
    data[1], data[2] = data[2], data[1]

    content = decoded(signed(data))

    assert isinstance(content, LibraryItem)
    assert (content.part, content.parts) == (2, 3)


@pytest.mark.parametrize("pair", [(0, 0), (1, 0), (0, 1)])
def test_an_item_without_part_numbers_is_one_of_one(pair: tuple[int, int]) -> None:
    """Zero parts, or the zeroth part of one, is an item in one piece."""
    data = bytearray(book())
    data[1:3] = pair

    content = decoded(signed(data))

    assert isinstance(content, LibraryItem)
    assert (content.part, content.parts) == (1, 1)


def test_the_zeroth_part_of_several_is_not_understood() -> None:
    """A set can never be complete with such a tag, so it goes to staff."""
    data = bytearray(book())
    data[1:3] = (3, 0)

    assert decoded(signed(data)) == UnknownTag("layout")


@pytest.mark.parametrize("size_bytes", [34, 36, 112])
def test_a_long_owner_is_read_where_the_tag_has_room(size_bytes: int) -> None:
    """The last two characters of an owner stand behind byte 32 and are covered by the CRC."""
    data = hf_content.iso28560_3("1001", owner="US-InU-Mu-1234", size_bytes=size_bytes)

    content = decoded(data)

    assert isinstance(content, LibraryItem)
    assert content.owner == "US-InU-Mu-1234"


@pytest.mark.parametrize("media_format", [1, 2, 3])
def test_the_media_format_is_read_from_the_library_extension(media_format: int) -> None:
    """The first field of extension block 1 is the media format; 3 is the tape that must not be demagnetised."""
    content = decoded(book(media_format=media_format, size_bytes=112))

    assert isinstance(content, LibraryItem)
    assert content.media_format == media_format


def test_the_extension_of_the_device_reference_is_what_is_built() -> None:
    """A block that says "book" and nothing else is 05 01 00 05 01."""
    assert book(media_format=1, size_bytes=112)[34:40] == bytes.fromhex("050100050100")


@pytest.mark.parametrize(
    "extension",
    [
        "01 01 05 01 00 07 03",  # filler bytes first
        "08 04 00 1A 74 65 73 74 05 01 00 07 03",  # a title without its 00 first
        "09 04 00 1B 74 65 73 74 00 05 01 00 07 03",  # and with it
    ],
)
def test_the_library_extension_is_found_behind_others(extension: str) -> None:
    """Filler and other blocks are stepped over by their length, with and without a closing 00."""
    data = book(size_bytes=34) + bytes.fromhex(extension)

    content = decoded(data.ljust(112, b"\0"))

    assert isinstance(content, LibraryItem)
    assert content.media_format == 3


@pytest.mark.parametrize(
    "extension", ["05 01 00 06 03", "FF 01 00 FE 03", "03 01 00", "02", "05 01 00", "04 01 00 05"]
)
def test_a_broken_extension_leaves_the_item_readable(extension: str) -> None:
    """Extensions with a wrong length or parity say nothing, and the identifier still counts."""
    content = decoded(book(size_bytes=34) + bytes.fromhex(extension))

    assert isinstance(content, LibraryItem)
    assert (content.identifier, content.media_format) == ("01234567890123", None)


@pytest.mark.parametrize("byte", [0x00, 0xFF, 0x55])
def test_memory_of_one_byte_repeated_is_an_empty_tag(byte: int) -> None:
    """A tag nobody has written is empty, whatever the maker filled it with."""
    assert decoded(bytes([byte]) * 32, dsfid=0) == EmptyTag()


def test_a_formatted_tag_without_an_identifier_is_empty() -> None:
    """A right CRC over an empty identifier is a tag that waits for its item."""
    data = bytearray(book())
    data[3:19] = bytes(16)

    assert decoded(signed(data)) == EmptyTag()


@pytest.mark.parametrize("at", range(34))
def test_one_changed_byte_is_never_believed(at: int) -> None:
    """Whatever single byte of a tag is damaged, its identifier is not read."""
    data = bytearray(hf_content.iso28560_3("30234567", owner="US-InU-Mu-1234", size_bytes=36))
    data[at] ^= 0x10

    assert decoded(data) == UnknownTag("crc")


@pytest.mark.parametrize("text", [b"12\x07456", b"\xff\xfe123", b"12\x0045", "a\u2028b".encode()])
def test_an_identifier_that_is_no_text_is_not_an_item(text: bytes) -> None:
    """Control characters and bytes that are no UTF-8 are refused even under a right CRC."""
    data = bytearray(book())
    data[3:19] = text.ljust(16, b"\0")

    assert decoded(signed(data)) == UnknownTag("text")


@pytest.mark.parametrize(
    ("owner", "isil"),
    [(b"\xff\xff\xff", "\ufffd\ufffd-\ufffd"), (b"\x00\x00705", "705"), (b"DE", "DE"), (b"D\x07", "")],
)
def test_a_strange_owner_does_not_hide_the_item(owner: bytes, isil: str) -> None:
    """An owner that is no ISIL is shown as far as it can be, and equals no library's."""
    data = bytearray(book())
    data[21:32] = owner.ljust(11, b"\0")

    content = decoded(signed(data))

    assert isinstance(content, LibraryItem)
    assert content.owner == isil


@pytest.mark.parametrize("length", [0, 1, 19, 31, 33])
def test_memory_too_short_for_the_model_is_not_understood(length: int) -> None:
    """Less than 32 bytes is no tag of this model, and neither are 33, which no whole blocks give."""
    assert isinstance(decoded(book(size_bytes=34)[:length], block_size=1), UnknownTag)


def test_a_tag_of_another_model_is_named_so() -> None:
    """A DSFID that announces ISO 28560-2 without a fixed layout's CRC is an unknown layout."""
    data = bytes.fromhex("9100051CBE991A140201D0140204B346") + bytes(range(48))

    assert decoded(data, dsfid=0x06) == UnknownTag("layout")


def wrong_crc(owner: str) -> bytes:
    data = bytearray(hf_content.iso28560_3("30234567", owner=owner))
    data[19] ^= 0xFF
    return bytes(data)


WARN = DecodeRules(owner="CN-110108", accepts_wrong_crc=True)


def test_a_strangers_wrong_crc_passes_where_the_library_wants_it() -> None:
    """Old tags of other owners are read with a wrong CRC, and marked as not verified."""
    content = decoded(wrong_crc("DE-705"), WARN)

    assert content == LibraryItem("30234567", 1, 1, "DE-705", 0x11, None, is_verified=False)


def test_the_librarys_own_wrong_crc_never_passes() -> None:
    """A tag of one's own with a wrong CRC is damaged, whatever the rules say of strangers."""
    assert decoded(wrong_crc("CN-110108"), WARN) == UnknownTag("crc")


@pytest.mark.parametrize("size", [32, 36])
def test_ones_own_long_isil_never_passes_with_a_wrong_crc(size: int) -> None:
    """An ISIL longer than a tag has room for is one's own as far as it stands there; a shorter one is a stranger's."""
    rules = DecodeRules(owner="CN-110108-1-NLC", accepts_wrong_crc=True)
    own, other = (
        bytearray(wrong_crc("").ljust(size, b"\0")),
        bytearray(wrong_crc("CN-110108").ljust(size, b"\0")),
    )
    own[21:34] = b"CN110108-1-NLC"[: min(size, 34) - 21]

    assert decoded(bytes(own), rules) == UnknownTag("crc")
    assert decoded(bytes(other), rules) == LibraryItem("30234567", 1, 1, "CN-110108", 0x11, None, False)


@pytest.mark.parametrize("owner", [b"", b"\0\x00705", b"D", b"\xff\xff705", b"DE"])
def test_a_wrong_crc_without_an_owner_never_passes(owner: bytes) -> None:
    """Where the damage may have eaten one's own ISIL, nobody is taken for a stranger."""
    data = bytearray(wrong_crc(""))
    data[21:32] = owner.ljust(11, b"\0")

    assert decoded(bytes(data), WARN) == UnknownTag("crc")


def test_a_wrong_crc_never_passes_under_strict_rules() -> None:
    """Without the rule for strangers a wrong CRC is an unknown tag."""
    assert decoded(wrong_crc("DE-705"), RULES) == UnknownTag("crc")


def test_noise_does_not_pass_as_a_strangers_tag() -> None:
    """The lenient rule asks for a plausible usage, part and identifier; random memory hardly ever has them."""
    chance = random.Random(28560)
    passed = sum(
        isinstance(decoded(chance.randbytes(32), WARN), LibraryItem | PatronCard)
        for _ in range(effort(20_000))
    )

    assert passed == 0


def test_hostile_memory_never_raises() -> None:
    """Twenty thousand random, changed and cut memories, signed or not, each give some content."""
    chance = random.Random(3)
    seeds = [data for _, data in GOLDEN] + [book(media_format=3, size_bytes=112), bytes(32)]
    kinds = set()
    for _ in range(effort(20_000)):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randrange(4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        if chance.random() < 0.5:
            data = bytearray(signed(data))
        if chance.random() < 0.2:
            data = data[: chance.randrange(len(data) + 1)]
        rules = chance.choice([RULES, WARN])
        kinds.add(type(decoded(data, rules, chance.randrange(256), chance.choice([0, 1, 4, 8, 32]))))
    assert kinds == {LibraryItem, PatronCard, EmptyTag, UnknownTag}


@given(
    identifier=st.text("0123456789ABCXYZ-", min_size=1, max_size=16),
    parts=st.integers(1, 255),
    part=st.integers(1, 255),
    usage=st.sampled_from([0x01, 0x11, 0x21, 0x61, 0x71, 0x91]),
    owner=st.sampled_from(["CN-110108", "DE-705", "US-InU-Mu-1234"]),
    size=st.sampled_from([36, 64, 112]),
)
def test_what_is_written_by_the_model_is_read_the_same(
    identifier: str, parts: int, part: int, usage: int, owner: str, size: int
) -> None:
    """Every item that fits the layout is read back with all its fields, in either byte order."""
    part = min(part, parts)
    data = hf_content.iso28560_3(
        identifier, part=part, parts=parts, owner=owner, usage=usage, size_bytes=size
    )
    expected = LibraryItem(identifier, part, parts, owner, usage)

    assert decoded(data) == expected
    assert decoded(turned(data, 4)) == expected


@pytest.mark.parametrize(
    ("identifier", "more"),
    [
        ("", {}),
        ("12345678901234567", {}),
        ("1", {"part": 2, "parts": 1}),
        ("1", {"owner": "CHN-1"}),
        ("1", {"owner": "US-InU-Mu-1234"}),
        ("1", {"media_format": 3}),
    ],
)
def test_what_does_not_fit_a_tag_is_not_built(identifier: str, more: dict[str, object]) -> None:
    """The shelf refuses content that a real tag of that size could not hold."""
    with pytest.raises(ValueError, match="fit"):
        hf_content.iso28560_3(identifier, **more)  # type: ignore[arg-type]


def test_a_patrons_number_on_a_tag_is_masked() -> None:
    """The number of a card with a library tag in it shows only its end in a log."""
    content = decoded(GOLDEN[1][1])

    assert "2935000003649" not in repr(content)
