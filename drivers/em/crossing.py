"""One item on its way over the sensors of a unit that acts on what crosses it, look by look."""

from __future__ import annotations

from itertools import pairwise

from drivers.em import Deed, StripState

__all__ = ["BELIEVED_SECONDS", "Crossing"]

BELIEVED_SECONDS = 0.1
"""How long before an item is gone the verifier still tells what a gate would find."""


class Crossing:
    """What the looks at one item have shown, from the moment *begun_at* on; *seen_at* is the last of them."""

    def __init__(self, begun_at: float) -> None:
        self.begun_at = self.seen_at = begun_at
        self._directions: list[int] = []
        self._readings: list[StripState] = []

    def see(self, now: float, direction: int, reading: StripState) -> None:
        """One look at the item: which way it moves, and what the verifier shows."""
        self.seen_at = now
        self._directions.append(direction)
        self._readings.append(reading)

    @property
    def has_turned(self) -> bool:
        """Whether it went back; the first look may still show the direction of the item before."""
        return len(set(self._directions[1:])) > 1

    def strip(self, deed: Deed, within_seconds: float) -> StripState:
        """How the verifier saw the strip at last, where that can be believed after *deed*.

        *within_seconds* is how long before the item was gone the last look was.  One look alone, or one long before
        that, may be from before the unit acted; a reading that changed more than once may be of two strips,
        of which one did as it should.
        """
        if len(self._readings) < 2 or within_seconds > BELIEVED_SECONDS:
            return StripState.UNVERIFIED
        last = self._readings[-1]
        changes = sum(one is not other for one, other in pairwise(self._readings))
        return StripState.UNVERIFIED if last is deed.wanted and changes > 1 else last
