"""The far end of a strip unit behind relays: two contacts that feed its coil, four that tell.

The coil gives its field when it has had current for long enough, once for each time it gets any; what stays under
current for longer than its timer lets it burns.
"""

from __future__ import annotations

from drivers.em import Deed
from drivers.link import Clock
from drivers.sim.bed import UnitWithBed

__all__ = ["DESENSITISE", "FAULT", "INPUTS", "ITEM", "READY", "SENSITISE", "STRIP", "RelayUnitFarEnd"]

DESENSITISE, SENSITISE, READY, FAULT, ITEM, STRIP = 17, 18, 22, 23, 24, 25
INPUTS = (READY, FAULT, ITEM, STRIP)

_DEEDS = {DESENSITISE: Deed.DESENSITISE, SENSITISE: Deed.SENSITISE}
FOREVER = float("inf")


class RelayUnitFarEnd(UnitWithBed):
    """A unit on six lines; those in *active_low* mean yes when they are low: the inputs, as in the shipped example.

    What it does wrong: *has_fault* now, or *fault_at* a moment; *ready_at* a moment to come; the bed's coil and
    verifier have faults of their own.  What nobody may do to it is remembered: *was_shorted* (both contacts closed) and
    *longest_seconds* (under current).
    """

    def __init__(self, clock: Clock, active_low: tuple[int, ...] = INPUTS) -> None:
        super().__init__(clock)
        self.active_low = active_low
        self.charge_seconds = 0.2
        self.burn_seconds = 2.0
        self.has_fault = False
        self.fault_at = FOREVER
        self.ready_at = 0.0
        self.was_shorted = False
        self.longest_seconds = 0.0
        self._since: dict[int, float] = {}
        self._has_acted: set[int] = set()

    @property
    def is_safe(self) -> bool:
        """Whether no contact is closed."""
        return not self._since

    def drive(self, line: int, high: bool) -> None:
        """See `LineFarEnd.drive`."""
        with self.bed.lock:
            self._advance()
            is_active = high is not (line in self.active_low)
            if is_active:
                self._since.setdefault(line, self._clock.monotonic())
            else:
                self._since.pop(line, None)
                self._has_acted.discard(line)
            self.was_shorted = self.was_shorted or len(self._since) > 1

    def level(self, line: int) -> bool:
        """See `LineFarEnd.level`."""
        with self.bed.lock:
            self._advance()
            now = self._clock.monotonic()
            is_active = {
                READY: now >= self.ready_at and not self._since,
                FAULT: self.has_fault or now >= self.fault_at,
                ITEM: self.bed.has_item,
                STRIP: self.bed.shows_active,
            }[line]
            return is_active is not (line in self.active_low)

    def _advance(self) -> None:
        now = self._clock.monotonic()
        for line, since in self._since.items():
            under_current = now - since
            self.longest_seconds = max(self.longest_seconds, under_current)
            if under_current >= self.charge_seconds and line not in self._has_acted:
                self._has_acted.add(line)
                self.bed.pulse(_DEEDS[line], since + self.charge_seconds)
            self.coil.is_burnt = self.coil.is_burnt or under_current > self.burn_seconds
