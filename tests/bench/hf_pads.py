"""HF pads on a virtual clock: from an inventory to tags identified, and what a book costs, at line and air time.

The floor is computed from the length of frames and ISO 15693-3 alone, no driver asked: one inventory, and for each tag
the two questions nobody can do without, what its security state is and what its memory says.  What a reader wants
between two commands (FEIG: 5 ms) is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from drivers.link import Clock
from drivers.link.memory import MemoryLink, VirtualClock
from drivers.rfid import LibraryItem, Pad, m210_pad, obid_pad
from drivers.rfid.iso15693_settings import ReleaseCheck
from drivers.rfid.m210_settings import M210PadSettings
from drivers.rfid.obid_settings import ObidPadSettings
from drivers.sim import airtime
from drivers.sim.m210_reader import M210Reader
from drivers.sim.obid_reader import ObidReader
from drivers.sim.shelf import item_tag
from drivers.sim.tag import SimulatedTag
from drivers.sim.tag_field import TagField
from tests.bench.figures import Figure

COUNTS = (1, 10, 40)
BLOCKS = 8
BOOK_QUESTIONS = 5
"""State and memory before, the check, the write, its read-back."""


@dataclass(frozen=True, slots=True)
class Line:
    """What a reader's questions cost: bytes both ways, bits a byte, and the pause it wants."""

    baud: int
    bits: int
    pause_seconds: float

    def exchange(self, byte_count: int, air_seconds: float) -> float:
        """One question and its answer."""
        return airtime.line_seconds(byte_count, self.baud, self.bits) + air_seconds + self.pause_seconds


FEIG = Line(38_400, 11, ObidPadSettings().pause_seconds)
M210 = Line(19_200, 10, M210PadSettings().pause_seconds)
FEIG_PAGE = 4
FIELD_RESET_SECONDS = 0.015


def feig_floor(uids: Sequence[str]) -> float:
    """Field reset, pages of four tags; system information and one read a tag."""
    pages = max(1, -(-len(uids) // FEIG_PAGE))
    seconds = FEIG.exchange(5 + 6, FIELD_RESET_SECONDS)
    seconds += FEIG.exchange(pages * (7 + 7) + 10 * len(uids), airtime.inventory_seconds(uids))
    seconds += (pages - 1) * FEIG.pause_seconds
    state = FEIG.exchange(15 + 19, airtime.system_information_seconds())
    return seconds + len(uids) * (state + FEIG.exchange(17 + 8 + 5 * BLOCKS, airtime.read_seconds(BLOCKS)))


def m210_floor(uids: Sequence[str]) -> float:
    """One answer with all tags; AFI and one read a tag."""
    seconds = M210.exchange(8 + 10 + 8 * len(uids), airtime.inventory_seconds(uids))
    state = M210.exchange(14 + 16, airtime.system_information_seconds())
    return seconds + len(uids) * (state + M210.exchange(16 + 16 + 6 * BLOCKS, airtime.read_seconds(BLOCKS)))


def feig(clock: Clock, check: ReleaseCheck) -> tuple[TagField, Pad]:
    """A FEIG reader that takes its time, and a pad on it."""
    reader = ObidReader(clock, tags_per_reply=FEIG_PAGE, line_baud=FEIG.baud, has_air_time=True)
    return reader, obid_pad.open(ObidPadSettings(release_check=check), MemoryLink(reader, clock), clock)


def m210(clock: Clock, check: ReleaseCheck) -> tuple[TagField, Pad]:
    """An M210 that takes its time, and a pad on it."""
    reader = M210Reader(clock, line_baud=M210.baud, has_air_time=True)
    return reader, m210_pad.open(M210PadSettings(release_check=check), MemoryLink(reader, clock), clock)


Made = Callable[[Clock, ReleaseCheck], tuple[TagField, Pad]]

READERS: tuple[tuple[str, Made, Callable[[Sequence[str]], float]], ...] = (
    ("FEIG", feig, feig_floor),
    ("M210", m210, m210_floor),
)


def books(count: int) -> tuple[SimulatedTag, ...]:
    """*count* different books."""
    return tuple(item_tag(f"3{number:013}") for number in range(count))


def figures() -> list[Figure]:
    """Both readers with 1, 10 and 40 tags, with and without the check before a loan, and the questions of a book."""
    measured = []
    for name, made, floor in READERS:
        for count in COUNTS:
            tags = books(count)
            least = floor([tag.uid for tag in tags])
            of = (
                f"line, air and the reader's pauses of an inventory, state and 32 bytes a tag ({least:.3f} s)"
            )
            bare, checked = (
                seconds_to_identify(made, tags, check) / least
                for check in (ReleaseCheck.NONE, ReleaseCheck.REWRITE)
            )
            peers = {"with the check before the loan": checked}
            title = f"{count} tags on a {name} pad, inventory to identified"
            measured.append(Figure(title, (bare,), "times", of, 1.05, peers=peers))
        asked = questions_of_a_book(made) / BOOK_QUESTIONS
        of = "two reads, the check, the write and its read-back"
        measured.append(Figure(f"questions for a book on a {name} pad", (asked,), "times", of, 1.0))
    return measured


def seconds_to_identify(made: Made, tags: Sequence[SimulatedTag], check: ReleaseCheck) -> float:
    """From the inventory's first byte to the last tag's content."""
    clock = VirtualClock()
    reader, pad = made(clock, check)
    reader.lay(*tags)
    begun = clock.monotonic()
    contents = [pad.read(uid).content for uid in pad.inventory()]
    if len(contents) != len(tags) or not all(isinstance(content, LibraryItem) for content in contents):
        raise AssertionError("a tag was not identified")
    return clock.monotonic() - begun


def questions_of_a_book(made: Made) -> int:
    """How often the reader is asked from reading a book to having read its release back."""
    clock = VirtualClock()
    reader, pad = made(clock, ReleaseCheck.REWRITE)
    (tag,) = books(1)
    reader.lay(tag)
    pad.inventory()
    heard = len(reader.commands_heard)
    pad.read(tag.uid)
    pad.release(tag.uid)
    return len(reader.commands_heard) - heard
