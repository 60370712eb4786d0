"""A random day on a UHF pad: tags that come, go, twin and resist, a line and a reader with faults, and a judge.

The judge knows the tags themselves.  It raises `AssertionError` when the pad says what is not so.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from drivers.link import DeviceFault, DeviceLost
from drivers.link.memory import (
    AnswerFault,
    Corrupted,
    Cut,
    Late,
    Lost,
    MemoryLink,
    Repeated,
    Sound,
    VirtualClock,
)
from drivers.rfid import LibraryItem, TagGone, TagUid, WriteRefused
from drivers.rfid.tag_settings import Security
from drivers.sim.uhf_faults import ReaderFault
from drivers.sim.uhf_tag import SimulatedUhfTag
from tests.kit.uhf_wirings import UhfWiring, is_released, item

LINE_FAULTS: tuple[AnswerFault, ...] = (
    Lost(),
    Corrupted(),
    Cut(4),
    Repeated(),
    Late(0.4),
    Late(1.2),
    Late(2.3),
)
STEPS = 12


@dataclass
class Laid:
    """A tag of the day: what it is, and its banks as they were."""

    tag: SimulatedUhfTag
    content: LibraryItem
    before: tuple[bytes, bytes, bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.before = self.banks()

    def banks(self) -> tuple[bytes, bytes, bytes]:
        """All that must never change: the EPC bank without CRC and security bit, the user bank, the passwords."""
        bank = bytearray(self.tag.bank(1)[2:])
        if bank[0] & 1:
            bank[1] = 0
        else:
            bank[2] &= 0x7F
        return bytes(bank), bytes(self.tag.user), self.tag.kill_and_access


class Day:
    """One day by *seed* on the pad of *wiring*."""

    def __init__(self, seed: int, way: Security, wiring: UhfWiring) -> None:
        self.chance = random.Random(seed)
        self.way = way
        self.clock = VirtualClock()
        self.reader = wiring.reader(self.clock)
        self.link = MemoryLink(self.reader, self.clock)
        settings = {"security": way, "answer_seconds_max": 1.0, "retries": 2}
        self.pad = wiring.opened(settings, self.link, self.clock)
        self.laid: list[Laid] = []
        self.released = 0

    def run(self) -> int:
        """Plays the day; gives how many releases were reported."""
        for number in range(self.chance.randrange(1, 4)):
            self.come(number)
        for _ in range(STEPS):
            self.step()
        return self.released

    def come(self, number: int, twin: bool = False) -> None:
        """A tag comes: sound, weak, locked, lying, or about to leave; *twin* has the number of another and is lent."""
        parts = number + 1
        tag = item(self.way, f"B000000{number}", parts, parts)
        owner = "10248" if self.way is Security.UHF_BIT else "CN-110108"
        if twin and self.way is Security.UHF_BIT:
            tag.store(2, bytes((tag.epc[0] | 0x80, tag.epc[1])))
        match self.chance.randrange(8):
            case 0:
                tag.write_failures = self.chance.randrange(1, 5)
            case 1:
                tag.locked = True
            case 2:
                tag.writes_nothing = True
            case 3:
                tag.leaves_after = self.chance.randrange(1, 12)
            case 4:
                tag.read_failures = self.chance.randrange(1, 4)
            case _:
                pass
        self.reader.lay(tag)
        self.laid.append(Laid(tag, LibraryItem(f"B000000{number}", parts, parts, owner, 0x60)))

    def step(self) -> None:
        """Something happens to line, reader or tags; then the pad is asked something and judged."""
        chance = self.chance
        try:
            uids = self.pad.inventory()
        except (DeviceLost, DeviceFault):
            return
        if chance.random() < 0.3 and self.laid:
            self.come(int(chance.choice(self.laid).content.identifier[-1]), twin=True)
        if chance.random() < 0.2 and self.laid:
            self.reader.take(chance.choice(self.laid).tag)
        if chance.random() < 0.5:
            self.link.inject(*[Sound()] * chance.randrange(3), chance.choice(LINE_FAULTS))
        if chance.random() < 0.2:
            self.reader.faults.inject(*[None] * chance.randrange(3), chance.choice(list(ReaderFault)))
        if chance.random() < 0.2:
            self.reader.restarts_after = chance.randrange(1, 8)
        if uids:
            self.ask(chance.choice(uids))
        for one in self.laid:
            assert one.banks() == one.before, "more than the security state was written"

    def ask(self, uid: TagUid) -> None:
        """Reads, releases or secures *uid*; what the pad says has to be so."""
        named = [one for one in self.laid if self.name(one) == uid]
        others = [one.tag for one in self.laid if self.name(one) != uid]
        before = [is_released(tag, self.way) for tag in others]
        try:
            match self.chance.randrange(6):
                case 0 | 1 | 2:
                    content = self.pad.read(uid).content
                    if isinstance(content, LibraryItem):
                        assert content in [one.content for one in named], "a book was taken for another"
                case 3:
                    self.pad.secure(uid)
                    assert any(not is_released(one.tag, self.way) for one in named), "secured, it said"
                case _:
                    _, after = self.pad.release(uid)
                    assert self.pad.is_released(after)
                    self.released += 1
                    there = self.reader.tags()
                    here = [one for one in named if any(one.tag is tag for tag in there)] or named
                    assert all(is_released(one.tag, self.way) for one in here), "released, it said"
        except (TagGone, WriteRefused, DeviceFault, DeviceLost):
            pass  # it did not say anything
        assert [is_released(tag, self.way) for tag in others] == before, "nobody asked for this one"

    def name(self, one: Laid) -> str:
        """The uid of a tag, found without the driver."""
        return one.before[0][2:].hex().upper()


def play(seeds: range, way: Security, wiring: UhfWiring) -> int:
    """Plays a day for each of *seeds*; gives how many releases were reported."""
    return sum(Day(seed, way, wiring).run() for seed in seeds)
