"""How often a coil may be pulsed."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from drivers.em.duty import CoilDuty, DutyRules
from drivers.link import SettingsError


def pulse_as_soon_as_allowed(duty: CoilDuty, now: float, count: int) -> list[float]:
    times = []
    for _ in range(count):
        now += duty.rest_seconds(now)
        assert duty.rest_seconds(now) == pytest.approx(0.0, abs=1e-6)
        duty.pulsed(now)
        times.append(now)
    return times


def most_in_a_minute(times: list[float]) -> int:
    return max(sum(start <= one < start + 60 - 1e-6 for one in times) for start in times)


def test_pulses_keep_their_distance() -> None:
    """Right after a pulse the coil rests for the whole interval, less as time passes."""
    duty = CoilDuty(DutyRules(1.0, 120), 1000.0)
    duty.pulsed(2000.0)

    assert duty.rest_seconds(2000.0) == pytest.approx(1.0)
    assert duty.rest_seconds(2000.75) == pytest.approx(0.25)
    assert duty.rest_seconds(2001.0) == 0.0


def test_a_minute_holds_no_more_pulses_than_it_may() -> None:
    """The twenty-first pulse waits until the first has left the minute."""
    duty = CoilDuty(DutyRules(1.0, 20), 0.0)
    times = pulse_as_soon_as_allowed(duty, 1000.0, 20)

    assert times == pytest.approx([1000.0 + second for second in range(20)])
    assert duty.rest_seconds(1019.0) == pytest.approx(41.0)


def test_a_unit_that_was_just_opened_is_taken_for_a_busy_one() -> None:
    """The first pulse waits a minute divided by the most, and the first minute holds no more than it may."""
    duty = CoilDuty(DutyRules(1.0, 20), 500.0)

    assert duty.rest_seconds(500.0) == pytest.approx(3.0)
    assert most_in_a_minute(pulse_as_soon_as_allowed(duty, 500.0, 60)) == 20


def test_a_long_interval_counts_from_the_opening_too() -> None:
    """Where the interval is longer than a minute's share, the first pulse waits for it."""
    assert CoilDuty(DutyRules(10.0, 20), 0.0).rest_seconds(0.0) == pytest.approx(10.0)


def test_opening_again_and_again_wins_nothing() -> None:
    """A unit that is opened anew before every pulse, at any moment, is still pulsed twenty times a minute at most."""
    chance = random.Random(7)
    now, times = 0.0, []
    for _ in range(100):
        duty = CoilDuty(DutyRules(), now)
        (now,) = pulse_as_soon_as_allowed(duty, now, 1)
        times.append(now)
        now += chance.choice((0.0, 0.0, 0.1, 2.0))

    assert most_in_a_minute(times) <= 20


@pytest.mark.parametrize(("interval", "most"), [(1.0, 20), (0.1, 120), (5.0, 3), (60.0, 1), (2.5, 30)])
def test_whatever_the_rules_and_the_haste_both_limits_hold(interval: float, most: int) -> None:
    """Seeded hurried and idle users never get more pulses in a minute, or closer ones, than the rules say."""
    chance = random.Random(int(interval * 10) + most)
    duty = CoilDuty(DutyRules(interval, most), 0.0)
    now, times = 0.0, []
    for _ in range(300):
        now += chance.choice((0.0, 0.0, 0.3, 1.0, 20.0))
        (now,) = pulse_as_soon_as_allowed(duty, now, 1)
        times.append(now)

    assert most_in_a_minute(times) <= most
    assert min(later - sooner for sooner, later in pairwise(times)) >= interval - 1e-6


@pytest.mark.parametrize(
    ("interval", "most", "named"),
    [
        (0.0, 20, "min_interval_seconds = 0.0"),
        (float("nan"), 20, "min_interval_seconds = nan"),
        (61.0, 20, "min_interval_seconds = 61.0"),
        (1.0, 0, "pulses_per_minute_max = 0"),
        (1.0, 121, "pulses_per_minute_max = 121"),
    ],
)
def test_rules_that_no_coil_stands_are_refused(interval: float, most: int, named: str) -> None:
    """The refusal names the setting and its value."""
    with pytest.raises(SettingsError, match=named):
        DutyRules(interval, most)
