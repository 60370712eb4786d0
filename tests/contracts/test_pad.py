"""What every RFID pad promises, over every kind of line, in both frame types and both block orders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest

from drivers.link import Clock, DeviceLost
from drivers.link.clock import RealClock
from drivers.link.memory import MemoryLink, VirtualClock
from drivers.link.urls import open_link
from drivers.masked import Masked
from drivers.rfid import (
    EmptyTag,
    LibraryItem,
    Pad,
    PadSignal,
    PatronCard,
    SecurityState,
    TagGone,
    UnknownTag,
    WriteRefused,
    obid_pad,
)
from drivers.rfid.obid import BlockOrder, FrameType
from drivers.rfid.obid_settings import ObidPadSettings, OrderPolicy, Outputs
from drivers.sim import shelf
from drivers.sim.obid_reader import ObidReader
from drivers.sim.serve import Serving, serve_pty, serve_tcp

SECURED, RELEASED = SecurityState(0x07), SecurityState(0xC2)
LINES = ["whole", "threes", "byte by byte", "pty", "tcp"]


@dataclass
class Wired:
    """A pad, the reader at its far end, and the cable between them."""

    pad: Pad
    reader: ObidReader
    cable: MemoryLink | Serving


@pytest.fixture(
    params=product(LINES, FrameType, BlockOrder),
    ids=lambda case: f"{case[0]}-{case[1].value}-{case[2].value}",
)
def wired(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Wired]:
    line, frame_type, order = request.param
    settings = ObidPadSettings(
        frame=frame_type, block_order=OrderPolicy(order.value), outputs=Outputs.CPR, answer_seconds_max=5
    )
    clock: Clock = VirtualClock() if line not in ("pty", "tcp") else RealClock()
    reader = ObidReader(clock, block_order=order)
    cable: MemoryLink | Serving
    if line == "pty":
        cable = serve_pty(reader, tmp_path / "pad")
    elif line == "tcp":
        cable = serve_tcp(reader)
    else:
        cable = MemoryLink(reader, clock, chunk_bytes={"whole": 0, "threes": 3, "byte by byte": 1}[line])
    link = open_link(cable.url, clock) if isinstance(cable, Serving) else cable
    pad = obid_pad.open(settings, link, clock)
    yield Wired(pad, reader, cable)
    pad.close()
    cable.close()


def test_an_empty_pad_gives_an_empty_answer(wired: Wired) -> None:
    """An inventory of nothing is an answer, not an error."""
    assert wired.pad.inventory() == ()


def test_every_tag_of_a_stack_is_seen_again_and_again(wired: Wired) -> None:
    """Thirteen tags, more than one reply holds, are all seen, sorted, each once, in every inventory."""
    tags = [shelf.item_tag(f"{number:014}") for number in range(13)]
    wired.reader.lay(*tags)
    expected = tuple(sorted(tag.uid for tag in tags))

    assert [wired.pad.inventory() for _ in range(3)] == [expected] * 3


def test_a_tag_taken_away_is_not_seen_any_more(wired: Wired) -> None:
    """An inventory shows what lies there now."""
    stays, goes = shelf.item_tag("1001"), shelf.item_tag("1002")
    wired.reader.lay(stays, goes)
    wired.pad.inventory()
    wired.reader.take(goes.uid)

    assert wired.pad.inventory() == (stays.uid,)


def test_what_lies_on_the_pad_is_read_and_understood(wired: Wired) -> None:
    """Books, parts of sets, cards, empty and damaged tags each come as what they are, with their state."""
    cases = [
        (shelf.item_tag("1001"), LibraryItem("1001", 1, 1, "CN-110108", 0x11)),
        (shelf.item_tag("1002", part=2, parts=3), LibraryItem("1002", 2, 3, "CN-110108", 0x11)),
        (shelf.item_tag("1003", owner="US-InU-Mu-1234"), LibraryItem("1003", 1, 1, "US-InU-Mu-1234", 0x11)),
        (shelf.foreign_item_tag("1004"), LibraryItem("1004", 1, 1, "DE-705", 0x11)),
        (shelf.item_tag("1005", memory_bytes=32), LibraryItem("1005", 1, 1, "CN-110108", 0x11)),
        (shelf.patron_card_tag("2900001"), PatronCard(Masked("2900001"), "CN-110108")),
        (shelf.empty_tag(), EmptyTag()),
        (shelf.wrong_crc_item_tag("1006"), UnknownTag("crc")),
    ]
    wired.reader.lay(*(tag for tag, _ in cases))

    read = [wired.pad.read(tag.uid) for tag, _ in cases]

    assert [tag.content for tag in read] == [content for _, content in cases]
    assert [tag.security.afi for tag in read] == [tag.afi for tag, _ in cases]
    assert all(tag.releasable for tag in read)


def test_release_and_secure_change_the_tag_and_say_both_states(wired: Wired) -> None:
    """A released tag passes the gate, a secured one does not, and only its security state has changed."""
    tag = shelf.item_tag("1001")
    memory = bytes(tag.memory)
    wired.reader.lay(tag)

    assert wired.pad.release(tag.uid) == (SECURED, RELEASED)
    assert tag.afi == 0xC2
    assert wired.pad.release(tag.uid) == (RELEASED, RELEASED)
    assert wired.pad.secure(tag.uid) == (RELEASED, SECURED)
    assert (tag.afi, bytes(tag.memory)) == (0x07, memory)


def test_reading_changes_nothing(wired: Wired) -> None:
    """After reading and the check whether it can be released, a tag is as it was."""
    tags = [shelf.item_tag("1001"), shelf.item_tag("1002")]
    tags[1].afi = 0xC2
    wired.reader.lay(*tags)
    before = [(tag.afi, bytes(tag.memory)) for tag in tags]
    for tag in tags:
        wired.pad.read(tag.uid)

    assert [(tag.afi, bytes(tag.memory)) for tag in tags] == before


def test_only_the_released_state_passes_the_gate(wired: Wired) -> None:
    """A state of neither value, as of a tag just made, counts as secured."""
    assert wired.pad.is_released(RELEASED)
    assert not wired.pad.is_released(SECURED)
    assert not wired.pad.is_released(SecurityState(0x00))


def test_a_locked_tag_is_found_before_and_refused_at_the_release(wired: Wired) -> None:
    """A tag whose state can never be changed says so when read, and refuses to be released."""
    tag = shelf.locked_item_tag("1001")
    wired.reader.lay(tag)

    read = wired.pad.read(tag.uid)

    assert (read.releasable, read.why_not) == (False, "locked")
    with pytest.raises(WriteRefused):
        wired.pad.release(tag.uid)
    assert tag.afi == 0x07


def test_a_tag_that_is_not_there_is_gone(wired: Wired) -> None:
    """Reading, releasing and securing a tag that left is told apart from a broken device."""
    uid = shelf.item_tag("1001").uid
    for call in (wired.pad.read, wired.pad.release, wired.pad.secure):
        with pytest.raises(TagGone):
            call(uid)


def test_a_tag_at_the_edge_is_released_after_some_tries(wired: Wired) -> None:
    """Writes that fail twice are repeated, and the result is what was read back."""
    tag = shelf.weak_item_tag("1001", 2)
    wired.reader.lay(tag)

    assert wired.pad.release(tag.uid) == (SECURED, RELEASED)


def test_signals_are_taken(wired: Wired) -> None:
    """Every signal can be shown, and each looks different."""
    shown = set()
    for signal in PadSignal:
        wired.pad.signal(signal)
        shown.add((wired.reader.lamp.state, wired.reader.lamp.frequency))

    assert len(shown) == len(PadSignal)


def test_an_unplugged_pad_is_lost(wired: Wired) -> None:
    """When the cable is pulled the next call says that the device is lost, and closing still works."""
    wired.reader.lay(shelf.item_tag("1001"))
    wired.pad.inventory()
    wired.cable.unplug()

    with pytest.raises(DeviceLost):
        wired.pad.inventory()
    wired.pad.close()
    wired.pad.close()
