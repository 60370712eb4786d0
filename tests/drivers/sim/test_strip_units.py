"""The far ends of strip units do to items what the devices would, and remember it."""

from __future__ import annotations

import pytest

from drivers.em import Deed
from drivers.em.bookcheck import MODE, READ_ONLY, SAFE, SENSORS, live, parse_mode, parse_sensors
from drivers.link.memory import VirtualClock
from drivers.sim import relay_unit as lines
from drivers.sim.bed import BedOfItems
from drivers.sim.bookcheck import LEFT, RIGHT, BookCheckFarEnd
from drivers.sim.relay_unit import RelayUnitFarEnd
from drivers.sim.serial_strip_unit import SerialStripUnitFarEnd
from drivers.sim.strip import Coil, Strip, StripItem, plain_item, tape

OFF, ON = Deed.DESENSITISE, Deed.SENSITISE


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


def test_a_pulse_switches_what_can_be_switched() -> None:
    """A strip goes off and on, a permanent one stays on, a weak one needs its pulses of one kind in a row."""
    plain, permanent, weak = Strip(), Strip(is_permanent=True), Strip(pulses_needed=2)
    shown = []
    for deed in (OFF, ON, OFF, OFF):
        for strip in (plain, permanent, weak):
            strip.pulse(deed)
        shown.append([strip.is_active for strip in (plain, permanent, weak)])

    assert shown == [[False, True, True], [True, True, True], [False, True, True], [False, True, False]]


def test_an_item_is_active_as_long_as_one_strip_is() -> None:
    """Two strips of which one stayed active stop it at the gate; without any nothing does."""
    assert StripItem("10000001", [Strip(False), Strip(True)]).is_active
    assert not plain_item("10000001", strips=0).is_active
    assert not plain_item("10000001", is_active=False).is_active


@pytest.mark.parametrize("deed", [OFF, ON])
def test_a_tape_remembers_that_it_was_erased(deed: Deed) -> None:
    """Any field erases it for good; a book takes no harm."""
    film, book = tape("10000001"), plain_item("10000002")
    assert not film.is_erased
    for item in (film, book):
        item.pulse(deed)
        item.pulse(ON)

    assert (film.is_erased, book.is_erased, film.treatments) == (True, False, [deed, ON])


def test_a_coil_counts_its_pulses_in_any_minute() -> None:
    """The most in sixty seconds and the shortest interval; one that is burnt or fails gives no field."""
    coil, item = Coil(), plain_item("10000001")
    assert (coil.most_in_a_minute, coil.shortest_interval) == (0, float("inf"))
    coil.failures = 1
    for moment in (0.0, 50.0, 59.0, 61.0, 200.0):
        coil.pulse([item], OFF, moment)
    coil.is_burnt = True
    coil.pulse([item], ON, 300.0)

    assert (coil.most_in_a_minute, coil.shortest_interval) == (3, 2.0)
    assert item.treatments == [OFF] * 4


def test_a_bookcheck_wakes_up_as_it_was_made(clock: VirtualClock) -> None:
    """Check-in, normal processing: it sensitises what crosses it before anybody has said a word."""
    unit, item = BookCheckFarEnd(clock), plain_item("10000001", is_active=False)
    unit.slide(item)
    clock.wait(1.0)

    assert unit.control(MODE, *READ_ONLY, 9) == bytes.fromhex("01 01 00 00 00 00 00 00 00")
    assert unit.control(SENSORS, 0, 0, 9) == bytes.fromhex("00 00 00 01 01 00 01 EE 00")
    assert (item.treatments, item.is_active) == ([ON], True)


def test_a_bookcheck_acts_in_the_mode_of_the_moment(clock: VirtualClock) -> None:
    """What is on the coil when it is safe stays as it is, also when it becomes live right after."""
    unit, first, second = BookCheckFarEnd(clock), plain_item("10000001"), plain_item("10000002")
    unit.control(MODE, *SAFE, 9)
    unit.slide(first)
    clock.wait(0.3)
    unit.control(MODE, *live(checks_in=False), 9)
    unit.slide(second, after_seconds=0.5)
    clock.wait(2.0)

    assert not unit.is_safe
    assert (first.treatments, second.treatments) == ([], [OFF])


def test_a_bookcheck_shows_item_direction_and_strip(clock: VirtualClock) -> None:
    """While an item is on the sensors its way and its strip are shown; jerked back, the way changes."""
    unit = BookCheckFarEnd(clock)
    unit.control(MODE, *SAFE, 9)
    unit.jerk(plain_item("10000001"), seconds=1.0)
    clock.wait(0.2)
    there = parse_sensors(unit.control(SENSORS, 0, 0, 9) or b"")
    clock.wait(0.6)
    back = parse_sensors(unit.control(SENSORS, 0, 0, 9) or b"")
    clock.wait(0.6)
    gone = parse_sensors(unit.control(SENSORS, 0, 0, 9) or b"")

    assert [(one.is_sensed, one.direction, one.bit) for one in (there, back, gone)] == [
        (True, RIGHT, False),
        (True, LEFT, False),
        (False, LEFT, True),
    ]


def test_a_bookcheck_refuses_what_it_does_not_know(clock: VirtualClock) -> None:
    """Another request is a stall, and so is every one when it is told to refuse."""
    unit = BookCheckFarEnd(clock)
    assert unit.control(0x01, 0, 0, 9) is None
    assert len(unit.control(SENSORS, 0, 0, 4) or b"") == 4
    unit.is_stalling = True
    assert unit.control(MODE, *READ_ONLY, 9) is None


def test_a_bookcheck_keeps_what_it_is_told_to_leave(clock: VirtualClock) -> None:
    """FF leaves a value as it is; the lamp and the button are set like the mode."""
    unit = BookCheckFarEnd(clock)
    unit.control(MODE, 0x0000, 0x0101, 9)
    kept = parse_mode(unit.control(MODE, *READ_ONLY, 9) or b"")

    assert (kept.checks_in, kept.is_normal, kept.is_lit, kept.is_manual) == (False, False, True, True)


def test_contacts_feed_the_coil_and_burn_it(clock: VirtualClock) -> None:
    """Too short a pulse gives no field, one that is long enough gives one, and one without end burns the coil."""
    unit, item = RelayUnitFarEnd(clock), plain_item("10000001")
    unit.lay(item)
    for seconds in (0.1, 0.3, 3.0):
        unit.drive(lines.DESENSITISE, True)
        clock.wait(seconds)
        assert not unit.is_safe
        unit.drive(lines.DESENSITISE, False)

    assert len(unit.coil.pulses) == 2
    assert unit.coil.is_burnt
    assert unit.longest_seconds == pytest.approx(3.0)


def test_both_contacts_at_once_are_remembered(clock: VirtualClock) -> None:
    """A driver that closes both has done what it may never do."""
    unit = RelayUnitFarEnd(clock)
    unit.drive(lines.DESENSITISE, True)
    assert not unit.was_shorted
    unit.drive(lines.SENSITISE, True)

    assert unit.was_shorted


def test_contacts_tell_what_lies_there(clock: VirtualClock) -> None:
    """Item, strip, fault and ready, and the opposite level where a contact means yes when low."""
    high, low = RelayUnitFarEnd(clock, ()), RelayUnitFarEnd(clock)
    for unit in (high, low):
        unit.lay(plain_item("10000001"))
        unit.has_fault = True
        unit.ready_at = 5.0
    inputs = (lines.ITEM, lines.STRIP, lines.FAULT, lines.READY)

    assert [high.level(line) for line in inputs] == [True, True, True, False]
    assert [low.level(line) for line in inputs] == [False, False, False, True]


def test_a_serial_unit_answers_its_table(clock: VirtualClock) -> None:
    """Commands come in any pieces; a broken one refuses; what is unknown is answered E, however long it is."""
    unit, item = SerialStripUnitFarEnd(clock), plain_item("10000001")
    assert unit.receive(b"S\r") == b"S0-00\r"
    unit.lay(item)
    assert unit.receive(b"S") + unit.receive(b"\r") == b"S1A00\r"
    assert unit.receive(b"D\rS\r") == b"D0\rS1I00\r"
    unit.has_fault = True
    assert unit.receive(b"C\rS\rR\r") == b"C1\rS1I10\rR0\r"
    assert unit.receive(b"x" * 5000 + b"\r") == b"E\r"
    assert (item.treatments, item.is_active) == ([OFF], False)


def test_a_bed_knows_what_lies_on_it_at_any_moment(clock: VirtualClock) -> None:
    """Items come after their time and stay for theirs; lifting takes what is there by then and nothing that comes."""
    bed, first, second = BedOfItems(clock), plain_item("10000001"), plain_item("10000002", is_active=False)
    bed.lay(first)
    bed.lift(after_seconds=1.0)
    bed.slide(second, after_seconds=2.0, seconds=0.5)

    assert [bed.there(at) for at in (0.5, 1.5, 2.2, 2.6)] == [(first,), (), (second,), ()]
    clock.wait(2.2)
    assert (bed.has_item, bed.shows_active) == (True, False)
    bed.shows = True
    assert bed.shows_active
