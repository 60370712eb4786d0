"""FEIG pads in bad company: disturbed lines and air, readers that lie, tags that leave, and what each call
costs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from drivers.link import DeviceFault, DeviceLost, SettingsError
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
    VirtualClock,
)
from drivers.rfid import LibraryItem, SecurityState, TagGone, WriteRefused, obid_pad
from drivers.rfid.obid import BlockOrder, Frame, FrameReader, FrameType, encode, parse_blocks
from drivers.rfid.obid_pad import ObidPad
from drivers.rfid.obid_settings import (
    CrcPolicy,
    ObidPadSettings,
    OrderPolicy,
    ReleaseCheck,
    Security,
)
from drivers.sim import airtime, shelf
from drivers.sim.obid_reader import ObidReader, ReaderFault
from drivers.sim.tag import SimulatedTag

SECURED, RELEASED = SecurityState(0x07), SecurityState(0xC2)
LOCKS = {0x22, 0x28, 0x2A}
MAKER_LOCKS = {0xA4, 0xA6, 0xB5}


@dataclass
class Bench:
    """A pad on a memory link, made when first asked for."""

    settings: dict[str, Any] = field(default_factory=dict)
    reader_is: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = VirtualClock()
        self.reader = ObidReader(self.clock, **self.reader_is)
        self.link = MemoryLink(self.reader, self.clock)
        self.pad = self.opened()

    def opened(self, **more: Any) -> ObidPad:
        return obid_pad.open(ObidPadSettings(**(self.settings | more)), self.link, self.clock)

    def lay(self, *tags: SimulatedTag) -> SimulatedTag:
        self.reader.lay(*tags)
        return tags[0]

    def commands(self) -> list[int]:
        return [heard[1] if heard[0] == 0xB0 else heard[0] for heard in self.reader.commands_heard]


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


def test_only_new_tags_mode_hides_nothing() -> None:
    """A reader that reports each tag once still shows all of them in every inventory, and did hide them."""
    bench = Bench(reader_is={"only_new_tags": True})
    tag = bench.lay(shelf.item_tag("1001"))
    for _ in range(3):
        assert bench.pad.inventory() == (tag.uid,)
    inventory = encode(Frame(FrameType.STANDARD, 0xFF, 0xB0, b"\x01\x00"))

    # The same question without the field reset: the trap is there.
    assert bench.reader.receive(inventory) == bytes.fromhex("0600B0015C63")


@pytest.mark.parametrize("tags_per_reply", [1, 3, 24])
@pytest.mark.parametrize("count", [0, 1, 2, 4, 24, 40])
def test_small_buffers_lose_no_tag(tags_per_reply: int, count: int) -> None:
    """However few tags a reply holds, all are seen."""
    bench = Bench(reader_is={"tags_per_reply": tags_per_reply})
    tags = [shelf.item_tag(f"{number}") for number in range(count)]
    if tags:
        bench.lay(*tags)

    assert len(bench.pad.inventory()) == count


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


def test_a_tag_too_weak_to_be_written_is_found_when_it_is_read() -> None:
    """A tag that can be read and not written is told before anybody asks for a loan."""
    bench = Bench()
    tag = bench.lay(shelf.weak_item_tag("1001", 1000))

    read = bench.pad.read(tag.uid)

    assert (read.releasable, read.why_not) == (False, "weak")
    with pytest.raises(WriteRefused):
        bench.pad.release(tag.uid)


@pytest.mark.parametrize("commands", range(1, 5))
def test_a_tag_that_leaves_half_way_is_gone_and_never_reported_released(commands: int) -> None:
    """Taken away before, during or after the write, a tag is gone; nothing claims to know its state."""
    bench = Bench()
    tag = bench.lay(shelf.item_tag("1001"))
    bench.pad.inventory()
    bench.pad.read(tag.uid)
    tag.leaves_after = commands
    outcome: object = None
    try:
        outcome = bench.pad.release(tag.uid)
    except TagGone:
        outcome = TagGone

    # A write and a read-back: from three commands on it has been read back before it left.
    assert outcome == (TagGone if commands < 3 else (SECURED, RELEASED))


def test_the_state_before_is_not_remembered_of_a_tag_that_was_away() -> None:
    """A tag that left and came back with another state is asked again before it is changed."""
    bench = Bench()
    tag = bench.lay(shelf.item_tag("1001"))
    bench.pad.read(tag.uid)
    bench.reader.take(tag.uid)
    bench.pad.inventory()
    tag.afi = 0x00
    bench.reader.lay(tag)

    assert bench.pad.release(tag.uid) == (SecurityState(0x00), RELEASED)


def test_a_state_that_is_right_already_is_still_read_back() -> None:
    """What was read before is never the proof: a state changed behind the pad's back is written again."""
    bench = Bench()
    tag = bench.lay(shelf.item_tag("1001"))
    bench.pad.release(tag.uid)
    tag.afi = 0x07

    assert bench.pad.release(tag.uid)[1] == RELEASED
    assert tag.afi == 0xC2


class _Forgetful(ObidReader):
    """Says that it has written, and has not."""

    def receive(self, data: bytes) -> bytes:
        kept = {tag.uid: tag.afi for tag in self.tags()}
        answer = super().receive(data)
        for tag in self.tags():
            tag.afi = kept.get(tag.uid, tag.afi)
        return answer


def test_a_write_that_did_not_take_is_never_a_release() -> None:
    """A reader that confirms a write without doing it is found out by the read-back."""
    clock = VirtualClock()
    reader = _Forgetful(clock)
    tag = shelf.item_tag("1001")
    reader.lay(tag)
    pad = obid_pad.open(ObidPadSettings(), MemoryLink(reader, clock), clock)

    with pytest.raises(WriteRefused):
        pad.release(tag.uid)


@pytest.mark.parametrize("security", [Security.EAS, Security.AFI_AND_EAS])
def test_eas_is_changed_and_read_back(security: Security) -> None:
    """Where the gate looks at the EAS bit, it is what is released, and other tags' bits do not confuse it."""
    bench = Bench(settings={"security": security})
    tag, neighbour = shelf.item_tag("1001", eas=True), shelf.item_tag("1002", eas=True)
    bench.lay(tag, neighbour)
    afi = 0x07 if security is Security.EAS else 0xC2

    read = bench.pad.read(tag.uid)
    before, after = bench.pad.release(tag.uid)

    assert read.releasable
    assert (before, after) == (SecurityState(0x07, True), SecurityState(afi, False))
    assert (tag.eas, tag.afi, neighbour.eas) == (False, afi, True)
    assert bench.pad.secure(tag.uid)[1] == SecurityState(0x07, True)


def test_a_tag_without_eas_cannot_be_secured_by_it() -> None:
    """Where the gate looks at EAS, a chip without that bit is refused and found when read."""
    bench = Bench(settings={"security": Security.EAS})
    tag = bench.lay(shelf.item_tag("1001"))

    with pytest.raises((TagGone, WriteRefused)):
        bench.pad.secure(tag.uid)


def test_lock_bits_of_all_blocks_stand_for_a_locked_tag() -> None:
    """With the check by lock state nothing is written, and a tag locked as a whole is not releasable."""
    bench = Bench(settings={"release_check": ReleaseCheck.LOCK_STATE})
    whole, half = shelf.item_tag("1001"), shelf.item_tag("1002")
    whole.locked_blocks = set(range(28))
    half.locked_blocks = set(range(4))
    bench.lay(whole, half)

    assert [bench.pad.read(tag.uid).why_not for tag in (whole, half)] == ["locked", ""]
    assert 0x27 not in bench.commands()


def test_an_unreadable_lock_state_makes_a_tag_not_releasable() -> None:
    """Under the check by lock state a chip that cannot tell it is left to staff; a small one can tell it."""
    bench = Bench(settings={"release_check": ReleaseCheck.LOCK_STATE})
    mute, small = shelf.item_tag("1001"), shelf.item_tag("1002", memory_bytes=40)
    mute.knows_security_status = False
    small.block_size_bytes = 8
    bench.lay(mute, small)

    assert [bench.pad.read(tag.uid).why_not for tag in (mute, small)] == ["status", ""]


def test_without_a_check_the_release_itself_finds_a_locked_tag() -> None:
    """With the check switched off a locked tag reads as releasable and is refused later."""
    bench = Bench(settings={"release_check": ReleaseCheck.NONE})
    tag = bench.lay(shelf.locked_item_tag("1001"))

    assert bench.pad.read(tag.uid).releasable
    with pytest.raises(WriteRefused):
        bench.pad.release(tag.uid)


def test_a_chip_without_system_information_is_read_and_not_releasable() -> None:
    """A book whose tag cannot tell its AFI is known by name and left to staff."""
    bench = Bench()
    tag = bench.lay(shelf.item_tag("1001"))
    tag.knows_information = False

    read = bench.pad.read(tag.uid)

    assert read.content == LibraryItem("1001", 1, 1, "CN-110108", 0x11)
    assert (read.releasable, read.why_not) == (False, "information")


@pytest.mark.parametrize("block_size", [4, 8, 16, 32])
@pytest.mark.parametrize("is_minus_one", [True, False])
@pytest.mark.parametrize("order", list(BlockOrder))
def test_chips_of_every_block_size_are_read(block_size: int, is_minus_one: bool, order: BlockOrder) -> None:
    """Blocks of 4 to 32 bytes, counted from one or from zero, give the same item in either order."""
    bench = Bench(reader_is={"size_is_minus_one": is_minus_one, "block_order": order})
    tag = shelf.item_tag("1001", owner="US-InU-Mu-1234", memory_bytes=128)
    tag.block_size_bytes = block_size
    bench.lay(tag)

    assert bench.pad.read(tag.uid).content == LibraryItem("1001", 1, 1, "US-InU-Mu-1234", 0x11)


def test_a_fixed_block_order_does_not_guess() -> None:
    """With a fixed order that is wrong for the reader, tags are unknown instead of guessed."""
    settings = {"block_order": OrderPolicy.NATURAL}
    bench = Bench(settings=settings, reader_is={"block_order": BlockOrder.REVERSED})
    tag = bench.lay(shelf.item_tag("1001"))

    assert not isinstance(bench.pad.read(tag.uid).content, LibraryItem)


def test_a_magnetic_tape_is_recognised_where_the_library_has_a_strip_unit() -> None:
    """With extensions read, the media format is known."""
    bench = Bench(settings={"reads_extensions": True})
    tag = bench.lay(shelf.item_tag("1001", media_format=3))

    content = bench.pad.read(tag.uid).content

    assert isinstance(content, LibraryItem)
    assert content.media_format == 3


def test_the_librarys_crc_rule_reaches_the_tags() -> None:
    """With the lenient rule a stranger's wrong CRC is read as not verified."""
    bench = Bench(settings={"crc": CrcPolicy.WARN, "owner": "CN-110108"})
    tag = bench.lay(shelf.wrong_crc_item_tag("1001", owner="DE-705"))

    content = bench.pad.read(tag.uid).content

    assert isinstance(content, LibraryItem)
    assert not content.is_verified


def test_no_locking_command_and_no_write_to_memory_is_ever_sent() -> None:
    """Whatever happens to a stack, of all commands that write only those for AFI and EAS are sent."""
    bench = Bench(settings={"security": Security.AFI_AND_EAS})
    tags = [
        shelf.item_tag("1", eas=True),
        shelf.weak_item_tag("2", 3),
        shelf.locked_item_tag("3"),
        shelf.empty_tag(),
    ]
    bench.lay(*tags)
    for tag in tags:
        for call in (bench.pad.read, bench.pad.release, bench.pad.secure):
            try:
                call(tag.uid)
            except (TagGone, WriteRefused):
                continue
    heard = bench.reader.commands_heard
    standard = {command[1] for command in heard if command[0] == 0xB0}
    makers = {command[2] for command in heard if command[0] == 0xB1}

    assert standard <= {0x01, 0x23, 0x27, 0x2B}
    assert makers <= {0xA2, 0xA3, 0xA5}
    assert not standard & LOCKS
    assert not makers & MAKER_LOCKS


def test_a_book_costs_five_questions_from_reading_to_read_back() -> None:
    """Information, one read, the check; one write and its read-back: nothing is asked twice."""
    bench = Bench()
    tag = bench.lay(shelf.item_tag("1001"))
    bench.pad.inventory()
    bench.reader.commands_heard.clear()
    bench.pad.read(tag.uid)
    bench.pad.release(tag.uid)

    assert bench.commands() == [0x2B, 0x23, 0x27, 0x27, 0x2B]


def test_a_stack_of_ten_takes_little_more_than_wire_and_air() -> None:
    """Two inventories, reading and releasing ten books take at most 1.25 of line and air time alone."""
    bench = Bench(reader_is={"line_baud": 38400, "has_air_time": True})
    tags = [shelf.item_tag(f"{number:014}") for number in range(10)]
    bench.lay(*tags)
    begun = bench.clock.monotonic()
    bench.pad.inventory()
    for uid in bench.pad.inventory():
        bench.pad.read(uid)
        bench.pad.release(uid)
    taken = bench.clock.monotonic() - begun

    def exchanged(byte_count: int, air_seconds: float) -> float:
        return airtime.line_seconds(byte_count, 38400) + 0.005 + air_seconds

    inventory = exchanged(11, 0.015) + exchanged(
        3 * 14 + 100, airtime.inventory_seconds(tag.uid for tag in tags)
    )
    information = exchanged(34, airtime.system_information_seconds())
    least = 2 * inventory + 10 * (
        2 * information + exchanged(64, airtime.read_seconds(8)) + exchanged(22, airtime.write_seconds())
    )
    assert taken / least <= 1.25


@pytest.mark.parametrize(
    "wrong",
    [
        {"bus_address": 256},
        {"secured_afi": -1},
        {"released_afi": 300},
        {"answer_seconds_max": 0},
        {"retries": 99},
        {"pause_seconds": -0.1},
        {"secured_afi": 0xC2},
    ],
)
def test_settings_out_of_range_name_the_setting(wrong: dict[str, float]) -> None:
    """A setting that cannot be is an error that names it."""
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        ObidPadSettings(**wrong)  # type: ignore[arg-type]
