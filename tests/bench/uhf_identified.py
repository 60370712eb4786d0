"""Stacks of UHF tags from inventory to identified, on a virtual clock: each driver against the least there is.

The far ends take the time that the line, at the speed it is sold with, and the air take (ISO 18000-63).  The floor is
the time of exactly the commands nobody can do without, sent to the same far end: one inventory, and for each tag one
read of its EPC bank (which proves itself) and, where its data model needs that, one of its user bank; "A0" modules want
the tag selected before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from drivers.link.memory import MemoryLink, VirtualClock
from drivers.rfid import LibraryItem, a0, a0_commands, a0_pad, uhf18, uhf18_commands, uhf18_pad
from drivers.rfid.a0_pad import A0PadSettings
from drivers.rfid.tag_settings import Security
from drivers.rfid.uhf18_pad import Uhf18PadSettings
from drivers.rfid.uhf_frames import Frame, Request
from drivers.rfid.uhf_pad import UhfPad
from drivers.sim.a0_reader import A0Reader
from drivers.sim.uhf18_reader import Uhf18Reader
from drivers.sim.uhf_reader import UhfReader
from drivers.sim.uhf_tag import SimulatedUhfTag
from tests.bench.figures import Figure
from tests.kit.uhf_wirings import item

STACKS = (1, 10, 40)
WAYS = (Security.UHF_AFI, Security.UHF_BIT)
USER_WORDS = 8
NO_PASSWORD = bytes(4)
GOAL = 1.1
EPC_BANK, USER_BANK = 1, 3


@dataclass(frozen=True)
class Measured:
    """A driver to measure: its reader at its speed, its pad, and what nobody can do without.

    *asks* gives the requests to read the words of one tag in each of some banks.  *release_questions* is the least that
    a release takes: the write and one read-back, with what has to come before each.
    """

    name: str
    baud: int
    reader: Callable[..., UhfReader]
    opened: Callable[[Security, MemoryLink, VirtualClock], UhfPad]
    encode: Callable[[Frame], bytes]
    inventory: Request
    asks: Callable[[bytes, list[tuple[int, int]]], list[Request]]
    release_questions: int


def _uhf18_asks(epc: bytes, banks: list[tuple[int, int]]) -> list[Request]:
    return [
        uhf18_commands.read_words(epc, bank, 0, words, NO_PASSWORD, by_mask=False) for bank, words in banks
    ]


def _a0_asks(epc: bytes, banks: list[tuple[int, int]]) -> list[Request]:
    reads = [a0_commands.read_words(bank, 0, words) for bank, words in banks]
    return [a0_commands.select(epc), *reads]


UHF18 = Measured(
    "UHFReader18",
    57_600,
    Uhf18Reader,
    lambda way, link, clock: uhf18_pad.open(Uhf18PadSettings(security=way), link, clock),
    uhf18.encode,
    uhf18_commands.inventory(),
    _uhf18_asks,
    2,
)
A0 = Measured(
    "A0",
    115_200,
    A0Reader,
    lambda way, link, clock: a0_pad.open(A0PadSettings(security=way), link, clock),
    a0.encode,
    a0_commands.inventory(1),
    _a0_asks,
    4,
)


def reader_with(
    count: int, way: Security, one: Measured
) -> tuple[VirtualClock, UhfReader, tuple[SimulatedUhfTag, ...]]:
    """A reader that takes its time, and the stack in its field."""
    clock = VirtualClock()
    kind: Any = one.reader
    reader: UhfReader = kind(clock, line_baud=one.baud, has_air_time=True)
    tags = tuple(item(way, f"B{number:07}") for number in range(count))
    reader.lay(*tags)
    return clock, reader, tags


def driver_seconds(count: int, way: Security, one: Measured = UHF18) -> float:
    """From the inventory to the last tag identified, by the driver."""
    clock, reader, _ = reader_with(count, way, one)
    pad = one.opened(way, MemoryLink(reader, clock), clock)
    begun = clock.monotonic()
    contents = [pad.read(uid).content for uid in pad.inventory()]
    if sum(type(content) is LibraryItem for content in contents) != count:
        raise AssertionError("a tag was not identified")
    return clock.monotonic() - begun


def least_seconds(count: int, way: Security, one: Measured = UHF18) -> float:
    """The same with the fewest commands."""
    clock, reader, tags = reader_with(count, way, one)
    requests = [one.inventory]
    for tag in tags:
        requests += one.asks(tag.epc, _banks(way, tag))
    for request in requests:
        if not reader.receive(one.encode(Frame(0xFF, request.command, request.data))):
            raise AssertionError("the floor's own commands were not answered")
    return clock.monotonic()


def _banks(way: Security, tag: SimulatedUhfTag) -> list[tuple[int, int]]:
    """What has to be read of *tag* before it is known: bank and words."""
    epc = (EPC_BANK, 2 + len(tag.epc) // 2)
    return [epc, (USER_BANK, USER_WORDS)] if way is Security.UHF_BIT else [epc]


def least_questions(way: Security, one: Measured) -> int:
    """The fewest questions from reading a book to having read its release back."""
    tag = item(way, "B0000000")
    return len(one.asks(tag.epc, _banks(way, tag))) + one.release_questions


def figures() -> list[Figure]:
    """One figure for each driver, stack and place of the security, and a book's questions; no machine changes them."""
    found = []
    for one in (UHF18, A0):
        for way in WAYS:
            found += [_stack_figure(one, way, count) for count in STACKS]
            least = least_questions(way, one)
            name = f"{one.name}: questions for a book on a UHF pad ({way.value})"
            floor = f"its reads, the write and one read-back, with what each needs ({least})"
            found.append(Figure(name, (questions_of_a_book(way, one) / least,), "times", floor, None))
    return found


def _stack_figure(one: Measured, way: Security, count: int) -> Figure:
    least, taken = least_seconds(count, way, one), driver_seconds(count, way, one)
    tags = f"{count} UHF tag{'s' if count > 1 else ''} ({way.value})"
    floor = f"line and air time of the fewest commands ({least:.3f} s, {least / count * 1000:.0f} ms a tag)"
    return Figure(f"{one.name}: {tags} from inventory to identified", (taken / least,), "times", floor, GOAL)


def questions_of_a_book(way: Security, one: Measured = UHF18) -> int:
    """How often the module is asked from reading a book to having read its release back."""
    clock, reader, _ = reader_with(1, way, one)
    pad = one.opened(way, MemoryLink(reader, clock), clock)
    (uid,) = pad.inventory()
    heard = len(reader.commands_heard)
    pad.read(uid)
    pad.release(uid)
    return len(reader.commands_heard) - heard
