"""The far end of the UHFReader18 family: golden conversations, its modes, its faults, and the time it takes."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from drivers.link.memory import VirtualClock
from drivers.rfid.uhf18 import Frame, encode
from drivers.sim import uhf_airtime
from drivers.sim.uhf18_reader import Generation, Uhf18Reader
from drivers.sim.uhf_faults import ReaderFault
from drivers.sim.uhf_tag import Outcome, SimulatedUhfTag, UhfField
from tests.kit.effort import effort

WIRE = Path(__file__).parents[2] / "wire" / "uhf18.txt"
EPC = bytes.fromhex("1703000398130803F4040000")


def wire(name: str) -> bytes:
    for line in WIRE.read_text().splitlines():
        if line.startswith(name + " "):
            return bytes.fromhex(line.split(maxsplit=3)[3])
    raise AssertionError(name)


def asked(reader: Uhf18Reader, command: int, data: bytes = b"") -> bytes:
    """Status and data of the answer, behind the command it was for."""
    return reader.receive(encode(Frame(0xFF, command, data)))[2:-2]


def test_it_answers_the_reference_byte_for_byte() -> None:
    """The conversations of the device reference run against the far end as printed."""
    reader = Uhf18Reader(VirtualClock(), pushes=True)

    assert reader.receive(wire("> info")) == wire("< info")
    assert reader.receive(wire("> work-mode")) == wire("< work-mode")
    assert reader.receive(wire("> answer-mode")) == wire("< answer-mode")
    assert reader.receive(wire("> inventory")) == wire("< no-tag")
    reader.lay(SimulatedUhfTag(EPC))
    assert reader.receive(wire("> inventory")) == wire("< one-tag")
    assert reader.receive(wire("> write-bit")) == wire("< written")
    assert reader.receive(wire("> write-bit")) == encode(Frame(0, 3, b"\xfb"))


def test_passwords_locks_and_ends_are_told_as_the_reference_has_them() -> None:
    """A wrong password is status 05, a lock and a bank's end are what the tag answered, behind FC."""
    reader = Uhf18Reader(VirtualClock())
    tag = SimulatedUhfTag(EPC, kill_and_access=bytes(8))
    reader.lay(tag)

    assert reader.receive(wire("> write-afi-with-password")) == wire("< wrong-password")
    tag.locked = True
    assert reader.receive(wire("> write-bit")) == wire("< locked")
    assert reader.receive(wire("> read-user-by-mask"))[2:-2] == b"\x02\xfc\x03"


@pytest.mark.parametrize("damage", ["length", "crc", "address"])
def test_what_is_not_for_it_gets_no_answer(damage: str) -> None:
    """A wrong CRC, another address and a frame that is too short are passed over in silence."""
    reader = Uhf18Reader(VirtualClock())
    question = wire("> info")
    sent = {
        "length": b"\x02\x21\x00",
        "crc": question[:-1] + b"\x00",
        "address": encode(Frame(3, 0x21)),
    }[damage]

    assert reader.receive(sent) == b""
    assert reader.receive(question) == wire("< info")


def test_an_unknown_command_is_answered_with_command_00() -> None:
    """What a generation does not know is refused with command 00 and status FE; so is each dangerous command."""
    older = Uhf18Reader(VirtualClock())
    newer = Uhf18Reader(VirtualClock(), generation=Generation.NEWER)

    assert older.receive(encode(Frame(0, 0x76, b"\0"))) == wire("< unknown-command")
    assert newer.receive(wire("> work-mode")) == wire("< unknown-command")
    for command in (0x04, 0x05, 0x06, 0x07, 0x08, 0x10):
        assert asked(older, command, bytes(20)) == b"\x00\xfe"


def test_in_scan_mode_it_pushes_and_obeys_reader_commands_alone() -> None:
    """Tags are told unasked at most every fiftieth of a second; an inventory is not answered."""
    clock = VirtualClock()
    reader = Uhf18Reader(clock, pushes=True)
    reader.lay(SimulatedUhfTag(EPC))

    assert reader.receive(b"") == b""
    clock.wait(1)
    assert reader.receive(b"") == wire("< pushed")
    assert reader.receive(b"") == b""
    assert reader.receive(wire("> inventory")) == b""
    assert reader.receive(wire("> info")) == wire("< info")


def test_an_inventory_comes_in_parts() -> None:
    """More tags than fit are told in several answers, all but the last with status 03."""
    reader = Uhf18Reader(VirtualClock(), tags_per_answer=2)
    reader.lay(*[SimulatedUhfTag(EPC[:-1] + bytes((number,))) for number in range(5)])

    answer = reader.receive(wire("> inventory"))

    frames = []
    while answer:
        frames.append(answer[: answer[0] + 1])
        answer = answer[answer[0] + 1 :]
    assert [frame[3] for frame in frames] == [3, 3, 1]
    assert [frame[4] for frame in frames] == [2, 2, 1]


def test_at_the_wrong_speed_nothing_is_understood() -> None:
    """Spoken to at another speed the reader answers nonsense or nothing, and does nothing."""
    reader = Uhf18Reader(VirtualClock(), baud=115200)
    reader.line_is_at(57600)
    nonsense = reader.receive(wire("> info"))
    reader.is_silent_at_wrong_speed = True

    assert nonsense not in (b"", wire("< info"))
    assert reader.receive(wire("> info")) == b""
    assert reader.commands_heard == []
    reader.line_is_at(115200)
    assert reader.receive(wire("> info")) == wire("< info")


@pytest.mark.parametrize("fault", list(ReaderFault), ids=lambda fault: fault.value)
def test_each_fault_changes_one_answer(fault: ReaderFault) -> None:
    """Every injected fault makes the next answer another one, and only that."""
    reader = Uhf18Reader(VirtualClock())
    reader.lay(SimulatedUhfTag(EPC))
    reader.faults.inject(None, fault)

    answers = [reader.receive(wire("> inventory")) for _ in range(3)]

    assert answers[0] == answers[2] == wire("< one-tag")
    assert answers[1] != answers[0]


def test_line_and_air_take_their_time() -> None:
    """With both switched on, an inventory takes its air time and the bytes of both frames at ten bits each."""
    clock = VirtualClock()
    reader = Uhf18Reader(clock, line_baud=57600, has_air_time=True)
    reader.lay(SimulatedUhfTag(EPC))
    reader.receive(wire("> inventory"))

    expected = uhf_airtime.inventory_seconds(1, 12) + (5 + 20) * 10 / 57600

    assert clock.monotonic() == pytest.approx(expected)
    assert uhf_airtime.read_seconds(12, 8) < uhf_airtime.write_seconds(12)


def test_hostile_input_never_breaks_the_far_end() -> None:
    """Random and changed frames are answered or not, and a sound question after a pause is answered as ever."""
    chance = random.Random(33)
    questions = [
        bytes.fromhex(line.split(maxsplit=3)[3]) for line in WIRE.read_text().splitlines() if line[0] == ">"
    ]
    clock = VirtualClock()
    reader = Uhf18Reader(clock)
    reader.lay(SimulatedUhfTag(EPC))
    for _ in range(effort(2_000)):
        frame = bytearray(chance.choice(questions))
        command, data = chance.randrange(256), chance.randbytes(chance.randrange(40))
        if chance.random() < 0.5:
            frame[chance.randrange(len(frame))] = chance.randrange(256)
            reader.receive(bytes(frame))
        else:
            reader.receive(encode(Frame(0, command, data)))
        clock.wait(1)

    assert reader.receive(wire("> info"))[2:4] == b"\x21\x00"


def test_two_tags_with_one_beginning_disturb_each_other() -> None:
    """A tag is selected by the beginning of its EPC: a longer EPC with that beginning answers at the same time."""
    field = UhfField()
    field.lay(SimulatedUhfTag(EPC[:8]), SimulatedUhfTag(EPC))

    assert field.read(EPC[:8], 1, 0, 4).outcome is Outcome.UNHEARD
    assert field.read(EPC, 1, 0, 4).outcome is Outcome.OK
    assert field.read(b"\x01\x02", 1, 0, 4).outcome is Outcome.NO_TAG


def test_a_tag_that_leaves_during_a_write_may_be_torn() -> None:
    """The last question it hears is carried out, wholly or up to the first byte, and its answer is not heard."""
    for is_torn, expected in ((False, "9703"), (True, "9703")):
        tag = SimulatedUhfTag(EPC, leaves_after=1, is_torn=is_torn)
        field = UhfField()
        field.lay(tag)

        assert field.write(EPC, 2, bytes.fromhex("9703")).outcome is Outcome.NO_TAG
        assert tag.epc[:2].hex() == expected
        assert field.tags() == ()
    torn = SimulatedUhfTag(EPC, 0x3107, leaves_after=1, is_torn=True)
    field = UhfField()
    field.lay(torn)
    field.write(EPC, 1, bytes.fromhex("32C2"))
    assert torn.pc == 0x3207


def test_tags_are_laid_and_taken() -> None:
    """The field holds what was laid into it and not taken, and a tag that hides is not in inventories."""
    field = UhfField()
    tags = [SimulatedUhfTag(EPC), SimulatedUhfTag(EPC[:8], is_hidden=True)]
    field.lay(*tags)

    assert field.inventory() == (tags[0],)
    field.take(tags[0])
    assert field.tags() == (tags[1],)
