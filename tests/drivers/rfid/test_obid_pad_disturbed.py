"""FEIG pads on disturbed lines and in disturbed air, and readers that lie."""

from __future__ import annotations

import pytest

from drivers.link import DeviceFault, DeviceLost
from drivers.link.memory import (
    AnswerFault,
    Corrupted,
    Cut,
    FarEnd,
    Late,
    Lost,
    MemoryLink,
    Noise,
    Repeated,
    Sound,
)
from drivers.rfid import LibraryItem, SecurityState, TagGone, obid_pad
from drivers.rfid.obid import BlockOrder, Frame, FrameReader, FrameType, encode, parse_blocks
from drivers.rfid.obid_settings import (
    ObidPadSettings,
)
from drivers.rfid.tag_settings import Security
from drivers.sim import shelf
from drivers.sim.obid_reader import ReaderFault
from tests.kit.obid_bench import Bench

SECURED, RELEASED = SecurityState(0x07), SecurityState(0xC2)

LINE_FAULTS: list[AnswerFault] = [
    Lost(),
    Corrupted(),
    Corrupted(position=0, mask=0xF0),
    Cut(3),
    Cut(0),
    Repeated(),
    Noise(b"\x00\xff\x55"),
    Noise(b"\x02\x00"),
    Late(0.9),
    Late(1.8),
]


@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize("fault", LINE_FAULTS, ids=repr)
def test_one_disturbed_answer_changes_nothing_of_an_inventory(fault: AnswerFault, at: int) -> None:
    """Whichever answer is lost, damaged, doubled or late, every tag of the stack is seen."""
    bench = Bench()
    tags = [shelf.item_tag(f"{number}0") for number in range(9)]
    bench.lay(*tags)
    bench.link.inject(*[Sound()] * at, fault)

    assert bench.pad.inventory() == tuple(sorted(tag.uid for tag in tags))


@pytest.mark.parametrize("at", range(3))
@pytest.mark.parametrize("fault", LINE_FAULTS, ids=repr)
def test_one_disturbed_answer_never_mixes_up_two_books(fault: AnswerFault, at: int) -> None:
    """An answer about one book that comes late is never taken for an answer about the next."""
    bench = Bench()
    first, second = shelf.item_tag("1001"), shelf.item_tag("1002")
    bench.lay(first, second)
    bench.link.inject(*[Sound()] * at, fault)

    contents = [bench.pad.read(tag.uid).content for tag in (first, second)]

    assert contents == [
        LibraryItem("1001", 1, 1, "CN-110108", 0x11),
        LibraryItem("1002", 1, 1, "CN-110108", 0x11),
    ]


@pytest.mark.parametrize("at", range(3))
@pytest.mark.parametrize("fault", LINE_FAULTS, ids=repr)
def test_one_disturbed_answer_does_not_change_what_a_release_does(fault: AnswerFault, at: int) -> None:
    """A release whose write or read-back was disturbed ends released, and says the state before rightly."""
    bench = Bench()
    tag = bench.lay(shelf.item_tag("1001"))
    bench.link.inject(*[Sound()] * at, fault)

    assert bench.pad.release(tag.uid) == (SECURED, RELEASED)
    assert tag.afi == 0xC2


def test_a_driver_without_the_fence_would_mix_up_two_books() -> None:
    """The late answer that the tests above survive is one that a plain question and answer believes."""
    bench = Bench()
    first, second = shelf.item_tag("1001"), shelf.item_tag("1002")
    bench.lay(first, second)
    bench.link.inject(Late(2.0))
    answers = []
    for tag in (first, second):
        data = bytes.fromhex("2301" + tag.uid + "0008")
        bench.link.write(encode(Frame(FrameType.STANDARD, 0xFF, 0xB0, data)), 1.0)
        answers.append(bench.link.read(53, 1.5))
    reader = FrameReader()
    reader.feed(answers[1])
    frame = reader.next_frame()

    assert answers[0] == b""
    assert frame is not None
    believed = parse_blocks(frame.payload[1:], BlockOrder.REVERSED, 8).data
    assert believed == bytes(first.memory[:32]) != bytes(second.memory[:32])


def test_a_very_late_answer_does_not_reach_the_next_opening() -> None:
    """A reader seconds late is lost; opened again, what it still says about the book before is passed over."""
    bench = Bench()
    first, second = shelf.item_tag("1001"), shelf.item_tag("1002")
    bench.lay(first, second)
    bench.link.inject(Sound(), Late(4.0))
    with pytest.raises(DeviceLost):
        bench.pad.read(first.uid)

    content = bench.opened().read(second.uid).content

    assert content == LibraryItem("1002", 1, 1, "CN-110108", 0x11)


def test_a_silent_reader_is_lost_in_bounded_time() -> None:
    """A reader that stops answering costs one answer's time and that of one more question."""
    bench = Bench()
    bench.link.silent = True
    begun = bench.clock.monotonic()

    with pytest.raises(DeviceLost):
        bench.pad.inventory()
    assert bench.clock.monotonic() - begun < 3.2


def test_a_reader_that_only_makes_noise_is_lost() -> None:
    """When no answer ever arrives undamaged the device is lost, in bounded time."""
    bench = Bench()
    bench.link.inject(*[Corrupted(position=-2)] * 100)
    begun = bench.clock.monotonic()

    with pytest.raises(DeviceLost):
        bench.pad.inventory()
    assert bench.clock.monotonic() - begun < 60


def test_a_line_that_takes_nothing_is_lost() -> None:
    """A write that is refused is a lost device, and closing it raises nothing."""
    bench = Bench()
    bench.link.refuses_writes = True

    with pytest.raises(DeviceLost):
        bench.pad.inventory()
    bench.pad.close()


def test_a_reader_that_is_plugged_in_again_is_opened_again() -> None:
    """After the cable was pulled and put back, a new pad on the same line works."""
    bench = Bench()
    tag = bench.lay(shelf.item_tag("1001"))
    bench.link.unplug()
    with pytest.raises(DeviceLost):
        bench.pad.inventory()
    bench.link.replug()

    assert bench.opened().inventory() == (tag.uid,)


@pytest.mark.parametrize(
    "fault",
    [
        ReaderFault.OTHER_COMMAND,
        ReaderFault.OTHER_UID,
        ReaderFault.IMPOSSIBLE_LENGTH,
        ReaderFault.OTHER_FRAME_TYPE,
        ReaderFault.HARDWARE_WARNING,
    ],
)
@pytest.mark.parametrize("call", ["read", "release"])
def test_a_reader_that_lies_is_never_believed(fault: ReaderFault, call: str) -> None:
    """An answer to another command, of another tag, of an impossible length or in another framing is a fault."""
    bench = Bench()
    tag = bench.lay(shelf.item_tag("1001"))
    bench.reader.inject(fault)

    with pytest.raises(DeviceFault):
        getattr(bench.pad, call)(tag.uid)


def test_blocks_of_another_size_than_the_tag_has_are_a_fault() -> None:
    """A read whose blocks are larger than the tag said before is not believed."""
    bench = Bench()
    tag = bench.lay(shelf.item_tag("1001"))

    class Liar:
        def receive(self, data: bytes) -> bytes:
            if data[3:4] == b"\x23":
                tag.block_size_bytes = 8
            return bench.reader.receive(data)

    far_end: FarEnd = Liar()
    pad = obid_pad.open(ObidPadSettings(), MemoryLink(far_end, bench.clock), bench.clock)
    with pytest.raises(DeviceFault, match="blocks of 8 bytes"):
        pad.read(tag.uid)


def test_an_inventory_of_impossible_length_is_a_fault() -> None:
    """Tags from an inventory whose count and length disagree are not believed."""
    bench = Bench()
    bench.lay(shelf.item_tag("1001"))
    bench.reader.inject(None, ReaderFault.IMPOSSIBLE_LENGTH)

    with pytest.raises(DeviceFault):
        bench.pad.inventory()


def test_another_reader_on_the_bus_is_not_believed() -> None:
    """With a bus address set, answers of another address are a fault of the bus."""
    bench = Bench(settings={"bus_address": 5}, reader_is={"address": 5})

    class Impostor:
        def receive(self, data: bytes) -> bytes:
            reader = FrameReader()
            reader.feed(bench.reader.receive(data))
            frame = reader.next_frame()
            if frame is None or frame.command == 0x65:
                return encode(frame) if frame is not None else b""
            return encode(Frame(frame.frame_type, 6, frame.command, frame.payload))

    far_end: FarEnd = Impostor()
    with pytest.raises(DeviceFault):
        obid_pad.open(ObidPadSettings(bus_address=5), MemoryLink(far_end, bench.clock), bench.clock)


@pytest.mark.parametrize("page", range(3))
@pytest.mark.parametrize("only_new_tags", [True, False])
def test_an_inventory_in_disturbed_air_loses_no_tag(page: int, only_new_tags: bool) -> None:
    """Whichever page is disturbed, the inventory is done again and every tag is seen."""
    bench = Bench(reader_is={"only_new_tags": only_new_tags})
    tags = [shelf.item_tag(f"{number}") for number in range(12)]
    bench.lay(*tags)
    bench.reader.inject(None, *[None] * page, ReaderFault.DISTURBED_AIR)

    assert len(bench.pad.inventory()) == 12


def test_an_inventory_in_air_that_stays_disturbed_ends_with_what_was_seen() -> None:
    """A tag at the edge that disturbs every try does not hide the ones that were heard, and time is bounded."""
    bench = Bench()
    bench.lay(*[shelf.item_tag(f"{number}") for number in range(6)])
    bench.reader.inject(*[None, None, ReaderFault.DISTURBED_AIR] * 10)

    assert len(bench.pad.inventory()) == 4


@pytest.mark.parametrize("failures", [1, 3])
def test_disturbed_air_is_asked_again(failures: int) -> None:
    """A tag that is not heard a few times is read all the same."""
    bench = Bench()
    tag = bench.lay(shelf.item_tag("1001"))
    tag.read_failures = failures

    assert isinstance(bench.pad.read(tag.uid).content, LibraryItem)


def test_a_tag_that_is_never_heard_is_gone() -> None:
    """A tag that only disturbs the air has to be moved by the reader of books; the pad is not at fault."""
    bench = Bench()
    tag = bench.lay(shelf.item_tag("1001"))
    tag.read_failures = 1000

    with pytest.raises(TagGone):
        bench.pad.read(tag.uid)


def test_an_eas_bit_is_not_off_because_it_was_not_heard_once() -> None:
    """A secured tag that misses one question is not taken for a released one."""
    bench = Bench(settings={"security": Security.EAS})
    tag = bench.lay(shelf.item_tag("1001", eas=True))
    bench.reader.inject(ReaderFault.UNHEARD_TAG)

    assert bench.pad.read(tag.uid).security == SecurityState(0x07, True)
