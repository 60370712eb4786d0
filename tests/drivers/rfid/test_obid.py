"""FEIG OBID frames: golden bytes both ways, arrival in any pieces, and input from a broken line."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.rfid import obid_commands as ask
from drivers.rfid.obid import (
    BlockOrder,
    Frame,
    FrameError,
    FrameReader,
    FrameType,
    checksum,
    encode,
    parse_blocks,
    parse_inventory,
    parse_random,
    parse_security,
    parse_system_information,
)
from tests.kit.effort import effort

WIRE = Path(__file__).parents[2] / "wire" / "obid.txt"
UID = "E004010012345678"
STANDARD, ADVANCED = FrameType.STANDARD, FrameType.ADVANCED


def golden() -> dict[tuple[str, str], bytes]:
    frames = {}
    for line in WIRE.read_text().splitlines():
        if line and not line.startswith("#"):
            direction, name, _, data = line.split(maxsplit=3)
            frames[direction, name] = bytes.fromhex(data)
    return frames


GOLDEN = golden()


def write_blocks(uid: str, data: bytes) -> ask.Request:
    """What a tag station sends and a kiosk has no function for: blocks of four bytes from 0, reversed."""
    blocks = b"".join(data[at : at + 4][::-1] for at in range(0, len(data), 4))
    head = bytes((0x24, 0x01)) + bytes.fromhex(uid) + bytes((0, len(data) // 4, 4))
    return ask.Request(0xB0, head + blocks)


REQUESTS = {
    "software-version": (ask.software_version(), STANDARD, 0xFF),
    "software-version-advanced": (ask.software_version(), ADVANCED, 0xFF),
    "read-configuration-7-of-reader-12": (ask.read_configuration(7), STANDARD, 0x12),
    "write-3-blocks": (
        write_blocks("E00700000147677E", bytes.fromhex("010203041112131421222324")),
        STANDARD,
        0xFF,
    ),
    "detect-baud": (ask.detect_baud(), STANDARD, 0xFF),
    "cpu-reset": (ask.cpu_reset(), STANDARD, 0xFF),
    "cpu-reset-advanced": (ask.cpu_reset(), ADVANCED, 0xFF),
    "reader-info": (ask.reader_info(), STANDARD, 0xFF),
    "reset-field": (ask.reset_field(), STANDARD, 0xFF),
    "field-on": (ask.control_field(True), STANDARD, 0xFF),
    "field-off": (ask.control_field(False), STANDARD, 0xFF),
    "inventory": (ask.inventory(), STANDARD, 0xFF),
    "inventory-advanced": (ask.inventory(), ADVANCED, 0xFF),
    "inventory-more": (ask.inventory(more=True), STANDARD, 0xFF),
    "system-information": (ask.system_information(UID), STANDARD, 0xFF),
    "read-8-blocks": (ask.read_blocks(UID, 0, 8), STANDARD, 0xFF),
    "write-2-blocks": (
        write_blocks(UID, bytes.fromhex("1101013131313232")),
        STANDARD,
        0xFF,
    ),
    "write-afi-07": (ask.write_afi(UID, 0x07), STANDARD, 0xFF),
    "write-afi-c2": (ask.write_afi(UID, 0xC2), STANDARD, 0xFF),
    "get-random": (ask.get_random(UID), STANDARD, 0xFF),
    "set-password": (ask.set_password(UID, bytes.fromhex("12345678"), b"\xd3\x39"), STANDARD, 0xFF),
    "get-random-selected": (ask.Request(0xB1, bytes.fromhex("04B202")), ADVANCED, 0xFF),
    "set-write-password-selected": (ask.Request(0xB1, bytes.fromhex("04B30202D339D339")), ADVANCED, 0xFF),
    "security-status": (ask.security_status(UID, 0, 8), STANDARD, 0xFF),
    "set-eas": (ask.set_eas(UID, True), STANDARD, 0xFF),
    "reset-eas": (ask.set_eas(UID, False), STANDARD, 0xFF),
    "eas-alarm": (ask.eas_alarm(), STANDARD, 0xFF),
    "green-500-ms": (ask.control_output(0x0001, 0, 5, 0), STANDARD, 0xFF),
    "get-input": (ask.get_input(), STANDARD, 0xFF),
    "read-eeprom-1": (ask.read_configuration(1, is_eeprom=True), STANDARD, 0xFF),
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
    """The CRC of the digits 1 to 9 is 6F91, as for every CRC-16/MCRF4XX."""
    assert checksum(b"123456789") == 0x6F91


def test_every_golden_request_has_a_builder() -> None:
    """No request of the device reference lacks a function that builds it."""
    assert {name for direction, name in GOLDEN if direction == ">"} == set(REQUESTS)


@pytest.mark.parametrize("name", REQUESTS)
def test_requests_are_the_golden_bytes(name: str) -> None:
    """Each request is, byte for byte, what manuals and captures show."""
    request, frame_type, address = REQUESTS[name]

    assert encode(Frame(frame_type, address, request.command, request.data)) == GOLDEN[">", name]


@pytest.mark.parametrize("piece", [1, 3, 4096])
@pytest.mark.parametrize("key", GOLDEN, ids=" ".join)
def test_golden_frames_are_read_and_written_back(key: tuple[str, str], piece: int) -> None:
    """Every golden frame, in whatever pieces it arrives, is read as one frame that encodes to the same bytes."""
    (frame,) = frames_of(GOLDEN[key], piece)

    assert encode(frame) == GOLDEN[key]


@pytest.mark.parametrize("piece", [1, 3, 4096])
def test_frames_in_a_row_are_cut_apart(piece: int) -> None:
    """Frames of both types that follow each other without a gap are told apart."""
    stream = b"".join(GOLDEN.values())

    assert b"".join(encode(frame) for frame in frames_of(stream, piece)) == stream


def test_inventory_replies_name_their_tags() -> None:
    """An inventory reply gives the UIDs in the order sent, with the DSFID of each."""
    (frame,) = frames_of(GOLDEN["<", "two-tags"], 64)

    assert [tag.uid for tag in parse_inventory(frame.payload[1:]).tags] == [UID, "E004010012345679"]


def test_a_phone_among_the_books_is_no_tag() -> None:
    """ISO 14443 data sets in an inventory are passed over, the books behind them are found."""
    data = b"\x02\x04\x00" + bytes(8) + b"\x03\x3e" + bytes.fromhex(UID)

    assert [tag.uid for tag in parse_inventory(data).tags] == [UID]


def test_blocks_are_turned_into_the_tags_own_order() -> None:
    """The manual's read reply, whose blocks travel reversed, gives the memory as the tag stores it."""
    (frame,) = frames_of(GOLDEN["<", "read-3-blocks"], 64)

    blocks = parse_blocks(frame.payload[1:], BlockOrder.REVERSED, 3)

    assert blocks.data == bytes.fromhex("010203041112131421222324")
    assert blocks.security == bytes(3)


@pytest.mark.parametrize(
    ("size", "count", "expected"),
    [(0x03, 0x1B, (4, 28)), (0x04, 0x1C, (4, 28)), (0x07, 0x3F, (8, 64)), (0x08, 0x40, (8, 64))],
)
def test_memory_size_is_understood_in_both_ways_of_counting(
    size: int, count: int, expected: tuple[int, int]
) -> None:
    """Sizes 3 and 7 mean one more, and so does the count beside them; 4 and 8 are plain."""
    data = bytes((0x3E, *bytes.fromhex(UID), 0x07, size, count, 0x01))

    information = parse_system_information(data)

    assert (information.block_size_bytes, information.block_count) == expected
    assert (information.uid, information.dsfid, information.afi) == (UID, 0x3E, 0x07)


@pytest.mark.parametrize(
    "data",
    [b"", b"\x01", b"\x02" + bytes(10), b"\x01\x09" + bytes(9), b"\x00\x00", b"\xff" * 11],
)
def test_an_inventory_that_cannot_be_is_refused(data: bytes) -> None:
    """A count that does not fit the length, or a type that no pad knows, is an error and not a tag."""
    with pytest.raises(FrameError):
        parse_inventory(data)


@pytest.mark.parametrize(
    "data", [b"", b"\x01", b"\x00\x04", b"\x09\x04" + bytes(45), b"\x01\x04" + bytes(4), b"\x01\x00\x00"]
)
def test_blocks_that_were_not_asked_for_are_refused(data: bytes) -> None:
    """No blocks, more blocks than asked for, or a length that does not fit is an error."""
    with pytest.raises(FrameError):
        parse_blocks(data, BlockOrder.REVERSED, 8)


@pytest.mark.parametrize("data", [b"", b"\x08" + bytes(7), b"\x07" + bytes(7)])
def test_a_security_status_of_another_length_is_refused(data: bytes) -> None:
    """The lock bits of fewer or more blocks than asked for are an error."""
    with pytest.raises(FrameError):
        parse_security(data, 8)


@pytest.mark.parametrize("change", ["length", "crc"])
def test_a_broken_frame_is_reported_once_and_the_next_one_is_read(change: str) -> None:
    """A wrong length or CRC is one error; the reader then starts afresh."""
    good = GOLDEN[">", "inventory"]
    bad = b"\x03" + good[1:] if change == "length" else good[:-1] + b"\x00"
    reader = FrameReader()
    reader.feed(bad)

    with pytest.raises(FrameError):
        reader.next_frame()
    assert reader.next_frame() is None
    reader.feed(good)
    frame = reader.next_frame()
    assert frame is not None
    assert encode(frame) == good


def test_a_frame_that_claims_to_be_huge_is_refused_at_its_head() -> None:
    """An advanced frame of 64 KiB is refused when its length is seen, not when memory is full."""
    reader = FrameReader()
    reader.feed(b"\x02\xff\xff")

    with pytest.raises(FrameError):
        reader.next_frame()


@pytest.mark.parametrize("frame_type", list(FrameType))
def test_a_frame_too_long_for_its_type_is_not_built(frame_type: FrameType) -> None:
    """More data than a frame can hold is refused instead of cut."""
    with pytest.raises(FrameError):
        encode(Frame(frame_type, 0xFF, 0xB0, bytes(2100)))


@given(
    frame_type=st.sampled_from(FrameType),
    address=st.integers(0, 255),
    command=st.integers(0, 255),
    payload=st.binary(max_size=250),
    piece=st.integers(1, 300),
)
def test_any_frame_survives_the_line(
    frame_type: FrameType, address: int, command: int, payload: bytes, piece: int
) -> None:
    """Whatever is framed is read back the same, in pieces of any size."""
    frame = Frame(frame_type, address, command, payload)

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
    chance = random.Random(15693)
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


@pytest.mark.parametrize("parser", ["inventory", "information", "blocks", "security", "random"])
def test_hostile_replies_raise_nothing_but_the_parsers_own_error(parser: str) -> None:
    """Twenty thousand random and changed reply bodies are understood or refused by `FrameError`, per parser."""
    parsers: dict[str, Callable[[bytes], object]] = {
        "inventory": parse_inventory,
        "information": parse_system_information,
        "blocks": lambda data: parse_blocks(data, BlockOrder.REVERSED, 8),
        "security": lambda data: parse_security(data, 8),
        "random": parse_random,
    }
    parse = parsers[parser]
    seeds = [frames_of(data, 300)[0].payload[1:] or b"\0" for key, data in GOLDEN.items() if key[0] == "<"]
    seeds += [
        b"\xd3\x39",
        b"\x08\x04" + bytes(40),
        b"\x08" + bytes(8),
        b"\x02\x03" + bytes(9) + b"\x03" + bytes(9),
    ]
    chance = random.Random(parser)
    understood = 0
    for _ in range(effort(20_000)):
        try:
            parse(mutated(chance, seeds))
            understood += 1
        except FrameError:
            continue
    assert 0 < understood < effort(20_000)
