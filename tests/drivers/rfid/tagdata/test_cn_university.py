"""The Chinese university consortium's UHF tags: three codings of the item, the user bank, and what proves them."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drivers.masked import Masked
from drivers.rfid import Content, EmptyTag, LibraryItem, PatronCard, UhfMemory, UnknownTag
from drivers.rfid.tagdata.cn_university import content_index
from drivers.rfid.tagdata.decode import decode_uhf
from drivers.rfid.tagdata.meaning import NO_INFORMATION
from drivers.rfid.tagdata.rules import DecodeRules, Model
from drivers.rfid.uhf_bits import Shown, stored_crc
from drivers.sim import shelf
from drivers.sim.uhf_content import UhfContent, cn_university, consortium_item
from tests.drivers.rfid.tagdata.examples import UHF_UID, UhfExample, lines, uhf_examples
from tests.kit.effort import effort

RULES = DecodeRules()
CODINGS = {"96": 0, "128": 1, "plain": 2}
VECTORS = [
    (CODINGS[words[0]], words[1], bytes.fromhex("".join(words[2:]))) for words in lines("cn_university.txt")
]
EXAMPLES = [example for example in uhf_examples() if example.model is Model.CN_UNIVERSITY]


def decoded(content: UhfContent, *, reads_user: bool = True) -> Content:
    return decode_uhf(
        UhfMemory(UHF_UID, content.pc, content.epc, content.user if reads_user else None), RULES
    )


def epc_only(data: bytes) -> Content:
    return decoded(UhfContent(len(data) // 2 << 11, data, b""))


@pytest.mark.parametrize(("coding", "text", "data"), VECTORS, ids=[f"{row[0]}-{row[1]}" for row in VECTORS])
def test_every_vector_is_read_and_written(coding: int, text: str, data: bytes) -> None:
    """Each worked example of the three codings gives its item's number, and the number gives its bytes."""
    epc = bytes((0, coding << 6, 0, 0)) + data

    assert epc_only(epc.ljust((12, 16, 18)[coding], b"\0")) == LibraryItem(text, 1, 1, "", NO_INFORMATION)
    assert consortium_item(text, coding) == data


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_captured_tag_is_read(example: UhfExample) -> None:
    """Captured tags give item, university and part, and their StoredCRC is right."""
    assert decode_uhf(example.memory, RULES) == example.content
    assert stored_crc(Shown(example.memory.pc, example.memory.epc)) == example.crc


def test_the_content_index_names_elements() -> None:
    """The worked example of the index, 00A1, names the elements 3, 12 and 15."""
    assert content_index(b"\x00\xa1") == {3, 12, 15}
    assert content_index(b"\xff\xff") == {3, 4, 5, 6, 11, 12, 14, 15, 16, 24, 26, 27, 28, 29, 30, 31}


@pytest.mark.parametrize("lent", [False, True])
def test_the_item_is_the_same_whether_it_is_lent_or_not(lent: bool) -> None:
    """The security bit and the sorting bin change nothing of what the tag says."""
    content = cn_university("32103179", university="10248", lent=lent, sorting_bin=23, version=4)

    assert decoded(content) == LibraryItem("32103179", 1, 1, "10248", NO_INFORMATION)


def test_the_user_bank_is_asked_for_where_the_index_names_elements() -> None:
    """A tag with an index is not judged without its user bank; one without an index is."""
    content = cn_university("32103179", university="10248", part=2, parts=3)

    assert decoded(content, reads_user=False) == UnknownTag("more")
    assert decoded(content._replace(user=content.user[:7])) == UnknownTag("more")
    assert decoded(content._replace(user=content.user[:4])) == UnknownTag("more")
    assert decoded(content) == LibraryItem("32103179", 2, 3, "10248", NO_INFORMATION)
    assert decoded(cn_university("32103179"), reads_user=False) == LibraryItem("32103179", 1, 1, "", 0x60)


@pytest.mark.parametrize(
    ("university", "owner"), [("10248", "10248"), ("90001", "90001"), ("00017", "00017"), ("14999", "14999")]
)
def test_universities_of_the_forces_get_their_nine_back(university: str, owner: str) -> None:
    """A code that begins with 9 is kept with a 6, because two bytes cannot hold it."""
    assert decoded(cn_university("32103179", university=university)) == LibraryItem(
        "32103179", 1, 1, owner, 0x60
    )


@pytest.mark.parametrize(
    ("kind", "state", "usage", "media_format"),
    [
        (0, 0, 0x11, None),
        (0, 1, 0x21, None),
        (0, 2, 0x71, None),
        (0, 3, 0x01, None),
        (0, 9, 0x60, None),
        (1, 0, 0x11, 2),
        (1, 1, 0x21, 2),
        (1, 2, 0x01, 2),
        (4, 0, 0x90, None),
        (7, 0, 0x60, None),
    ],
)
def test_kinds_and_states_are_types_of_usage(
    kind: int, state: int, usage: int, media_format: int | None
) -> None:
    """Documents, discs and equipment have the consortium's own numbers, and mean what ISO 28560 calls them."""
    content = cn_university("32103179", usage=(kind, state))

    assert decoded(content) == LibraryItem("32103179", 1, 1, "", usage, media_format)


def test_cards_and_shelf_marks_are_no_items() -> None:
    """Kind 3 is a reader's card; kind 2 marks a shelf and is nothing to lend."""
    assert decoded(cn_university("32103179", usage=(3, 0))) == PatronCard(Masked("32103179"), "")
    assert decoded(cn_university("32103179", usage=(2, 0))) == UnknownTag("layout")


def test_an_index_in_either_byte_order_is_understood() -> None:
    """Real tags write the index the other way round; the elements that are there tell which way it is."""
    others = {11: b"", 14: b""}
    plain = cn_university("32103179", university="10248", others=others)
    turned = cn_university("32103179", university="10248", others=others, index_is_turned=True)

    assert plain.epc[2:4] == turned.epc[2:4][::-1] != turned.epc[2:4]
    assert decoded(plain) == decoded(turned) == LibraryItem("32103179", 1, 1, "10248", NO_INFORMATION)


@pytest.mark.parametrize(
    "user",
    [
        "0C0228081004000100011402000 0",
        "0C022808",
        "0C032808001004000100 01",
        "0C0228080C022808",
        "FC022808",
        "",
    ],
)
def test_a_user_bank_that_is_not_what_the_index_says_is_not_believed(user: str) -> None:
    """More, fewer, twice the same or unheard-of elements, a wrong length and an empty bank are no proof."""
    content = cn_university("32103179", university="10248")

    assert decoded(
        content._replace(user=bytes.fromhex(user.replace(" ", "")).ljust(64, b"\0"))
    ) == UnknownTag("layout")


def test_an_element_that_comes_twice_is_not_believed() -> None:
    """Two owners in one user bank are no owner, though the index names one."""
    content = cn_university("32103179", others={3: b"\x28\x08"})

    assert decoded(content) == LibraryItem("32103179", 1, 1, "10248", NO_INFORMATION)
    assert decoded(content._replace(user=content.user + b"\x0c\x02\x28\x09")) == UnknownTag("layout")


@pytest.mark.parametrize(
    "epc",
    [
        "2000 0000 98130803F4040000",
        "0008 0000 98130803F4040000",
        "00C0 0000 98130803F4040000",
        "0000 0000 90130803F4040000",
        "0000 0000 9F130803F4040000",
        "0000 0000 98130803F4040000 0001",
        "0000 0000 15414243303100 00",
        "0000 0000 054142433000 0000",
        "0000 0000 0541424330310031",
        "0000 0000 9813083FF4040000",
        "0000 0000 981308C3F7040000",
        "0000 0000 98130803FFFFFFFF",
        "0040 0000 AC77F00046410C0201304911",
        "0040 0000 AC77000046410CC201304911",
        "0080 0000 616263",
        "0080 0000 6162632F303132333435363738393132",
        "0001 0000",
    ],
)
def test_an_epc_that_breaks_a_rule_is_not_of_this_model(epc: str) -> None:
    """Reserved bits, versions, codings, counts, characters and filling are all looked at."""
    data = bytes.fromhex(epc.replace(" ", ""))

    assert epc_only(data + bytes(len(data) % 2)) == UnknownTag("layout")


def test_a_gs1_pc_word_is_part_of_the_proof() -> None:
    """With an ISO toggle, attribute bits or another length the same EPC is not of this model."""
    content = cn_university("32103179")

    for pc in (content.pc | 0x100, content.pc | 0x01, content.pc + 0x0800):
        assert decoded(content._replace(pc=pc)) == UnknownTag("layout")


@pytest.mark.parametrize(
    "epc", ["E2003412012345678900ABCD", "000000000000000000000000", "FFFFFFFFFFFFFFFFFFFFFFFF", ""]
)
def test_a_tag_as_its_maker_sold_it_is_empty(epc: str) -> None:
    """A factory EPC, an EPC of one byte repeated and none at all are tags that nobody has written."""
    assert epc_only(bytes.fromhex(epc)) == EmptyTag()


def test_the_shelfs_tags_say_what_was_asked_for() -> None:
    """Simulated tags of this model, and blank ones, are what they are called."""
    made = shelf.uhf_consortium_tag("32103179", part=2, parts=3, usage=(0, 0))
    blank = shelf.uhf_blank_tag(7)

    assert decode_uhf(UhfMemory(UHF_UID, made.pc, made.epc, bytes(made.user)), RULES) == LibraryItem(
        "32103179", 2, 3, shelf.UNIVERSITY, 0x11
    )
    assert decode_uhf(UhfMemory(UHF_UID, blank.pc, blank.epc), RULES) == EmptyTag()


@pytest.mark.parametrize(
    ("text", "coding"),
    [("", 0), ("123456789012345", 2), ("abc01234", 0), ("ABC0D234", 0), ("ABC0123456/89", 1)],
)
def test_what_a_coding_has_no_place_for_is_not_made(text: str, coding: int) -> None:
    """The shelf refuses a number that a real tag of that coding could not hold."""
    with pytest.raises(ValueError, match="fit"):
        consortium_item(text, coding)


NUMBERS = {
    0: st.from_regex(r"[!-~]{1,7}|[0-9A-Z]{3}[0-9]{4,10}[!-~]", fullmatch=True),
    1: st.from_regex(r"[!-~]{1,11}|[0-9A-Z]{11,13}[!-~]", fullmatch=True),
    2: st.from_regex(r"[!-~]{1,14}", fullmatch=True),
}


@pytest.mark.parametrize("coding", [0, 1, 2])
@settings(max_examples=effort(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_is_written_by_the_model_is_read_the_same(coding: int, data: st.DataObject) -> None:
    """Every number that fits a coding is read back with university, part and state."""
    number = data.draw(NUMBERS[coding])
    parts = data.draw(st.integers(1, 65535))
    part = data.draw(st.integers(1, parts))
    university = data.draw(st.sampled_from(["10248", "90001"]))
    state = data.draw(st.sampled_from([(0, 0), (0, 1)]))
    content = cn_university(number, coding=coding, university=university, part=part, parts=parts, usage=state)

    assert decoded(content) == LibraryItem(number, part, parts, university, 0x21 if state[1] else 0x11)


def test_hostile_tags_never_raise() -> None:
    """Twenty thousand random and changed EPCs and user banks each give some content."""
    chance = random.Random(96128)
    seeds = [
        UhfContent(example.memory.pc, example.memory.epc, example.memory.user or b"") for example in EXAMPLES
    ]
    seeds += [cn_university("ABC01234567z", coding=coding, usage=(3, 0)) for coding in (0, 1, 2)]
    kinds = set()
    for _ in range(effort(20_000)):
        pc, epc, user = chance.choice(seeds)
        changed = [bytearray(epc), bytearray(user)]
        for data in changed:
            for _ in range(chance.randrange(3)):
                data[chance.randrange(len(data))] = chance.randrange(256)
        if chance.random() < 0.2:
            changed[1] = bytearray(chance.randbytes(chance.randrange(1100)))
        cut = changed[1][: chance.randrange(len(changed[1]) + 1)] if chance.random() < 0.3 else changed[1]
        kinds.add(type(decode_uhf(UhfMemory(UHF_UID, pc, bytes(changed[0]), bytes(cut)), RULES)))
    assert {LibraryItem, PatronCard, UnknownTag} <= kinds
