"""Frames of Impinj "A0" modules: golden bytes both ways, arrival in any pieces, and input from a broken line."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.rfid import a0, a0_commands
from drivers.rfid import a0_commands as ask
from drivers.rfid.a0 import (
    Frame,
    FrameError,
    FrameReader,
    Read,
    Summary,
    encode,
    is_summary,
    parse_firmware,
    parse_heard,
    parse_read,
    parse_summary,
)
from drivers.rfid.a0_commands import Writing, redact
from drivers.rfid.uhf_module import Heard
from tests.kit import uhf_wire as wire
from tests.kit.effort import effort
from tests.kit.uhf_wire import mutated

EPC = bytes.fromhex("1703000398130803F4040000")
OTHER = bytes.fromhex("112233445566778899 00AABB")
NONE, PASSWORD = bytes(4), bytes.fromhex("1A2B3C4D")
GOLDEN = wire.golden("a0.txt")

REQUESTS = {
    "firmware": (ask.firmware(), 1),
    "firmware-any": (ask.firmware(), 0xFF),
    "antenna-1": (ask.set_antenna(0), 1),
    "inventory": (ask.inventory(1), 1),
    "inventory-s1": (ask.session_inventory(1, 1), 1),
    "inventory-s0": (ask.session_inventory(0, 1), 1),
    "select": (ask.select(OTHER), 1),
    "read-tid": (ask.read_words(2, 0, 6), 1),
    "read-user": (ask.read_words(3, 0, 4), 1),
    "write-block": (ask.write_word(2, 0xCCDD, NONE, Writing.BLOCK), 1),
    "write-word": (ask.write_word(1, 0x31C2, PASSWORD, Writing.WORD), 1),
    "power": (ask.power(), 1),
    "power-20": (ask.set_power(20), 1),
}


def frames_of(data: bytes, piece: int) -> list[Frame]:
    return wire.frames_of(FrameReader(), data, piece)


def said(name: str) -> bytes:
    """The data of a golden answer."""
    return GOLDEN["<", name][4:-1]


def test_every_golden_request_has_a_builder() -> None:
    """No request of the device reference lacks a function that builds it."""
    assert {name for direction, name in GOLDEN if direction == ">"} == set(REQUESTS)


@pytest.mark.parametrize("name", REQUESTS)
def test_requests_are_the_golden_bytes(name: str) -> None:
    """Each request is, byte for byte, what captures show."""
    request, address = REQUESTS[name]

    assert encode(Frame(address, request.command, request.data)) == GOLDEN[">", name]


@pytest.mark.parametrize("piece", [1, 3, 4096])
@pytest.mark.parametrize("key", GOLDEN, ids=" ".join)
def test_golden_frames_are_read_and_written_back(key: tuple[str, str], piece: int) -> None:
    """Every golden frame, in whatever pieces it arrives, is read as one frame that encodes to the same bytes."""
    (frame,) = frames_of(GOLDEN[key], piece)

    assert encode(frame) == GOLDEN[key]


@pytest.mark.parametrize("piece", [1, 3, 4096])
@pytest.mark.parametrize("noise", ["", "00", "A0", "A002", "A0050172", "A0A0A0", "FF55"])
def test_frames_are_found_behind_bytes_that_are_none(noise: str, piece: int) -> None:
    """Frames that follow each other are told apart, whatever else stands between them."""
    between = bytes.fromhex(noise)
    stream = b"".join(between + frame for frame in GOLDEN.values()) + bytes(300)

    assert [encode(frame) for frame in frames_of(stream, piece)] == list(GOLDEN.values())


def test_replies_are_understood() -> None:
    """Version, readings and the summary of an inventory are read from the captured answers."""
    assert parse_firmware(said("firmware")) == "1.9"
    assert parse_heard(said("inventory-tag")) == Heard(0x3000, bytes.fromhex("E200301666130121155074EF"))
    assert parse_heard(said("inventory-s1-tag")) == Heard(0x3000, bytes.fromhex("3009663781DB02974876FC6A"))
    assert parse_summary(said("inventory-end")) == Summary(0, 5)
    assert parse_summary(said("inventory-s1-end")) == Summary(0, 1)
    assert [is_summary(said(name)) for name in ("inventory-tag", "inventory-end")] == [False, True]


@pytest.mark.parametrize("name", ["pc-word", "pc-word-length-in-bytes"])
def test_a_read_names_its_tag_whether_it_counts_words_or_bytes(name: str) -> None:
    """What was read comes with the tag's EPC; sources disagree on how its length is told, and both are taken."""
    assert parse_read(said(name), 1) == Read(1, EPC, bytes.fromhex("3000"))


def test_a_tag_without_an_epc_is_left_out() -> None:
    """A tag whose EPC is empty cannot be named, so it is not told of."""
    assert parse_heard(bytes.fromhex("04 0000 45")) is None


def test_an_extended_pc_says_nothing_of_the_epcs_length() -> None:
    """With XPC the length in the PC word counts more than the EPC: what came is taken."""
    assert parse_heard(bytes.fromhex("04 1E00 1234 5678 45")) == Heard(0x1E00, bytes.fromhex("12345678"))


@pytest.mark.parametrize(
    "data", ["", "04", "04300045", "0430001703000398130803F40400000045", "0430001703000398130803F40445"]
)
def test_a_reading_that_cannot_be_is_refused(data: str) -> None:
    """Half a word, or an EPC of another length than its PC word says, is an error and not a tag."""
    with pytest.raises(FrameError):
        parse_heard(bytes.fromhex(data))


@pytest.mark.parametrize(
    ("at", "value"),
    [(1, 0), (2, 0x11), (2, 0x13), (-3, 0), (-3, 3)],
    ids=["no tag", "short", "long", "0", "3"],
)
def test_a_read_whose_lengths_disagree_is_refused(at: int, value: int) -> None:
    """Words of no tag, and lengths that do not fit each other or the question, are errors."""
    data = bytearray(said("pc-word"))
    data[at] = value

    with pytest.raises(FrameError):
        parse_read(bytes(data), 1)


@pytest.mark.parametrize("count", [0, 2, 8, 33])
def test_words_that_were_not_asked_for_are_refused(count: int) -> None:
    """More or fewer words than asked for are an error, and are never taken for a part of the EPC."""
    with pytest.raises(FrameError):
        parse_read(said("pc-word"), count)


@pytest.mark.parametrize("parse", [parse_firmware, parse_summary])
def test_what_has_another_length_is_refused(parse: Callable[[bytes], object]) -> None:
    """A version or summary that lacks bytes, or has more, is an error."""
    for data in (b"", bytes(1), bytes(6), bytes(8)):
        with pytest.raises(FrameError):
            parse(data)


def test_a_frame_too_long_is_not_built() -> None:
    """More data than a frame can hold is refused instead of cut."""
    with pytest.raises(FrameError):
        encode(Frame(1, 0x72, bytes(139)))


@pytest.mark.parametrize("epc", [b"", b"\x01", bytes(64)])
def test_no_selection_is_built_of_an_epc_that_selects_nobody(epc: bytes) -> None:
    """No EPC at all would mean every tag in the field: such a selection cannot be made."""
    with pytest.raises(ValueError, match="no tag"):
        ask.select(epc)


def test_nothing_can_be_built_that_kills_locks_erases_or_writes_an_item() -> None:
    """Of all commands there are only asking, selecting, antenna and power, and one word of the EPC bank."""
    numbers = {
        getattr(a0, name)
        for name in dir(a0)
        if name.isupper() and isinstance(getattr(a0, name), int) and name[0] != "_" and name != "START"
    }
    builders = [name for name in a0_commands.__all__ if name.islower()]

    assert numbers == {0x72, 0x74, 0x76, 0x77, 0x81, 0x82, 0x85, 0x89, 0x8B, 0x94}
    assert [name for name in builders if "write" in name] == ["write_word"]
    for writing in Writing:
        written = ask.write_word(5, 0x1234, NONE, writing).data
        assert written[4:] == bytes.fromhex("01 05 01 1234")


def test_a_password_is_blanked_with_the_sum_that_tells_of_it() -> None:
    """What a trace shows of a write is the same for every password; all else is shown as it is."""
    shown = set()
    for password in (NONE, PASSWORD, b"\xff" * 4):
        request = ask.write_word(1, 0x31C2, password, Writing.BLOCK)
        shown.add(redact(encode(Frame(1, request.command, request.data))))

    assert shown == {bytes.fromhex("A00C0194 00000000 01010131C2 00")}
    for key, data in GOLDEN.items():
        assert key[1].startswith("write") or redact(data) == data
    for data in (b"", b"\xa0", bytes.fromhex("A00C0194"), bytes(20)):
        assert redact(data) == data


@given(
    address=st.integers(0, 255),
    command=st.integers(0, 255),
    payload=st.binary(max_size=138),
    piece=st.integers(1, 300),
)
def test_any_frame_survives_the_line(address: int, command: int, payload: bytes, piece: int) -> None:
    """Whatever is framed is read back the same, in pieces of any size."""
    frame = Frame(address, command, payload)

    assert frames_of(encode(frame), piece) == [frame]


def test_hostile_streams_raise_nothing_and_never_fill_the_buffer() -> None:
    """Twenty thousand random, changed and cut streams give whole frames, and at most one is kept unfinished."""
    chance = random.Random(0xA0)
    seeds = list(GOLDEN.values())
    read = kept = 0
    for _ in range(effort(20_000)):
        reader = FrameReader()
        stream = mutated(chance, seeds)
        reader.feed(stream)
        used = 0
        while (frame := reader.next_frame()) is not None:
            read += 1
            used += len(encode(frame))
        assert len(reader._buffer) <= 143
        kept += reader.drop() > 0
        assert used <= len(stream)
        assert reader.drop() == 0
    assert read > 1000
    assert kept > 1000


@pytest.mark.parametrize("parser", ["heard", "summary", "firmware", "read"])
def test_hostile_replies_raise_nothing_but_the_parsers_own_error(parser: str) -> None:
    """Twenty thousand random and changed reply bodies are understood or refused by `FrameError`, per parser."""
    parsers: dict[str, Callable[[bytes], object]] = {
        "heard": parse_heard,
        "summary": parse_summary,
        "firmware": parse_firmware,
        "read": lambda data: parse_read(data, 4),
    }
    parse = parsers[parser]
    seeds = [data[4:-1] for key, data in GOLDEN.items() if key[0] == "<"]
    chance = random.Random(parser)
    understood = 0
    for _ in range(effort(20_000)):
        try:
            parse(mutated(chance, seeds))
            understood += 1
        except FrameError:
            continue
    assert 0 < understood < effort(20_000)
