"""One item on its way over the sensors of a unit that acts on what crosses it, look by look."""

from __future__ import annotations

from itertools import pairwise

from drivers.em import Deed, StripState

__all__ = ["Crossing"]


class Crossing:
    """What the looks at one item have shown, from the moment *begun_at* on."""

    def __init__(self, begun_at: float) -> None:
        self.begun_at = begun_at
        self._directions: list[int] = []
        self._readings: list[StripState] = []

    def see(self, direction: int, reading: StripState) -> None:
        """One look at the item: which way it moves, and what the verifier shows."""
        self._directions.append(direction)
        self._readings.append(reading)

    @property
    def has_turned(self) -> bool:
        """Whether it went back; the first look may still show the direction of the item before."""
        return len(set(self._directions[1:])) > 1

    def strip(self, deed: Deed) -> StripState:
        """How the verifier saw the strip at last, where that can be believed after *deed*.

        One look alone may be from before the unit acted.  A reading that changed more than once may be of two strips,
        of which one did as it should.
        """
        if len(self._readings) < 2:
            return StripState.UNVERIFIED
        last = self._readings[-1]
        changes = sum(one is not other for one, other in pairwise(self._readings))
        return StripState.UNVERIFIED if last is deed.wanted and changes > 1 else last
