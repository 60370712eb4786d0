"""3M 210/810 and M210 frames: golden bytes both ways, arrival in any pieces, and input from a broken line."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.rfid import m210_commands as ask
from drivers.rfid.m210 import (
    START,
    START_OF_PROBE,
    Frame,
    FrameError,
    FrameReader,
    checksum,
    encode,
    parse_blocks,
    parse_byte,
    parse_inventory,
    parse_uid,
)
from tests.kit.effort import effort

WIRE = Path(__file__).parents[2] / "wire" / "m210.txt"
UID = "E004010012345678"
TWO_BLOCKS = bytes.fromhex(UID + "02" + "0000 11010101 0101 31323334")


def golden() -> dict[tuple[str, str], bytes]:
    frames = {}
    for line in WIRE.read_text().splitlines():
        if line and not line.startswith("#"):
            direction, name, _, data = line.split(maxsplit=3)
            frames[direction, name] = bytes.fromhex(data)
    return frames


GOLDEN = golden()

REQUESTS = {
    "hardware-version": ask.hardware_version(),
    "start-up": ask.start_up(),
    "check-eas": ask.check_eas(UID),
    "inventory": ask.inventory(),
    "version": ask.version(),
    "read-8-blocks": ask.read_blocks(UID, 0, 8),
    "get-afi": ask.get_afi(UID),
    "write-afi-07": ask.write_afi(UID, 0x07),
    "write-afi-c2": ask.write_afi(UID, 0xC2),
    "eas-on": ask.control_eas(UID, True),
    "eas-off": ask.control_eas(UID, False),
}


def frames_of(data: bytes, piece: int) -> list[Frame]:
    reader = FrameReader()
    found = []
    for at in range(0, len(data), piece):
        reader.feed(data[at : at + piece])
        while (frame := reader.next_frame()) is not None:
            found.append(frame)
    return found


def test_checksum_has_the_catalogue_check_value() -> None:
    """The CRC of the digits 1 to 9 is D64E, as for every CRC-16/GENIBUS, and of the specification's example 12E6."""
    assert checksum(b"123456789") == 0xD64E
    assert checksum(bytes.fromhex("00 09 03 00 02 00 00 00 03")) == 0x12E6


def test_every_golden_request_has_a_builder() -> None:
    """No request of the device reference lacks a function that builds it."""
    assert {name for direction, name in GOLDEN if direction == ">"} == set(REQUESTS)


@pytest.mark.parametrize("name", REQUESTS)
def test_requests_are_the_golden_bytes(name: str) -> None:
    """Each request is, byte for byte, what captures and the reference show."""
    assert encode(REQUESTS[name]) == GOLDEN[">", name]


def test_what_bibliotheca_sends_at_the_start_is_framed_like_the_rest() -> None:
    """The two payloads of the Bibliotheca software go out as ordinary frames."""
    payloads = [frame.payload for frame in ask.start_up_of_bibliotheca()]

    assert payloads == [bytes.fromhex("13060100020003000400 0B000A00"), b"\x58\0\3\2\x3a\2\0"]


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


def test_inventory_replies_name_their_tags() -> None:
    """An inventory reply gives the UIDs in the order sent, with or without the DSFID of each."""
    (frame,) = frames_of(GOLDEN["<", "two-tags"], 64)
    with_dsfid = bytes.fromhex("00 07 02" + "3E" + UID + "06" + "E004010012345679")

    assert parse_inventory(frame.payload[2:]) == (UID, "E004010012345679")
    assert parse_inventory(with_dsfid) == (UID, "E004010012345679")


def test_blocks_come_in_the_tags_own_order() -> None:
    """A read reply gives the memory as the tag stores it, and the lock state of each block."""
    blocks = parse_blocks(TWO_BLOCKS, 0, 8)

    assert (blocks.uid, blocks.block_size_bytes) == (UID, 4)
    assert blocks.data == bytes.fromhex("11010101 31323334")
    assert blocks.locks == b"\0\1"


@pytest.mark.parametrize("data", ["", "00 05", "00 05 01", "00 05 00 00", "00 07 01" + UID, "00 05 02" + UID])
def test_an_inventory_that_cannot_be_is_refused(data: str) -> None:
    """A count that does not fit the length is an error and not a tag."""
    with pytest.raises(FrameError):
        parse_inventory(bytes.fromhex(data))


@pytest.mark.parametrize(
    ("tail", "first"),
    [
        ("", 0),
        ("00", 0),
        ("09" + "00" * 54, 0),
        ("01 00 00", 0),
        ("01 0000 11223344", 1),
        ("02 0000 1122334455", 0),
    ],
)
def test_blocks_that_were_not_asked_for_are_refused(tail: str, first: int) -> None:
    """No blocks, more or others than asked for, or a length that does not fit is an error."""
    with pytest.raises(FrameError):
        parse_blocks(bytes.fromhex(UID + tail), first, 8)


@pytest.mark.parametrize("parse", [parse_byte, parse_uid])
@pytest.mark.parametrize("data", [b"", bytes(7), bytes(10)])
def test_a_reply_without_a_uid_is_refused(parse: Callable[[bytes], object], data: bytes) -> None:
    """A reply about a tag that is too short or too long to name it is an error."""
    with pytest.raises(FrameError):
        parse(data)


def test_a_written_afi_may_be_answered_by_the_uid_alone() -> None:
    """The UID is taken with and without a byte behind it; an AFI that was asked for has to be there."""
    uid = bytes.fromhex(UID)

    assert parse_uid(uid) == parse_uid(uid + b"\x07") == UID
    assert parse_byte(uid + b"\x07") == (UID, 0x07)
    with pytest.raises(FrameError):
        parse_byte(uid)


@pytest.mark.parametrize("change", ["start", "length", "crc"])
def test_a_broken_frame_is_reported_once_and_the_next_one_is_read(change: str) -> None:
    """A wrong start, length or CRC is one error; the reader then starts afresh."""
    good = GOLDEN[">", "inventory"]
    bad = {"start": b"\x00" + good, "length": b"\xd6\xff\xff" + good, "crc": good[:-1] + b"\x00"}[change]
    reader = FrameReader()
    reader.feed(bad)

    with pytest.raises(FrameError):
        reader.next_frame()
    assert reader.next_frame() is None
    reader.feed(good)
    frame = reader.next_frame()
    assert frame is not None
    assert encode(frame) == good


@pytest.mark.parametrize("payload", [b"", bytes(4096)])
def test_a_frame_that_cannot_be_is_not_built(payload: bytes) -> None:
    """Nothing at all, or more than a frame is taken for, is refused instead of sent."""
    with pytest.raises(FrameError):
        encode(Frame(START, payload))


@given(
    start=st.sampled_from([START, START_OF_PROBE]),
    payload=st.binary(min_size=1, max_size=600),
    piece=st.integers(1, 700),
)
def test_any_frame_survives_the_line(start: int, payload: bytes, piece: int) -> None:
    """Whatever is framed is read back the same, in pieces of any size."""
    frame = Frame(start, payload)

    assert frames_of(encode(frame), piece) == [frame]


def mutated(chance: random.Random, seeds: list[bytes]) -> bytes:
    kind = chance.randrange(4)
    data = bytearray(chance.choice(seeds))
    if kind == 0:
        return chance.randbytes(chance.randrange(300))
    if kind == 1:
        return bytes(data[: chance.randrange(len(data) + 1)])
    for _ in range(chance.randrange(1, 4)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data) if kind == 2 else bytes(chance.choice(seeds) + data)


def test_hostile_streams_raise_nothing_but_the_readers_own_error() -> None:
    """Twenty thousand random, changed and cut streams give frames or `FrameError`, and never fill the buffer."""
    chance = random.Random(210)
    seeds = list(GOLDEN.values())
    refused = read = 0
    for _ in range(effort(20_000)):
        reader = FrameReader()
        reader.feed(mutated(chance, seeds))
        try:
            while (frame := reader.next_frame()) is not None:
                read += 1
                assert encode(frame)
        except FrameError:
            refused += 1
            assert reader.drop() == 0
    assert refused > 1000
    assert read > 1000


@pytest.mark.parametrize("parser", ["inventory", "blocks", "byte", "uid"])
def test_hostile_replies_raise_nothing_but_the_parsers_own_error(parser: str) -> None:
    """Twenty thousand random and changed reply bodies are understood or refused by `FrameError`, per parser."""
    parsers: dict[str, Callable[[bytes], object]] = {
        "inventory": parse_inventory,
        "blocks": lambda data: parse_blocks(data, 0, 8),
        "byte": parse_byte,
        "uid": parse_uid,
    }
    parse = parsers[parser]
    seeds = [frames_of(data, 300)[0].payload[2:] or b"\0" for key, data in GOLDEN.items() if key[0] == "<"]
    seeds += [TWO_BLOCKS, bytes.fromhex(UID), bytes.fromhex(UID + "07")]
    chance = random.Random(parser)
    understood = 0
    for _ in range(effort(20_000)):
        try:
            parse(mutated(chance, seeds))
            understood += 1
        except FrameError:
            continue
    assert 0 < understood < effort(20_000)
