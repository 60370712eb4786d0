"""Items with magnetic strips, and the coil and the eye of a simulated strip unit.

A strip does not know its item; an item remembers what was done to it, so that a test can ask whether a tape was ever
in a strong field.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from drivers.em import Deed

__all__ = ["Coil", "Strip", "StripItem", "plain_item", "tape"]


@dataclass
class Strip:
    """One strip; a *permanent* one stays active whatever is done to it.

    *pulses_needed* is how many pulses of one kind in a row switch it: a weak coil needs two.
    """

    is_active: bool = True
    is_permanent: bool = False
    pulses_needed: int = 1
    _last: Deed | None = None
    _count: int = 0

    def pulse(self, deed: Deed) -> None:
        """The field of *deed*, once."""
        self._count = self._count + 1 if deed is self._last else 1
        self._last = deed
        if self._count >= self.pulses_needed and not self.is_permanent:
            self.is_active = deed is Deed.SENSITISE


@dataclass
class StripItem:
    """An item called *name* with its strips; one that is *magnetic* media is erased by any pulse."""

    name: str
    strips: list[Strip] = field(default_factory=lambda: [Strip()])
    is_magnetic: bool = False
    is_erased: bool = False
    treatments: list[Deed] = field(default_factory=list)

    def pulse(self, deed: Deed) -> None:
        """The item is on the coil while it gives the field of *deed*."""
        self.treatments.append(deed)
        self.is_erased = self.is_erased or self.is_magnetic
        for strip in self.strips:
            strip.pulse(deed)

    @property
    def is_active(self) -> bool:
        """Whether a gate would stop it: any strip of it is active."""
        return any(strip.is_active for strip in self.strips)


def plain_item(name: str, *, strips: int = 1, is_active: bool = True) -> StripItem:
    """An item with *strips* strips, all of them active or not."""
    return StripItem(name, [Strip(is_active) for _ in range(strips)])


def tape(name: str) -> StripItem:
    """A video tape with a strip on its case."""
    return StripItem(name, is_magnetic=True)


class Coil:
    """What gives the field: remembers when, and says how hot it got.

    *failures* pulses to come give no field; *is_burnt* never gives one again.
    """

    def __init__(self) -> None:
        self.failures = 0
        self.is_burnt = False
        self.pulses: list[tuple[float, Deed]] = []

    def pulse(self, items: Sequence[StripItem], deed: Deed, now: float) -> None:
        """Gives the field of *deed* to *items* at *now*."""
        self.pulses.append((now, deed))
        if self.is_burnt:
            return
        if self.failures:
            self.failures -= 1
            return
        for item in items:
            item.pulse(deed)

    @property
    def most_in_a_minute(self) -> int:
        """The most pulses that any sixty seconds have seen; 0 without any."""
        times = [moment for moment, _ in self.pulses]
        return max((sum(start <= one < start + 60.0 for one in times) for start in times), default=0)

    @property
    def shortest_interval(self) -> float:
        """The least seconds between two pulses; infinite with fewer than two."""
        times = [moment for moment, _ in self.pulses]
        return min((later - sooner for sooner, later in pairwise(times)), default=float("inf"))
