"""Strip units by hand: what lies on them, what was done to which strip, and a cable that can be pulled.

`StripPlace` does what a `StripUnit` promises and nothing else, at once; `BookCheckPlace` is the real driver over the
far end of a real device, in virtual time.
"""

from __future__ import annotations

from collections import deque

from drivers.em import (
    Abilities,
    Deed,
    ItemLifted,
    ItemSensed,
    NotTreated,
    Spoilt,
    StripEvent,
    StripState,
    Treated,
    bookcheck_unit,
)
from drivers.link import Clock, DeviceFault, DeviceLost
from drivers.link.memory_control import MemoryControlLink
from drivers.sim.bookcheck import BookCheckFarEnd
from drivers.sim.strip import StripItem, plain_item


class StripPlace:
    """What is at the other end of the cable; outlives every opening of the unit.

    *pulses* are the deeds with the numbers of all that lay there.  A *blind* one neither senses
    items nor reads strips.  *faults* pulses to come fail, *breakdowns* make it be opened again.
    """

    def __init__(self, clock: Clock, *, is_blind: bool = False) -> None:
        self.clock = clock
        self.abilities = Abilities(not is_blind, not is_blind)
        self.items: dict[str, StripItem] = {}
        self.lying: list[StripItem] = []
        self.events: deque[StripEvent] = deque()
        self.pulses: list[tuple[Deed, tuple[str, ...]]] = []
        self.armings = 0
        self.faults = 0
        self.breakdowns = 0
        self.is_plugged = True
        self._is_told_to_lie = False
        self._unit: PlaceUnit | None = None

    def open(self) -> PlaceUnit:
        """The unit, safe.  Raises `DeviceLost` while the cable is out."""
        if not self.is_plugged:
            raise DeviceLost("no such device")
        self.events.clear()
        self._is_told_to_lie = False
        self.tell()
        self._unit = PlaceUnit(self)
        return self._unit

    def cut(self) -> None:
        """The power is gone: what was armed is not any more."""
        if self._unit is not None:
            self._unit.close()

    def item(self, number: str) -> StripItem:
        """The item called *number*, with one strip unless it was put here otherwise."""
        return self.items.setdefault(number, plain_item(number))

    def lay(self, number: str) -> None:
        """The item is laid on the unit and stays there."""
        self.lying.append(self.item(number))
        self._sensed(ItemSensed(True))

    def lift(self) -> None:
        """All that lies there is taken away."""
        if self.lying:
            self.lying.clear()
            self._sensed(ItemLifted())

    def slide(self, number: str) -> None:
        """The item passes over the unit; over another one that lies there, nothing senses it."""
        if self.lying:
            return
        item = self.item(number)
        self.lying.append(item)
        self._sensed(ItemSensed(False))
        self.lying.remove(item)

    def _sensed(self, event: ItemSensed | ItemLifted) -> None:
        if not self.abilities.senses_items or not self.is_plugged:
            return
        unit = self._unit
        if unit is not None and unit.armed is not None:
            if isinstance(event, ItemSensed):
                if event.stays:
                    self.tell()
                self.events.append(unit.pulse(event.stays))
        elif event == ItemSensed(False):
            self.events.append(event)
        else:
            self.tell()

    def has_told(self, lies_there: bool) -> None:
        """The unit's answer said whether the item lies there still."""
        self._is_told_to_lie = lies_there

    def tell(self) -> None:
        """What lies there is told once, and once that it went."""
        if bool(self.lying) is not self._is_told_to_lie and self.abilities.senses_items:
            self._is_told_to_lie = bool(self.lying)
            self.events.append(ItemSensed(True) if self.lying else ItemLifted())


class PlaceUnit:
    """`StripUnit` over a place: safe until it is armed, and after the one deed."""

    def __init__(self, place: StripPlace) -> None:
        self._place = place
        self.abilities = place.abilities
        self.armed: Deed | None = None

    def poll(self, timeout_seconds: float) -> StripEvent | None:
        """As promised by `StripUnit`."""
        self._reach()
        if self._place.breakdowns:
            self._place.breakdowns -= 1
            raise DeviceFault("coil")
        if not self._place.events:
            self._place.clock.wait(timeout_seconds)
        return self._place.events.popleft() if self._place.events else None

    def arm(self, deed: Deed) -> None:
        """As promised by `StripUnit`."""
        self._reach()
        if self.armed is not None:
            raise ValueError("armed already")
        self.armed = deed
        self._place.armings += 1
        if self._place.lying or not self.abilities.senses_items:
            self._place.events.append(self.pulse(self.abilities.senses_items))

    def disarm(self) -> StripEvent | None:
        """As promised by `StripUnit`."""
        self._reach()
        ended = next((e for e in self._place.events if isinstance(e, Treated | NotTreated | Spoilt)), None)
        if ended is not None:
            self._place.events.remove(ended)
        self.armed = None
        return ended

    def close(self) -> None:
        """Safe from here on."""
        self.armed = None

    def pulse(self, stays: bool) -> Treated | NotTreated | Spoilt:
        """Does the armed deed to whatever lies there; *stays* is what it can tell of that."""
        place, deed = self._place, self.armed
        assert deed is not None
        self.armed = None
        if place.faults:
            place.faults -= 1
            return NotTreated(deed, "fault")
        place.pulses.append((deed, tuple(item.name for item in place.lying)))
        for item in place.lying:
            item.pulse(deed)
        if len(place.lying) > 1:
            return Spoilt(deed, "second-item")
        place.has_told(stays)
        if not place.lying or not self.abilities.reads_strips:
            return Treated(deed, StripState.UNVERIFIED, stays)
        return Treated(deed, StripState.ACTIVE if place.lying[0].is_active else StripState.INACTIVE, stays)

    def _reach(self) -> None:
        if not self._place.is_plugged:
            raise DeviceLost("unplugged")


class BookCheckPlace:
    """A BookCheck over *place*'s items: it wakes up live and is made safe when it is opened."""

    def __init__(self, place: StripPlace) -> None:
        self.clock = place.clock
        self.far_end = BookCheckFarEnd(place.clock)
        self.item = place.item
        self.link: MemoryControlLink | None = None
        self.is_in = True

    @property
    def is_plugged(self) -> bool:
        """Whether the cable is in."""
        return self.is_in

    @is_plugged.setter
    def is_plugged(self, is_in: bool) -> None:
        self.is_in = is_in
        if not is_in:
            self.cut()

    def open(self) -> bookcheck_unit.BookCheckUnit:
        """The driver's unit.  Raises `DeviceLost` while the cable is out."""
        if not self.is_in:
            raise DeviceLost("no such device")
        self.link = MemoryControlLink(self.far_end, self.clock)
        # Where pumps take turns, each waits while the others do.
        settings = bookcheck_unit.BookCheckSettings(unwatched_seconds_max=1.0)
        return bookcheck_unit.open(settings, self.link, self.clock)

    def cut(self) -> None:
        """Nothing that is said reaches the unit any more."""
        if self.link is not None:
            self.link.unplug()

    def lay(self, number: str) -> None:
        """As of `StripPlace`."""
        self.far_end.lay(self.item(number))

    def lift(self) -> None:
        """As of `StripPlace`."""
        self.far_end.lift()

    def slide(self, number: str) -> None:
        """The item begins to pass over the unit, which takes two seconds."""
        self.far_end.slide(self.item(number), seconds=2.0)
