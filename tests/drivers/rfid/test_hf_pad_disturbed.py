"""Pads for ISO 15693 tags on disturbed lines and in disturbed air, and readers that lie: every driver."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import partial

import pytest

from drivers.link import DeviceFault, DeviceLost
from drivers.link.memory import AnswerFault, Corrupted, Cut, Late, Lost, MemoryLink, Noise, Repeated, Sound
from drivers.rfid import LibraryItem, SecurityState, TagGone, UnknownTag, WriteRefused, m210, obid
from drivers.rfid.tag_settings import Security
from drivers.sim import shelf
from drivers.sim.tag_field import ReaderFault
from tests.kit.effort import effort
from tests.kit.hf_bench import HfBench, M210Bench, ObidBench

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

BENCHES = [ObidBench, M210Bench]


@pytest.fixture(params=BENCHES, ids=["obid", "m210"])
def make(request: pytest.FixtureRequest) -> type[HfBench]:
    """A bench of each kind of pad."""
    kind: type[HfBench] = request.param
    return kind


@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize("fault", LINE_FAULTS, ids=repr)
def test_one_disturbed_answer_changes_nothing_of_an_inventory(
    make: type[HfBench], fault: AnswerFault, at: int
) -> None:
    """Whichever answer is lost, damaged, doubled or late, every tag of the stack is seen."""
    bench = make()
    tags = [shelf.item_tag(f"{number}0") for number in range(9)]
    bench.lay(*tags)
    bench.link.inject(*[Sound()] * at, fault)

    assert bench.pad.inventory() == tuple(sorted(tag.uid for tag in tags))


@pytest.mark.parametrize("at", range(3))
@pytest.mark.parametrize("fault", LINE_FAULTS, ids=repr)
def test_one_disturbed_answer_never_mixes_up_two_books(
    make: type[HfBench], fault: AnswerFault, at: int
) -> None:
    """An answer about one book that comes late is never taken for an answer about the next."""
    bench = make()
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
def test_one_disturbed_answer_does_not_change_what_a_release_does(
    make: type[HfBench], fault: AnswerFault, at: int
) -> None:
    """A release whose write or read-back was disturbed ends released, and says the state before rightly."""
    bench = make()
    tag = bench.lay(shelf.item_tag("1001"))
    bench.link.inject(*[Sound()] * at, fault)

    assert bench.pad.release(tag.uid) == (SECURED, RELEASED)
    assert tag.afi == 0xC2


def test_a_very_late_answer_does_not_reach_the_next_opening(make: type[HfBench]) -> None:
    """A reader seconds late is lost; opened again, what it still says about the book before is passed over."""
    bench = make()
    first, second = shelf.item_tag("1001"), shelf.item_tag("1002")
    bench.lay(first, second)
    bench.link.inject(Sound(), Late(4.0))
    with pytest.raises(DeviceLost):
        bench.pad.read(first.uid)

    content = bench.opened().read(second.uid).content

    assert content == LibraryItem("1002", 1, 1, "CN-110108", 0x11)


def test_a_silent_reader_is_lost_in_bounded_time(make: type[HfBench]) -> None:
    """A reader that stops answering costs one answer's time and that of one more question."""
    bench = make()
    bench.link.silent = True
    begun = bench.clock.monotonic()

    with pytest.raises(DeviceLost):
        bench.pad.inventory()
    assert bench.clock.monotonic() - begun < 3.2


def test_a_reader_that_only_makes_noise_is_lost(make: type[HfBench]) -> None:
    """When no answer ever arrives undamaged the device is lost, in bounded time."""
    bench = make()
    bench.link.inject(*[Corrupted(position=-2)] * 100)
    begun = bench.clock.monotonic()

    with pytest.raises(DeviceLost):
        bench.pad.inventory()
    assert bench.clock.monotonic() - begun < 60


@pytest.mark.parametrize("answers", [0, 3, 40])
def test_a_line_at_the_wrong_speed_is_lost_when_it_is_opened(make: type[HfBench], answers: int) -> None:
    """Where both ends hear only rubbish of each other the pad is not opened, and it is said soon."""
    bench = make()
    chance = random.Random(answers)

    class OtherSpeed:
        def receive(self, data: bytes) -> bytes:
            bench.reader.receive(chance.randbytes(len(data) // 2))
            return chance.randbytes(answers) if data else b""

    begun = bench.clock.monotonic()
    with pytest.raises(DeviceLost):
        bench.opened_on(MemoryLink(OtherSpeed(), bench.clock))
    assert bench.clock.monotonic() - begun < 10


def test_a_line_that_takes_nothing_is_lost(make: type[HfBench]) -> None:
    """A write that is refused is a lost device, and closing it raises nothing."""
    bench = make()
    bench.link.refuses_writes = True

    with pytest.raises(DeviceLost):
        bench.pad.inventory()
    bench.pad.close()


def test_a_reader_that_is_plugged_in_again_is_opened_again(make: type[HfBench]) -> None:
    """After the cable was pulled and put back, a new pad on the same line works."""
    bench = make()
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
def test_a_reader_that_lies_is_never_believed(make: type[HfBench], fault: ReaderFault, call: str) -> None:
    """An answer to another command, of another tag, of an impossible length or in another framing is a fault."""
    bench = make()
    tag = bench.lay(shelf.item_tag("1001"))
    bench.reader.inject(fault)

    with pytest.raises(DeviceFault):
        getattr(bench.pad, call)(tag.uid)


@pytest.mark.parametrize("failures", [1, 3])
def test_disturbed_air_is_asked_again(make: type[HfBench], failures: int) -> None:
    """A tag that is not heard a few times is read all the same."""
    bench = make()
    tag = bench.lay(shelf.item_tag("1001"))
    tag.read_failures = failures

    assert isinstance(bench.pad.read(tag.uid).content, LibraryItem)


def test_a_tag_that_is_never_heard_is_gone(make: type[HfBench]) -> None:
    """A tag that only disturbs the air has to be moved by the reader of books; the pad is not at fault."""
    bench = make()
    tag = bench.lay(shelf.item_tag("1001"))
    tag.read_failures = 1000

    with pytest.raises(TagGone):
        bench.pad.read(tag.uid)


def test_an_eas_bit_is_not_off_because_it_was_not_heard_once(make: type[HfBench]) -> None:
    """A secured tag that misses one question is not taken for a released one."""
    bench = make(settings={"security": Security.EAS})
    tag = bench.lay(shelf.item_tag("1001", eas=True))
    bench.reader.inject(ReaderFault.UNHEARD_TAG)

    assert bench.pad.read(tag.uid).security == SecurityState(None, True)


ITEM = LibraryItem("1001", 1, 1, "CN-110108", 0x11)
LIES = [
    ReaderFault.OTHER_COMMAND,
    ReaderFault.OTHER_UID,
    ReaderFault.IMPOSSIBLE_LENGTH,
    ReaderFault.OTHER_FRAME_TYPE,
    ReaderFault.HARDWARE_WARNING,
    ReaderFault.UNHEARD_TAG,
    ReaderFault.DISTURBED_AIR,
    ReaderFault.UNWRITTEN,
]


@pytest.mark.parametrize("security", [Security.AFI, Security.EAS, Security.AFI_AND_EAS])
@pytest.mark.parametrize("fault", LIES)
def test_no_lie_at_any_place_is_believed_for_a_release(
    make: type[HfBench], fault: ReaderFault, security: Security
) -> None:
    """Whichever answer lies, a book is what it is or unknown, and one that counts as released is released."""
    is_afi, is_eas = security is not Security.EAS, security is not Security.AFI
    believed = 0
    for at in range(12):
        bench = make(settings={"security": security})
        tag = bench.lay(shelf.item_tag("1001", eas=True))
        bench.reader.inject(*[None] * at, fault)
        try:
            content = bench.pad.read(tag.uid).content
            assert content == ITEM or isinstance(content, UnknownTag)
            after = bench.pad.release(tag.uid)[1]
        except (DeviceFault, DeviceLost, TagGone, WriteRefused):
            continue
        believed += 1
        assert bench.pad.is_released(after)
        assert tag.afi == (0xC2 if is_afi else 0x07)
        assert tag.eas is not is_eas
    assert believed


def test_an_inventory_of_impossible_length_is_a_fault(make: type[HfBench]) -> None:
    """Tags from an inventory whose count and length disagree are not believed."""
    bench = make()
    bench.lay(shelf.item_tag("1001"))
    resets = [None] if isinstance(bench, ObidBench) else []
    bench.reader.inject(*resets, ReaderFault.IMPOSSIBLE_LENGTH)

    with pytest.raises(DeviceFault):
        bench.pad.inventory()


def test_a_tag_that_is_told_twice_is_one_tag(make: type[HfBench]) -> None:
    """Readers repeat tags within an inventory; each is seen once."""
    bench = make()
    tags = [shelf.item_tag(f"{number}") for number in range(3)]
    bench.lay(*tags)
    bench.reader.inject(*[ReaderFault.TWICE] * 3)

    assert bench.pad.inventory() == tuple(sorted(tag.uid for tag in tags))


class Raving:
    """A far end whose answers keep their framing and lose their sense: bytes changed, cut off or added, CRC right."""

    def __init__(self, bench: HfBench, chance: random.Random) -> None:
        self.has_begun = False
        self._bench = bench
        self._chance = chance

    def receive(self, data: bytes) -> bytes:
        answer: bytes = self._bench.reader.receive(data)
        if not answer or not self.has_begun or self._chance.random() < 0.6:
            return answer
        if isinstance(self._bench, ObidBench):
            cutter = obid.FrameReader()
            cutter.feed(answer)
            frame = cutter.next_frame()
            assert frame is not None
            return obid.encode(replace(frame, payload=self._changed(frame.payload)))
        reader = m210.FrameReader()
        reader.feed(answer)
        told = reader.next_frame()
        assert told is not None
        return m210.encode(replace(told, payload=told.payload[:1] + self._changed(told.payload[1:])))

    def _changed(self, payload: bytes) -> bytes:
        changed = bytearray(payload)
        match self._chance.randrange(3):
            case 0 if changed:
                changed[self._chance.randrange(len(changed))] = self._chance.randrange(256)
            case 1:
                del changed[self._chance.randrange(len(changed) + 1) :]
            case _:
                changed += self._chance.randbytes(self._chance.randrange(1, 20))
        return bytes(changed)


def test_a_raving_reader_never_gets_another_error_out_of_a_pad(make: type[HfBench]) -> None:
    """Whatever a reader answers in sound frames, a caller sees tags, states or one of the four errors of a pad."""
    chance = random.Random(make.__name__)
    faults = answers = 0
    for _ in range(effort(300)):
        bench = make(settings={"security": Security.AFI_AND_EAS, "retries": 1})
        tag = bench.lay(shelf.item_tag("1001", eas=True), shelf.item_tag("1002", eas=True))
        far_end = Raving(bench, chance)
        pad = bench.opened_on(MemoryLink(far_end, bench.clock))
        far_end.has_begun = True
        for call in (pad.inventory, partial(pad.read, tag.uid), partial(pad.release, tag.uid)):
            try:
                call()
                answers += 1
            except (DeviceFault, DeviceLost, TagGone, WriteRefused):
                faults += 1
    assert faults > 100
    assert answers > 100
