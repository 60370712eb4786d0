"""FEIG pads and the security state: tags that are weak, locked, leave or lie, AFI and EAS."""

from __future__ import annotations

import pytest

from drivers.link.memory import (
    MemoryLink,
    VirtualClock,
)
from drivers.rfid import LibraryItem, SecurityState, TagGone, WriteRefused, obid_pad
from drivers.rfid.obid_settings import (
    ObidPadSettings,
    ReleaseCheck,
)
from drivers.rfid.tag_settings import Security
from drivers.sim import shelf
from drivers.sim.obid_reader import ObidReader
from tests.kit.obid_bench import Bench

SECURED, RELEASED = SecurityState(0x07), SecurityState(0xC2)
LOCKS = {0x22, 0x28, 0x2A}
MAKER_LOCKS = {0xA4, 0xA6, 0xB5}


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
    """Where the gate looks at EAS, a chip without that bit is found when read, and refused."""
    bench = Bench(settings={"security": Security.EAS})
    tag = bench.lay(shelf.item_tag("1001"))

    read = bench.pad.read(tag.uid)

    assert (read.releasable, read.why_not, read.security.eas) == (False, "unsupported", None)
    for call in (bench.pad.release, bench.pad.secure):
        with pytest.raises(WriteRefused):
            call(tag.uid)


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


def test_nothing_is_written_to_what_is_not_an_item() -> None:
    """Cards, empty tags and tags that were not understood are read without the check that writes."""
    bench = Bench()
    tags = [shelf.patron_card_tag("2900001"), shelf.empty_tag(), shelf.wrong_crc_item_tag("1001")]
    bench.lay(*tags)
    for tag in tags:
        bench.pad.read(tag.uid)

    assert 0x27 not in bench.commands()
