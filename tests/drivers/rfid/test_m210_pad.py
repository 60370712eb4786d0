"""3M 210/810 and M210 pads: how they are opened, what is theirs alone, and what each call costs."""

from __future__ import annotations

import pytest

from drivers.link import DeviceFault, DeviceLost, SettingsError
from drivers.link.memory import FarEnd, Late, Lost, MemoryLink, Noise, Sound, VirtualClock
from drivers.rfid import LibraryItem, SecurityState, TagGone, WriteRefused, m210_pad
from drivers.rfid import m210_commands as ask
from drivers.rfid.m210 import START, Error, Frame, FrameReader, encode, parse_byte
from drivers.rfid.m210_settings import M210PadSettings, StartUp
from drivers.rfid.tag_settings import Security
from drivers.sim import shelf
from drivers.sim.m210_reader import M210Reader
from drivers.sim.tag_field import ReaderFault
from tests.kit.hf_bench import M210Bench, ObidBench

SECURED, RELEASED = SecurityState(0x07), SecurityState(0xC2)
ITEM = LibraryItem("1001", 1, 1, "CN-110108", 0x11)
OLD = bytes.fromhex("D6 00 07 FE 00 00 05 00 C9 7B") * 3 + b"\x00\xd6"


class Answering:
    """A far end that gives *error* to *command* and leaves the rest to a sound one."""

    def __init__(self, clock: VirtualClock, command: int, error: int) -> None:
        self.reader = M210Reader(clock)
        self._command = command
        self._error = error

    def receive(self, data: bytes) -> bytes:
        answer = self.reader.receive(data)
        cutter = FrameReader()
        cutter.feed(answer)
        frame = cutter.next_frame()
        if frame is None or frame.start != START or frame.command != self._command:
            return answer
        return encode(Frame(START, bytes((self._command, self._error)) + frame.payload[2:10]))


def opened_on(far_end: FarEnd, clock: VirtualClock, **settings: object) -> m210_pad.M210Pad:
    return m210_pad.open(M210PadSettings(**settings), MemoryLink(far_end, clock), clock)  # type: ignore[arg-type]


@pytest.mark.parametrize("start_up", list(StartUp))
def test_it_is_left_alone_found_and_started_up(start_up: StartUp) -> None:
    """After 200 ms comes the probe's own frame, then what its makers' drivers send, and nothing else."""
    bench = M210Bench(settings={"start_up": start_up})
    extra = {StartUp.THREE_M: [], StartUp.BIBLIOTHECA: [0x13, 0x58]}[start_up]

    assert bench.commands() == [0x04, 0x13, *extra]
    assert bench.clock.monotonic() >= 0.2


def test_bytes_of_an_earlier_conversation_are_drained_first() -> None:
    """What waits in the bridge is neither an answer nor a fault, and is gone before the first question."""
    bench = M210Bench(reader_is={"waiting": OLD})

    assert bench.pad.inventory() == ()
    assert bench.commands() == [0x04, 0x13, 0xFE]


def test_a_line_that_never_stops_babbling_is_lost() -> None:
    """A device that is something else and talks without end is given up in bounded time."""

    clock = VirtualClock()

    class Babbler:
        def receive(self, data: bytes) -> bytes:
            clock.wait(0.02)
            return b"\x55" * 38

    far_end: FarEnd = Babbler()
    with pytest.raises(DeviceLost):
        opened_on(far_end, clock)
    assert clock.monotonic() < 10


def test_a_reader_that_does_not_start_up_is_a_fault() -> None:
    """A refused start-up is told to the installer instead of being passed over."""
    clock = VirtualClock()
    far_end: FarEnd = Answering(clock, 0x13, Error.UNSUPPORTED)

    with pytest.raises(DeviceFault, match="start up"):
        opened_on(far_end, clock)


def test_a_book_costs_five_questions_from_reading_to_read_back() -> None:
    """AFI, one read, the check; one write and its read-back: nothing is asked twice, the size and DSFID not at all."""
    bench = M210Bench()
    tag = bench.lay(shelf.item_tag("1001"))
    bench.pad.inventory()
    heard = len(bench.reader.commands_heard)
    bench.pad.read(tag.uid)
    bench.pad.release(tag.uid)

    assert bench.commands(heard) == [0x0A, 0x02, 0x09, 0x09, 0x0A]


def test_where_the_gate_looks_at_eas_alone_no_afi_is_asked_for_to_read() -> None:
    """The EAS bit, one read, the check: the read itself proves that the tag is there."""
    bench = M210Bench(settings={"security": Security.EAS})
    tag = bench.lay(shelf.item_tag("1001", eas=True))
    heard = len(bench.reader.commands_heard)
    bench.pad.read(tag.uid)

    assert bench.commands(heard) == [0x03, 0x02, 0x0C]


@pytest.mark.parametrize("says_afi", [True, False])
def test_only_the_read_back_says_what_was_written(says_afi: bool) -> None:
    """With and without the AFI in the reply to the write, the release counts by the AFI read afterwards."""
    bench = M210Bench(reader_is={"says_afi": says_afi})
    tag = bench.lay(shelf.item_tag("1001"))
    bench.reader.inject(None, ReaderFault.UNWRITTEN)

    assert bench.pad.release(tag.uid) == (SECURED, RELEASED)
    assert bench.commands()[-5:] == [0x0A, 0x09, 0x0A, 0x09, 0x0A]
    assert tag.afi == 0xC2


def test_a_tag_at_the_edge_is_written_after_many_tries() -> None:
    """A tag that is "no transponder" to twenty writes is released by the next."""
    bench = M210Bench()
    tag = bench.lay(shelf.weak_item_tag("1001", 20))

    assert bench.pad.release(tag.uid) == (SECURED, RELEASED)


@pytest.mark.parametrize("memory_bytes", [32, 40, 112])
def test_a_tag_that_makes_no_sense_is_read_to_its_end(memory_bytes: int) -> None:
    """Where the size cannot be asked for, all of a small, odd or common chip is read, and then the DSFID asked for."""
    bench = M210Bench()
    tag = shelf.item_tag("1001", memory_bytes=memory_bytes)
    tag.memory[:] = bytes(number & 0xFF for number in range(9, 9 + memory_bytes))
    bench.lay(tag)
    heard = len(bench.reader.commands_heard)

    content = bench.pad.read(tag.uid).content

    read = {
        block
        for command in bench.reader.commands_heard[heard:]
        if command[0] == 0x02
        for block in range(command[9], command[9] + command[10])
    }
    assert not isinstance(content, LibraryItem)
    assert read >= set(range(memory_bytes // 4))
    assert bench.commands(heard)[-1] == 0x0B


def test_a_reader_without_a_needed_command_is_a_fault() -> None:
    """A read that the reader does not know is the device's fault, not the book's."""
    clock = VirtualClock()
    far_end = Answering(clock, 0x02, Error.NOT_IMPLEMENTED)
    tag = shelf.item_tag("1001")
    far_end.reader.lay(tag)
    pad = opened_on(far_end, clock)

    with pytest.raises(DeviceFault):
        pad.read(tag.uid)


@pytest.mark.parametrize("error", [Error.UNSUPPORTED, Error.OPTION, Error.NOT_READ, Error.LOCKED])
def test_a_strange_tag_does_not_take_the_pad_away(error: Error) -> None:
    """A tag that cannot be read is one that has to be moved; the books beside it are served."""
    clock = VirtualClock()
    far_end = Answering(clock, 0x02, error)
    tag = shelf.item_tag("1001")
    far_end.reader.lay(tag)
    pad = opened_on(far_end, clock)

    with pytest.raises(TagGone):
        pad.read(tag.uid)


@pytest.mark.parametrize("error", [0x32, 0xFD, 0xFE, 0x77])
def test_a_fault_of_the_reader_or_an_unknown_error_is_a_fault(error: int) -> None:
    """Nothing is concluded of a tag from an error that is the reader's own or in no list."""
    clock = VirtualClock()
    far_end = Answering(clock, 0x0A, error)
    tag = shelf.item_tag("1001")
    far_end.reader.lay(tag)
    pad = opened_on(far_end, clock)

    with pytest.raises(DeviceFault, match=f"{error:02X}"):
        pad.release(tag.uid)


def test_an_error_about_another_tag_is_not_believed() -> None:
    """A refusal that names another UID is a fault of the reader, not of this book."""
    bench = M210Bench()
    tag = bench.lay(shelf.locked_item_tag("1001"))
    bench.reader.inject(None, ReaderFault.OTHER_UID)

    with pytest.raises(DeviceFault):
        bench.pad.release(tag.uid)


def test_a_tag_protected_by_a_password_is_refused_and_left_as_it_was() -> None:
    """Its pass-through is not public: a protected tag is not releasable, and no password is tried."""
    bench = M210Bench()
    tag = shelf.item_tag("1001")
    tag.password, tag.guards_afi = 0x12345678, True
    bench.lay(tag)

    read = bench.pad.read(tag.uid)

    assert (read.content, read.releasable) == (ITEM, False)
    with pytest.raises(WriteRefused):
        bench.pad.release(tag.uid)
    assert (tag.afi, tag.password_tries) == (0x07, 0)


def test_an_inventory_in_disturbed_air_is_done_again() -> None:
    """A disturbed or lost answer to an inventory hides no tag."""
    bench = M210Bench()
    tags = [shelf.item_tag(f"{number}") for number in range(40)]
    bench.lay(*tags)
    bench.reader.inject(ReaderFault.DISTURBED_AIR, ReaderFault.SILENCE, None, ReaderFault.WRONG_CRC)

    assert len(bench.pad.inventory()) == 40


def test_a_reader_is_known_by_its_hardware_version() -> None:
    """Asked who it is, a 3M reader tells model and version; a silent line and a FEIG reader tell nothing."""
    bench = M210Bench(reader_is={"waiting": OLD})
    bench.link.inject(Noise(b"\x00"))
    silent = M210Bench()
    silent.link.silent = True
    other = ObidBench()
    begun = silent.clock.monotonic()

    identity = m210_pad.probe(bench.link, bench.clock)

    assert identity is not None
    assert ("M210" in identity.model, identity.firmware) == (True, "10.5.0.2")
    assert m210_pad.probe(silent.link, silent.clock) is None
    assert silent.clock.monotonic() - begun <= 1
    assert m210_pad.probe(other.link, other.clock) is None


def test_an_answer_lost_while_opening_is_asked_for_again() -> None:
    """One lost answer during the start-up is no reason to give the reader up."""
    clock = VirtualClock()
    link = MemoryLink(M210Reader(clock), clock)
    link.inject(Sound(), Lost())

    assert m210_pad.open(M210PadSettings(), link, clock).inventory() == ()


@pytest.mark.parametrize(
    "wrong",
    [{"settle_seconds": -1}, {"retries": 99}, {"answer_seconds_max": 0}, {"security": Security.UHF_BIT}],
)
def test_settings_out_of_range_name_the_setting(wrong: dict[str, object]) -> None:
    """A setting that cannot be is an error that names it."""
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        M210PadSettings(**wrong)  # type: ignore[arg-type]


def test_a_driver_without_the_fence_would_believe_the_state_before_a_write() -> None:
    """An AFI that was read before a write and comes late is, to a plain question and answer, its read-back."""
    bench = M210Bench()
    tag = bench.lay(shelf.item_tag("1001"))
    tag.afi = 0xC2
    bench.link.inject(Late(1.0))
    bench.link.write(encode(ask.get_afi(tag.uid)), 1.0)
    tag.afi = 0x07
    bench.clock.wait(1.0)
    bench.link.write(encode(ask.get_afi(tag.uid)), 1.0)
    cutter = FrameReader()
    cutter.feed(bench.link.read(16, 1.5))
    frame = cutter.next_frame()

    assert frame is not None
    assert parse_byte(frame.payload[2:]) == (tag.uid, 0xC2)
    bench.link.discard_input()
    assert bench.pad.read(tag.uid).security == SECURED
