"""UHFReader18 frames: golden bytes both ways, arrival in any pieces, and input from a broken line."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.rfid import uhf18, uhf18_commands
from drivers.rfid import uhf18_commands as ask
from drivers.rfid.uhf18 import (
    Frame,
    FrameError,
    FrameReader,
    encode,
    parse_info,
    parse_inventory,
    parse_words,
    parse_work_mode,
)
from tests.kit import uhf_wire as wire
from tests.kit.effort import effort
from tests.kit.uhf_wire import mutated

EPC = bytes.fromhex("1703000398130803F4040000")
NONE, PASSWORD = bytes(4), bytes.fromhex("1A2B3C4D")


GOLDEN = wire.golden("uhf18.txt")
MODE = parse_work_mode(GOLDEN["<", "work-mode"][4:-2])

REQUESTS = {
    "info": (ask.reader_info(), 0),
    "info-any": (ask.reader_info(), 0xFF),
    "inventory": (ask.inventory(), 0),
    "inventory-any": (ask.inventory(), 0xFF),
    "inventory-q-session": (ask.inventory(4, 0), 0),
    "work-mode": (ask.work_mode(), 0),
    "answer-mode": (ask.answer_mode(MODE), 0),
    "answer-mode-newer": (ask.answer_mode_of_newer_readers(), 0),
    "beep": (ask.beep(1, 1, 2), 0),
    "power-26": (ask.set_power(26), 0),
    "read-epc-bank": (ask.read_words(EPC, 1, 0, 8, NONE, by_mask=False), 0),
    "read-user-by-mask": (ask.read_words(EPC, 3, 0, 16, NONE, by_mask=True), 0),
    "write-bit": (ask.write_word(EPC, 2, 0x9703, NONE, by_mask=False), 0),
    "write-bit-by-mask": (ask.write_word(EPC, 2, 0x9703, NONE, by_mask=True), 0),
    "write-afi-with-password": (ask.write_word(EPC, 1, 0x31C2, PASSWORD, by_mask=False), 0),
}


def frames_of(data: bytes, piece: int) -> list[Frame]:
    return wire.frames_of(FrameReader(), data, piece)


def test_every_golden_request_has_a_builder() -> None:
    """No request of the device reference lacks a function that builds it."""
    assert {name for direction, name in GOLDEN if direction == ">"} == set(REQUESTS)


@pytest.mark.parametrize("name", REQUESTS)
def test_requests_are_the_golden_bytes(name: str) -> None:
    """Each request is, byte for byte, what manuals and captures show."""
    request, address = REQUESTS[name]

    assert encode(Frame(address, request.command, request.data)) == GOLDEN[">", name]


@pytest.mark.parametrize("piece", [1, 3, 4096])
@pytest.mark.parametrize("key", GOLDEN, ids=" ".join)
def test_golden_frames_are_read_and_written_back(key: tuple[str, str], piece: int) -> None:
    """Every golden frame, in whatever pieces it arrives, is read as one frame that encodes to the same bytes."""
    (frame,) = frames_of(GOLDEN[key], piece)

    assert encode(frame) == GOLDEN[key]


@pytest.mark.parametrize("piece", [1, 3, 4096])
def test_frames_in_a_row_are_cut_apart(piece: int) -> None:
    """Frames that follow each other without a gap are told apart."""
    stream = b"".join(GOLDEN.values())

    assert b"".join(encode(frame) for frame in frames_of(stream, piece)) == stream


@pytest.mark.parametrize("cut", range(1, 18))
def test_a_stream_that_begins_within_a_frame_is_joined(cut: int) -> None:
    """Opened in the middle of a flood, the reader of frames finds the next one behind the rest of the first."""
    pushed = GOLDEN["<", "pushed"]
    frames = frames_of(pushed[cut:] + pushed * 40, 7)

    assert len(frames) >= 25
    assert {encode(frame) for frame in frames} == {pushed}


def test_replies_are_understood() -> None:
    """What a reader says of itself, of its mode and of the tags it hears is read from the captured answers."""
    info = parse_info(GOLDEN["<", "info"][4:-2])

    assert (info.firmware, info.model, info.power_dbm, info.scan_tenths) == ("5.2", 0x86, 26, 20)
    assert MODE.pushes
    assert parse_inventory(GOLDEN["<", "single"][4:-2]) == (bytes.fromhex("E284361100001000094944AA"),)
    assert parse_inventory(GOLDEN["<", "two-tags-more"][4:-2]) == (EPC, EPC[:8])
    assert parse_inventory(GOLDEN["<", "newer-one-tag"][4:-2]) == (EPC,)


def test_a_tag_without_an_epc_is_left_out() -> None:
    """A tag whose EPC is empty cannot be named, so it is not told of."""
    assert parse_inventory(b"\x02\x00\x02\x12\x34") == (b"\x12\x34",)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x01",
        b"\x01\x03\x01\x02\x03",
        b"\x02\x02\x01\x02",
        b"\x01\x02\x01\x02\x03\x04\x05",
        b"\xff" * 9,
    ],
)
def test_an_inventory_that_cannot_be_is_refused(data: bytes) -> None:
    """A count that does not fit the lengths, or half a word, is an error and not a tag."""
    with pytest.raises(FrameError):
        parse_inventory(data)


@pytest.mark.parametrize("data", [b"", b"\0", bytes(3), bytes(5)])
def test_words_that_were_not_asked_for_are_refused(data: bytes) -> None:
    """More or fewer words than asked for are an error."""
    with pytest.raises(FrameError):
        parse_words(data, 2)


@pytest.mark.parametrize("parse", [parse_info, parse_work_mode])
def test_what_is_too_short_is_refused(parse: Callable[[bytes], object]) -> None:
    """Reader information or a work mode that lacks fields is an error."""
    with pytest.raises(FrameError):
        parse(bytes(7))


def test_a_frame_too_long_is_not_built() -> None:
    """More data than a frame can hold is refused instead of cut."""
    with pytest.raises(FrameError):
        encode(Frame(0, 1, bytes(252)))


@pytest.mark.parametrize("epc", [b"", b"\x01", bytes(32)])
def test_no_question_is_built_about_an_epc_that_selects_nobody(epc: bytes) -> None:
    """No EPC at all would mean every tag in the field: such a question or write cannot be made."""
    for by_mask in (True, False):
        with pytest.raises(ValueError, match="no tag"):
            ask.write_word(epc, 2, 0, NONE, by_mask=by_mask)
        with pytest.raises(ValueError, match="no tag"):
            ask.read_words(epc, 1, 0, 1, NONE, by_mask=by_mask)


def test_nothing_can_be_built_that_kills_locks_erases_or_writes_an_item() -> None:
    """Of all commands there are only asking, the reader's own settings, and one word of the EPC bank."""
    numbers = {
        getattr(uhf18, name)
        for name in dir(uhf18)
        if name.isupper()
        and isinstance(getattr(uhf18, name), int)
        and name not in ("NOT_KNOWN", "PUSHED")
        and not name.startswith("_")
    }
    builders = [name for name in uhf18_commands.__all__ if name.islower()]

    assert numbers == {0x01, 0x02, 0x03, 0x21, 0x2F, 0x33, 0x35, 0x36, 0x76}
    assert [name for name in builders if "write" in name] == ["write_word"]
    written = ask.write_word(EPC, 5, 0x1234, NONE, by_mask=False).data
    assert (written[0], written[14], written[15]) == (1, 1, 5)


@given(
    address=st.integers(0, 255),
    command=st.integers(0, 255),
    payload=st.binary(min_size=1, max_size=250),
    piece=st.integers(1, 300),
)
def test_any_frame_survives_the_line(address: int, command: int, payload: bytes, piece: int) -> None:
    """Whatever is framed is read back the same, in pieces of any size."""
    frame = Frame(address, command, payload)

    assert frames_of(encode(frame), piece) == [frame]


def test_hostile_streams_raise_nothing_and_never_fill_the_buffer() -> None:
    """Twenty thousand random, changed and cut streams give whole frames, and at most one is kept unfinished."""
    chance = random.Random(18)
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
        kept += reader.drop() > 0
        assert used <= len(stream)
        assert reader.drop() == 0
    assert read > 1000
    assert kept > 1000


def test_a_long_flood_leaves_at_most_one_unfinished_frame() -> None:
    """However much noise arrives, what waits for its end is never longer than a frame can be."""
    chance = random.Random(57600)
    reader = FrameReader()
    reader.feed(chance.randbytes(effort(20_000)))
    while reader.next_frame() is not None:
        pass
    reader.feed(b"")

    assert len(reader._buffer) <= 256


@pytest.mark.parametrize("parser", ["inventory", "info", "work mode", "words"])
def test_hostile_replies_raise_nothing_but_the_parsers_own_error(parser: str) -> None:
    """Twenty thousand random and changed reply bodies are understood or refused by `FrameError`, per parser."""
    parsers: dict[str, Callable[[bytes], object]] = {
        "inventory": parse_inventory,
        "info": parse_info,
        "work mode": parse_work_mode,
        "words": lambda data: parse_words(data, 8),
    }
    parse = parsers[parser]
    seeds = [frames_of(data, 300)[0].payload[1:] or b"\0" for key, data in GOLDEN.items() if key[0] == "<"]
    chance = random.Random(parser)
    understood = 0
    for _ in range(effort(20_000)):
        try:
            parse(mutated(chance, seeds))
            understood += 1
        except FrameError:
            continue
    assert 0 < understood < effort(20_000)
