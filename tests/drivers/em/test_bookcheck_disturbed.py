"""A BookCheck whose cable, mode or answers go wrong: it is safe afterwards, and nothing is said that nobody knows."""

from __future__ import annotations

import random
from collections import Counter
from typing import cast

import pytest

from drivers.em import Deed, NotTreated, Spoilt, StripState, Treated, bookcheck_unit
from drivers.em.bookcheck import MODE, READ_ONLY
from drivers.em.bookcheck_settings import BookCheckSettings
from drivers.link import DeviceFault, DeviceLost
from drivers.link.memory import Cut, Late, Lost, Sound, VirtualClock
from drivers.link.memory_control import Gone, MemoryControlLink, Stalled, Unheard
from drivers.sim.bookcheck import BookCheckFarEnd
from drivers.sim.strip import plain_item
from tests.kit.effort import effort
from tests.kit.strip_bench import ENDS, StripBench, bookcheck

TRUE_REPLIES = (
    bytes.fromhex("00 01 00 00 00 00 00 00 00"),
    bytes.fromhex("01 00 00 00 00 00 00 00 00"),
    bytes.fromhex("00 00 00 01 01 00 01 EE 00"),
    bytes.fromhex("00 00 01 01 01 00 02 E6 00"),
)
OFF, ON = Deed.DESENSITISE, Deed.SENSITISE


def test_a_unit_that_keeps_its_mode_is_not_opened(unit: BookCheckFarEnd) -> None:
    """What answers with a mode that was not set is a fault, and its line is closed."""
    unit.ignores_modes = True
    unit.switch_on()
    link = MemoryControlLink(unit, VirtualClock())

    with pytest.raises(DeviceFault, match="does not go into magnetic-media mode"):
        bookcheck_unit.open(BookCheckSettings(), link, VirtualClock())
    with pytest.raises(DeviceLost, match="closed"):
        link.control_in(MODE, *READ_ONLY, 9, 1.0)


def test_a_unit_that_does_not_go_live_treats_nothing(bench: StripBench, unit: BookCheckFarEnd) -> None:
    """A mode that is not the one that was set ends the deed as not done."""
    unit.ignores_modes = True
    bench.unit.arm(OFF)

    assert bench.ended() == NotTreated(OFF, "mode")
    assert unit.coil.pulses == []


def test_a_unit_that_only_says_it_went_live_is_seen_by_its_verifier(
    bench: StripBench, unit: BookCheckFarEnd
) -> None:
    """It says live and does nothing: the strip that is still active is read so."""
    item = plain_item("10000001")
    unit.lies_about_modes = True

    assert bench.treat(item, OFF) == Treated(OFF, StripState.ACTIVE)
    assert item.is_active


def test_a_unit_that_is_switched_off_and_on_is_made_safe_and_told_of(
    bench: StripBench, unit: BookCheckFarEnd
) -> None:
    """A unit that leaves the safe mode by itself is safe again within a second, and a fault."""
    bench.watch(1.0)
    unit.switch_on()

    with pytest.raises(DeviceFault, match="by itself"):
        bench.watch(1.0)
    assert unit.is_safe


@pytest.mark.parametrize(("checks_in", "is_normal"), [(True, True), (True, False), (False, False)])
def test_a_mode_that_changes_while_live_ends_the_deed(
    live: StripBench, unit: BookCheckFarEnd, checks_in: bool, is_normal: bool
) -> None:
    """With no item on it nothing was done, and what comes then stays as it is."""
    unit.change_mode(0.3, checks_in=checks_in, is_normal=is_normal)
    item = plain_item("10000001")

    assert live.ended() == NotTreated(OFF, "mode")
    unit.slide(item)
    live.watch(2.0)
    assert item.treatments == []


def test_a_mode_that_changes_under_an_item_says_nothing_of_the_strip(
    live: StripBench, unit: BookCheckFarEnd
) -> None:
    """Somebody presses a button while the item crosses: nobody knows, although the verifier looks well."""
    unit.slide(plain_item("10000001", is_active=False), seconds=1.0)
    unit.change_mode(0.3, checks_in=True, is_normal=True)

    assert live.ended() == Spoilt(OFF, "mode")
    assert unit.is_safe


def test_an_item_in_the_moment_of_going_live_says_nothing(bench: StripBench, unit: BookCheckFarEnd) -> None:
    """What came between the look and the mode may have been treated or not."""
    item = plain_item("10000001")
    bench.watch(4.0)

    def come(request: int, value: int, index: int) -> None:
        if (request, value) == (MODE, 0x0100):
            unit.on_request = None
            unit.slide(item)

    unit.on_request = come
    bench.unit.arm(OFF)
    assert bench.ended() == Spoilt(OFF, "too-early")
    assert unit.is_safe


def test_a_unit_nobody_looked_at_may_have_done_anything(live: StripBench, unit: BookCheckFarEnd) -> None:
    """A pause longer than an item needs ends the deed, and a look again does not help."""
    unit.slide(plain_item("10000001"), seconds=0.3)
    live.clock.wait(0.6)

    assert live.unit.poll(0.1) == Spoilt(OFF, "unwatched")
    assert unit.is_safe


@pytest.mark.parametrize(
    ("fault", "end"),
    [
        (Stalled(), NotTreated(OFF, "fault")),
        (Cut(3), NotTreated(OFF, "fault")),
        (Late(0.4), Spoilt(OFF, "unwatched")),
        (Lost(), Spoilt(OFF, "unheard")),
        (Unheard(), Spoilt(OFF, "unheard")),
    ],
)
def test_a_transfer_that_fails_while_live_ends_the_deed(
    live: StripBench, cable: MemoryControlLink, fault: object, end: object
) -> None:
    """Where the unit was looked at again at once nothing was done; after a silence nobody knows."""
    cable.inject(fault)  # type: ignore[arg-type]

    assert live.ended() == end
    assert live.far_end.is_safe


def test_a_transfer_that_fails_under_an_item_says_nothing(live: StripBench, cable: MemoryControlLink) -> None:
    """The item is on the sensors when the unit refuses an answer: it may have been treated."""
    live.far_end.slide(plain_item("10000001"), seconds=1.0)
    live.watch(0.3)
    cable.inject(Stalled())

    assert live.ended() == Spoilt(OFF, "fault")


@pytest.mark.parametrize("before", range(8))
def test_a_cable_that_breaks_while_live_is_lost_and_safe_when_opened(
    bench: StripBench, unit: BookCheckFarEnd, cable: MemoryControlLink, before: int
) -> None:
    """The unit goes on in its mode without us; opening it again is what makes it safe, before anything else."""
    bench.watch(4.0)
    bench.unit.arm(OFF)
    cable.inject(*[Sound()] * before, Gone())
    with pytest.raises(DeviceLost):
        bench.watch(4.0)
    bench.reopen()
    item = plain_item("10000001")
    unit.slide(item)
    bench.watch(2.0)

    assert unit.is_safe
    assert item.treatments == []


def test_a_unit_that_cannot_be_made_safe_is_lost(live: StripBench, unit: BookCheckFarEnd) -> None:
    """Where even the safe mode is refused, the deed ends with the error and no event."""
    unit.is_stalling = True

    with pytest.raises(DeviceFault):
        live.watch(1.0)
    with pytest.raises(DeviceFault):
        live.reopen()


@pytest.mark.parametrize("reply", [b"", bytes(8), b"\xff" * 9])
def test_nonsense_from_an_idle_unit_is_a_fault(
    bench: StripBench, unit: BookCheckFarEnd, reply: bytes
) -> None:
    """A wrong length or an impossible value is told, not guessed around."""
    unit.replies.append(reply)

    with pytest.raises(DeviceFault, match="request B7"):
        bench.watch(0.1)


def test_an_item_that_came_and_went_while_the_mode_was_set_says_nothing(
    bench: StripBench, unit: BookCheckFarEnd, cable: MemoryControlLink
) -> None:
    """The mode is set at once and answered late: what crossed meanwhile was treated and not seen."""
    item = plain_item("10000001")
    bench.watch(4.0)

    def come(request: int, value: int, index: int) -> None:
        if (request, value) == (MODE, 0x0100):
            unit.on_request = None
            unit.slide(item, after_seconds=0.05, seconds=0.3)

    unit.on_request = come
    cable.inject(Sound(), Late(0.45))
    bench.unit.arm(OFF)

    assert bench.ended() == Spoilt(OFF, "too-early")
    assert item.treatments == [OFF]
    assert bench.watch(1.0) == []


def test_hostile_replies_end_in_events_or_device_errors_and_the_unit_is_safe_after() -> None:
    """Whatever comes back, and when, only the errors of a device come out, and opening it again makes it safe."""
    chance = random.Random(942)
    seen: Counter[str] = Counter()
    for _ in range(effort(150, 20_000)):
        bench = bookcheck(BookCheckSettings())
        unit = cast(BookCheckFarEnd, bench.far_end)
        bench.watch(3.0)
        bench.unit.arm(chance.choice((OFF, ON)))
        unit.slide(plain_item("10000001"), after_seconds=chance.random(), seconds=0.5)
        for _ in range(chance.randrange(1, 30)):
            reply = bytearray(chance.choice(TRUE_REPLIES))
            for _ in range(chance.choice((0, 0, 0, 1, 2))):
                reply[chance.randrange(9)] = chance.randrange(256)
            unit.replies.append(bytes(reply[: chance.choice((9, 9, 9, 4, 0))]))
        try:
            ended = [event for event in bench.watch(3.0) if isinstance(event, ENDS)]
            assert len(ended) <= 1
            seen.update(type(event).__name__ for event in ended)
        except (DeviceLost, DeviceFault) as error:
            seen[type(error).__name__] += 1
        unit.replies.clear()
        bench.reopen()
        assert unit.is_safe

    assert seen["DeviceFault"]
    assert seen["Spoilt"]
