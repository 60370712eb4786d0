"""The place on a simulated strip unit where items are laid, and what they do there in the course of time."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from drivers.em import Deed
from drivers.link import Clock
from drivers.sim.strip import Coil, StripItem

__all__ = ["BedOfItems", "UnitWithBed"]

FOREVER = float("inf")
_REMEMBERED_SECONDS = 60.0
"""How far back the bed knows what lay on it: a pulse may be told later than it was."""


@dataclass
class _Stay:
    items: tuple[StripItem, ...]
    begins_at: float
    ends_at: float


class BedOfItems:
    """Items that come and go, and a coil under them; *shows* is what the verifier shows for ever.

    It is worked by whoever lays items and by the line at once: everything is done under *lock*.
    """

    def __init__(self, clock: Clock) -> None:
        self.lock = threading.RLock()
        self.coil = Coil()
        self.shows: bool | None = None
        self._clock = clock
        self._stays: list[_Stay] = []

    def lay(self, *items: StripItem, after_seconds: float = 0.0) -> None:
        """Lays *items*, together, and leaves them there."""
        self._stay(items, after_seconds, FOREVER)

    def slide(self, *items: StripItem, after_seconds: float = 0.0, seconds: float = 0.4) -> None:
        """Lays *items* down and takes them away again after *seconds*."""
        self._stay(items, after_seconds, seconds)

    def lift(self, *, after_seconds: float = 0.0) -> None:
        """Takes everything away that lies there by then."""
        with self.lock:
            at = self._clock.monotonic() + after_seconds
            for stay in self._stays:
                if stay.begins_at <= at:
                    stay.ends_at = min(stay.ends_at, at)

    def there(self, at: float) -> tuple[StripItem, ...]:
        """What lies there at the moment *at*."""
        return tuple(
            item for stay in self._stays if stay.begins_at <= at < stay.ends_at for item in stay.items
        )

    @property
    def has_item(self) -> bool:
        """Whether anything lies there now."""
        return bool(self.there(self._clock.monotonic()))

    @property
    def shows_active(self) -> bool:
        """What the verifier shows: whether any active strip lies there."""
        if self.shows is not None:
            return self.shows
        return any(item.is_active for item in self.there(self._clock.monotonic()))

    def pulse(self, deed: Deed, at: float) -> None:
        """The coil gives its field at the moment *at*."""
        self.coil.pulse(self.there(at), deed, at)

    def _stay(self, items: tuple[StripItem, ...], after_seconds: float, seconds: float) -> None:
        with self.lock:
            now = self._clock.monotonic()
            begins_at = now + after_seconds
            self._stays = [stay for stay in self._stays if stay.ends_at > now - _REMEMBERED_SECONDS]
            self._stays.append(_Stay(items, begins_at, begins_at + seconds))


class UnitWithBed:
    """A simulated strip unit on whose *bed* items are laid."""

    def __init__(self, clock: Clock) -> None:
        self.bed = BedOfItems(clock)
        self._clock = clock

    @property
    def coil(self) -> Coil:
        """What gives the field."""
        return self.bed.coil

    def lay(self, *items: StripItem, after_seconds: float = 0.0) -> None:
        """See `BedOfItems.lay`."""
        self.bed.lay(*items, after_seconds=after_seconds)

    def slide(self, *items: StripItem, after_seconds: float = 0.0, seconds: float = 0.4) -> None:
        """See `BedOfItems.slide`."""
        self.bed.slide(*items, after_seconds=after_seconds, seconds=seconds)

    def lift(self, *, after_seconds: float = 0.0) -> None:
        """See `BedOfItems.lift`."""
        self.bed.lift(after_seconds=after_seconds)
