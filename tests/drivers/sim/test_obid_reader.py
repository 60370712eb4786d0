"""The FEIG far end: its own golden replies, its modes, its faults, and the time it takes."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from drivers.link.memory import VirtualClock
from drivers.rfid import TagUid
from drivers.rfid import obid_commands as ask
from drivers.rfid.obid import BlockOrder, Frame, FrameType, encode
from drivers.sim import airtime, shelf
from drivers.sim.obid_reader import ObidReader, ReaderFault
from drivers.sim.tag import SimulatedTag
from tests.kit.effort import effort

WIRE = Path(__file__).parents[2] / "wire" / "obid.txt"
UID = TagUid("E004010012345678")
OTHER = TagUid("E004010012345679")


def wire(name: str) -> bytes:
    for line in WIRE.read_text().splitlines():
        if line.startswith(name):
            return bytes.fromhex(line.split(maxsplit=3)[3])
    raise AssertionError(name)


def sent(request: ask.Request, frame_type: FrameType = FrameType.STANDARD) -> bytes:
    return encode(Frame(frame_type, 0xFF, request.command, request.data))


def tag_of_the_reference(uid: TagUid = UID) -> SimulatedTag:
    return SimulatedTag(uid, bytearray(112), afi=0x07, dsfid=0x00)


def test_it_answers_the_reference_byte_for_byte() -> None:
    """The conversations of the device reference run against the far end as printed."""
    reader = ObidReader(VirtualClock(), tags_per_reply=1)
    talk = [
        ("> inventory computed", "< no-tag"),
        ("> software-version captured", "< software-version captured"),
        ("> software-version-advanced", "< software-version-advanced"),
    ]
    for question, answer in talk:
        assert reader.receive(wire(question)) == wire(answer)
    reader.lay(tag_of_the_reference())
    assert reader.receive(wire("> inventory computed")) == wire("< one-tag")
    reader.receive(wire("> reset-field"))
    reader.lay(tag_of_the_reference(OTHER))
    assert reader.receive(wire("> inventory computed")) == wire("< more-data")
    assert reader.receive(wire("> system-information")) == wire("< system-information")
    assert reader.receive(wire("> write-afi-c2")) == wire("< write-ok")


def test_two_tags_come_in_one_reply_where_the_buffer_holds_them() -> None:
    """The reference's reply with two tags."""
    reader = ObidReader(VirtualClock())
    reader.lay(tag_of_the_reference(), tag_of_the_reference(OTHER))

    assert reader.receive(wire("> inventory computed")) == wire("< two-tags")


def test_the_manuals_write_is_what_the_tag_then_stores() -> None:
    """Blocks written as in the manual are stored in the tag's order and read back as in the manual."""
    reader = ObidReader(VirtualClock())
    tag = tag_of_the_reference(TagUid("E00700000147677E"))
    reader.lay(tag)

    reader.receive(wire("> write-3-blocks"))

    assert tag.memory[:12] == bytes.fromhex("010203041112131421222324")
    assert reader.receive(sent(ask.read_blocks(tag.uid, 0, 3))) == wire("< read-3-blocks")


@pytest.mark.parametrize("damage", ["crc", "length", "address"])
def test_a_frame_it_cannot_read_gets_no_answer(damage: str) -> None:
    """A wrong CRC, a wrong length or another's address is met with silence, and the next frame is answered."""
    clock = VirtualClock()
    reader = ObidReader(clock, address=3)
    good = sent(ask.software_version())
    bad = {
        "crc": good[:-1] + b"\x00",
        "length": b"\x09" + good[1:],
        "address": encode(Frame(FrameType.STANDARD, 4, 0x65, b"")),
    }[damage]

    assert reader.receive(bad) == b""
    clock.wait(1)
    assert reader.receive(good) != b""


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"\x99", 0x80),
        (b"\x6a", 0x81),
        (b"\x71\x00", 0x81),
        (b"\xb0", 0x81),
        (b"\xb0\x23\x01" + bytes(8), 0x01),
        (b"\xb0\x23\x01" + bytes.fromhex(UID), 0x81),
        (b"\xb0\x23\x01" + bytes.fromhex(UID) + b"\x00\x00", 0x11),
        (b"\xb0\x23\x01" + bytes.fromhex(UID) + b"\x1b\x08", 0x95),
        (b"\xb0\x77\x01" + bytes.fromhex(UID), 0x82),
        (b"\xb1\x05\xa2\x01" + bytes.fromhex(UID), 0x82),
        (b"\xb1\x04\xa2\x01" + bytes.fromhex(UID), 0x95),
        (b"\x80\x7f", 0x11),
        (b"\x81\x05\x00", 0x81),
    ],
    ids=lambda value: value.hex() if isinstance(value, bytes) else "",
)
def test_wrong_questions_get_the_status_of_the_manual(body: bytes, status: int) -> None:
    """Unknown commands, wrong lengths, missing tags and blocks each have their status byte."""
    reader = ObidReader(VirtualClock())
    reader.lay(tag_of_the_reference())

    answer = reader.receive(encode(Frame(FrameType.STANDARD, 0xFF, body[0], body[1:])))

    assert answer[3] == status


def test_only_new_tags_mode_is_a_setting_of_its_configuration() -> None:
    """With ONT cleared in the reader's configuration a tag is reported again without a field reset."""
    reader = ObidReader(VirtualClock())
    reader.lay(tag_of_the_reference())
    one, none = wire("< one-tag"), wire("< no-tag")
    inventory = sent(ask.inventory())
    assert [reader.receive(inventory), reader.receive(inventory)] == [one, none]
    block = bytearray(reader.receive(sent(ask.read_configuration(5)))[4:-2])
    block[11] &= ~1
    assert reader.receive(sent(ask.write_configuration(5, bytes(block))))[3] == 0x00
    assert reader.receive(sent(ask.save_configuration(5)))[3] == 0x00

    assert [reader.receive(inventory), reader.receive(inventory)] == [one, one]


def test_a_field_that_is_off_hears_no_tag() -> None:
    """With the field switched off there is no transponder; switched on again there is."""
    reader = ObidReader(VirtualClock())
    reader.lay(tag_of_the_reference())
    reader.receive(sent(ask.control_field(False)))
    assert reader.receive(sent(ask.inventory())) == wire("< no-tag")
    reader.receive(sent(ask.control_field(True)))

    assert reader.receive(sent(ask.inventory())) == wire("< one-tag")


@pytest.mark.parametrize("fault", list(ReaderFault))
def test_each_fault_hits_one_answer(fault: ReaderFault) -> None:
    """An injected fault changes the next answer and no other; every kind really changes it."""
    reader = ObidReader(VirtualClock(), only_new_tags=False)
    reader.lay(tag_of_the_reference())
    question = sent(ask.inventory() if fault is ReaderFault.TWICE else ask.system_information(UID))
    sound = reader.receive(question)
    reader.inject(None, fault)

    assert reader.receive(question) == sound
    if fault is ReaderFault.UNWRITTEN:
        assert reader.receive(sent(ask.write_afi(UID, 0xC2))) == wire("< write-ok")
    else:
        assert reader.receive(question) != sound
    assert reader.receive(question) == sound


def test_with_line_and_air_time_it_takes_as_long_as_the_real_thing() -> None:
    """Bytes at the line's speed plus the command's time in the air, and nothing without them."""
    clock = VirtualClock()
    for baud, has_air, expected in (
        (0, False, 0.0),
        (38400, False, 34 * 11 / 38400),
        (0, True, airtime.system_information_seconds()),
        (38400, True, 34 * 11 / 38400 + airtime.system_information_seconds()),
    ):
        reader = ObidReader(clock, line_baud=baud, has_air_time=has_air)
        reader.lay(tag_of_the_reference())
        begun = clock.monotonic()
        reader.receive(sent(ask.system_information(UID)))

        assert clock.monotonic() - begun == pytest.approx(expected)


def test_air_time_is_in_the_range_that_is_published() -> None:
    """Ten books cost 0.30 to 0.50 s of air for inventory, 32 bytes and the AFI, forty 1.25 to 2.03 s."""
    for count, least, most in ((10, 0.30, 0.50), (40, 1.25, 2.03)):
        uids = [shelf.uid_for(str(number)) for number in range(count)]
        seconds = airtime.inventory_seconds(uids) + count * (
            airtime.read_seconds(8) + airtime.write_seconds()
        )
        assert least <= seconds <= most


def test_more_tags_never_take_less_air() -> None:
    """Each further tag in the field lengthens the inventory."""
    uids = [shelf.uid_for(str(number)) for number in range(30)]
    times = [airtime.inventory_seconds(uids[:count]) for count in range(31)]

    assert times == sorted(times)
    assert times[0] < times[-1]


def test_hostile_bytes_never_stop_it() -> None:
    """Twenty thousand random and changed inputs leave a far end that still answers rightly."""
    clock = VirtualClock()
    reader = ObidReader(clock, block_order=BlockOrder.NATURAL)
    reader.lay(tag_of_the_reference())
    chance = random.Random(38400)
    seeds = [
        bytes.fromhex(line.split(maxsplit=3)[3]) for line in WIRE.read_text().splitlines() if line[:1] == ">"
    ]
    for _ in range(effort(20_000)):
        data = bytearray(chance.choice(seeds))
        if chance.random() < 0.5:
            frame = Frame(
                FrameType.STANDARD,
                0xFF,
                chance.choice([0xB0, 0xB1, 0x80, 0x71, 0x6A]),
                chance.randbytes(chance.randrange(30)),
            )
            data = bytearray(encode(frame))
        else:
            data[chance.randrange(len(data))] = chance.randrange(256)
        reader.receive(bytes(data))
        reader.commands_heard.clear()
    clock.wait(1)

    assert reader.receive(sent(ask.software_version())) == wire("< software-version captured")


def test_the_shelf_gives_each_thing_its_own_uid() -> None:
    """A thousand items, their parts and cards have different UIDs, always the same ones."""
    tags = [shelf.item_tag(f"{number:014}") for number in range(1000)]
    tags += [*shelf.item_tags("1001", 3), shelf.patron_card_tag("2900001"), shelf.empty_tag()]

    assert len({tag.uid for tag in tags}) == len(tags)
    assert shelf.item_tag("1001").uid == shelf.item_tag("1001").uid
    assert all(tag.uid.startswith("E004") and len(tag.uid) == 16 for tag in tags)
