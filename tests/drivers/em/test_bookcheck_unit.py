"""The BookCheck, which acts by itself on what crosses it: which item is the one, and what its verifier says."""

from __future__ import annotations

from typing import cast

import pytest

from drivers.em import Deed, ItemLifted, ItemSensed, Spoilt, StripState, Treated, bookcheck_unit
from drivers.em.bookcheck import MODE, READ_ONLY, SAFE
from drivers.em.bookcheck_settings import BookCheckSettings
from drivers.link import SettingsError
from drivers.link.memory import VirtualClock
from drivers.link.memory_control import MemoryControlLink
from drivers.probing import Identity
from drivers.sim.bookcheck import BookCheckFarEnd
from drivers.sim.strip import plain_item, tape
from tests.kit.strip_bench import ENDS, StripBench, bookcheck

OFF, ON = Deed.DESENSITISE, Deed.SENSITISE


def test_the_first_words_make_it_safe_and_read_that_back(cable: MemoryControlLink) -> None:
    """Before anything else magnetic-media mode is set, and read."""
    assert cable.requests[:2] == [(MODE, *SAFE), (MODE, *READ_ONLY)]


def test_closing_says_the_same_again(
    bench: StripBench, unit: BookCheckFarEnd, cable: MemoryControlLink
) -> None:
    """The last words are those too, also while it is live."""
    bench.unit.arm(OFF)
    bench.watch(4.0)
    bench.unit.close()

    assert cable.requests[-2:] == [(MODE, *SAFE), (MODE, *READ_ONLY)]
    assert unit.is_safe


def test_two_items_one_after_the_other_are_one_too_many(live: StripBench, unit: BookCheckFarEnd) -> None:
    """What comes when the first is just gone is not said to be treated, and neither is the first."""
    unit.slide(plain_item("10000001"))
    second = plain_item("10000002")

    def follow(request: int, value: int, index: int) -> None:
        if (request, value) == (MODE, SAFE[0]):
            unit.on_request = None
            unit.slide(second)

    unit.on_request = follow
    assert live.ended() == Spoilt(OFF, "second-item")
    assert unit.is_safe
    assert live.watch(2.0) == [ItemSensed(stays=True), ItemLifted()]


def test_items_too_close_to_be_told_apart_are_not_said_to_be_inactive(
    live: StripBench, unit: BookCheckFarEnd
) -> None:
    """Two active items nose to tail look like one whose strip came back: its state is not said."""
    unit.slide(plain_item("10000001"), seconds=0.42)
    unit.slide(plain_item("10000002"), after_seconds=0.43, seconds=0.42)

    assert live.ended() == Treated(OFF, StripState.UNVERIFIED)


def test_an_item_that_turns_back_was_never_at_the_verifier(live: StripBench, unit: BookCheckFarEnd) -> None:
    """Its direction changed, so the verifier's silence says nothing, and nothing is said."""
    item = plain_item("10000001")
    unit.jerk(item, seconds=0.8)

    assert live.ended() == Spoilt(OFF, "moved-back")
    assert item.is_active


def test_an_item_that_stays_on_the_sensors_ends_the_deed(live: StripBench, unit: BookCheckFarEnd) -> None:
    """After the longest crossing the unit is made safe under it."""
    unit.lay(plain_item("10000001"))

    assert live.ended() == Spoilt(OFF, "stuck")
    assert unit.is_safe


@pytest.mark.parametrize("acts", [True, False])
def test_what_stands_there_is_never_treated_where_it_stands(
    bench: StripBench, unit: BookCheckFarEnd, acts: bool
) -> None:
    """The unit is not made live under an item, whether or not it would act on it: the item has to be moved over."""
    unit.acts_on_standing = acts
    item = plain_item("10000001")
    unit.lay(item)
    bench.watch(4.0)
    bench.unit.arm(OFF)

    assert bench.watch(4.0) == []
    assert unit.is_safe
    unit.lift()
    assert bench.watch(1.0) == [ItemLifted()]
    unit.slide(item)
    assert bench.ended() == Treated(OFF, StripState.INACTIVE)
    assert item.treatments == [OFF]


def test_leaving_a_unit_under_an_item_says_nothing(live: StripBench, unit: BookCheckFarEnd) -> None:
    """Time ran out while the item crossed."""
    unit.slide(plain_item("10000001"), seconds=2.0)
    live.watch(0.5)

    assert live.unit.disarm() == Spoilt(OFF, "left")
    assert unit.is_safe


def test_a_reading_from_before_the_unit_acted_is_not_believed(
    live: StripBench, unit: BookCheckFarEnd
) -> None:
    """An item so fast that one look alone met it ends as treated, its strip unverified."""
    live.unit.poll(0.0)
    unit.slide(plain_item("10000001"), after_seconds=0.03, seconds=0.05)

    assert live.ended() == Treated(OFF, StripState.UNVERIFIED)


def test_a_reading_that_wavers_may_be_of_two_strips(live: StripBench, unit: BookCheckFarEnd) -> None:
    """Inactive, active and inactive again is not said to be inactive."""
    item = plain_item("10000001", is_active=False)
    unit.slide(item, seconds=1.0)
    live.watch(0.2)
    item.strips[0].is_active = True
    live.watch(0.2)

    assert live.ended() == Treated(OFF, StripState.UNVERIFIED)


def test_a_verifier_that_shows_the_other_way_round_is_a_setting() -> None:
    """Where a set bit is an active strip, the setting says so."""
    bench = bookcheck(BookCheckSettings(active_clears_bit=False))
    cast(BookCheckFarEnd, bench.far_end).shows = False

    assert bench.treat(plain_item("10000001"), OFF) == Treated(OFF, StripState.ACTIVE)


def test_a_tape_is_erased_only_by_a_deed_that_was_armed(bench: StripBench, unit: BookCheckFarEnd) -> None:
    """The far end erases what is treated in normal mode, so that a test can prove that a tape never was."""
    film = tape("10000001")
    unit.slide(film)
    bench.watch(2.0)
    assert not film.is_erased

    bench.treat(film, OFF)
    assert film.is_erased


def test_a_probe_reads_the_mode_and_changes_nothing(unit: BookCheckFarEnd) -> None:
    """It asks once, read only, leaves the link open, and knows nothing of what answers otherwise."""
    clock = VirtualClock()
    unit.switch_on()
    link = MemoryControlLink(unit, clock)

    assert bookcheck_unit.probe(link, clock) == Identity("3M BookCheck 940 series")
    assert link.requests == [(MODE, *READ_ONLY)]
    assert not unit.is_safe
    for reply in (b"", b"\x05" * 9):
        unit.replies.append(reply)
        assert bookcheck_unit.probe(link, clock) is None
    link.silent = True
    assert bookcheck_unit.probe(link, clock) is None
    link.silent = False
    unit.is_stalling = True
    assert bookcheck_unit.probe(link, clock) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"poll_seconds": 1.0},
        {"unwatched_seconds_max": 0.0},
        {"crossing_seconds_max": 0.5},
        {"transfer_seconds_max": 10.0},
        {"min_interval_seconds": 0.0},
        {"pulses_per_minute_max": 0},
    ],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    """The refusal names the setting and its value."""
    with pytest.raises(SettingsError, match=f"{next(iter(wrong))} = "):
        BookCheckSettings(**wrong)  # type: ignore[arg-type]


def test_nothing_that_happens_while_safe_ends_a_deed(bench: StripBench, unit: BookCheckFarEnd) -> None:
    """Items that cross while the coil still rests are told as they come, and the deed waits for its own."""
    bench.unit.arm(OFF)
    early = plain_item("10000001")
    unit.slide(early)
    told = bench.watch(2.0)

    assert told == [ItemSensed(stays=True), ItemLifted()]
    assert not [one for one in bench.watch(4.0) if isinstance(one, ENDS)]
    assert early.treatments == []
    bench.unit.disarm()
