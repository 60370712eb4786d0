"""What every RFID pad promises, over every kind of line, however it is set up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

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
    TagGone,
    UnknownTag,
    WriteRefused,
)
from drivers.sim.serve import Serving, serve_pty, serve_tcp
from tests.kit.pad_wirings import WIRINGS, PadWiring

LINES = ["whole", "threes", "byte by byte", "pty", "tcp"]


@dataclass
class Wired:
    """A pad, the reader at its far end, the cable between them, and how they were set up."""

    pad: Pad
    reader: Any
    cable: MemoryLink | Serving
    wiring: PadWiring


@pytest.fixture(params=product(LINES, WIRINGS), ids=lambda case: f"{case[0]}-{case[1].name}")
def wired(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Wired]:
    line: str
    wiring: PadWiring
    line, wiring = request.param
    clock: Clock = VirtualClock() if line not in ("pty", "tcp") else RealClock()
    reader = wiring.reader(clock)
    cable: MemoryLink | Serving
    if line == "pty":
        cable = serve_pty(reader, tmp_path / "pad")
    elif line == "tcp":
        cable = serve_tcp(reader)
    else:
        cable = MemoryLink(reader, clock, chunk_bytes={"whole": 0, "threes": 3, "byte by byte": 1}[line])
    link = open_link(cable.url, clock) if isinstance(cable, Serving) else cable
    pad = wiring.open(link, clock)
    yield Wired(pad, reader, cable, wiring)
    pad.close()
    cable.close()
    assert wiring.forbidden(reader) == []


def test_an_empty_pad_gives_an_empty_answer(wired: Wired) -> None:
    """An inventory of nothing is an answer, not an error."""
    assert wired.pad.inventory() == ()


def test_every_tag_of_a_stack_is_seen_again_and_again(wired: Wired) -> None:
    """Thirteen tags, more than one reply holds, are all seen, sorted, each once, in every inventory."""
    tags = [wired.wiring.tags.item_tag(f"{number:014}") for number in range(13)]
    wired.reader.lay(*tags)
    expected = tuple(sorted(tag.uid for tag in tags))

    assert [wired.pad.inventory() for _ in range(3)] == [expected] * 3


def test_a_tag_taken_away_is_not_seen_any_more(wired: Wired) -> None:
    """An inventory shows what lies there now."""
    stays, goes = (wired.wiring.tags.item_tag(number) for number in ("1001", "1002"))
    wired.reader.lay(stays, goes)
    wired.pad.inventory()
    wired.reader.take(goes.uid)

    assert wired.pad.inventory() == (stays.uid,)


def test_what_lies_on_the_pad_is_read_and_understood(wired: Wired) -> None:
    """Books, parts of sets, cards, empty and damaged tags each come as what they are, with their state."""
    shelf = wired.wiring.tags
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
    assert [tag.security for tag in read] == [wired.wiring.state(tag) for tag, _ in cases]
    assert all(tag.releasable for tag in read)


def test_release_and_secure_change_the_tag_and_say_both_states(wired: Wired) -> None:
    """A released tag passes the gate, a secured one does not, and only its security state has changed."""
    wiring = wired.wiring
    secured, released = wiring.secured, wiring.released
    tag = wiring.tags.item_tag("1001")
    wired.reader.lay(tag)
    content = wired.pad.read(tag.uid).content

    assert wired.pad.release(tag.uid) == (secured, released)
    assert wiring.state(tag) == released
    assert wired.pad.release(tag.uid) == (released, released)
    assert wired.pad.secure(tag.uid) == (released, secured)
    assert wiring.state(tag) == secured
    assert wired.pad.read(tag.uid).content == content


def test_a_tag_is_put_back_as_it_was_before(wired: Wired) -> None:
    """Whatever state a tag came with, also one that is neither of the library's, comes back after it was secured."""
    wiring = wired.wiring
    odd = replace(wiring.released, afi=0x5A) if wiring.released.afi is not None else wiring.released
    for number, before in (("1001", wiring.released), ("1002", wiring.secured), ("1003", odd)):
        tag = wiring.tags.item_tag(number)
        wired.reader.lay(tag)
        wired.pad.inventory()
        wired.pad.restore(tag.uid, before)
        assert wiring.state(tag) == before

        wired.pad.secure(tag.uid)

        assert wired.pad.restore(tag.uid, before) == before
        assert wiring.state(tag) == before


def test_a_tag_that_cannot_be_put_back_says_so(wired: Wired) -> None:
    """A locked tag stays as it is, and a tag that left is gone: neither is told to be as it was before."""
    wiring = wired.wiring
    tag = wiring.tags.locked_item_tag("1001")
    wired.reader.lay(tag)
    wired.pad.inventory()

    with pytest.raises(WriteRefused):
        wired.pad.restore(tag.uid, wiring.released)
    assert wiring.state(tag) == wiring.secured
    wired.reader.take(tag.uid)
    with pytest.raises(TagGone):
        wired.pad.restore(tag.uid, wiring.released)


def test_reading_changes_nothing(wired: Wired) -> None:
    """After reading and the check whether it can be released, a tag is as it was."""
    wiring = wired.wiring
    tags = [wiring.tags.item_tag("1001"), wiring.tags.item_tag("1002")]
    wiring.make_released(tags[1])
    wired.reader.lay(*tags)
    before = [(wiring.state(tag), repr(tag.memory)) for tag in tags]
    for tag in tags:
        wired.pad.read(tag.uid)

    assert [(wiring.state(tag), repr(tag.memory)) for tag in tags] == before


def test_only_the_released_state_passes_the_gate(wired: Wired) -> None:
    """A state of neither value, as of a tag just made, counts as secured."""
    assert wired.pad.is_released(wired.wiring.released)
    assert not wired.pad.is_released(wired.wiring.secured)
    assert not wired.pad.is_released(wired.wiring.neither)


def test_a_locked_tag_is_found_before_and_refused_at_the_release(wired: Wired) -> None:
    """A tag whose state can never be changed says so when read, and refuses to be released."""
    tag = wired.wiring.tags.locked_item_tag("1001")
    wired.reader.lay(tag)

    read = wired.pad.read(tag.uid)

    assert (read.releasable, read.why_not) == (False, "locked")
    with pytest.raises(WriteRefused):
        wired.pad.release(tag.uid)
    assert wired.wiring.state(tag) == wired.wiring.secured


def test_a_tag_that_is_not_there_is_gone(wired: Wired) -> None:
    """Reading, releasing and securing a tag that left is told apart from a broken device."""
    uid = wired.wiring.tags.item_tag("1001").uid
    for call in (wired.pad.read, wired.pad.release, wired.pad.secure):
        with pytest.raises(TagGone):
            call(uid)


def test_a_tag_at_the_edge_is_released_after_some_tries(wired: Wired) -> None:
    """Writes that fail twice are repeated, and the result is what was read back."""
    tag = wired.wiring.tags.weak_item_tag("1001", 2)
    wired.reader.lay(tag)

    assert wired.pad.release(tag.uid) == (wired.wiring.secured, wired.wiring.released)


def test_signals_are_taken(wired: Wired) -> None:
    """Every signal can be shown; where the pad has lamps each looks different, and elsewhere nothing is asked."""
    shown = set()
    heard = len(wired.reader.commands_heard)
    for signal in PadSignal:
        wired.pad.signal(signal)
        if wired.wiring.shown is not None:
            shown.add(wired.wiring.shown(wired.reader))

    has_lamps = wired.wiring.shown is not None
    assert len(shown) == (len(PadSignal) if has_lamps else 0)
    assert len(wired.reader.commands_heard) - heard == (len(PadSignal) if has_lamps else 0)


def test_an_unplugged_pad_is_lost(wired: Wired) -> None:
    """When the cable is pulled the next call says that the device is lost, and closing still works."""
    wired.reader.lay(wired.wiring.tags.item_tag("1001"))
    wired.pad.inventory()
    wired.cable.unplug()

    with pytest.raises(DeviceLost):
        wired.pad.inventory()
    wired.pad.close()
    wired.pad.close()
