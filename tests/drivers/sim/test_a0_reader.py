"""The far end of Impinj "A0" modules: golden conversations, selections, restarts, faults, and the time it takes."""

from __future__ import annotations

import random

import pytest

from drivers.link.memory import VirtualClock
from drivers.rfid.a0 import Frame, encode
from drivers.sim import uhf_airtime
from drivers.sim.a0_reader import A0Reader, WriteAnswer
from drivers.sim.uhf_faults import ReaderFault
from drivers.sim.uhf_tag import SimulatedUhfTag
from tests.kit.effort import effort
from tests.kit.uhf_wire import golden

GOLDEN = golden("a0.txt")
EPC = bytes.fromhex("1703000398130803F4040000")
SELECT = bytes((0, len(EPC))) + EPC
WRITE = bytes.fromhex("00000000 01 02 01 9703")


def wire(name: str) -> bytes:
    direction, _, about = name.partition(" ")
    return GOLDEN[direction, about]


def asked(reader: A0Reader, command: int, data: bytes = b"") -> bytes:
    """The data of the first answer, behind the command it is for."""
    answer = reader.receive(encode(Frame(0xFF, command, data)))
    return answer[3 : answer[1] + 1] if answer else b""


def test_it_answers_the_reference_byte_for_byte() -> None:
    """The conversations of the device reference run against the far end as printed."""
    reader = A0Reader(VirtualClock())

    assert reader.receive(wire("> firmware")) == wire("< firmware")
    assert reader.receive(wire("> firmware-any")) == wire("< firmware")
    assert reader.receive(wire("> antenna-1")) == wire("< antenna-set")
    assert reader.receive(wire("> select")) == wire("< selected")
    assert reader.receive(wire("> power")) == wire("< power")
    assert reader.receive(wire("> power-20")) == wire("< power-set")
    assert reader.receive(wire("> inventory")) == wire("< no-tag-end")
    assert reader.receive(wire("> read-user")) == wire("< no-tag")
    reader.lay(SimulatedUhfTag(EPC, user=bytearray.fromhex("0C02280810040001")))
    for question in ("> inventory", "> inventory-s1"):
        answer = reader.receive(wire(question)).replace(b"\x01\x8b", b"\x01\x89")
        assert answer[:20] == wire("< one-tag")[:20]
        assert len(answer) == len(wire("< one-tag") + wire("< one-tag-end"))
    assert reader.receive(wire("> inventory")) == wire("< one-tag") + wire("< one-tag-end")
    assert asked(reader, 0x85, SELECT) == b"\x85\x10"
    assert reader.receive(wire("> read-user")) == wire("< user")


@pytest.mark.parametrize(("counts_bytes", "name"), [(False, "pc-word"), (True, "pc-word-length-in-bytes")])
def test_the_length_of_what_was_read_is_told_either_way(counts_bytes: bool, name: str) -> None:
    """Sources disagree on the length behind the words, so there are modules of both sorts."""
    reader = A0Reader(VirtualClock(), counts_bytes=counts_bytes)
    reader.lay(SimulatedUhfTag(EPC))
    asked(reader, 0x85, SELECT)

    assert reader.receive(encode(Frame(1, 0x81, b"\x01\x01\x01"))) == wire(f"< {name}")


@pytest.mark.parametrize("damage", ["length", "sum", "address", "noise"])
def test_what_is_not_for_it_gets_no_answer(damage: str) -> None:
    """A wrong sum, another address and what is no frame are passed over in silence."""
    reader = A0Reader(VirtualClock())
    question = wire("> firmware")
    sent = {
        "length": b"\xa0\x01\x72\xed",
        "sum": question[:-1] + b"\x00",
        "address": encode(Frame(3, 0x72)),
        "noise": b"\x04\x00\x21\xd9\x6a",
    }[damage]

    assert reader.receive(sent) == b""
    assert reader.receive(question) == wire("< firmware")


def test_without_a_selection_a_write_goes_to_every_tag() -> None:
    """What makes these modules dangerous: as they start, no tag is selected, and a write changes all."""
    reader = A0Reader(VirtualClock())
    tags = [SimulatedUhfTag(EPC), SimulatedUhfTag(EPC[:-1] + b"\x07")]
    reader.lay(*tags)
    asked(reader, 0x85, SELECT)
    asked(reader, 0x94, WRITE)

    assert [tag.epc[0] for tag in tags] == [0x97, 0x17]
    reader.restart()
    asked(reader, 0x94, WRITE)
    assert [tag.epc[0] for tag in tags] == [0x97, 0x17]
    reader._clock.wait(1)
    assert asked(reader, 0x81, b"\x01\x01\x01")[1:3] == b"\x00\x02"
    asked(reader, 0x94, WRITE)
    assert [tag.epc[0] for tag in tags] == [0x97, 0x97]


def test_it_restarts_after_as_many_questions_as_it_is_told() -> None:
    """The last question is answered still; then it is deaf for a moment and works with its first antenna."""
    clock = VirtualClock()
    reader = A0Reader(clock)
    asked(reader, 0x74, b"\x02")
    reader.restarts_after = 2

    answers = [asked(reader, 0x72) for _ in range(3)]
    clock.wait(1)

    assert [bool(answer) for answer in answers] == [True, True, False]
    assert asked(reader, 0x72) == b"\x72\x01\x09"
    assert reader.antenna == 0


@pytest.mark.parametrize(
    ("answer", "said"), [(WriteAnswer.AS_READ, 27), (WriteAnswer.CODE, 6), (WriteAnswer.NOTHING, 0)], ids=str
)
def test_a_write_is_answered_in_one_way_or_another(answer: WriteAnswer, said: int) -> None:
    """No layout of that answer is known: a module names the tag, says a code or says nothing, and has written."""
    reader = A0Reader(VirtualClock(), write_answer=answer)
    tag = SimulatedUhfTag(EPC)
    reader.lay(tag)
    asked(reader, 0x85, SELECT)

    got = reader.receive(encode(Frame(1, 0x94, WRITE)))

    assert len(got) == said
    assert tag.epc[0] == 0x97


def test_refusals_are_codes() -> None:
    """Locks, passwords, ends of banks and questions that make no sense are told by one byte."""
    reader = A0Reader(VirtualClock())
    tag = SimulatedUhfTag(EPC, kill_and_access=bytes(7) + b"\x01", needs_password=True)
    reader.lay(tag)
    asked(reader, 0x85, SELECT)

    assert asked(reader, 0x94, WRITE) == b"\x94\x33"
    assert asked(reader, 0x94, b"\0\0\0\x02" + WRITE[4:]) == b"\x94\x33"
    assert asked(reader, 0x81, b"\x03\x00\x04") == b"\x81\x32"
    assert asked(reader, 0x81, b"\x04\x00\x04") == b"\x81\x43"
    assert asked(reader, 0x81, b"\x01\x00\x00") == b"\x81\x42"
    for command in (0x74, 0x76, 0x81, 0x82, 0x85, 0x8B, 0x94):
        assert asked(reader, command, b"\xff") == bytes((command, 0x41))
    assert asked(reader, 0x89) == b"\x89\x41"
    for command in (0x68, 0x70, 0x80, 0x83, 0x84):
        assert asked(reader, command, bytes(8)) == bytes((command, 0x11))
    assert (tag.epc, tag.locked) == (EPC, False)


@pytest.mark.parametrize("fault", list(ReaderFault), ids=lambda fault: fault.value)
@pytest.mark.parametrize("command", [0x81, 0x89])
def test_each_fault_changes_one_answer(command: int, fault: ReaderFault) -> None:
    """Every injected fault makes one frame another one, and only that."""
    reader = A0Reader(VirtualClock())
    reader.lay(SimulatedUhfTag(EPC))
    asked(reader, 0x85, SELECT)
    question = encode(Frame(1, command, b"\x01\x01\x01" if command == 0x81 else b"\x01"))
    sound = reader.receive(question)
    reader.faults.inject(fault)

    damaged, after = reader.receive(question), reader.receive(question)

    assert after == sound
    assert damaged != sound
    if fault is ReaderFault.OTHER_EPC:
        assert EPC[:-1] in damaged
        assert EPC not in damaged


def test_line_and_air_take_their_time() -> None:
    """With both switched on, an inventory takes its air time and the bytes of all frames at ten bits each."""
    clock = VirtualClock()
    reader = A0Reader(clock, line_baud=115200, has_air_time=True)
    reader.lay(SimulatedUhfTag(EPC))
    reader.receive(wire("> inventory"))

    expected = uhf_airtime.inventory_seconds(1, 12) + (6 + 21 + 12) * 10 / 115200

    assert clock.monotonic() == pytest.approx(expected)


def test_hostile_input_never_breaks_the_far_end() -> None:
    """Random and changed frames are answered or not, and a sound question after a pause is answered as ever."""
    chance = random.Random(0xA0)
    questions = [data for key, data in GOLDEN.items() if key[0] == ">"]
    clock = VirtualClock()
    reader = A0Reader(clock)
    reader.lay(SimulatedUhfTag(EPC))
    for _ in range(effort(2_000)):
        frame = bytearray(chance.choice(questions))
        command, data = chance.randrange(256), chance.randbytes(chance.randrange(40))
        if chance.random() < 0.5:
            frame[chance.randrange(len(frame))] = chance.randrange(256)
            reader.receive(bytes(frame))
        else:
            reader.receive(encode(Frame(1, command, data)))
        clock.wait(1)

    assert reader.receive(wire("> firmware")) == wire("< firmware")
