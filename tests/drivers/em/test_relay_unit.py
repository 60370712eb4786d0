"""A unit behind relays: the coil is fed for one pulse, whatever happens meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pytest

from drivers.em import Deed, ItemSensed, NotTreated, Spoilt, StripState, Treated, relay_unit
from drivers.em.relay_unit import RelayUnitSettings
from drivers.link import DeviceFault, DeviceLost, SettingsError
from drivers.link.memory import VirtualClock
from drivers.link.memory_lines import MemoryLineLink
from drivers.sim import relay_unit as lines
from drivers.sim.relay_unit import RelayUnitFarEnd
from drivers.sim.strip import plain_item
from tests.kit.strip_bench import CONTACTS, StripBench, contacts

OFF, ON = Deed.DESENSITISE, Deed.SENSITISE


@pytest.fixture
def bench() -> StripBench:
    made = contacts(CONTACTS)
    made.rest()
    return made


@pytest.fixture
def unit(bench: StripBench) -> RelayUnitFarEnd:
    return cast(RelayUnitFarEnd, bench.far_end)


@pytest.fixture
def chip(bench: StripBench) -> MemoryLineLink:
    return cast(MemoryLineLink, bench.cable)


@pytest.mark.parametrize(("deed", "line"), [(OFF, lines.DESENSITISE), (ON, lines.SENSITISE)])
def test_one_contact_closes_for_one_pulse(
    bench: StripBench, chip: MemoryLineLink, deed: Deed, line: int
) -> None:
    """Only the deed's own contact closes, for the length that was set, and both are open before and after."""
    chip.writes.clear()
    unit = cast(RelayUnitFarEnd, bench.far_end)
    bench.far_end.lay(plain_item("10000001", is_active=deed is OFF))
    bench.unit.arm(deed)
    bench.ended()

    assert [write for write in chip.writes if write[1]] == [(line, True)]
    first = chip.writes.index((line, True))
    both_open = [(lines.DESENSITISE, False), (lines.SENSITISE, False)]
    assert chip.writes[:first] == chip.writes[first + 1 :] == both_open
    assert unit.longest_seconds == pytest.approx(0.3)
    assert not unit.was_shorted


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (lambda unit, now: setattr(unit, "fault_at", now + 0.15), "fault"),
        (lambda unit, now: unit.lift(after_seconds=0.15), "moved"),
    ],
)
def test_a_pulse_that_is_disturbed_is_broken_off(
    bench: StripBench, unit: RelayUnitFarEnd, happens: Callable[[RelayUnitFarEnd, float], None], why: str
) -> None:
    """A fault, or an item that goes, opens the contact at once, and nobody knows what the strip got."""
    unit.lay(plain_item("10000001"))
    bench.watch(1.0)
    happens(unit, bench.clock.monotonic())
    bench.unit.arm(OFF)

    assert bench.ended() == Spoilt(OFF, why)
    assert unit.longest_seconds < 0.2
    assert unit.is_safe


def test_an_item_taken_away_after_the_pulse_was_not_read(bench: StripBench, unit: RelayUnitFarEnd) -> None:
    """What is gone before the verifier was read is not said to be treated, whatever lies there instead."""
    unit.lay(plain_item("10000001"))
    bench.watch(1.0)
    unit.lift(after_seconds=0.35)
    unit.lay(plain_item("10000002", is_active=False), after_seconds=0.4)
    bench.unit.arm(OFF)

    assert bench.ended() == Spoilt(OFF, "moved")


def test_a_fault_before_the_pulse_means_that_nothing_was_done(
    bench: StripBench, unit: RelayUnitFarEnd
) -> None:
    """The coil stays at rest."""
    unit.has_fault = True
    unit.lay(plain_item("10000001"))
    bench.unit.arm(OFF)

    assert bench.ended() == NotTreated(OFF, "fault")
    assert unit.coil.pulses == []


def test_a_unit_that_is_not_ready_is_waited_for(bench: StripBench, unit: RelayUnitFarEnd) -> None:
    """For as long as was set; then nothing was done."""
    unit.ready_at = bench.clock.monotonic() + 2.0
    unit.lay(plain_item("10000001"))
    bench.unit.arm(OFF)
    assert isinstance(bench.ended(), Treated)
    assert unit.coil.pulses[0][0] >= unit.ready_at

    unit.ready_at = bench.clock.monotonic() + 60.0
    bench.unit.arm(ON)
    assert bench.ended() == NotTreated(ON, "busy")
    assert len(unit.coil.pulses) == 1


@pytest.mark.parametrize("deed", [OFF, ON])
def test_a_verifier_that_never_changes_is_not_believed(
    bench: StripBench, unit: RelayUnitFarEnd, deed: Deed
) -> None:
    """One that shows what is wanted before and after the pulse may be dead; one that shows the other is believed."""
    unit.bed.shows = deed is ON
    unit.lay(plain_item("10000001"))
    bench.unit.arm(deed)
    assert bench.ended() == Treated(deed, StripState.UNVERIFIED, stays=True)

    unit.bed.shows = deed is OFF
    bench.unit.arm(deed)
    ended = bench.ended()
    assert isinstance(ended, Treated)
    assert ended.strip not in (deed.wanted, StripState.UNVERIFIED)


def test_a_library_with_items_without_strips_may_believe_it(bench: StripBench) -> None:
    """By setting, a strip that was read inactive before the pulse counts as verified."""
    bench = contacts(replace(CONTACTS, believes_unchanged=True))
    bench.far_end.lay(plain_item("10000001", strips=0))
    bench.unit.arm(OFF)

    assert bench.ended() == Treated(OFF, StripState.INACTIVE, stays=True)


def test_what_only_bounces_is_no_item(bench: StripBench, unit: RelayUnitFarEnd) -> None:
    """A contact that closes for less than the settling time is not told and not treated."""
    bench.unit.arm(OFF)
    for start in (0.1, 0.5, 0.9):
        unit.slide(plain_item("10000001"), after_seconds=start, seconds=0.2)

    assert bench.watch(3.0) == []
    assert unit.coil.pulses == []


@pytest.mark.parametrize("calls", range(0, 60, 3))
def test_a_chip_that_goes_leaves_nothing_to_be_believed(
    bench: StripBench, unit: RelayUnitFarEnd, chip: MemoryLineLink, calls: int
) -> None:
    """Whenever it goes, the loss is told and no event; opened again, both contacts are open."""
    unit.lay(plain_item("10000001"))
    bench.watch(1.0)
    bench.unit.arm(OFF)
    chip.fails_after = calls
    try:
        event = bench.unit.poll(0.1)
    except DeviceLost:
        event = None
    assert event is None or isinstance(event, Treated)
    bench.reopen()

    assert unit.is_safe
    assert not unit.was_shorted


def test_an_item_that_lies_there_when_opened_is_told(unit: RelayUnitFarEnd, bench: StripBench) -> None:
    """A unit that is opened under an item says so, and does nothing."""
    unit.lay(plain_item("10000001"))
    bench.reopen()

    assert bench.watch(2.0) == [ItemSensed(stays=True)]
    assert unit.coil.pulses == []


def test_lines_that_are_taken_are_a_fault() -> None:
    """Lines that somebody else holds are told by number, and none is ours then."""
    clock = VirtualClock()
    link = MemoryLineLink(RelayUnitFarEnd(clock), clock, taken=[lines.ITEM])

    with pytest.raises(DeviceFault, match="24"):
        relay_unit.open(CONTACTS, link, clock)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (RelayUnitSettings(), "desensitise and sensitise"),
        (RelayUnitSettings(desensitise=17), "desensitise and sensitise"),
        (RelayUnitSettings(desensitise=17, sensitise=17), "one thing only"),
        (replace(CONTACTS, item=lines.FAULT), "one thing only"),
        (replace(CONTACTS, item=-1), "line -1: allowed is 0 to 1023"),
        (replace(CONTACTS, active_low=(5,)), r"active_low: lines \[5\]"),
        (replace(CONTACTS, active_low=None), "active_low: has to be said"),
        (replace(CONTACTS, pulse_seconds=5.0), "pulse_seconds = 5.0"),
        (replace(CONTACTS, settle_seconds=-1.0), "settle_seconds = -1.0"),
        (replace(CONTACTS, min_interval_seconds=0.0), "min_interval_seconds = 0.0"),
    ],
)
def test_settings_no_unit_can_have_are_refused(settings: RelayUnitSettings, named: str) -> None:
    """The refusal names the setting, before any line is touched."""
    clock = VirtualClock()
    link = MemoryLineLink(RelayUnitFarEnd(clock), clock)

    with pytest.raises(SettingsError, match=named):
        relay_unit.open(settings, link, clock)
    assert link.writes == []
