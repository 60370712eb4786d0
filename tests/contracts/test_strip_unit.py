"""What every strip unit promises, whatever it can tell and however its bytes arrive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from drivers.em import Deed, ItemLifted, ItemSensed, NotTreated, StripState, Treated
from drivers.em.bookcheck_settings import BookCheckSettings
from drivers.link import DeviceLost
from drivers.link.memory import MemoryLink
from drivers.sim.strip import Strip, StripItem, plain_item, tape
from tests.kit.strip_bench import (
    BLIND_TABLE,
    CONTACTS,
    ENDS,
    INVERTED,
    TABLE,
    StripBench,
    bookcheck,
    bookcheck_on_usb,
    contacts,
    serial,
)

OFF, ON = Deed.DESENSITISE, Deed.SENSITISE

BENCHES: dict[str, Callable[[], StripBench]] = {
    "bookcheck": lambda: bookcheck(BookCheckSettings()),
    "bookcheck behind pyusb": lambda: bookcheck_on_usb(BookCheckSettings()),
    "bookcheck whose verifier is not believed": lambda: bookcheck(BookCheckSettings(verifies=False)),
    "relays with all contacts": lambda: contacts(CONTACTS),
    "relays that mean yes when low": lambda: contacts(replace(CONTACTS, active_low=INVERTED)),
    "relays that cannot verify": lambda: contacts(replace(CONTACTS, strip_detected=None)),
    "relays that cannot sense": lambda: contacts(replace(CONTACTS, item=None)),
    "relays without contacts that tell": lambda: contacts(
        replace(CONTACTS, item=None, strip_detected=None, ready=None, fault=None)
    ),
    "serial table whole": lambda: serial(TABLE),
    "serial table byte by byte": lambda: serial(TABLE, 1),
    "serial table in threes": lambda: serial(TABLE, 3),
    "serial table that ends by silence": lambda: serial(
        replace(
            TABLE,
            reply_end="",
            status=replace(TABLE.status, expect=TABLE.status.expect + r"\r"),
            desensitise=replace(TABLE.desensitise, expect=r"D0\r"),
            sensitise=replace(TABLE.sensitise, expect=r"C0\r"),
            safe=replace(TABLE.safe, expect=r"R0\r"),
        ),
        1,
    ),
    "serial table without replies": lambda: serial(
        replace(
            BLIND_TABLE,
            desensitise=replace(TABLE.desensitise, expect=""),
            sensitise=replace(TABLE.sensitise, expect=""),
        )
    ),
}


SENSING = [name for name, make in BENCHES.items() if make().unit.abilities.senses_items]
LAID_ON = [name for name in SENSING if not BENCHES[name]().works_on_crossing]


@pytest.fixture(params=list(BENCHES))
def bench(request: pytest.FixtureRequest) -> StripBench:
    return BENCHES[request.param]()


def wanted(bench: StripBench, deed: Deed) -> StripState:
    """What the unit can say of a strip that is as it should be."""
    return deed.wanted if bench.unit.abilities.reads_strips else StripState.UNVERIFIED


def test_a_unit_is_safe_from_the_moment_it_is_opened(bench: StripBench) -> None:
    """Whatever mode it woke up in, what comes over an opened unit stays as it is, and a tape stays whole."""
    item, film = plain_item("10000001"), tape("10000002")
    for one in (item, film):
        bench.far_end.slide(one)
        bench.watch(2.0)
        bench.far_end.lay(one)
        bench.watch(2.0)
        bench.far_end.lift()
    bench.watch(2.0)

    assert bench.far_end.is_safe
    assert (item.treatments, film.is_erased, bench.far_end.coil.pulses) == ([], False, [])


@pytest.mark.parametrize("deed", [OFF, ON])
def test_an_armed_deed_is_done_to_one_item_once(bench: StripBench, deed: Deed) -> None:
    """One item is treated once, as it was said, with one event; afterwards the unit is safe."""
    item, next_one = (plain_item(name, is_active=deed is OFF) for name in ("10000001", "10000002"))
    ended = bench.treat(item, deed)
    bench.far_end.slide(next_one)
    later = bench.watch(3.0)

    assert isinstance(ended, Treated)
    assert (ended.deed, ended.strip) == (deed, wanted(bench, deed))
    assert (item.treatments, item.is_active) == ([deed], deed is ON)
    assert next_one.treatments == []
    assert not [one for one in later if isinstance(one, ENDS)]
    assert bench.far_end.is_safe


def test_an_item_that_lies_there_already_is_the_one(bench: StripBench) -> None:
    """What was laid before the deed is armed is treated, at once or when it is moved over the unit once more."""
    item = plain_item("10000001")
    bench.rest()
    bench.far_end.lay(item)
    bench.watch(2.0)
    bench.unit.arm(OFF)
    if bench.works_on_crossing:
        assert [one for one in bench.watch(4.0) if isinstance(one, ENDS)] == []
        assert item.treatments == []
        bench.far_end.lift()
        bench.far_end.slide(item, after_seconds=0.5)

    ended = bench.ended()
    assert isinstance(ended, Treated)
    assert ended.strip is wanted(bench, OFF)
    assert (item.treatments, ended.stays) == (
        [OFF],
        bench.unit.abilities.senses_items and not bench.works_on_crossing,
    )


def test_what_comes_and_goes_while_safe_is_told_in_order(bench: StripBench) -> None:
    """Each item that comes is told once and its going once, by a unit that senses; by another nothing is told."""
    bench.rest()
    told = []
    for name in ("10000001", "10000002"):
        bench.far_end.lay(plain_item(name))
        told += [type(one).__name__ for one in bench.watch(1.5)]
        bench.far_end.lift()
        told += [type(one).__name__ for one in bench.watch(1.5)]

    assert told == (["ItemSensed", "ItemLifted"] * 2 if bench.unit.abilities.senses_items else [])


def test_what_comes_and_goes_while_armed_is_told_by_the_end(bench: StripBench) -> None:
    """After a deed the unit tells of no item that is gone and forgets none that lies there."""
    bench.rest()
    bench.unit.arm(OFF)
    bench.watch(4.0)
    bench.bring(plain_item("10000001"))
    ended = bench.ended() if bench.unit.abilities.senses_items else None
    lies_there = isinstance(ended, Treated) and ended.stays
    told = [type(one).__name__ for one in bench.watch(2.0) if not isinstance(one, ENDS)]
    bench.far_end.lift()
    told += [type(one).__name__ for one in bench.watch(2.0)]

    assert told == (["ItemLifted"] if lies_there else [])


def test_a_deed_that_is_left_is_done_to_nothing(bench: StripBench) -> None:
    """Disarming before the pulse says that nothing was done, and what comes later stays as it is."""
    item = plain_item("10000001")
    bench.unit.arm(OFF)
    if bench.unit.abilities.senses_items:
        bench.watch(4.0)
    left = bench.unit.disarm()
    bench.bring(item)
    later = bench.watch(4.0)

    assert left is None
    assert not [one for one in later if isinstance(one, ENDS)]
    assert (item.treatments, bench.far_end.coil.pulses) == ([], [])
    assert bench.unit.disarm() is None
    assert bench.far_end.is_safe


@pytest.mark.parametrize("is_left", [True, False])
@pytest.mark.parametrize("name", LAID_ON)
def test_what_came_for_a_deed_is_known_before_the_deed_ends(name: str, is_left: bool) -> None:
    """Left or done: what lies there afterwards is never told as if it had come for whoever is next."""
    bench = BENCHES[name]()
    bench.rest()
    bench.unit.arm(OFF)
    assert bench.watch(1.0) == []
    bench.far_end.lay(plain_item("10000001"))
    assert bench.unit.poll(0.5) == ItemSensed(stays=True)
    if is_left:
        assert bench.unit.disarm() is None
    else:
        assert isinstance(bench.ended(), Treated)
    assert bench.watch(1.0) == []
    bench.far_end.lift()

    assert bench.watch(1.0) == [ItemLifted()]


@pytest.mark.parametrize("name", SENSING)
def test_what_lies_there_when_a_unit_is_opened_is_told_at_the_first_look(name: str) -> None:
    """Told later, it would seem to have come for whoever stands there now."""
    bench = BENCHES[name]()
    bench.far_end.lay(plain_item("10000001"))

    assert bench.unit.poll(0) == ItemSensed(stays=True)


def test_one_deed_is_armed_at_a_time(bench: StripBench) -> None:
    """Arming an armed unit is a mistake of ours; after the deed it can be armed again."""
    bench.unit.arm(OFF)
    with pytest.raises(ValueError, match="armed already"):
        bench.unit.arm(ON)
    bench.unit.disarm()
    item = plain_item("10000001")

    assert isinstance(bench.treat(item, OFF), Treated)


def test_a_coil_is_given_its_rest_and_no_deed_is_dropped(bench: StripBench) -> None:
    """Thirty deeds as fast as they can be had are all done, never two within a second or over twenty in a minute."""
    items = [plain_item(str(10000001 + number)) for number in range(30)]
    for item in items:
        bench.unit.arm(OFF)
        while bench.far_end.is_safe and bench.works_on_crossing:
            assert bench.unit.poll(0.05) is None
        bench.bring(item)
        assert isinstance(bench.ended(), Treated)
        bench.far_end.lift()
        bench.watch(0.5)

    assert all(item.treatments == [OFF] for item in items)
    assert bench.far_end.coil.most_in_a_minute <= 20
    assert bench.far_end.coil.shortest_interval >= 1.0


def test_opening_a_unit_again_is_no_way_round_its_rest(bench: StripBench) -> None:
    """A unit that is opened anew before every deed is pulsed no more often than twenty times in a minute."""
    for number in range(25):
        bench.unit.arm(OFF)
        while bench.far_end.is_safe and bench.works_on_crossing:
            assert bench.unit.poll(0.05) is None
        bench.bring(plain_item(str(number)))
        assert isinstance(bench.ended(), Treated)
        bench.far_end.lift()
        bench.reopen()

    assert len(bench.far_end.coil.pulses) == 25
    assert bench.far_end.coil.most_in_a_minute <= 20


def test_a_strip_that_stays_as_it_was_is_read_so(bench: StripBench) -> None:
    """A weak coil, a permanent strip and the second of two strips are never taken for desensitised."""
    stubborn = [
        StripItem("10000001", [Strip(is_permanent=True)]),
        StripItem("10000002", [Strip(), Strip(is_permanent=True)]),
        StripItem("10000003", [Strip(pulses_needed=2)]),
    ]
    said = {bench.treat(item, OFF) for item in stubborn}

    reads = bench.unit.abilities.reads_strips
    assert said <= {
        Treated(OFF, StripState.ACTIVE if reads else StripState.UNVERIFIED, stays) for stays in (True, False)
    }
    assert all(item.is_active for item in stubborn)


def test_a_second_pulse_switches_what_a_weak_one_did_not(bench: StripBench) -> None:
    """The same item, treated again after an active reading, is read as inactive."""
    item = StripItem("10000001", [Strip(pulses_needed=2)])
    bench.treat(item, OFF)
    ended = bench.treat(item, OFF)

    assert isinstance(ended, Treated)
    assert (ended.strip, item.is_active) == (wanted(bench, OFF), False)


def test_items_without_a_strip_are_no_error(bench: StripBench) -> None:
    """Where there is no strip the deed ends as treated, and no active strip is claimed."""
    ended = bench.treat(plain_item("10000001", strips=0), OFF)

    assert isinstance(ended, Treated)
    assert ended.strip is not StripState.ACTIVE


@pytest.mark.parametrize("name", SENSING)
def test_what_came_in_place_of_the_one_is_not_taken_for_it(name: str) -> None:
    """An item that is swapped for another before the pulse ends the deed, or both are told; neither is treated."""
    bench = BENCHES[name]()
    first, second = plain_item("10000001"), plain_item("10000002")
    bench.far_end.lay(first)
    bench.unit.arm(OFF)
    happened = bench.watch(0.8)
    bench.far_end.lift()
    bench.far_end.lay(second, after_seconds=0.6)
    happened += bench.watch(6.0)

    assert (first.treatments, second.treatments) == ([], [])
    if bench.works_on_crossing:
        assert happened == [ItemSensed(stays=True), ItemLifted(), ItemSensed(stays=True)]
    else:
        assert happened == [
            ItemSensed(stays=True),
            NotTreated(OFF, "lifted"),
            ItemLifted(),
            ItemSensed(stays=True),
        ]


@pytest.mark.parametrize("is_armed", [False, True])
def test_a_unit_whose_cable_is_pulled_is_lost_and_safe_when_it_is_back(
    bench: StripBench, is_armed: bool
) -> None:
    """The loss is told by the next call or two; opened again, the unit does nothing to what comes."""
    before, after = plain_item("10000001"), plain_item("10000002")
    if is_armed:
        bench.unit.arm(OFF)
        bench.watch(2.5)
    bench.cable.unplug()
    if bench.unit.abilities.senses_items or is_armed or not isinstance(bench.cable, MemoryLink):
        with pytest.raises(DeviceLost):
            bench.watch(4.0)
    bench.bring(before)
    bench.reopen()
    bench.far_end.lift()
    bench.watch(2.0)
    bench.bring(after)
    bench.watch(4.0)

    assert bench.far_end.is_safe
    assert after.treatments == []


def test_closing_leaves_a_unit_safe_and_may_be_done_twice(bench: StripBench) -> None:
    """A unit that is closed while armed does nothing to what comes later."""
    item = plain_item("10000001")
    if bench.unit.abilities.senses_items:
        bench.unit.arm(OFF)
        bench.watch(4.0)
    bench.unit.close()
    bench.unit.close()
    bench.bring(item)
    bench.clock.wait(5.0)

    assert bench.far_end.is_safe
    assert item.treatments == []
