"""Pads for ISO 15693 tags and the security state, every driver: tags that are weak or locked, or leave or lie."""

from __future__ import annotations

import pytest

from drivers.rfid import LibraryItem, SecurityState, TagGone, WriteRefused
from drivers.rfid.iso15693_settings import ReleaseCheck
from drivers.rfid.tag_settings import Security
from drivers.sim import shelf
from tests.kit.hf_bench import HfBench, M210Bench, ObidBench
from tests.kit.hf_checks import (
    check_an_unconfirmed_write_is_refused,
    check_reading_switches_nothing_off,
    check_silence_is_no_release,
    check_written_is_not_believed,
)

SECURED, RELEASED = SecurityState(0x07), SecurityState(0xC2)
AFI_WRITES = {0x27, 0x09}


BENCHES = [ObidBench, M210Bench]


@pytest.fixture(params=BENCHES, ids=["obid", "m210"])
def make(request: pytest.FixtureRequest) -> type[HfBench]:
    """A bench of each kind of pad."""
    kind: type[HfBench] = request.param
    return kind


def test_a_tag_too_weak_to_be_written_is_found_when_it_is_read(make: type[HfBench]) -> None:
    """A tag that can be read and not written is told before anybody asks for a loan."""
    bench = make()
    tag = bench.lay(shelf.weak_item_tag("1001", 1000))

    read = bench.pad.read(tag.uid)

    assert (read.releasable, read.why_not) == (False, "weak")
    with pytest.raises(WriteRefused):
        bench.pad.release(tag.uid)


@pytest.mark.parametrize("commands", range(1, 5))
def test_a_tag_that_leaves_half_way_is_gone_and_never_reported_released(
    make: type[HfBench], commands: int
) -> None:
    """Taken away before, during or after the write, a tag is gone; nothing claims to know its state."""
    bench = make()
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


def test_the_state_before_is_not_remembered_of_a_tag_that_was_away(make: type[HfBench]) -> None:
    """A tag that left and came back with another state is asked again before it is changed."""
    bench = make()
    tag = bench.lay(shelf.item_tag("1001"))
    bench.pad.read(tag.uid)
    bench.reader.take(tag.uid)
    bench.pad.inventory()
    tag.afi = 0x00
    bench.reader.lay(tag)

    assert bench.pad.release(tag.uid) == (SecurityState(0x00), RELEASED)


def test_a_state_that_is_right_already_is_still_read_back(make: type[HfBench]) -> None:
    """What was read before is never the proof: a state changed behind the pad's back is written again."""
    bench = make()
    tag = bench.lay(shelf.item_tag("1001"))
    bench.pad.release(tag.uid)
    tag.afi = 0x07

    assert bench.pad.release(tag.uid)[1] == RELEASED
    assert tag.afi == 0xC2


def test_a_write_that_did_not_take_is_never_a_release(make: type[HfBench]) -> None:
    """A reader that confirms a write without doing it is found out by the read-back."""
    check_written_is_not_believed(make)


@pytest.mark.parametrize("security", [Security.EAS, Security.AFI_AND_EAS])
def test_eas_is_changed_and_read_back(make: type[HfBench], security: Security) -> None:
    """Where the gate looks at the EAS bit, it is what is released, and other tags' bits do not confuse it."""
    bench = make(settings={"security": security})
    tag, neighbour = shelf.item_tag("1001", eas=True), shelf.item_tag("1002", eas=True)
    bench.lay(tag, neighbour)
    afis = (None, None) if security is Security.EAS else (0x07, 0xC2)

    read = bench.pad.read(tag.uid)
    before, after = bench.pad.release(tag.uid)

    assert read.releasable
    assert (before, after) == (SecurityState(afis[0], True), SecurityState(afis[1], False))
    assert (tag.eas, tag.afi, neighbour.eas) == (False, afis[1] or 0x07, True)
    assert bench.pad.secure(tag.uid)[1] == SecurityState(afis[0], True)


def test_a_tag_without_eas_cannot_be_secured_by_it(make: type[HfBench]) -> None:
    """Where the gate looks at EAS, a chip without that bit is found when read, and refused."""
    bench = make(settings={"security": Security.EAS})
    tag = bench.lay(shelf.item_tag("1001"))

    read = bench.pad.read(tag.uid)

    assert (read.releasable, read.why_not, read.security.eas) == (False, "unsupported", None)
    for call in (bench.pad.release, bench.pad.secure):
        with pytest.raises(WriteRefused):
            call(tag.uid)


def test_lock_bits_of_all_blocks_stand_for_a_locked_tag(make: type[HfBench]) -> None:
    """With the check by lock state nothing is written, and a tag locked as a whole is not releasable."""
    bench = make(settings={"release_check": ReleaseCheck.LOCK_STATE})
    whole, half = shelf.item_tag("1001"), shelf.item_tag("1002")
    whole.locked_blocks = set(range(28))
    half.locked_blocks = set(range(4))
    bench.lay(whole, half)

    assert [bench.pad.read(tag.uid).why_not for tag in (whole, half)] == ["locked", ""]
    assert not AFI_WRITES & set(bench.commands())


def test_without_a_check_the_release_itself_finds_a_locked_tag(make: type[HfBench]) -> None:
    """With the check switched off a locked tag reads as releasable and is refused later."""
    bench = make(settings={"release_check": ReleaseCheck.NONE})
    tag = bench.lay(shelf.locked_item_tag("1001"))

    assert bench.pad.read(tag.uid).releasable
    with pytest.raises(WriteRefused):
        bench.pad.release(tag.uid)


def test_a_chip_without_system_information_is_read_and_not_releasable(make: type[HfBench]) -> None:
    """A book whose tag cannot tell its AFI is known by name and left to staff."""
    bench = make()
    tag = bench.lay(shelf.item_tag("1001"))
    tag.knows_information = False

    read = bench.pad.read(tag.uid)

    assert read.content == LibraryItem("1001", 1, 1, "CN-110108", 0x11)
    assert (read.releasable, read.why_not) == (False, "information")


def test_nothing_is_written_to_what_is_not_an_item(make: type[HfBench]) -> None:
    """Cards, empty tags and tags that were not understood are read without the check that writes."""
    bench = make()
    tags = [shelf.patron_card_tag("2900001"), shelf.empty_tag(), shelf.wrong_crc_item_tag("1001")]
    bench.lay(*tags)
    for tag in tags:
        bench.pad.read(tag.uid)

    assert not AFI_WRITES & set(bench.commands())


def test_a_small_chip_tells_its_lock_bits_too(make: type[HfBench]) -> None:
    """A chip with fewer blocks than are asked for at once is no chip that cannot tell."""
    bench = make(settings={"release_check": ReleaseCheck.LOCK_STATE})
    small = shelf.item_tag("1002", memory_bytes=40)
    small.block_size_bytes = 8
    bench.lay(small)

    assert bench.pad.read(small.uid).why_not == ""


def test_where_the_gate_asks_the_server_no_tag_is_touched(make: type[HfBench]) -> None:
    """With security by look-up a book is read and lent, nothing is written, and every state passes the gate."""
    bench = make(settings={"security": Security.LOOKUP})
    tag = bench.lay(shelf.locked_item_tag("1001"))
    nothing = SecurityState(None)

    read = bench.pad.read(tag.uid)
    heard = len(bench.reader.commands_heard)
    changed = bench.pad.release(tag.uid), bench.pad.secure(tag.uid)

    assert (read.content, read.security) == (LibraryItem("1001", 1, 1, "CN-110108", 0x11), nothing)
    assert read.releasable
    assert changed == ((nothing, nothing), (nothing, nothing))
    assert bench.pad.is_released(nothing)
    assert len(bench.reader.commands_heard) == heard
    assert not AFI_WRITES & set(bench.commands())


@pytest.mark.parametrize("commands", range(6))
@pytest.mark.parametrize("check", list(ReleaseCheck))
def test_a_tag_that_left_is_never_one_whose_eas_is_off(
    make: type[HfBench], check: ReleaseCheck, commands: int
) -> None:
    """Read while it is taken away, a secured tag is gone or secured; silence alone is never "released"."""
    bench = make(settings={"security": Security.EAS, "release_check": check})
    tag = bench.lay(shelf.item_tag("1001", eas=True))
    tag.leaves_after = commands
    try:
        state = bench.pad.read(tag.uid).security
    except TagGone:
        return

    assert state.eas is True


@pytest.mark.parametrize("commands", range(8))
def test_a_tag_that_leaves_while_its_eas_is_switched_off_is_not_released(
    make: type[HfBench], commands: int
) -> None:
    """A release by EAS counts only when the tag answered a question after its silence."""
    bench = make(settings={"security": Security.EAS})
    tag = bench.lay(shelf.item_tag("1001", eas=True))
    tag.leaves_after = commands
    try:
        before, after = bench.pad.release(tag.uid)
    except TagGone:
        return

    assert (before.eas, after.eas, tag.eas) == (True, False, False)
    assert commands > 3


@pytest.mark.parametrize("security", [Security.EAS, Security.AFI_AND_EAS])
@pytest.mark.parametrize("silences", range(6))
def test_reading_a_tag_whose_alarm_is_not_heard_leaves_it_secured(
    make: type[HfBench], security: Security, silences: int
) -> None:
    """A book at the edge of the pad, whose EAS seems off, is not switched off by the check that it can be released."""
    check_reading_switches_nothing_off(make, security, silences)


@pytest.mark.parametrize("silences", range(1, 9))
def test_a_tag_whose_alarm_is_not_heard_is_released_only_by_a_write(
    make: type[HfBench], silences: int
) -> None:
    """A silent alarm never stands for a release: the tag is written, and has to confirm it."""
    check_silence_is_no_release(make, silences)


def test_a_silent_alarm_does_not_stand_for_a_write_that_was_not_confirmed(make: type[HfBench]) -> None:
    """Where no write of EAS is ever confirmed, a tag that then falls silent is refused, not released."""
    check_an_unconfirmed_write_is_refused(make)


def test_eas_is_switched_on_also_where_the_afi_refuses(make: type[HfBench]) -> None:
    """Of a tag that cannot be secured as a whole, what can be secured is, and it is still told as refused."""
    bench = make(settings={"security": Security.AFI_AND_EAS})
    tag = bench.lay(shelf.item_tag("1001", eas=False))
    tag.afi, tag.afi_locked = 0xC2, True

    with pytest.raises(WriteRefused, match="locked"):
        bench.pad.secure(tag.uid)
    assert tag.eas is True
    with pytest.raises(WriteRefused, match="locked"):
        bench.pad.release(tag.uid)
