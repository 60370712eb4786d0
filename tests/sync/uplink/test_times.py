"""What the server's clock said when an entry began, whatever somebody set ours to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.entries import Entry, EntryKey, Intended, ServerClock
from sync.uplink.times import MOVED_SECONDS, ServerTimes
from tests.sync.uplink.samples import NOON, lend

HOUR = timedelta(hours=1)


def begun(boot: int, at_seconds: float, seconds: float | None, epoch: str = "e") -> Entry:
    """An entry of *boot* that began *at_seconds* after noon by our wall clock."""
    key, promise = EntryKey(epoch, boot, 1, 1), lend()
    return Entry(key, promise, (Intended(key, NOON + timedelta(seconds=at_seconds), promise, seconds),))


def measured(at_seconds: float, seconds: float, server_seconds: float) -> ServerClock:
    return ServerClock(
        NOON + timedelta(seconds=at_seconds), seconds, NOON + timedelta(seconds=server_seconds)
    )


def test_nothing_is_known_before_the_server_told_its_time() -> None:
    """No measure, no offset: the entry's own time is all there is."""
    assert ServerTimes("e", 1).offset_seconds(begun(1, 0.0, 5.0)) is None


@given(
    jump=st.floats(-1e8, 1e8),
    drift=st.floats(-1e7, 1e7),
    apart=st.floats(0.0, 1e6),
    is_before=st.booleans(),
)
def test_no_jump_of_the_wall_clock_moves_an_entry(
    jump: float, drift: float, apart: float, is_before: bool
) -> None:
    """Within a boot the monotonic clock carries the server's time to the entry: measured before or after it, and
    whatever our wall clock was set to in between."""
    entry = begun(3, jump, 1000.0 if is_before else 1000.0 + apart)
    measure_seconds = 1000.0 + apart if is_before else 1000.0
    times = ServerTimes("e", 3)
    times.learn(measured(0.0, measure_seconds, drift))

    offset = times.offset_seconds(entry)

    truth = drift + (-apart if is_before else apart)
    assert offset == pytest.approx(truth - jump, abs=1e-3)


def test_the_nearest_measure_of_the_boot_counts() -> None:
    """Where the server's own clock was set, an entry is dated by the measure next to it."""
    times = ServerTimes("e", 3)
    assert times.learn(measured(0.0, 0.0, 100.0))
    assert times.learn(measured(1000.0, 1000.0, 5000.0))
    assert times.offset_seconds(begun(3, 400.0, 400.0)) == 100.0
    assert times.offset_seconds(begun(3, 600.0, 600.0)) == 4000.0


def test_other_boots_take_the_nearest_difference_of_the_wall_clocks() -> None:
    """What was measured in another boot says nothing of this one's monotonic clock, only how the clocks stood."""
    clocks = [(1, measured(0.0, 7.0, 60.0)), (4, measured(10_000.0, 9.0, 10_300.0))]
    times = ServerTimes("e", 5, clocks)
    assert times.offset_seconds(begun(2, 3000.0, 1.0)) == 60.0
    assert times.offset_seconds(begun(2, 7000.0, 1.0)) == 300.0
    assert times.offset_seconds(begun(5, 99_000.0, 1.0)) == 300.0
    assert times.offset_seconds(begun(1, 0.0, None)) == 60.0


def test_a_boot_of_another_journal_is_another_boot() -> None:
    """A restored journal counts its boots anew: boot 1 of the old epoch is not boot 1 of the new one."""
    times = ServerTimes("new", 1)
    times.learn(measured(0.0, 500.0, 60.0))
    assert times.offset_seconds(begun(1, 100.0, 3.0, epoch="old")) == 60.0
    assert times.offset_seconds(begun(1, 100.0, 3.0, epoch="new")) == -537.0


def test_only_news_is_told() -> None:
    """The first measure of a boot, and one that moved by more than two seconds against either of our clocks."""
    first = measured(0.0, 0.0, 100.0)
    times = ServerTimes("e", 3, [(2, first)])
    assert times.learn(first)
    assert not times.learn(measured(60.0, 60.0, 160.0 + MOVED_SECONDS))
    assert times.learn(measured(90.0, 90.0, 190.0 + MOVED_SECONDS + 1.0))
    set_by_hand = measured(3690.0, 91.0, 194.0)
    assert times.learn(set_by_hand)
    an_hour_later = replace(set_by_hand, at=set_by_hand.at + HOUR, server=set_by_hand.server + HOUR)
    assert not times.learn(replace(an_hour_later, seconds=3691.0))
    both_jumped = measured(20_000.0, 3700.0, 20_000.0 + 194.0 - 3690.0)
    assert times.learn(both_jumped)


def test_a_slow_answer_is_no_measure_where_a_better_one_is_known() -> None:
    """What was on its way for seconds may be wrong by as many: it counts only as the first."""
    times = ServerTimes("e", 3)
    assert times.learn(measured(0.0, 0.0, 0.0), unsure_seconds=4.0)
    assert not times.learn(measured(60.0, 60.0, 65.0), unsure_seconds=4.0)
    assert times.learn(measured(120.0, 120.0, 125.0), unsure_seconds=0.1)
