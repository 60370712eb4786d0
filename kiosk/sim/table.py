"""The table: what lies on the pad and the card reader, what is plugged in, and all that can be done about it.

The verbs of the control socket, each an object with "do" and what stands beside it:

    state                                  -> "things" [...], "devices" {name: plugged}, "network" text
    put     thing [part]                   a book, or one part of it (from 1), or a bare tag onto the pad
    take    thing [part]                   off the pad
    show    thing                          a card onto the card reader, in place of one that lies there
    hide                                   the card off the reader
    scan    thing | code                   the thing's barcode, or any code, before the scanner
    slide   thing                          a book with a strip over the strip unit
    unplug  device / plug device           one of "devices"
    network how                            "whole", "cut" (broken and refused) or "mute" (nothing comes through)

Printer, card terminal, wallet and chute are corners of the table with verbs of their own (`corners.py`).

A thing in "things" has "id", "kind" (book, tag, card), "title", "number", "note", "place" (shelf, pad, reader), and for
what has tags "parts" and "tags": a list of {"uid", "afi", "on_pad"}.  What has a strip has "strip": "active",
"inactive", or "erased" for a tape that a coil has destroyed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from drivers.link import Clock
from drivers.sim.card_serving import CardServing
from drivers.sim.obid_reader import ObidReader
from drivers.sim.scanner import ScannerFarEnd
from drivers.sim.strip import StripItem
from drivers.sim.tag import SimulatedTag
from kiosk.sim.cards import library_card, strange_card
from kiosk.sim.control import Answer, CannotBeDone
from kiosk.sim.corners import Corner
from kiosk.sim.network import Network
from kiosk.sim.things import CARD, Thing

CODE_LENGTH_MAX = 200
REACH_SECONDS = 0.5
SLIDE_SECONDS = 1.5
"""As slowly as somebody moves a book who has never done it: a busy machine has time to watch."""


class Plug(Protocol):
    """Something on a cable."""

    @property
    def is_plugged(self) -> bool:
        """Whether a driver can reach it."""

    def unplug(self) -> None:
        """Pulls the cable."""

    def replug(self) -> None:
        """Puts it back.  Raises `OSError` when its place was taken meanwhile."""


class StripPlace(Protocol):
    """A strip unit as far as a table has to know it."""

    def slide(self, *items: StripItem, after_seconds: float, seconds: float) -> None:
        """Moves *items* over it, together, in *seconds*, *after_seconds* from now."""


class Table:
    """Things, far ends and cables.  *plugs* are the devices that can be unplugged, by name; *corners* are the rest."""

    def __init__(
        self,
        things: Sequence[Thing],
        *,
        reader: ObidReader,
        scanner: ScannerFarEnd,
        strip_place: StripPlace | None,
        card_place: CardServing,
        plugs: Mapping[str, Plug],
        network: Network | None,
        clock: Clock,
        corners: Sequence[Corner] = (),
    ) -> None:
        self._corners = tuple(corners)
        self._things = {thing.id: thing for thing in things}
        self._reader = reader
        self._scanner = scanner
        self._strip_place = strip_place
        self._card_place = card_place
        self._plugs = plugs
        self._network = network
        self._clock = clock
        self._card = ""
        self._network_is = "whole"
        self._verbs: dict[str, Callable[[Mapping[str, Any]], Answer]] = {
            "state": self._state,
            "put": self._put,
            "take": self._take,
            "show": self._show,
            "hide": self._hide,
            "scan": self._scan,
            "slide": self._slide,
            "unplug": lambda request: self._plug(request, is_in=False),
            "plug": lambda request: self._plug(request, is_in=True),
            "network": self._change_network,
        }
        for corner in self._corners:
            self._verbs |= corner.verbs

    def answer(self, request: Mapping[str, Any]) -> Answer:
        """Does what *request* says; raises `CannotBeDone`."""
        verb = self._verbs.get(request["do"])
        if verb is None:
            raise CannotBeDone(f"{request['do']!r} is not known; known are {', '.join(self._verbs)}")
        return verb(request)

    def _state(self, _: Mapping[str, Any]) -> Answer:
        on_pad = {tag.uid for tag in self._reader.tags()}
        told: dict[str, Any] = {
            "things": [self._described(thing, on_pad) for thing in self._things.values()],
            "devices": {name: plug.is_plugged for name, plug in self._plugs.items()},
            "network": self._network_is if self._network is not None else "none",
        }
        for corner in self._corners:
            told |= corner.state()
        return told

    def _described(self, thing: Thing, on_pad: set[Any]) -> dict[str, Any]:
        told: dict[str, Any] = {
            "id": thing.id,
            "kind": thing.kind,
            "title": thing.title,
            "number": thing.number,
            "note": thing.note,
        }
        if thing.kind == CARD:
            return told | {"place": "reader" if self._card == thing.id else "shelf"}
        if thing.item is not None:
            told["strip"] = _strip(thing.item)
        tags = [{"uid": tag.uid, "afi": tag.afi, "on_pad": tag.uid in on_pad} for tag in thing.tags]
        place = "pad" if any(tag["on_pad"] for tag in tags) else "shelf"
        return told | {"place": place, "parts": len(tags), "tags": tags}

    def _put(self, request: Mapping[str, Any]) -> Answer:
        self._reader.lay(*self._tags(request))
        return {}

    def _take(self, request: Mapping[str, Any]) -> Answer:
        self._reader.take(*(tag.uid for tag in self._tags(request)))
        return {}

    def _show(self, request: Mapping[str, Any]) -> Answer:
        thing = self._thing(request)
        if thing.kind != CARD:
            raise CannotBeDone(f"{thing.id} is no card")
        self._card_place.put(
            library_card(thing.number, self._clock) if thing.number else strange_card(self._clock)
        )
        self._card = thing.id
        return {}

    def _hide(self, _: Mapping[str, Any]) -> Answer:
        self._card_place.take()
        self._card = ""
        return {}

    def _scan(self, request: Mapping[str, Any]) -> Answer:
        code = request["code"] if "code" in request else self._thing(request).number
        if not isinstance(code, str) or not code.isascii() or not 0 < len(code) <= CODE_LENGTH_MAX:
            raise CannotBeDone(f"a code is 1 to {CODE_LENGTH_MAX} ASCII characters")
        # Library labels are Codabar; the scanner says so by its AIM identifier.
        self._scanner.scan(code, "F0")
        return {}

    def _slide(self, request: Mapping[str, Any]) -> Answer:
        thing = self._thing(request)
        if thing.item is None:
            raise CannotBeDone(f"{thing.id} has no strip")
        if self._strip_place is None:
            raise CannotBeDone("there is no strip unit on this table")
        self._strip_place.slide(thing.item, after_seconds=REACH_SECONDS, seconds=SLIDE_SECONDS)
        return {}

    def _plug(self, request: Mapping[str, Any], *, is_in: bool) -> Answer:
        plug = self._plugs.get(str(request.get("device")))
        if plug is None:
            raise CannotBeDone(f"a device is one of {', '.join(self._plugs)}")
        if not is_in:
            plug.unplug()
            return {}
        try:
            plug.replug()
        except OSError as error:
            raise CannotBeDone(f"it cannot be plugged in: {error.strerror}") from error
        return {}

    def _change_network(self, request: Mapping[str, Any]) -> Answer:
        if self._network is None:
            raise CannotBeDone("there is no network on this table")
        changes = {"whole": self._network.mend, "cut": self._network.cut, "mute": self._network.mute}
        how = request.get("how")
        if not isinstance(how, str) or how not in changes:
            raise CannotBeDone(f"the network can be {', '.join(changes)}")
        try:
            changes[how]()
        except OSError as error:
            raise CannotBeDone(f"the network cannot be mended: {error.strerror}") from error
        self._network_is = how
        return {}

    def _thing(self, request: Mapping[str, Any]) -> Thing:
        name = request.get("thing")
        thing = self._things.get(name) if isinstance(name, str) else None
        if thing is None:
            raise CannotBeDone("there is no such thing on the shelf")
        return thing

    def _tags(self, request: Mapping[str, Any]) -> tuple[SimulatedTag, ...]:
        thing = self._thing(request)
        if not thing.tags:
            raise CannotBeDone(f"{thing.id} has no tag")
        part = request.get("part")
        if part is None:
            return thing.tags
        if not isinstance(part, int) or not 1 <= part <= len(thing.tags):
            raise CannotBeDone(f"{thing.id} has the parts 1 to {len(thing.tags)}")
        return (thing.tags[part - 1],)


def _strip(item: StripItem) -> str:
    if item.is_erased:
        return "erased"
    return "active" if item.is_active else "inactive"
