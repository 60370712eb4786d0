"""A book drop: the flap opens by command alone, for one item, and what went wrong is told by a word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from drivers.gpio import BinLevel, DropEvent, ItemCame, ItemPassed, ItemStuck, ItemTaken, book_drop
from drivers.gpio.book_drop import BookDropSettings, LineBookDrop
from drivers.link import DeviceFault, DeviceLost, SettingsError
from drivers.link.memory import VirtualClock
from drivers.link.memory_lines import MemoryLineLink
from drivers.sim import book_drop as lines
from drivers.sim.book_drop import BookDropFarEnd

WIRED = BookDropSettings(
    entry=lines.ENTRY,
    passed=lines.PASSED,
    flap=lines.FLAP,
    bin_full=lines.BIN_FULL,
    flap_shut=lines.FLAP_SHUT,
    diverters={"2": lines.DIVERTER},
    active_low=lines.INPUTS,
)


@dataclass
class Bench:
    """A drop, its chute, and the chip between them."""

    drop: LineBookDrop
    chute: BookDropFarEnd
    chip: MemoryLineLink
    clock: VirtualClock

    def watch(self, seconds: float) -> list[DropEvent]:
        """All that is told within *seconds*."""
        until = self.clock.monotonic() + seconds
        told: list[DropEvent] = []
        while self.clock.monotonic() < until:
            event = self.drop.poll(min(0.05, seconds))
            if event is not None:
                told.append(event)
        return told

    @property
    def is_at_rest(self) -> bool:
        """Whether the last thing that was made of every output was to make it inactive."""
        return not any(dict(self.chip.writes).values())


def bench_of(settings: BookDropSettings = WIRED, item: str | None = None) -> Bench:
    clock = VirtualClock()
    chute = BookDropFarEnd(clock)
    if item is not None:
        chute.insert(item)
    chip = MemoryLineLink(chute, clock)
    return Bench(book_drop.open(settings, chip, clock), chute, chip, clock)


@pytest.fixture
def bench() -> Bench:
    made = bench_of()
    assert made.watch(0.2) == [BinLevel(is_full=False)]
    return made


def test_one_item_goes_through_and_the_flap_shuts_behind_it(bench: Bench) -> None:
    """What came is told, stays in front of the shut flap until it is opened, and then lies in the bin."""
    bench.chute.insert("10000001")
    assert bench.watch(5.0) == [ItemCame()]
    assert bench.chute.bins == {}

    bench.drop.open()

    assert bench.watch(3.0) == [ItemPassed()]
    assert bench.chute.bins == {"": ["10000001"]}
    assert bench.is_at_rest


def test_a_diverter_leads_to_its_bin(bench: Bench) -> None:
    """The line of the bin is active until the item has fallen, and at rest afterwards."""
    bench.chute.insert("10000001")
    bench.watch(0.5)
    bench.drop.open("2")

    assert bench.watch(3.0) == [ItemPassed()]
    assert bench.chute.bins == {"2": ["10000001"]}
    assert bench.is_at_rest


def test_an_item_that_is_taken_out_again_is_told(bench: Bench) -> None:
    """Before the flap was opened nothing has happened to it."""
    bench.chute.insert("10000001")
    bench.watch(0.5)
    bench.chute.take_out()

    assert bench.watch(0.5) == [ItemTaken()]


@pytest.mark.parametrize(
    ("goes_wrong", "why", "bins"),
    [
        (lambda chute: setattr(chute, "is_jammed", True), "not-passed", {}),
        (lambda chute: setattr(chute, "stops_behind", True), "not-clear", {}),
        (lambda chute: chute.take_out(), "not-seen", {}),
        (lambda chute: setattr(chute, "flap_sticks", True), "not-shut", {"": ["10000001"]}),
    ],
)
def test_what_goes_wrong_is_told_by_a_word_and_everything_rests(
    bench: Bench, goes_wrong: Callable[[BookDropFarEnd], None], why: str, bins: dict[str, list[str]]
) -> None:
    """A jam, an item in the light, one that was pulled out and a flap that hangs are each their own word, once."""
    bench.chute.insert("10000001")
    bench.watch(0.5)
    bench.drop.open()
    goes_wrong(bench.chute)

    told = bench.watch(15.0)

    assert [event for event in told if isinstance(event, ItemStuck)] == [ItemStuck(why)]
    assert ItemPassed() not in told
    assert bench.is_at_rest
    assert bench.chute.bins == bins


def test_the_next_item_waits_for_its_own_turn(bench: Bench) -> None:
    """One that is pushed in behind the first lies in front of the shut flap, and is told after it."""
    bench.chute.insert("10000001")
    bench.watch(0.5)
    bench.drop.open()
    bench.watch(0.45)
    bench.chute.insert("10000002")

    assert bench.watch(3.0) == [ItemPassed(), ItemCame()]
    assert (bench.chute.bins, bench.chute.in_front) == ({"": ["10000001"]}, "10000002")


def test_something_in_the_light_behind_the_flap_keeps_it_shut(bench: Bench) -> None:
    """What was left there could be taken for the item that is to pass: it is stuck before anything moves."""
    bench.chute.insert("10000001")
    bench.watch(0.5)
    bench.chute.stops_behind = True
    bench.drop.open()
    bench.watch(10.0)
    bench.chute.insert("10000002")
    bench.watch(0.5)
    bench.chip.writes.clear()

    bench.drop.open()

    assert bench.watch(0.5) == [ItemStuck("not-clear")]
    assert not any(active for _, active in bench.chip.writes)


def test_a_bin_is_full_when_it_was_so_for_long_enough(bench: Bench) -> None:
    """A book that falls past the sensor fills nothing; a heap in its light does, and so does one behind the flap."""
    bench.chute.is_full = True
    bench.watch(1.0)
    bench.chute.is_full = False
    assert bench.watch(10.0) == []

    bench.chute.is_full = True
    assert bench.watch(6.0) == [BinLevel(is_full=True)]
    bench.chute.is_full = False
    assert bench.watch(6.0) == [BinLevel(is_full=False)]

    bench.chute.insert("10000001")
    bench.watch(0.5)
    bench.chute.stops_behind = True
    bench.drop.open()
    assert BinLevel(is_full=True) in bench.watch(12.0)


def test_what_lay_there_before_is_told_as_such() -> None:
    """An item that somebody put in while the terminal was away came from nobody whom it has seen."""
    assert bench_of(item="10000001").watch(0.2) == [BinLevel(is_full=False), ItemCame(was_there=True)]


def test_it_is_not_opened_for_nothing_or_twice(bench: Bench) -> None:
    """The caller is wrong who opens an empty drop, or one that is open."""
    with pytest.raises(ValueError, match="nothing lies"):
        bench.drop.open()
    bench.chute.insert("10000001")
    bench.watch(0.5)
    bench.drop.open()
    with pytest.raises(ValueError, match="open already"):
        bench.drop.open()
    assert bench.watch(3.0) == [ItemPassed()]


def test_shutting_it_ends_what_was_open(bench: Bench) -> None:
    """Whoever opened it hears of it once."""
    bench.chute.is_jammed = True
    bench.chute.insert("10000001")
    bench.watch(0.5)
    bench.drop.open()
    bench.drop.shut()
    bench.drop.shut()

    assert bench.watch(1.0) == [ItemStuck("not-passed")]
    assert bench.is_at_rest


def test_bouncing_contacts_are_no_items(bench: Bench) -> None:
    """A barrier that flickers for less than the settling time tells nothing."""
    for _ in range(20):
        bench.chute.insert("10000001")
        bench.watch(0.02)
        bench.chute.take_out()
        assert bench.watch(0.03) == []


@pytest.mark.parametrize("calls", range(0, 200, 7))
def test_a_chip_that_goes_at_any_moment_is_a_lost_device(calls: int) -> None:
    """Whatever the drop is at, the chip's end raises `DeviceLost` and nothing else, and drives nothing any more."""
    bench = bench_of()
    bench.chute.insert("10000001")
    bench.watch(0.5)
    bench.chip.fails_after = calls

    def work() -> None:
        bench.drop.open()
        bench.watch(30.0)

    with pytest.raises(DeviceLost):
        work()
    bench.chip.unplug()
    bench.drop.close()
    assert not bench.chute.is_open


@pytest.mark.parametrize(
    "settings",
    [
        BookDropSettings(active_low=()),
        replace(WIRED, active_low=None),
        replace(WIRED, entry=lines.PASSED),
        replace(WIRED, flap=4096),
        replace(WIRED, active_low=(1,)),
        replace(WIRED, diverters={"2": lines.FLAP}),
        replace(WIRED, pass_seconds_max=0.0),
        replace(WIRED, settle_seconds=float("nan")),
    ],
)
def test_settings_no_drop_can_have_are_refused(settings: BookDropSettings) -> None:
    """Before a line is touched, with the value that is wrong."""
    clock = VirtualClock()
    chip = MemoryLineLink(BookDropFarEnd(clock), clock)

    with pytest.raises(SettingsError):
        book_drop.open(settings, chip, clock)
    assert chip.writes == []


def test_lines_of_somebody_else_are_a_fault() -> None:
    """The chip says so, and the drop is not opened."""
    clock = VirtualClock()
    with pytest.raises(DeviceFault):
        book_drop.open(WIRED, MemoryLineLink(BookDropFarEnd(clock), clock, taken=[lines.FLAP]), clock)
