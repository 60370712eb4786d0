"""FEIG pads on disturbed lines and in disturbed air, and readers that lie."""

from __future__ import annotations

import pytest

from drivers.link import DeviceFault
from drivers.link.memory import (
    FarEnd,
    Late,
    MemoryLink,
)
from drivers.rfid import obid_pad
from drivers.rfid.obid import BlockOrder, Frame, FrameReader, FrameType, encode, parse_blocks
from drivers.rfid.obid_settings import (
    ObidPadSettings,
)
from drivers.rfid.tag_settings import Security
from drivers.sim import shelf
from drivers.sim.obid_reader import ReaderFault
from tests.kit.hf_bench import ObidBench


def test_a_driver_without_the_fence_would_mix_up_two_books() -> None:
    """The late answer that the tests above survive is one that a plain question and answer believes."""
    bench = ObidBench()
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


def test_blocks_of_another_size_than_the_tag_has_are_a_fault() -> None:
    """A read whose blocks are larger than the tag said before is not believed."""
    bench = ObidBench()
    tag = bench.lay(shelf.item_tag("1001"))

    class Liar:
        def receive(self, data: bytes) -> bytes:
            if data[3:4] == b"\x23":
                tag.block_size_bytes = 8
            answer: bytes = bench.reader.receive(data)
            return answer

    far_end: FarEnd = Liar()
    pad = obid_pad.open(ObidPadSettings(), MemoryLink(far_end, bench.clock), bench.clock)
    with pytest.raises(DeviceFault, match="blocks of 8 bytes"):
        pad.read(tag.uid)


def test_another_reader_on_the_bus_is_not_believed() -> None:
    """With a bus address set, answers of another address are a fault of the bus."""
    bench = ObidBench(settings={"bus_address": 5}, reader_is={"address": 5})

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
    bench = ObidBench(reader_is={"only_new_tags": only_new_tags})
    tags = [shelf.item_tag(f"{number}") for number in range(12)]
    bench.lay(*tags)
    bench.reader.inject(None, *[None] * page, ReaderFault.DISTURBED_AIR)

    assert len(bench.pad.inventory()) == 12


def test_an_inventory_in_air_that_stays_disturbed_ends_with_what_was_seen() -> None:
    """A tag at the edge that disturbs every try does not hide the ones that were heard, and time is bounded."""
    bench = ObidBench()
    bench.lay(*[shelf.item_tag(f"{number}") for number in range(6)])
    bench.reader.inject(*[None, None, ReaderFault.DISTURBED_AIR] * 10)

    assert len(bench.pad.inventory()) == 4


@pytest.mark.parametrize("security", [Security.AFI, Security.EAS])
def test_a_confirmed_write_of_an_impossible_length_is_a_fault(security: Security) -> None:
    """A reader that answers a write with data has answered something else: it is reported, nothing is released."""
    bench = ObidBench(settings={"security": security})
    tag = bench.lay(shelf.item_tag("1001", eas=True))

    class Talkative:
        def receive(self, data: bytes) -> bytes:
            reader = FrameReader()
            reader.feed(bench.reader.receive(data))
            frame = reader.next_frame()
            if frame is not None and (data[3] == 0x27 or data[4] == 0xA3):
                frame = Frame(frame.frame_type, frame.address, frame.command, b"\x00\x07")
            return b"" if frame is None else encode(frame)

    bench.link = MemoryLink(Talkative(), bench.clock)
    pad = bench.opened()
    with pytest.raises(DeviceFault, match="only confirmed"):
        pad.release(tag.uid)
