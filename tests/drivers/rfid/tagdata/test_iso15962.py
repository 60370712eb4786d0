"""Objects of ISO 15962: every compaction both ways, objects in any order, and memory that makes no sense."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drivers.rfid.tagdata import isil, iso15962
from drivers.rfid.tagdata.iso15962 import Coded, End, objects, text_of
from drivers.sim.hf_content import compacted, compaction_for, content_parameter, object_15962
from tests.drivers.rfid.tagdata.examples import lines
from tests.kit.effort import effort

VECTORS = [(words[0], words[1], bytes.fromhex("".join(words[2:]))) for words in lines("iso15962.txt")]
NAMES = [f"{code}-{text}" for code, text, _ in VECTORS]
ISIL_LETTERS = "-:/ABCXYZabcxyz0189"


def unpacked(code: str, data: bytes) -> str | None:
    number = int(code.lstrip(">"))
    return text_of(Coded(number, data)) if number else isil.decode(data)


@pytest.mark.parametrize(("code", "text", "data"), VECTORS, ids=NAMES)
def test_every_vector_is_read_and_written(code: str, text: str, data: bytes) -> None:
    """Each worked example unpacks to its text, and the text packs to its bytes."""
    assert unpacked(code, data) == text
    if code == "0":
        assert object_15962(3, text)[2:] == data
    elif code != ">0":
        assert compacted(text, int(code)) == data


@pytest.mark.parametrize(
    ("code", "data"),
    [
        (1, "00 01 00"),
        (1, "FF FF FF FF FF FF FF FF"),
        (1, "01 00 00 00 00 00 00 00 00"),
        (2, "0A"),
        (2, "F1"),
        (2, "12 FF"),
        (3, "0A 23 A1"),
        (3, "00 00"),
        (4, "44 1C B6 E2 E3 35 D5"),
        (4, "04 20 F1 CB 3D"),
        (5, "AB 4D 6C 9D D5 56 CD EA"),
        (7, "FF FE"),
        (0, "41"),
    ],
)
def test_bytes_that_no_compaction_makes_have_no_text(code: int, data: str) -> None:
    """Leading zeros of an integer, nibbles that are no digits, wrong filling and broken UTF-8 are not read."""
    assert text_of(Coded(code, bytes.fromhex(data))) is None


@pytest.mark.parametrize(
    "data", ["1E", "1F FF", "1B 81 E1 10 10 8A 1A C7 30 7E", "E7 00", "F7 80", "FF 70", "FF E0"]
)
def test_an_isil_that_is_cut_or_wrongly_filled_is_not_read(data: str) -> None:
    """Filling that is not ones, a character cut off, and a shift behind a shift are no ISIL."""
    assert isil.decode(bytes.fromhex(data)) is None


def test_a_shift_to_one_digit_returns_to_letters() -> None:
    """Behind a shifted digit the letters go on; an empty ISIL is empty."""
    bits = "00001" + "11111" + "0111" + "00010" + "11101" + "00011" + "11111" + "1000" + "00100"
    data = int(bits.ljust(48, "1"), 2).to_bytes(6, "big")

    assert isil.decode(data) == "A7Bc8D"
    assert isil.decode(b"") == ""


@settings(max_examples=effort(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(ISIL_LETTERS, max_size=24))
def test_every_isil_is_read_as_it_was_packed(text: str) -> None:
    """Letters of either case, digits, hyphen, colon and slash come back whatever their order."""
    assert isil.decode(object_15962(3, text)[2:]) == text


@settings(max_examples=effort(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.one_of(
        *(
            st.text(letters, min_size=1, max_size=40)
            for letters in ("0123456789", "AZ_]", "A 9/", "az~ 9", "é9a", "馆a")
        )
    )
)
def test_every_text_is_read_as_the_standard_packs_it(text: str) -> None:
    """Whatever compaction the standard chooses gives the text back; only spaces at the end of six-bit text may go."""
    code = compaction_for(text)
    read = text_of(Coded(code, compacted(text, code)))

    assert read == text or (code == 4 and read is not None and read.rstrip() == text.rstrip())


def test_objects_are_found_in_any_order_with_gaps_between() -> None:
    """Empty bytes between objects and high OIDs are stepped over, and each object is found by its OID."""
    data = (
        object_15962(17, "Salt", compaction=7)
        + bytes(3)
        + object_15962(1, "30123456", align=4)
        + bytes(9)
        + object_15962(120, "X", compaction=6, align=8)
    )

    found = objects(data, 4)

    assert found.end is End.AT_EDGE
    assert list(found.coded) == [17, 1, 120]
    assert [text_of(coded) for coded in found.coded.values()] == ["Salt", "30123456", "X"]


def test_an_empty_block_ends_what_a_content_parameter_lists() -> None:
    """Once all that is listed was seen, an empty block is the end, and what stands behind it does not count."""
    data = object_15962(1, "30123456") + content_parameter([4]) + object_15962(4, "21")

    assert objects(data + bytes(4) + b"\xff\xff", 4).end is End.COMPLETE
    assert objects(data + bytes(3) + b"\xff\xff", 4).end is not End.COMPLETE
    assert objects(object_15962(1, "30123456") + content_parameter([4]) + bytes(90), 4).end is End.AT_EDGE


def test_much_empty_memory_ends_what_nothing_lists() -> None:
    """Without a content parameter 64 empty bytes behind an object end them: a large tag need not be read whole."""
    data = object_15962(1, "30123456")

    assert objects(data + bytes(64), 4).end is End.COMPLETE
    assert objects(data + bytes(63), 4).end is End.AT_EDGE
    assert objects(data + bytes(63) + object_15962(4, "21"), 4).coded.keys() == {1, 4}
    assert objects(bytes(100), 4).end is End.AT_EDGE


@pytest.mark.parametrize(
    ("data", "end"),
    [
        ("", End.AT_EDGE),
        ("11 04 01 CB A5", End.INSIDE),
        ("11", End.INSIDE),
        ("91 05", End.INSIDE),
        ("9F", End.INSIDE),
        ("91 05 01 41", End.INSIDE),
        ("10 01 41", End.BROKEN),
        ("61 80", End.BROKEN),
        ("91 01 01 41 55", End.BROKEN),
        ("61 01 41 61 01 41", End.BROKEN),
    ],
)
def test_where_objects_end_is_said(data: str, end: End) -> None:
    """An object that goes on behind the memory, and one that cannot be, are told apart."""
    assert objects(bytes.fromhex(data), 4).end is end


def test_hostile_objects_never_raise() -> None:
    """Random and changed memories of up to 8 KB are walked to some end, with no object read beyond it."""
    chance = random.Random(15962)
    ends = set()
    for number in range(effort(20_000)):
        size = 8192 if number % 4096 == 0 else chance.randrange(160)
        data = bytearray(chance.randbytes(size))
        if chance.random() < 0.5:
            good = object_15962(chance.randrange(1, 40), "30123456", align=chance.choice([1, 4])) * 3
            data[: len(good)] = good
        found = objects(bytes(data), chance.choice([1, 4, 8]))
        ends.add(found.end)
        assert sum(len(coded.value) for coded in found.coded.values()) <= len(data)
        for coded in found.coded.values():
            text_of(coded)
            isil.decode(coded.value)
    assert ends == set(End) - {End.COMPLETE} or ends == set(End)


def test_application_data_and_nothing_have_no_text_of_their_own() -> None:
    """Application defined bytes mean nothing without their OID; an object of no bytes is empty text."""
    assert text_of(Coded(iso15962.APPLICATION_DEFINED, b"A")) is None
    assert text_of(Coded(1, b"")) == ""
