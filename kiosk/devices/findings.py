"""What each thing that is plugged in turns out to be: by its USB id, else by asking it what only its kind answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from drivers.catalog import DRIVERS, DriverEntry, LinkKind
from drivers.link import Clock, DeviceFault, DeviceLost
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


Openers = Mapping[LinkKind, Callable[[str, Clock], Any]]
"""What opens a link of each kind that may be asked on."""


def findings(
    things: Iterable[Plugged], clock: Clock, openers: Openers, drivers: tuple[DriverEntry, ...] = DRIVERS
) -> Iterator[Finding]:
    """A finding for each of *things*; each takes up to about a second for every driver that could be meant.

    On a byte stream every driver of such streams may ask; a USB device is asked by its own driver alone.
    """
    for thing in things:
        named = [entry for entry in drivers if thing.usb_id and thing.usb_id in entry.usb_ids]
        others = (
            [entry for entry in drivers if entry not in named] if thing.link_kind is LinkKind.BYTES else []
        )
        asked = _asked(thing, clock, openers, [*named, *others])
        if asked.ground is Ground.NONE and named:
            yield Finding(thing, Ground.USB_ID, thing.link, named[0].name)
        else:
            yield asked


def _asked(thing: Plugged, clock: Clock, openers: Openers, drivers: Sequence[DriverEntry]) -> Finding:
    """What *thing* answers on its line to the first of *drivers* that knows the answer."""
    is_asked = thing.link_kind in openers
    for driver in drivers:
        for options in driver.probe_lines if is_asked and driver.link_kind is thing.link_kind else ():
            url = f"{thing.link}?{options}" if options else thing.link
            try:
                link = openers[thing.link_kind](url, clock)
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
