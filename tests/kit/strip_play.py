"""A strip unit among hasty readers and bad cables: random play, judged by what its coil really did.

The judge knows nothing of the driver but its calls and events: a coil is pulsed only while that deed is armed, once for
each `Treated`, not at all for each `NotTreated`, and a strip that is said to be as wanted is.
"""

from __future__ import annotations

import random
from collections import Counter

from drivers.em import Deed, NotTreated, Spoilt, StripEvent, StripState, Treated
from drivers.link import DeviceFault, DeviceLost
from drivers.link.memory import Corrupted, Cut, Late, Lost, MemoryLink
from drivers.link.memory_control import MemoryControlLink, Stalled, Unheard
from drivers.link.memory_lines import MemoryLineLink
from drivers.sim.serial_strip_unit import SerialStripUnitFarEnd
from drivers.sim.strip import Strip, StripItem
from tests.kit.strip_bench import ENDS, SLICE_SECONDS, StripBench

SMALLEST_GAP_SECONDS = 0.25
"""Less than a hand needs to take one item away and bring another; what follows more closely than a look is one item."""


class Play:
    """One play of *turns* turns on *bench*; what happened is counted in *seen*."""

    def __init__(self, bench: StripBench, seed: int) -> None:
        self.seen: Counter[str] = Counter()
        self._bench = bench
        self._random = random.Random(seed)
        self._armed: Deed | None = None
        self._pulses = 0
        self._pulses_at_arm = 0
        self._items = 0
        self._free_at = 0.0
        self._pulsed_items: list[StripItem] = []

    def run(self, turns: int) -> None:
        """Raises `AssertionError` where the unit did what it may not do."""
        moves = (
            self._slide,
            self._lay,
            self._arm,
            self._arm,
            self._watch,
            self._watch,
            self._watch,
            self._gap,
        )
        rare = (self._disarm, self._disturb, self._disturb, self._replug, self._two)
        for _ in range(turns):
            move = self._random.choice(moves if self._random.random() < 0.85 else rare)
            try:
                move()
            except (DeviceLost, DeviceFault) as error:
                self.seen[type(error).__name__] += 1
                self._reopened()
            self._judge_pulses()

    def _item(self) -> StripItem:
        self._items += 1
        strips = self._random.choice((1, 1, 1, 2, 0))
        needed = self._random.choice((1, 1, 1, 2))
        return StripItem(
            str(self._items),
            [Strip(self._random.random() < 0.5, pulses_needed=needed) for _ in range(strips)],
        )

    def _slide(self) -> None:
        self._move(self._random.uniform(0.2, 1.0))

    def _two(self) -> None:
        gap = self._random.uniform(SMALLEST_GAP_SECONDS, 0.4)
        self._move(self._random.uniform(0.2, 0.8), gap)
        self._free_at -= 1.0
        self._move(self._random.uniform(0.2, 0.8), gap)

    def _move(self, seconds: float, gap: float = 0.0) -> None:
        """An item comes when the one before has left, and stays for *seconds*."""
        now = self._bench.clock.monotonic()
        after = max(0.0, self._free_at - now) + gap
        item = self._item()
        self._pulsed_items.append(item)
        self._bench.far_end.slide(item, after_seconds=after, seconds=seconds)
        self._free_at = now + after + seconds + 1.0

    def _lay(self) -> None:
        self._move(self._random.uniform(1.0, 4.0))

    def _arm(self) -> None:
        if self._armed is not None:
            return
        self._judge_pulses()
        self._pulses_at_arm = self._pulses
        self._armed = self._random.choice(list(Deed))
        self._bench.unit.arm(self._armed)

    def _disarm(self) -> None:
        event = self._bench.unit.disarm()
        if self._armed is None:
            assert event is None
        elif event is None:
            self._ended("left", pulses=0)
        else:
            self._happened(event)

    def _watch(self) -> None:
        for _ in range(self._random.randint(1, 12)):
            self._happened(self._bench.unit.poll(SLICE_SECONDS))

    def _gap(self) -> None:
        self._bench.clock.wait(self._random.choice((0.05, 0.1, 0.15, 0.3, 1.0)))

    def _disturb(self) -> None:
        cable = self._bench.cable
        if isinstance(cable, MemoryControlLink):
            cable.inject(self._random.choice((Lost(), Unheard(), Stalled(), Cut(3), Late(0.3), Late(0.7))))
        elif isinstance(cable, MemoryLink):
            faults = (Lost(), Cut(1), Late(0.5), Late(1.5), Corrupted(self._random.randrange(3), 0x80))
            cable.inject(self._random.choice(faults))
            if isinstance(self._bench.far_end, SerialStripUnitFarEnd):
                self._bench.far_end.refuses = self._random.random() < 0.3
                self._bench.far_end.deed_replies.append(self._random.choice((b"", b"E\r", b"S1A00\r", b"D0")))
        elif isinstance(cable, MemoryLineLink):
            cable.fails_after = self._random.randrange(40)

    def _replug(self) -> None:
        self._bench.cable.unplug()
        self._gap()
        self._reopened()

    def _reopened(self) -> None:
        """What the unit did since it was lost is excused, if it was armed; from here on it is safe."""
        if self._armed is None:
            self._judge_pulses()
        self._armed = None
        for _ in range(10):
            try:
                self._bench.reopen()
                break
            except (DeviceLost, DeviceFault):
                continue
        self._count_pulses()

    def _happened(self, event: StripEvent | None) -> None:
        if not isinstance(event, ENDS):
            return
        assert self._armed is not None, f"{event} without a deed"
        assert event.deed is self._armed
        match event:
            case Treated(strip=strip):
                self._ended(f"treated {strip.value}", pulses=1)
                if strip is not StripState.UNVERIFIED:
                    self._judge_strip(strip)
            case NotTreated():
                self._ended("not treated", pulses=0)
            case Spoilt():
                self._ended("spoilt", pulses=None)

    def _judge_strip(self, strip: StripState) -> None:
        """The item of the last pulse is as it was read."""
        treated = [item for item in self._pulsed_items if item.treatments]
        if treated:
            assert treated[-1].is_active is (strip is StripState.ACTIVE), (
                f"{treated[-1]} was read as {strip.value}"
            )

    def _ended(self, how: str, *, pulses: int | None) -> None:
        self._judge_pulses()
        done = self._pulses - self._pulses_at_arm
        assert pulses in (None, done), f"{how} after {done} pulses"
        self.seen[how] += 1
        self._armed = None

    def _judge_pulses(self) -> None:
        before = self._pulses
        for _, deed in self._count_pulses()[before:]:
            assert deed is self._armed, f"the coil gave {deed.value} while armed for {self._armed}"

    def _count_pulses(self) -> list[tuple[float, Deed]]:
        """All pulses up to now."""
        _ = self._bench.far_end.is_safe  # lets the far end do what was due
        pulses = self._bench.far_end.coil.pulses
        self._pulses = len(pulses)
        return pulses
