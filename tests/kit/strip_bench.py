"""Strip units of every driver on memory links, so that one promise can be asked of all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from drivers.em import (
    Deed,
    NotTreated,
    Spoilt,
    StripEvent,
    StripUnit,
    Treated,
    bookcheck_unit,
    relay_unit,
    serial_unit,
)
from drivers.em.bookcheck_settings import BookCheckSettings
from drivers.em.bookcheck_unit import BookCheckUnit
from drivers.em.laid_unit import LaidUnit
from drivers.em.relay_unit import RelayUnitSettings
from drivers.em.serial_table import Exchange, SerialUnitSettings
from drivers.link.memory import MemoryLink, VirtualClock
from drivers.link.memory_control import MemoryControlLink
from drivers.link.memory_lines import MemoryLineLink
from drivers.link.usb_control import open_usb_control
from drivers.sim import relay_unit as relays
from drivers.sim.bookcheck import BookCheckFarEnd
from drivers.sim.relay_unit import RelayUnitFarEnd
from drivers.sim.serial_strip_unit import SerialStripUnitFarEnd
from drivers.sim.strip import Coil, StripItem
from drivers.sim.usb_bus import Plugged, UsbBus

SLICE_SECONDS = 0.1
ENDS = (Treated, NotTreated, Spoilt)

TABLE = SerialUnitSettings(
    desensitise=Exchange(text="D\r", expect="D0"),
    sensitise=Exchange(hex="43 0D", expect="C0"),
    status=Exchange(text="S\r", expect="S[01][AI-][01][01]"),
    safe=Exchange(text="R\r", expect="R0"),
    refused="[DC]1",
    item_present=r"\AS1",
    strip_active=r"\AS.A",
    strip_inactive=r"\AS.I",
    fault=r"\A...1",
    busy=r"\A....1",
)
BLIND_TABLE = SerialUnitSettings(desensitise=TABLE.desensitise, sensitise=TABLE.sensitise)
CONTACTS = RelayUnitSettings(
    desensitise=relays.DESENSITISE,
    sensitise=relays.SENSITISE,
    ready=relays.READY,
    fault=relays.FAULT,
    item=relays.ITEM,
    strip_detected=relays.STRIP,
    active_low=(),
)
INVERTED = (relays.DESENSITISE, relays.SENSITISE, relays.ITEM, relays.STRIP)


class FarEnd(Protocol):
    """What every simulated strip unit can have done to it."""

    @property
    def coil(self) -> Coil: ...

    @property
    def is_safe(self) -> bool: ...

    def lay(self, *items: StripItem, after_seconds: float = 0.0) -> None: ...

    def slide(self, *items: StripItem, after_seconds: float = 0.0, seconds: float = 0.4) -> None: ...

    def lift(self, *, after_seconds: float = 0.0) -> None: ...


Cable = MemoryControlLink | MemoryLineLink | MemoryLink | Plugged


@dataclass
class StripBench:
    """A unit opened on its far end; *cable* is the link it is open on, *works_on_crossing*: it acts on what moves."""

    clock: VirtualClock
    far_end: FarEnd
    opening: Callable[[], tuple[StripUnit, Cable]]
    works_on_crossing: bool

    def __post_init__(self) -> None:
        self.unit, self.cable = self.opening()

    def reopen(self) -> None:
        """Closes the unit and opens it anew, as a pump does."""
        self.unit.close()
        self.unit, self.cable = self.opening()

    def watch(self, seconds: float) -> list[StripEvent]:
        """What happens in the next *seconds*, polled as a pump polls."""
        until = self.clock.monotonic() + seconds
        seen = []
        while self.clock.monotonic() < until:
            event = self.unit.poll(SLICE_SECONDS)
            if event is not None:
                seen.append(event)
        return seen

    def ended(self, seconds: float = 70.0) -> StripEvent:
        """The one event that ends the armed deed."""
        until = self.clock.monotonic() + seconds
        while self.clock.monotonic() < until:
            event = self.unit.poll(SLICE_SECONDS)
            if isinstance(event, ENDS):
                return event
        raise AssertionError("the armed deed has not ended")

    def rest(self) -> None:
        """Waits until the coil may be pulsed at once and what moved has settled."""
        self.watch(4.0)

    def bring(self, item: StripItem, after_seconds: float = 0.0) -> None:
        """What a reader does with an item when the unit is ready: slides it over, or lays it down."""
        if self.works_on_crossing:
            self.far_end.slide(item, after_seconds=after_seconds)
        else:
            self.far_end.lay(item, after_seconds=after_seconds)

    def treat(self, item: StripItem, deed: Deed) -> StripEvent:
        """Arms *deed*, brings *item* when the coil has rested, and takes it away afterwards."""
        if not self.unit.abilities.senses_items:
            self.far_end.lay(item)
        self.unit.arm(deed)
        if self.unit.abilities.senses_items:
            assert [one for one in self.watch(4.0) if isinstance(one, ENDS)] == []
            self.bring(item)
        ended = self.ended()
        self.far_end.lift()
        self.watch(1.0)
        return ended


def bookcheck(settings: BookCheckSettings, unit_class: type[BookCheckUnit] = BookCheckUnit) -> StripBench:
    """A BookCheck that was just switched on, worked by *unit_class*."""
    clock = VirtualClock()
    far_end = BookCheckFarEnd(clock)

    def opening() -> tuple[StripUnit, Cable]:
        link = MemoryControlLink(far_end, clock)
        if unit_class is BookCheckUnit:
            return bookcheck_unit.open(settings, link, clock), link
        unit = unit_class(settings, link, clock)
        unit.begin()
        return unit, link

    return StripBench(clock, far_end, opening, works_on_crossing=True)


def bookcheck_on_usb(settings: BookCheckSettings) -> StripBench:
    """A BookCheck on a bus that pyusb looks through."""
    clock = VirtualClock()
    far_end = BookCheckFarEnd(clock)
    device = Plugged(far_end, 0x0D2C, 0x03AE)
    bus = UsbBus(clock, device)

    def opening() -> tuple[StripUnit, Cable]:
        device.replug()
        link = open_usb_control(device.vendor, device.product, None, clock, backend=bus)
        return bookcheck_unit.open(settings, link, clock), device

    return StripBench(clock, far_end, opening, works_on_crossing=True)


def contacts(settings: RelayUnitSettings, unit_class: type[LaidUnit] = LaidUnit) -> StripBench:
    """A unit behind relays, worked by *unit_class*."""
    clock = VirtualClock()
    far_end = RelayUnitFarEnd(clock, settings.active_low or ())

    def opening() -> tuple[StripUnit, Cable]:
        link = MemoryLineLink(far_end, clock)
        return _as(unit_class, relay_unit.open(settings, link, clock), clock), link

    return StripBench(clock, far_end, opening, works_on_crossing=False)


def serial(
    settings: SerialUnitSettings, chunk_bytes: int = 0, unit_class: type[LaidUnit] = LaidUnit
) -> StripBench:
    """A unit behind a serial line, whose bytes come in pieces of *chunk_bytes*, worked by *unit_class*."""
    clock = VirtualClock()
    far_end = SerialStripUnitFarEnd(clock)

    def opening() -> tuple[StripUnit, Cable]:
        link = MemoryLink(far_end, clock, chunk_bytes=chunk_bytes)
        return _as(unit_class, serial_unit.open(settings, link, clock), clock), link

    return StripBench(clock, far_end, opening, works_on_crossing=False)


def _as(unit_class: type[LaidUnit], unit: LaidUnit, clock: VirtualClock) -> LaidUnit:
    """*unit* as *unit_class* would have it: what is broken on purpose has the same bed."""
    return unit if unit_class is LaidUnit else unit_class(unit._rules, unit._bed, clock)
