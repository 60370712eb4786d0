"""What every UHF pad promises, over every kind of line and for both places of the security state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest

from drivers.link import Clock, DeviceFault, DeviceLost
from drivers.link.clock import RealClock
from drivers.link.memory import (
    AnswerFault,
    Corrupted,
    Cut,
    Late,
    Lost,
    MemoryLink,
    Noise,
    Repeated,
    Sound,
    VirtualClock,
)
from drivers.link.urls import open_link
from drivers.rfid import (
    EmptyTag,
    LibraryItem,
    Pad,
    PadSignal,
    SecurityState,
    TagGone,
    TagUid,
    UnknownTag,
    WriteRefused,
)
from drivers.rfid.tag_settings import Security
from drivers.sim.serve import Serving, serve_pty, serve_tcp
from drivers.sim.uhf_faults import ReaderFault
from drivers.sim.uhf_tag import SimulatedUhfTag
from tests.kit.uhf_wirings import WAYS, WIRINGS, UhfFarEnd, UhfWiring, is_released, item

LINES = ["whole", "threes", "byte by byte", "pty", "tcp"]
PIECES = {"whole": 0, "threes": 3, "byte by byte": 1}
UHF_WIRINGS = {wiring.name: wiring for wiring in WIRINGS}


@dataclass
class Wired:
    """A pad, the reader at its far end, and the cable between them."""

    pad: Pad
    reader: UhfFarEnd
    cable: MemoryLink | Serving
    way: Security

    @property
    def states(self) -> tuple[SecurityState, SecurityState]:
        """Secured and released."""
        if self.way is Security.UHF_BIT:
            return SecurityState(None, bit=True), SecurityState(None, bit=False)
        return SecurityState(0x07), SecurityState(0xC2)

    def lay(self, identifier: str, part: int = 1, parts: int = 1) -> SimulatedUhfTag:
        """An item's tag in the field."""
        tag = item(self.way, identifier, part, parts)
        self.reader.lay(tag)
        return tag

    def heard(self) -> list[int]:
        """The commands the reader was given since the last time."""
        commands = [command[0] for command in self.reader.commands_heard]
        self.reader.commands_heard.clear()
        return commands


def wire(wiring: UhfWiring, line: str, way: str, folder: Path) -> Wired:
    clock: Clock = RealClock() if line in ("pty", "tcp") else VirtualClock()
    reader = wiring.reader(clock)
    cable: MemoryLink | Serving
    if line == "pty":
        cable = serve_pty(reader, folder / "pad")
    elif line == "tcp":
        cable = serve_tcp(reader)
    else:
        cable = MemoryLink(reader, clock, chunk_bytes=PIECES[line])
    link = open_link(cable.url, clock) if isinstance(cable, Serving) else cable
    settings = {"security": WAYS[way], "answer_seconds_max": 5}
    return Wired(wiring.opened(settings, link, clock), reader, cable, WAYS[way])


# How the bytes arrive and where the security state stands have nothing to do with each other.
CASES = [
    (name, line, way)
    for name, line, way in product(UHF_WIRINGS, LINES, WAYS)
    if line == "whole" or way == "bit"
]


@pytest.fixture(params=CASES, ids="-".join)
def wired(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Wired]:
    name, line, way = request.param
    wired = wire(UHF_WIRINGS[name], line, way, tmp_path)
    yield wired
    wired.pad.close()
    wired.cable.close()


@pytest.fixture(params=product(UHF_WIRINGS, WAYS), ids="-".join)
def in_memory(request: pytest.FixtureRequest, tmp_path: Path) -> Wired:
    """As `wired`, on a memory link alone."""
    name, way = request.param
    return wire(UHF_WIRINGS[name], "whole", way, tmp_path)


def test_an_empty_pad_gives_an_empty_answer(wired: Wired) -> None:
    """An inventory of nothing is an answer, not an error."""
    assert wired.pad.inventory() == ()


def test_every_tag_of_a_stack_is_seen_again_and_again(wired: Wired) -> None:
    """Thirteen tags, more than one answer holds, are all seen, sorted, each once, in every inventory."""
    for number in range(13):
        wired.lay(f"B{number:07}")
    seen = [wired.pad.inventory() for _ in range(3)]

    assert len(seen[0]) == 13
    assert list(seen[0]) == sorted(set(seen[0]))
    assert seen == [seen[0]] * 3


def test_a_tag_with_an_endless_user_bank_is_unknown(in_memory: Wired) -> None:
    """A forgery whose user bank goes on behind the last word that has a number is unknown; the next book is read."""
    forged = item(in_memory.way, "B0000001", 2, 3)
    forged.pc |= 0x0400
    objects = b"".join(bytes((0x60 | oid, 0x7F)) + b"A" * 127 for oid in range(6, 11))
    forged.user = bytearray(
        b"\x06" + objects if in_memory.way is Security.UHF_AFI else b"\x1b\xf0" + b"A" * 1200
    )
    in_memory.reader.lay(forged)
    (uid,) = in_memory.pad.inventory()

    assert isinstance(in_memory.pad.read(uid).content, UnknownTag)
    in_memory.reader.take(forged)
    in_memory.lay("B0000002")
    (uid,) = in_memory.pad.inventory()
    assert isinstance(in_memory.pad.read(uid).content, LibraryItem)


def test_a_tag_taken_away_is_not_seen_any_more(wired: Wired) -> None:
    """An inventory shows what lies there now."""
    tags = [wired.lay("B0000001"), wired.lay("B0000002")]
    both = wired.pad.inventory()
    wired.reader.take(tags[0])

    (stays,) = wired.pad.inventory()

    assert stays in both


def test_what_lies_on_the_pad_is_read_and_understood(wired: Wired) -> None:
    """Books and parts of sets come as what they are, with owner and state; others are told apart from them."""
    wired.lay("B0000001")
    wired.lay("B0000002", 2, 3)
    wired.reader.lay(
        SimulatedUhfTag(bytes.fromhex("E28436110000100009494400")),
        SimulatedUhfTag(bytes.fromhex("3034257BF468D480000003EC")),
    )

    tags = [wired.pad.read(uid) for uid in wired.pad.inventory()]

    owner = "10248" if wired.way is Security.UHF_BIT else "CN-110108"
    contents = sorted((tag.content for tag in tags), key=repr)
    assert contents == sorted(
        [
            LibraryItem("B0000001", 1, 1, owner, 0x60),
            LibraryItem("B0000002", 2, 3, owner, 0x60),
            EmptyTag(),
            UnknownTag("layout"),
        ],
        key=repr,
    )
    assert all(
        tag.releasable and tag.security == wired.states[0]
        for tag in tags
        if isinstance(tag.content, LibraryItem)
    )


def test_release_and_secure_change_the_tag_and_say_both_states(wired: Wired) -> None:
    """A released tag passes the gate, a secured one does not; its name and all else in it stay as they are."""
    tag = wired.lay("B0000001")
    before = (tag.pc, tag.epc, bytes(tag.user), tag.tid, tag.kill_and_access)
    secured, released = wired.states
    (uid,) = wired.pad.inventory()

    assert wired.pad.release(uid) == (secured, released)
    assert is_released(tag, wired.way)
    assert wired.pad.release(uid) == (released, released)
    assert wired.pad.inventory() == (uid,)
    assert wired.pad.secure(uid) == (released, secured)
    assert (tag.pc, tag.epc, bytes(tag.user), tag.tid, tag.kill_and_access) == before


def test_a_tag_is_put_back_as_it_was_before(wired: Wired) -> None:
    """Whatever state a tag came with, also an AFI that is neither of the library's, comes back after it was secured."""
    secured, released = wired.states
    odd = released if wired.way is Security.UHF_BIT else SecurityState(0x5A)
    for number, before in (("B0000001", released), ("B0000002", secured), ("B0000003", odd)):
        known = wired.pad.inventory()
        tag = wired.lay(number)
        (uid,) = set(wired.pad.inventory()) - set(known)
        wired.pad.restore(uid, before)
        bank = tag.bank(1)

        wired.pad.secure(uid)

        assert wired.pad.restore(uid, before) == before
        assert tag.bank(1) == bank


def test_reading_writes_nothing(wired: Wired) -> None:
    """Reading, and finding out whether a tag can be released, leaves it untouched and sends no write."""
    tags = [wired.lay("B0000001"), wired.lay("B0000002")]
    before = [tag.bank(1) for tag in tags]
    wired.heard()
    for uid in wired.pad.inventory():
        wired.pad.read(uid)

    heard = wired.heard()

    assert [tag.bank(1) for tag in tags] == before
    assert not {0x03, 0x04, 0x82, 0x94} & set(heard)


def test_only_the_released_state_passes_the_gate(wired: Wired) -> None:
    """A state of neither value, as of a tag without a place for it, counts as secured."""
    secured, released = wired.states

    assert wired.pad.is_released(released)
    assert not wired.pad.is_released(secured)
    assert not wired.pad.is_released(SecurityState(None))
    assert not wired.pad.is_released(SecurityState(0x00))


def test_a_locked_tag_is_refused(wired: Wired) -> None:
    """A tag that can never be written refuses to be released, and stays secured."""
    tag = wired.lay("B0000001")
    tag.locked = True
    (uid,) = wired.pad.inventory()

    with pytest.raises(WriteRefused):
        wired.pad.release(uid)
    assert not is_released(tag, wired.way)


def test_a_tag_that_is_not_there_is_gone(wired: Wired) -> None:
    """Reading, releasing and securing a tag that left is told apart from a broken device."""
    for call in (wired.pad.read, wired.pad.release, wired.pad.secure):
        with pytest.raises(TagGone):
            call(TagUid("1703000398130803F4040000"))


def test_a_tag_at_the_edge_is_released_after_some_tries(wired: Wired) -> None:
    """Writes that fail twice are repeated, and the result is what was read back."""
    tag = wired.lay("B0000001")
    tag.write_failures = 2
    (uid,) = wired.pad.inventory()

    assert wired.pad.release(uid) == wired.states


def test_signals_are_taken(wired: Wired) -> None:
    """Every signal can be shown, whether the pad has lamps or not."""
    for signal in PadSignal:
        wired.pad.signal(signal)
    assert wired.pad.inventory() == ()


def test_an_unplugged_pad_is_lost(wired: Wired) -> None:
    """When the cable is pulled the next call says that the device is lost, and closing still works."""
    wired.lay("B0000001")
    wired.pad.inventory()
    wired.cable.unplug()

    with pytest.raises(DeviceLost):
        wired.pad.inventory()
    wired.pad.close()
    wired.pad.close()


LINE_FAULTS: list[AnswerFault] = [
    Lost(),
    Corrupted(),
    Corrupted(position=0, mask=0xF0),
    Corrupted(position=2, mask=0xFF),
    Cut(3),
    Cut(0),
    Repeated(),
    Noise(b"\x00\xff\x55"),
    Noise(b"\xa0\x05\x01\x72"),
    Late(4.0),
    Late(9.0),
]


@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize("fault", LINE_FAULTS, ids=repr)
def test_one_disturbed_answer_never_mixes_up_two_books(in_memory: Wired, fault: AnswerFault, at: int) -> None:
    """Whichever answer is lost, damaged, doubled or late, every book of the stack is seen and none is another."""
    for number in range(9):
        in_memory.lay(f"B{number:07}")
    assert isinstance(in_memory.cable, MemoryLink)
    in_memory.cable.inject(*[Sound()] * at, fault)

    contents = [in_memory.pad.read(uid).content for uid in in_memory.pad.inventory()]

    seen = [content.identifier for content in contents if isinstance(content, LibraryItem)]
    assert sorted(seen) == [f"B{number:07}" for number in range(9)]


@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize("fault", LINE_FAULTS, ids=repr)
def test_one_disturbed_answer_does_not_change_what_a_release_does(
    in_memory: Wired, fault: AnswerFault, at: int
) -> None:
    """A release whose write or read-back was disturbed ends released, and says the state before rightly."""
    tag = in_memory.lay("B0000001")
    (uid,) = in_memory.pad.inventory()
    assert isinstance(in_memory.cable, MemoryLink)
    in_memory.cable.inject(*[Sound()] * at, fault)

    assert in_memory.pad.release(uid) == in_memory.states
    assert is_released(tag, in_memory.way)


@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize("fault", list(ReaderFault), ids=lambda fault: fault.value)
def test_a_reader_that_lies_once_releases_nothing_by_it(
    in_memory: Wired, fault: ReaderFault, at: int
) -> None:
    """Whatever one answer says wrongly, the end is the truth, or nothing that counts as released."""
    tag = in_memory.lay("B0000001")
    (uid,) = in_memory.pad.inventory()
    in_memory.reader.faults.inject(*[None] * at, fault)

    try:
        _, after = in_memory.pad.release(uid)
    except (DeviceFault, TagGone, WriteRefused):
        return
    assert in_memory.pad.is_released(after)
    assert is_released(tag, in_memory.way)


@pytest.mark.parametrize("fault", list(ReaderFault), ids=lambda fault: fault.value)
def test_a_reader_that_always_lies_releases_nothing_by_it(in_memory: Wired, fault: ReaderFault) -> None:
    """A reader that answers wrongly for good never makes a tag count as released that is not."""
    tag = in_memory.lay("B0000001")
    (uid,) = in_memory.pad.inventory()
    tag.writes_nothing = True
    in_memory.reader.faults.inject(*[fault] * 200)

    with pytest.raises((DeviceFault, DeviceLost, TagGone, WriteRefused)):
        in_memory.pad.release(uid)


def test_a_write_that_was_only_claimed_is_not_believed(in_memory: Wired) -> None:
    """A tag that answers "written" and shows otherwise leaves the book secured, and says so."""
    tag = in_memory.lay("B0000001")
    tag.writes_nothing = True
    (uid,) = in_memory.pad.inventory()

    with pytest.raises(WriteRefused, match="not as written"):
        in_memory.pad.release(uid)


@pytest.mark.parametrize("is_torn", [False, True])
@pytest.mark.parametrize("heard", range(5))
def test_a_tag_taken_away_at_any_moment_is_gone_or_rightly_told(
    in_memory: Wired, heard: int, is_torn: bool
) -> None:
    """A tag that leaves half-way through a release is gone, or was released and read back before it went."""
    tag = in_memory.lay("B0000001")
    tag.is_torn = is_torn
    (uid,) = in_memory.pad.inventory()
    in_memory.pad.read(uid)
    tag.leaves_after = heard

    try:
        in_memory.pad.release(uid)
    except TagGone:
        return
    assert is_released(tag, in_memory.way)
    assert heard > 1


def test_two_tags_that_answer_at_once_are_not_released(in_memory: Wired) -> None:
    """Two tags with one EPC disturb each other: nothing is read of them and nothing written."""
    first = in_memory.lay("B0000001")
    second = in_memory.lay("B0000001")
    (uid,) = in_memory.pad.inventory()

    with pytest.raises(TagGone):
        in_memory.pad.release(uid)
    assert not is_released(first, in_memory.way)
    assert not is_released(second, in_memory.way)


def test_a_day_of_work_sends_nothing_that_kills_locks_or_protects(in_memory: Wired) -> None:
    """What the far end heard of a day: no kill, no lock, no read protection, no erasure, and writes of one word."""
    tags = [in_memory.lay(f"B{number:07}") for number in range(5)]
    tags[1].write_failures, tags[2].locked, tags[3].leaves_after = 2, True, 4
    for uid in in_memory.pad.inventory():
        for call in (in_memory.pad.read, in_memory.pad.release, in_memory.pad.secure):
            try:
                call(uid)
            except (TagGone, WriteRefused):
                continue
    commands = in_memory.reader.commands_heard
    written = [command for command in commands if command[0] in (0x03, 0x82, 0x94)]

    assert len(written) > 4
    forbidden = {0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x10, 0x83, 0x84}
    assert not forbidden & {command[0] for command in commands}
    for tag in tags:
        assert (tag.kill_and_access, tag.locked) == (bytes(8), tag is tags[2])


class Pulled:
    """A far end whose cable is pulled with the question of number *after*."""

    def __init__(self, reader: UhfFarEnd, after: int) -> None:
        self.cable: MemoryLink | None = None
        self._reader = reader
        self._left = after

    def receive(self, data: bytes) -> bytes:
        """As promised by `FarEnd`."""
        self._left -= bool(data)
        if self._left < 0 and self.cable is not None:
            self.cable.unplug()
            return b""
        return self._reader.receive(data)


@pytest.mark.parametrize("after", range(14))
@pytest.mark.parametrize("name", UHF_WIRINGS)
def test_a_cable_pulled_at_any_moment_is_a_lost_device_and_nothing_else(name: str, after: int) -> None:
    """Pulled in the midst of whatever is asked, all a caller sees is `DeviceLost`; put back, it works again."""
    wiring, clock = UHF_WIRINGS[name], VirtualClock()
    reader = wiring.reader(clock)
    reader.lay(*(item(Security.UHF_BIT, f"B{number:07}") for number in range(2)))
    settings = {"security": Security.UHF_BIT}
    pulled = Pulled(reader, after)
    pulled.cable = MemoryLink(pulled, clock)

    def work() -> None:
        pad = wiring.opened(settings, pulled.cable, clock) if pulled.cable else None
        while pad is not None:
            for uid in pad.inventory():
                pad.read(uid)
                pad.release(uid)
                pad.secure(uid)

    with pytest.raises(DeviceLost):
        work()
    assert len(wiring.opened(settings, MemoryLink(reader, clock), clock).inventory()) == 2
