"""Stacks of UHF tags from inventory to identified, on a virtual clock: the driver against the least there is.

The far end takes the time that a line of 57,600 baud and the air take (ISO 18000-63).  The floor is the time of exactly
the commands nobody can do without, sent to the same far end: one inventory, and for each tag one read of its EPC bank
(no inventory of these readers tells the PC word) and, where its data model needs that, one of its user bank.
"""

from __future__ import annotations

from drivers.link.memory import MemoryLink, VirtualClock
from drivers.rfid import LibraryItem, uhf18_commands, uhf18_pad
from drivers.rfid.tag_settings import Security
from drivers.rfid.uhf18 import Frame, encode
from drivers.rfid.uhf18_pad import Uhf18PadSettings
from drivers.sim.uhf18_reader import Uhf18Reader
from drivers.sim.uhf_tag import SimulatedUhfTag
from tests.bench.figures import Figure
from tests.kit.uhf_wirings import item

BAUD = 57_600
STACKS = (1, 10, 40)
WAYS = (Security.UHF_AFI, Security.UHF_BIT)
USER_WORDS = 8
NO_PASSWORD = bytes(4)
GOAL = 1.1
RELEASE_QUESTIONS = 2
"""The write and one read-back."""


def reader_with(count: int, way: Security) -> tuple[VirtualClock, Uhf18Reader, tuple[SimulatedUhfTag, ...]]:
    """A reader that takes its time, and the stack in its field."""
    clock = VirtualClock()
    reader = Uhf18Reader(clock, line_baud=BAUD, has_air_time=True)
    tags = tuple(item(way, f"B{number:07}") for number in range(count))
    reader.lay(*tags)
    return clock, reader, tags


def driver_seconds(count: int, way: Security) -> float:
    """From the inventory to the last tag identified, by the driver."""
    clock, reader, _ = reader_with(count, way)
    pad = uhf18_pad.open(Uhf18PadSettings(security=way), MemoryLink(reader, clock), clock)
    begun = clock.monotonic()
    contents = [pad.read(uid).content for uid in pad.inventory()]
    if sum(type(content) is LibraryItem for content in contents) != count:
        raise AssertionError("a tag was not identified")
    return clock.monotonic() - begun


def least_seconds(count: int, way: Security) -> float:
    """The same with the fewest commands."""
    clock, reader, tags = reader_with(count, way)
    requests = [uhf18_commands.inventory()]
    for tag in tags:
        words = 2 + len(tag.epc) // 2
        requests.append(uhf18_commands.read_words(tag.epc, 1, 0, words, NO_PASSWORD, by_mask=False))
        if way is Security.UHF_BIT:
            requests.append(uhf18_commands.read_words(tag.epc, 3, 0, USER_WORDS, NO_PASSWORD, by_mask=False))
    for request in requests:
        if not reader.receive(encode(Frame(0xFF, request.command, request.data))):
            raise AssertionError("the floor's own commands were not answered")
    return clock.monotonic()


def figures() -> list[Figure]:
    """One figure for each stack and place of the security, and the questions of a release; no machine changes them."""
    found = []
    for way in WAYS:
        for count in STACKS:
            least = least_seconds(count, way)
            taken = driver_seconds(count, way)
            name = f"{count} UHF tag{'s' if count > 1 else ''} ({way.value}) from inventory to identified"
            floor = f"line and air time of the fewest commands ({least:.3f} s, {least / count * 1000:.0f} ms a tag)"
            found.append(Figure(name, (taken / least,), "times", floor, GOAL))
        asked, needed = release_questions(way)
        name = f"questions of a release of a UHF tag ({way.value})"
        found.append(
            Figure(name, (asked / needed,), "times", f"the write and one read-back ({needed})", None)
        )
    return found


def release_questions(way: Security) -> tuple[int, int]:
    """How many questions the release of a tag just read takes, and the least there are."""
    clock, reader, _ = reader_with(1, way)
    pad = uhf18_pad.open(Uhf18PadSettings(security=way), MemoryLink(reader, clock), clock)
    (uid,) = pad.inventory()
    pad.read(uid)
    heard = len(reader.commands_heard)
    pad.release(uid)
    return len(reader.commands_heard) - heard, RELEASE_QUESTIONS
