"""ISO 28560-4 = GB/T 35660.3: UHF tags whose EPC is the item, with objects in the user bank."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drivers.masked import Masked
from drivers.rfid import Content, LibraryItem, PatronCard, UhfMemory, UnknownTag
from drivers.rfid.tagdata import urn40
from drivers.rfid.tagdata.decode import decode_uhf
from drivers.rfid.tagdata.meaning import NO_INFORMATION
from drivers.rfid.tagdata.rules import DecodeRules, Model
from drivers.rfid.uhf_bits import Shown, stored_crc
from drivers.sim import shelf, uhf_content
from drivers.sim.hf_content import content_parameter, object_15962
from drivers.sim.uhf_content import UhfContent, iso28560_4
from tests.drivers.rfid.tagdata.examples import UHF_UID, UhfExample, lines, uhf_examples
from tests.kit.effort import effort

RULES = DecodeRules(owner="CN-110108")
VECTORS = [(words[0], bytes.fromhex("".join(words[1:]))) for words in lines("urn40.txt")]
EXAMPLES = [example for example in uhf_examples() if example.model is Model.ISO_28560_4]


def decoded(content: UhfContent, *, reads_user: bool = True, rules: DecodeRules = RULES) -> Content:
    return decode_uhf(
        UhfMemory(UHF_UID, content.pc, content.epc, content.user if reads_user else None), rules
    )


def tag(text: str, user: bytes = b"", pc: int | None = None) -> UhfContent:
    """A tag whose EPC is *text*, with any user bank."""
    epc = uhf_content.urn40(text)
    epc += bytes(len(epc) % 2)
    return UhfContent(len(epc) // 2 << 11 | bool(user) << 10 | 0x107 if pc is None else pc, epc, user)


@pytest.mark.parametrize(("text", "data"), VECTORS, ids=[text for text, _ in VECTORS])
def test_every_urn_vector_is_read_and_written(text: str, data: bytes) -> None:
    """Each worked example of URN Code 40 is unpacked, and packed to the same bytes."""
    made = uhf_content.urn40(text)

    assert urn40.decode(data) == text
    assert made + bytes(len(made) % 2) == data + bytes(len(data) % 2)


@pytest.mark.parametrize(
    "data",
    [
        "",
        "0000",
        "0001",
        "0029 C6E2",
        "C6E2 0001",
        "FAFF",
        "FF41",
        "C6E2 C6",
        "C6E2 0000 C6E2",
        "C699 C6E2",
        "C1C6",
        "FB",
        "FB21 02DDDF7C",
        "FB31 02DDDF7C4E",
        "FB02 0005F5E10000",
        "FC",
        "FCE9",
        "FDC3",
        "FD4141",
        "FEE9A6",
    ],
)
def test_bytes_that_are_no_urn_code_are_not_read(data: str) -> None:
    """Filling in the midst, runs of another length than they say, and escapes that are cut give no text."""
    assert urn40.decode(bytes.fromhex(data)) is None


@settings(max_examples=effort(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text("ABZ-.:0189/aé馆", min_size=1, max_size=40))
def test_every_text_is_read_as_urn_code_40_packs_it(text: str) -> None:
    """Table characters, long runs of digits and escaped characters come back, filled to whole words or not."""
    data = uhf_content.urn40(text)

    assert urn40.decode(data) == text
    assert urn40.decode(data + bytes(len(data) % 2)) == text


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_read(example: UhfExample) -> None:
    """The examples give item, owner and part; the PC word and AFI are those of a library's tag."""
    assert decode_uhf(example.memory, RULES) == example.content


@pytest.mark.parametrize(
    ("pc", "epc", "crc"),
    [
        (0x0000, "", 0xE2F0),
        (0x3000, "170328087903000084560000", 0xDAD5),
        (0x3000, "111122223333444455556666", 0x1835),
        (0x3400, "1703000398130803F4040000", 0xC157),
    ],
)
def test_the_stored_crc_has_the_captured_values(pc: int, epc: str, crc: int) -> None:
    """PC word and EPC of captured tags have the CRC that was captured with them."""
    assert stored_crc(Shown(pc, bytes.fromhex(epc))) == crc


def test_the_user_bank_is_asked_for_where_it_is_in_use() -> None:
    """A tag whose PC word says that the user bank is in use is not judged without it; one without it is."""
    with_user = iso28560_4("30123456", owner="CN-110108", usage=0x21)
    without = iso28560_4("30123456", owner="CN-110108")

    assert decoded(with_user, reads_user=False) == UnknownTag("more")
    assert decoded(with_user) == LibraryItem("30123456", 1, 1, "CN-110108", 0x21)
    assert decoded(without, reads_user=False) == LibraryItem("30123456", 1, 1, "CN-110108", NO_INFORMATION)
    assert decoded(UhfContent(with_user.pc, with_user.epc, with_user.user[:6])) == UnknownTag("more")


def test_a_patron_card_is_no_item() -> None:
    """A type of usage 8x in the user bank makes the tag somebody's card."""
    assert decoded(iso28560_4("30123456", usage=0x81)) == PatronCard(Masked("30123456"), "")


@pytest.mark.parametrize(
    ("text", "number", "owner", "part", "parts"),
    [
        ("30123456", "30123456", "", 1, 1),
        ("CN-110108.30123456", "30123456", "CN-110108", 1, 1),
        ("CN-110108.30123456.32", "30123456", "CN-110108", 2, 3),
        ("CN-110108.30123456.23", "30123456", "CN-110108", 2, 3),
        ("CN-110108.3012.ABC", "3012.ABC", "CN-110108", 1, 1),
        ("CN-110108.3012.ABC.11", "3012.ABC.11", "CN-110108", 1, 1),
    ],
)
def test_owner_item_and_set_are_told_apart(text: str, number: str, owner: str, part: int, parts: int) -> None:
    """The EPC is the item, the owner's item, or one part of it; other dots are the item's own."""
    assert decoded(tag(text)) == LibraryItem(number, part, parts, owner, NO_INFORMATION)


def test_a_user_bank_that_is_not_in_use_does_not_count() -> None:
    """What a maker left in the user bank is no contradiction where the PC word says that the bank is not in use."""
    content = iso28560_4("30123456", owner="CN-110108")

    assert decoded(content._replace(user=b"\xff" * 64)) == decoded(content)
    assert decoded(content._replace(user=b"\x06" + object_15962(4, "21"))) == LibraryItem(
        "30123456", 1, 2, "CN-110108", NO_INFORMATION
    )


SET_1203 = content_parameter([4]) + object_15962(4, "1203")


@pytest.mark.parametrize(
    "content",
    [
        tag("CN-1.30123456.31", b"\x06" + SET_1203),
        tag("CN-1.30123456", b"\x07" + SET_1203),
        tag("CN-1.30123456", b"\x06" + object_15962(1, "30123457")),
        tag("CN-1.30123456", b"\x06" + object_15962(4, "102")),
        tag("CN-1.30123456", b"\x06\x10\x01\x41"),
    ],
)
def test_a_user_bank_that_contradicts_the_epc_is_not_believed(content: UhfContent) -> None:
    """Another set, another item, another data format and broken objects make an unknown layout."""
    assert decoded(content) == UnknownTag("layout")


@pytest.mark.parametrize("pc", [0x2007, 0x21A1, 0x2907, 0x0107])
def test_only_a_librarys_pc_word_makes_it_an_item(pc: int) -> None:
    """Without toggle, with another trade's AFI, or with another length the EPC is not a library's."""
    assert decoded(tag("CN-1.301234"[:12], pc=pc)) == UnknownTag("layout")


def test_a_librarys_own_afis_count() -> None:
    """An AFI that the settings name for secured or released is a library's too."""
    content = tag("CN-1.30123456")._replace(pc=tag("CN-1.30123456").pc & 0xFF00 | 0xA5)

    assert decoded(content) == UnknownTag("layout")
    assert isinstance(decoded(content, rules=DecodeRules(afis=(0x07, 0xA5))), LibraryItem)


def test_a_german_six_bit_tag_is_not_taken_for_this_model() -> None:
    """A tag with the same AFI whose EPC begins with 41 and its length in bytes belongs to another scheme."""
    epc = bytes.fromhex("410C" + "C6E2" * 6)
    assert urn40.decode(epc) == "JPK" + "123" * 6

    assert decoded(UhfContent(len(epc) // 2 << 11 | 0x107, epc, b"")) == UnknownTag("layout")


def test_the_shelfs_tag_is_an_item() -> None:
    """A simulated tag of this model says what was asked for, and asks for its user bank."""
    made = shelf.uhf_item_tag("30123456", part=2, parts=3, usage=0x11, media_format=3)
    memory = UhfMemory(UHF_UID, made.pc, made.epc, bytes(made.user))

    assert decode_uhf(memory, RULES) == LibraryItem("30123456", 2, 3, shelf.OWNER, 0x11, 3)
    assert decode_uhf(memory.__class__(UHF_UID, made.pc, made.epc), RULES) == UnknownTag("more")


@settings(max_examples=effort(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    identifier=st.from_regex(r"[0-9A-Z][0-9A-Za-z/:-]{0,17}", fullmatch=True),
    parts=st.integers(1, 999),
    part=st.integers(1, 999),
    usage=st.sampled_from([None, 0x11, 0x21, 0x91]),
    owner=st.sampled_from(["", "CN-110108", "US-InU-Mu"]),
    owner_in_user=st.booleans(),
    set_in_user=st.booleans(),
)
def test_what_is_written_by_the_model_is_read_the_same(
    identifier: str,
    parts: int,
    part: int,
    usage: int | None,
    owner: str,
    owner_in_user: bool,
    set_in_user: bool,
) -> None:
    """Every item is read back with number, owner, part and usage, wherever owner and set stand."""
    part = min(part, parts)
    content = iso28560_4(
        identifier,
        owner=owner,
        part=part,
        parts=parts,
        usage=usage,
        owner_in_user=owner_in_user,
        set_in_user=set_in_user,
    )
    if len(content.epc) > 62:
        return

    assert decoded(content) == LibraryItem(
        identifier, part, parts, owner, NO_INFORMATION if usage is None else usage
    )


def test_hostile_tags_never_raise() -> None:
    """Twenty thousand random and changed PC words, EPCs and user banks each give some content."""
    chance = random.Random(356603)
    seeds = [
        UhfContent(example.memory.pc, example.memory.epc, example.memory.user or b"") for example in EXAMPLES
    ]
    seeds.append(iso28560_4("30123456", usage=0x81))
    kinds = set()
    for _ in range(effort(20_000)):
        pc, epc, user = chance.choice(seeds)
        changed = [bytearray(epc), bytearray(user)]
        for data in changed:
            for _ in range(chance.randrange(3)):
                if data:
                    data[chance.randrange(len(data))] = chance.randrange(256)
        if chance.random() < 0.2:
            pc, changed[0] = chance.randrange(0x10000), bytearray(chance.randbytes(chance.randrange(63)))
        bank = (
            bytes(changed[1])[: chance.randrange(len(changed[1]) + 1)]
            if chance.random() < 0.3
            else changed[1]
        )
        memory = UhfMemory(UHF_UID, pc, bytes(changed[0]), None if chance.random() < 0.1 else bytes(bank))
        kinds.add(type(decode_uhf(memory, RULES)))
    assert {LibraryItem, PatronCard, UnknownTag} <= kinds
