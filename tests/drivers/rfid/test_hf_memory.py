"""How far a tag's memory is read: as far as its content needs, through every reader of ISO 15693 tags."""

from __future__ import annotations

import pytest

from drivers.rfid import EmptyTag, LibraryItem, UnknownTag
from drivers.rfid.tagdata.rules import AsciiRule, Model
from drivers.sim import shelf
from drivers.sim.tag import SimulatedTag
from tests.kit.hf_bench import HfBench, M210Bench, ObidBench

READS = (0x23, 0x02)
DSFID = 0x0B
NUMBER = "30000000000017"


@pytest.fixture(params=[ObidBench, M210Bench], ids=["obid", "m210"])
def make(request: pytest.FixtureRequest) -> type[HfBench]:
    """A bench of each kind of pad."""
    kind: type[HfBench] = request.param
    return kind


def read(bench: HfBench, tag: SimulatedTag) -> tuple[object, int, bool]:
    """What the tag says, how many reads that took, and whether its DSFID was asked for by itself."""
    bench.lay(tag)
    heard = len(bench.reader.commands_heard)
    content = bench.pad.read(tag.uid).content
    codes = bench.commands(heard)
    return content, sum(code in READS for code in codes), DSFID in codes


def identifier(content: object) -> str:
    assert isinstance(content, LibraryItem)
    return content.identifier


def test_most_tags_are_read_at_once(make: type[HfBench]) -> None:
    """A common tag, an old 3M one and an empty one take one read each, and no DSFID is asked for."""
    tags = [shelf.item_tag(NUMBER), shelf.item_tag_3m(NUMBER), shelf.empty_tag()]
    told = [read(make(), tag) for tag in tags]

    assert [identifier(told[0][0]), identifier(told[1][0]), told[2][0]] == [NUMBER, NUMBER, EmptyTag()]
    assert [reads for _, reads, _ in told] == [1, 1, 1]
    assert not any(asked for _, _, asked in told)


def test_a_tag_of_objects_is_read_to_the_last_it_needs(make: type[HfBench]) -> None:
    """An ISO 28560-2 tag is understood, in no more than the reads that hold its objects."""
    tag = shelf.item_tag_28560_2(NUMBER)
    used = len(bytes(tag.memory).rstrip(b"\0"))

    content, reads, _ = read(make(), tag)

    assert identifier(content) == NUMBER
    assert reads <= -(-used // 32) + 1


def test_a_number_far_behind_is_reached(make: type[HfBench]) -> None:
    """Where the library's own rule points behind the first block, it is read up to there."""
    rule = AsciiRule(r"3\d{13}", offset=72, length=16)
    bench = make(settings={"models": (Model.ISO_28560_3, Model.ASCII), "ascii": rule})

    content, reads, _ = read(bench, shelf.clear_item_tag(NUMBER, offset=72))

    assert identifier(content) == NUMBER
    assert reads == 3


def test_a_tag_that_is_known_by_its_uid_is_read_and_believed_last(make: type[HfBench]) -> None:
    """With the UID as the last resort a sound tag is still what it says, and a strange one is its UID."""
    models = {"models": (Model.ISO_28560_3, Model.ISO_28560_2, Model.UID)}
    strange = shelf.item_tag("1001")
    strange.memory[:] = bytes(range(112))

    assert identifier(read(make(settings=models), shelf.item_tag_28560_2(NUMBER))[0]) == NUMBER
    assert identifier(read(make(settings=models), strange)[0]) == strange.uid


@pytest.mark.parametrize("blocks", [1, 3, 8, 9, 28, 40])
def test_nonsense_is_read_to_its_end(make: type[HfBench], blocks: int) -> None:
    """A tag that nothing explains is read whole, however small or odd, and is then unknown."""
    tag = shelf.item_tag("1001")
    tag.memory = bytearray((number * 7 + 3) & 0xFF for number in range(blocks * 4))

    content, reads, _ = read(make(), tag)

    assert isinstance(content, UnknownTag)
    assert reads >= -(-blocks // 8)


def test_a_huge_tag_of_nonsense_does_not_hold_up_the_pad(make: type[HfBench]) -> None:
    """Of a chip of 1,000 bytes and more at most 512 are read."""
    tag = shelf.item_tag("1001")
    tag.memory = bytearray((number * 7 + 3) & 0xFF for number in range(1020))

    content, reads, _ = read(make(), tag)

    assert isinstance(content, UnknownTag)
    assert reads <= 16


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 12])
def test_a_tag_with_strange_blocks_does_not_put_the_pad_out_of_order(make: type[HfBench], size: int) -> None:
    """A sensor or a forgery with blocks no library's tag has is unknown, and the book beside it is read."""
    bench = make()
    strange = shelf.item_tag("1001")
    strange.memory, strange.block_size_bytes = bytearray(range(1, 1 + size * 20)), size

    content, _, _ = read(bench, strange)

    assert isinstance(content, UnknownTag)
    assert identifier(read(bench, shelf.item_tag(NUMBER))[0]) == NUMBER


@pytest.mark.parametrize("knows_information", [True, False])
def test_reading_ends_with_the_last_block_that_has_a_number(
    make: type[HfBench], knows_information: bool
) -> None:
    """A number that a rule puts behind block 255 of a large tag is not there, and asking for it breaks nothing."""
    rule = AsciiRule(r"3\d{13}", offset=1040, length=16)
    bench = make(settings={"models": (Model.ASCII,), "ascii": rule})
    tag = shelf.clear_item_tag(NUMBER, offset=16)
    tag.memory = bytearray((number * 7 + 3) & 0xFF for number in range(1024))
    tag.knows_information = knows_information

    content, reads, _ = read(bench, tag)

    assert isinstance(content, UnknownTag)
    assert reads >= 32


@pytest.mark.parametrize("is_turned", [False, True])
@pytest.mark.parametrize("title_bytes", [0, 8, 26, 27, 40, 69])
def test_a_tape_is_known_however_far_behind_its_tag_says_so(title_bytes: int, is_turned: bool) -> None:
    """Where media formats are read, a title in front of them hides none, in either order of a block's bytes."""
    bench = ObidBench(settings={"reads_extensions": True})
    tag = shelf.item_tag(NUMBER, memory_bytes=112)
    title = (
        bytes((title_bytes + 4, 4, 0, title_bytes + 4 ^ 4 ^ (title_bytes % 2 * 0x41))) + b"A" * title_bytes
    )
    said = (title if title_bytes else b"") + bytes.fromhex("0501000703")
    tag.memory[34 : 34 + len(said)] = said
    if is_turned:
        tag.memory[:] = b"".join(tag.memory[at : at + 4][::-1] for at in range(0, 112, 4))

    content, _, _ = read(bench, tag)

    assert isinstance(content, LibraryItem)
    assert content.media_format == 3


def test_a_tag_without_extensions_costs_one_more_read_at_most(make: type[HfBench]) -> None:
    """Empty memory behind the fixed part is the end of what could be said."""
    bench = make(settings={"reads_extensions": True})

    _, reads, _ = read(bench, shelf.item_tag(NUMBER, memory_bytes=112))

    assert reads == 2
