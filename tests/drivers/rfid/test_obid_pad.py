"""FEIG pads: what they see, what a tag says, and what each call costs."""

from __future__ import annotations

from typing import Any

import pytest

from drivers.link import SettingsError
from drivers.link.memory import FarEnd, MemoryLink
from drivers.rfid import LibraryItem, obid_pad
from drivers.rfid.obid import BlockOrder, Frame, FrameType, encode
from drivers.rfid.obid_settings import ObidPadSettings, OrderPolicy, ReleaseCheck
from drivers.rfid.tag_settings import CrcPolicy
from drivers.rfid.tagdata.rules import Model
from drivers.sim import airtime, shelf
from tests.kit.hf_bench import M210Bench, ObidBench


def test_only_new_tags_mode_hides_nothing() -> None:
    """A reader that reports each tag once still shows all of them in every inventory, and did hide them."""
    bench = ObidBench(reader_is={"only_new_tags": True})
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
    bench = ObidBench(reader_is={"tags_per_reply": tags_per_reply})
    tags = [shelf.item_tag(f"{number}") for number in range(count)]
    if tags:
        bench.lay(*tags)

    assert len(bench.pad.inventory()) == count


def test_a_magnetic_tape_is_recognised_where_the_library_has_a_strip_unit() -> None:
    """With extensions read, the media format is known."""
    bench = ObidBench(settings={"reads_extensions": True})
    tag = bench.lay(shelf.item_tag("1001", media_format=3))

    content = bench.pad.read(tag.uid).content

    assert isinstance(content, LibraryItem)
    assert content.media_format == 3


def test_the_librarys_crc_rule_reaches_the_tags() -> None:
    """With the lenient rule a stranger's wrong CRC is read as not verified."""
    bench = ObidBench(settings={"crc": CrcPolicy.WARN, "owner": "CN-110108"})
    tag = bench.lay(shelf.wrong_crc_item_tag("1001", owner="DE-705"))

    content = bench.pad.read(tag.uid).content

    assert isinstance(content, LibraryItem)
    assert not content.is_verified


def test_a_book_costs_five_questions_from_reading_to_read_back() -> None:
    """Information, one read, the check; one write and its read-back: nothing is asked twice."""
    bench = ObidBench()
    tag = bench.lay(shelf.item_tag("1001"))
    bench.pad.inventory()
    heard = len(bench.reader.commands_heard)
    bench.pad.read(tag.uid)
    bench.pad.release(tag.uid)

    assert bench.commands(heard) == [0x2B, 0x23, 0x27, 0x27, 0x2B]


def test_a_stack_of_ten_takes_little_more_than_wire_and_air() -> None:
    """Two inventories, reading and releasing ten books take at most 1.25 of line and air time alone."""
    bench = ObidBench(reader_is={"line_baud": 38400, "has_air_time": True})
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
        {"models": ()},
        {"models": (Model.ISO_28560_4, Model.CN_UNIVERSITY)},
        {"crc": CrcPolicy.WARN},
    ],
)
def test_settings_that_cannot_be_name_the_setting(wrong: dict[str, Any]) -> None:
    """A setting out of range, data models of other tags alone, or strangers without an owner are errors with a name."""
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        ObidPadSettings(**wrong)


@pytest.mark.parametrize("block_size", [4, 8, 16, 32])
@pytest.mark.parametrize("is_minus_one", [True, False])
@pytest.mark.parametrize("order", list(BlockOrder))
def test_chips_of_every_block_size_are_read(block_size: int, is_minus_one: bool, order: BlockOrder) -> None:
    """Blocks of 4 to 32 bytes, counted from one or from zero, give the same item in either order."""
    bench = ObidBench(reader_is={"size_is_minus_one": is_minus_one, "block_order": order})
    tag = shelf.item_tag("1001", owner="US-InU-Mu-1234", memory_bytes=128)
    tag.block_size_bytes = block_size
    bench.lay(tag)

    assert bench.pad.read(tag.uid).content == LibraryItem("1001", 1, 1, "US-InU-Mu-1234", 0x11)


def test_a_fixed_block_order_does_not_guess() -> None:
    """With a fixed order that is wrong for the reader, tags are unknown instead of guessed."""
    settings = {"block_order": OrderPolicy.NATURAL}
    bench = ObidBench(settings=settings, reader_is={"block_order": BlockOrder.REVERSED})
    tag = bench.lay(shelf.item_tag("1001"))

    assert not isinstance(bench.pad.read(tag.uid).content, LibraryItem)


def test_an_unreadable_lock_state_makes_a_tag_not_releasable() -> None:
    """Under the check by lock state a chip that cannot tell it is left to staff; a small one can tell it."""
    bench = ObidBench(settings={"release_check": ReleaseCheck.LOCK_STATE})
    mute, small = shelf.item_tag("1001"), shelf.item_tag("1002", memory_bytes=40)
    mute.knows_security_status = False
    small.block_size_bytes = 8
    bench.lay(mute, small)

    assert [bench.pad.read(tag.uid).why_not for tag in (mute, small)] == ["status", ""]


@pytest.mark.parametrize("frame_type", list(FrameType))
def test_a_reader_is_known_by_its_software_version(frame_type: FrameType) -> None:
    """Asked who it is, a FEIG reader tells type and version in either framing; others and silence tell nothing."""
    bench, other, silent = ObidBench(settings={"frame": frame_type}), M210Bench(), ObidBench()
    silent.link.silent = True
    begun = silent.clock.monotonic()

    identity = obid_pad.probe(bench.link, bench.clock)

    assert identity is not None
    assert (identity.model, identity.firmware) == ("FEIG OBID, type 83", "3.3")
    assert obid_pad.probe(other.link, other.clock) is None
    assert obid_pad.probe(silent.link, silent.clock) is None
    assert silent.clock.monotonic() - begun <= 1


def test_a_reader_that_only_knows_long_frames_is_found() -> None:
    """A network reader that is silent to standard frames is asked in advanced ones."""
    bench = ObidBench()

    class OnlyAdvanced:
        def receive(self, data: bytes) -> bytes:
            answer: bytes = bench.reader.receive(data) if data[:1] == b"\x02" else b""
            return answer

    far_end: FarEnd = OnlyAdvanced()
    assert obid_pad.probe(MemoryLink(far_end, bench.clock), bench.clock) is not None
