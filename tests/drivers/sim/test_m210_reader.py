"""The far end of a 3M 210: its golden replies, its faults, and the time it takes."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from drivers.link.memory import VirtualClock
from drivers.rfid import TagUid
from drivers.rfid import m210_commands as ask
from drivers.rfid.m210 import START, Frame, encode
from drivers.sim import airtime
from drivers.sim.m210_reader import M210Reader
from drivers.sim.tag import SimulatedTag
from drivers.sim.tag_field import ReaderFault
from tests.kit.effort import effort

WIRE = Path(__file__).parents[2] / "wire" / "m210.txt"
UID = TagUid("E004010012345678")
OTHER = TagUid("E004010012345679")


def wire(name: str) -> bytes:
    for line in WIRE.read_text().splitlines():
        if line.startswith(name + " "):
            return bytes.fromhex(line.split(maxsplit=3)[3])
    raise AssertionError(name)


def tag_of_the_reference(uid: TagUid = UID) -> SimulatedTag:
    return SimulatedTag(uid, bytearray(range(112)), afi=0x07, dsfid=0x00, eas=False)


def test_it_answers_the_reference_byte_for_byte() -> None:
    """The conversations of the device reference run against the far end as printed."""
    reader = M210Reader(VirtualClock())
    assert reader.receive(wire("> hardware-version")) == wire("< hardware-version")
    assert reader.receive(wire("> inventory")) == wire("< no-tag")
    assert reader.receive(wire("> read-8-blocks")) == wire("< no-transponder")
    assert reader.receive(encode(Frame(START, b"\xcc"))) == wire("< not-implemented")
    reader.lay(tag_of_the_reference(), tag_of_the_reference(OTHER))
    assert reader.receive(wire("> inventory")) == wire("< two-tags")


def test_what_is_asked_of_a_tag_is_what_it_does() -> None:
    """AFI, EAS, DSFID and memory come and change as the reference tells; EAS off is "no transponder"."""
    reader = M210Reader(VirtualClock())
    tag = tag_of_the_reference()
    tag.locked_blocks = {9}
    reader.lay(tag)

    def answer(request: Frame) -> bytes:
        return reader.receive(encode(request))[3:-2]

    raw = bytes.fromhex(UID)
    assert answer(ask.get_afi(UID)) == b"\x0a\0" + raw + b"\x07"
    assert answer(ask.write_afi(UID, 0xC2)) == b"\x09\0" + raw + b"\xc2"
    assert answer(ask.get_dsfid(UID)) == b"\x0b\0" + raw + b"\0"
    assert answer(ask.check_eas(UID)) == b"\x03\x06" + raw
    assert answer(ask.control_eas(UID, True)) == b"\x0c\0" + raw
    assert answer(ask.check_eas(UID)) == b"\x03\0" + raw
    assert answer(ask.read_blocks(UID, 8, 2)) == b"\x02\0" + raw + bytes.fromhex(
        "02 0800 20212223 0901 24252627"
    )
    assert answer(ask.read_blocks(UID, 24, 8)) == b"\x02\x11" + raw
    assert (tag.afi, tag.eas) == (0xC2, True)


def test_a_filter_and_the_dsfid_are_options_of_the_inventory() -> None:
    """With an AFI only its tags are told, with bit 1 each behind its DSFID."""
    reader = M210Reader(VirtualClock())
    lent = tag_of_the_reference(OTHER)
    lent.afi, lent.dsfid = 0xC2, 0x3E
    reader.lay(tag_of_the_reference(), lent)

    told = reader.receive(encode(Frame(START, b"\xfe\xc2\x07")))[3:-2]

    assert told == b"\xfe\x00\xc2\x07\x01\x3e" + bytes.fromhex(OTHER)


@pytest.mark.parametrize("command", [0x01, 0x04, 0x05, 0x06, 0x07, 0x08, 0x0D, 0x0E, 0x0F, 0x14])
def test_what_writes_or_locks_is_heard_and_not_done(command: int) -> None:
    """Commands that no kiosk sends change no tag here, and are in the list of what was heard."""
    reader = M210Reader(VirtualClock())
    tag = tag_of_the_reference()
    reader.lay(tag)
    frame = Frame(START, bytes((command,)) + bytes.fromhex(UID) + b"\x00\x01\x00\x01\x02\x03\x04")

    assert reader.receive(encode(frame))[4] == 0x30
    assert reader.commands_heard == [frame.payload]
    assert tag == tag_of_the_reference()


@pytest.mark.parametrize("damage", ["start", "length", "crc"])
def test_a_frame_it_cannot_read_gets_no_answer(damage: str) -> None:
    """A wrong start, length or CRC is met with silence, and the next frame is answered."""
    clock = VirtualClock()
    reader = M210Reader(clock)
    good = wire("> inventory")
    bad = {"start": b"\xd7" + good[1:], "length": b"\xd6\x00\x09" + good[3:], "crc": good[:-1] + b"\x00"}[
        damage
    ]

    assert reader.receive(bad) == b""
    clock.wait(1)
    assert reader.receive(good) != b""


@pytest.mark.parametrize("fault", list(ReaderFault))
def test_each_fault_hits_one_answer(fault: ReaderFault) -> None:
    """An injected fault changes the next answer and no other; every kind really changes it."""
    reader = M210Reader(VirtualClock())
    reader.lay(tag_of_the_reference())
    question = encode(ask.inventory() if fault is ReaderFault.TWICE else ask.get_afi(UID))
    sound = reader.receive(question)
    reader.inject(None, fault)

    assert reader.receive(question) == sound
    if fault is ReaderFault.UNWRITTEN:
        assert reader.receive(wire("> write-afi-c2"))[4] == 0x00
    else:
        assert reader.receive(question) != sound
    assert reader.receive(question) == sound


def test_with_line_and_air_time_it_takes_as_long_as_the_real_thing() -> None:
    """Ten bits a byte at the line's speed plus the command's time in the air."""
    clock = VirtualClock()
    reader = M210Reader(clock, line_baud=19200, has_air_time=True)
    reader.lay(tag_of_the_reference())
    reader.receive(encode(ask.get_afi(UID)))

    expected = (14 + 16) * 10 / 19200 + airtime.system_information_seconds()
    assert clock.monotonic() == pytest.approx(expected)


def test_hostile_bytes_never_stop_it() -> None:
    """Twenty thousand random and changed inputs leave a far end that still answers rightly."""
    clock = VirtualClock()
    reader = M210Reader(clock)
    reader.lay(tag_of_the_reference())
    chance = random.Random(19200)
    seeds = [
        bytes.fromhex(line.split(maxsplit=3)[3]) for line in WIRE.read_text().splitlines() if line[:1] == ">"
    ]
    for _ in range(effort(20_000)):
        data = bytearray(chance.choice(seeds))
        if chance.random() < 0.5:
            head = bytes((chance.randrange(0x16),)) + bytes.fromhex(UID) * chance.randrange(2)
            data = bytearray(encode(Frame(START, head + chance.randbytes(chance.randrange(6)))))
        else:
            data[chance.randrange(len(data))] = chance.randrange(256)
        reader.receive(bytes(data))
        reader.commands_heard.clear()
    clock.wait(1)

    assert reader.receive(wire("> hardware-version")) == wire("< hardware-version")
