"""What each thing that is plugged in turns out to be: by its USB id, else by asking it what only its kind answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from drivers.catalog import DRIVERS, DriverEntry, LinkKind
from drivers.link import Clock, DeviceFault, DeviceLost, Link
from drivers.plugged import Plugged
from drivers.probing import Identity


class Ground(Enum):
    """Why a thing is taken for what it is taken for.  IN_USE: somebody else has it open, so it was not asked."""

    ANSWER = "answer"
    USB_ID = "usb-id"
    NONE = "none"
    IN_USE = "in-use"


@dataclass(frozen=True, slots=True)
class Finding:
    """*thing* is taken for what *driver* serves, on the line *link*; *identity* is what it answered."""

    thing: Plugged
    ground: Ground
    link: str
    driver: str = ""
    identity: Identity | None = None


def findings(
    things: Iterable[Plugged],
    clock: Clock,
    open_link: Callable[[str, Clock], Link],
    drivers: tuple[DriverEntry, ...] = DRIVERS,
) -> Iterator[Finding]:
    """A finding for each of *things*; each takes up to about a second for every driver that could be meant."""
    for thing in things:
        named = next((entry for entry in drivers if thing.usb_id and thing.usb_id in entry.usb_ids), None)
        asked = _asked(thing, clock, open_link, drivers) if thing.link_kind is LinkKind.BYTES else None
        if asked is not None and asked.ground is not Ground.NONE:
            yield asked
        elif named is not None:
            yield Finding(thing, Ground.USB_ID, thing.link, named.name)
        else:
            yield Finding(thing, Ground.NONE, thing.link)


def _asked(
    thing: Plugged, clock: Clock, open_link: Callable[[str, Clock], Link], drivers: tuple[DriverEntry, ...]
) -> Finding:
    """What *thing* answers on its line; the drivers that know its USB id ask first."""
    for driver in sorted(drivers, key=lambda entry: thing.usb_id not in entry.usb_ids):
        for options in driver.probe_lines if driver.link_kind is LinkKind.BYTES else ():
            url = f"{thing.link}?{options}" if options else thing.link
            try:
                link = open_link(url, clock)
            except (DeviceLost, DeviceFault):
                return Finding(thing, Ground.IN_USE, thing.link)
            try:
                identity = driver.prober()(link, clock)
            except (DeviceLost, DeviceFault):
                identity = None
            finally:
                link.close()
            if identity is not None:
                return Finding(thing, Ground.ANSWER, url, driver.name, identity)
    return Finding(thing, Ground.NONE, thing.link)
