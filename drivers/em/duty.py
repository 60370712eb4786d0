"""How often a coil may be pulsed: a coil that gets no rest overheats (device reference 8.3).

A least interval between two pulses, and a most of pulses in any minute.  A deed that comes too early is done when the
coil has rested; it is never dropped.

A unit that is opened again may have been pulsed by who held it before.  It is taken for one that was pulsed as often
as it may in the minute before, evenly, and just now: so however often it is opened again, a coil is not pulsed more
often than it may in the long run, and the first pulse waits a minute divided by the most, not a whole one.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from drivers.link import SettingsError

__all__ = ["CoilDuty", "DutyRules"]

_MINUTE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class DutyRules:
    """What a coil stands; raises `SettingsError` for values out of range."""

    min_interval_seconds: float = 1.0
    pulses_per_minute_max: int = 20

    def __post_init__(self) -> None:
        if not 0.1 <= self.min_interval_seconds <= 60:
            raise SettingsError(f"min_interval_seconds = {self.min_interval_seconds}: allowed is 0.1 to 60")
        if not 1 <= self.pulses_per_minute_max <= 120:
            raise SettingsError(f"pulses_per_minute_max = {self.pulses_per_minute_max}: allowed is 1 to 120")


class CoilDuty:
    """The pulses of one coil, by a clock that never goes back; *now* is that of the moment it is opened."""

    def __init__(self, rules: DutyRules, now: float) -> None:
        self._rules = rules
        most = rules.pulses_per_minute_max
        apart = _MINUTE_SECONDS / most
        self._pulses = deque((now - apart * back for back in range(most - 1, -1, -1)), maxlen=most)

    def rest_seconds(self, now: float) -> float:
        """How long the coil has to rest before the next pulse; 0.0: it may be pulsed."""
        free_at = max(
            self._pulses[-1] + self._rules.min_interval_seconds,
            self._pulses[0] + _MINUTE_SECONDS,  # as many as may be in a minute: the oldest has to leave it
        )
        return max(0.0, free_at - now)

    def pulsed(self, now: float) -> None:
        """The coil was pulsed, or may have been, at *now*."""
        self._pulses.append(now)
