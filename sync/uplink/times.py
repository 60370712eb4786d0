"""What the server's clock said when an entry began, whatever ours said: pure.

Times of entries are the terminal's own and are never changed.  What has to be added to have the server's comes from
measures: moments when both clocks were read.  Within one boot the monotonic clock carries a measure to any entry, so no
jump of the wall clock moves it.  For entries of other boots the difference that was seen nearest to them must do.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from sync.entries import Entry, Intended, ServerClock

MOVED_SECONDS: Final = 2.0
"""SIP2 tells whole seconds, and the way there takes time: a smaller change is none."""
UNSURE_SECONDS: Final = 1.0
"""A question that took longer than twice this says less of the server's clock than is known already."""


class ServerTimes:
    """The measures of one journal's *epoch*: those of earlier boots, and of *boot* itself as they are learnt."""

    def __init__(self, epoch: str, boot: int, clocks: Sequence[tuple[int, ServerClock]] = ()) -> None:
        self._epoch = epoch
        self._boot = boot
        self._by_at: list[ServerClock] = []
        self._by_seconds: dict[int, list[ServerClock]] = {}
        self._told: ServerClock | None = None
        for known_boot, clock in clocks:
            self._keep(known_boot, clock)

    def learn(self, clock: ServerClock, unsure_seconds: float = 0.0) -> bool:
        """Whether *clock*, measured in this boot to within *unsure_seconds*, is news: the first one of the boot, or
        moved against either of our clocks by more than `MOVED_SECONDS` since the last news.

        What is no news changes nothing.
        """
        last = self._told
        if last is not None:
            if unsure_seconds > UNSURE_SECONDS:
                return False
            by_wall = _wall_difference(clock) - _wall_difference(last)
            passed = (clock.server - last.server).total_seconds()
            by_monotonic = passed - (clock.seconds - last.seconds)
            if abs(by_wall) <= MOVED_SECONDS and abs(by_monotonic) <= MOVED_SECONDS:
                return False
        self._told = clock
        self._keep(self._boot, clock)
        return True

    def offset_seconds(self, entry: Entry) -> float | None:
        """What has to be added to the times of *entry* to have the server's; None where no measure is known."""
        intended = entry.rows[0] if entry.rows else None
        if not isinstance(intended, Intended):
            return None
        measures = self._by_seconds.get(entry.key.boot) if entry.key.epoch == self._epoch else None
        if measures and intended.seconds is not None:
            seconds = intended.seconds
            near = _nearest(measures, seconds, _seconds_of)
            server = near.server + timedelta(seconds=seconds - near.seconds)
            return (server - intended.at).total_seconds()
        if not self._by_at:
            return None
        return _wall_difference(_nearest(self._by_at, intended.at.timestamp(), _timestamp_of))

    def _keep(self, boot: int, clock: ServerClock) -> None:
        insort(self._by_at, clock, key=_timestamp_of)
        insort(self._by_seconds.setdefault(boot, []), clock, key=_seconds_of)


def _seconds_of(clock: ServerClock) -> float:
    return clock.seconds


def _timestamp_of(clock: ServerClock) -> float:
    return clock.at.timestamp()


def _wall_difference(clock: ServerClock) -> float:
    return (clock.server - clock.at).total_seconds()


def _nearest(clocks: list[ServerClock], value: float, of: Callable[[ServerClock], float]) -> ServerClock:
    place = bisect_left(clocks, value, key=of)
    if place == 0:
        return clocks[0]
    if place == len(clocks):
        return clocks[-1]
    before, after = clocks[place - 1], clocks[place]
    return before if value - of(before) <= of(after) - value else after
