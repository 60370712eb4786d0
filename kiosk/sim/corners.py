"""What else stands at the terminal: a printer, a card terminal, a wallet in a reader's hand, the chute of a book drop.

Each corner of the table has verbs of its own on the control socket, and tells its part of the state:

    tear                                   the paper off the printer -> "lines" [...]
    load    [lines]                        a new roll into it
    card    choice                         what is done with cards at the card terminal from now on (`CardChoice`, none)
    wallet  how [key]                      "pay" or "decline" the newest QR code, or the payment "key"
    insert  thing [also]                   a thing, or two pushed in as one, into the chute
    pull-out                               what lies in the chute
    bin     how                            "full", or "emptied" again

State: "paper" is the text of each line that hangs out; "card" the choice; "money" {"card" [...], "qr" [...]}, the
payments as the far ends know them, amounts in the smallest units; "chute" the thing that lies there (or ""), "bins"
what fell where, "is_full" whether the bin below is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from drivers.sim.book_drop import BookDropFarEnd
from drivers.sim.escpos_printer import EscposPrinterFarEnd
from drivers.sim.obid_reader import ObidReader
from drivers.sim.qr_backend import QrBackendFarEnd
from drivers.sim.zvt_terminal import ZvtTerminalFarEnd
from kiosk.sim.control import Answer, CannotBeDone
from kiosk.sim.things import Thing

LINES_MAX = 10_000
Verb = Callable[[Mapping[str, Any]], Answer]


class Corner(Protocol):
    """A part of the table: *verbs* are what can be done there."""

    verbs: Mapping[str, Verb]

    def state(self) -> Answer:
        """What stands in the table's state beside everything else."""


class PrinterCorner:
    """The printer, and the paper that hangs out of it."""

    def __init__(self, printer: EscposPrinterFarEnd) -> None:
        self._printer = printer
        self.verbs: Mapping[str, Verb] = {"tear": self._tear, "load": self._load}

    def state(self) -> Answer:
        """See `Corner.state`."""
        return {"paper": [line.text for line in self._printer.paper]}

    def _tear(self, _: Mapping[str, Any]) -> Answer:
        return {"lines": [line.text for line in self._printer.tear_off()]}

    def _load(self, request: Mapping[str, Any]) -> Answer:
        lines = request.get("lines", 1000)
        if not isinstance(lines, int) or isinstance(lines, bool) or not 0 <= lines <= LINES_MAX:
            raise CannotBeDone(f"a roll has 0 to {LINES_MAX} lines")
        self._printer.load(lines)
        return {}


class TillCorner:
    """A card terminal with somebody in front of it, and the wallet with which QR codes are paid."""

    def __init__(self, terminal: ZvtTerminalFarEnd, backend: QrBackendFarEnd) -> None:
        self._terminal = terminal
        self._backend = backend
        self.verbs: Mapping[str, Verb] = {"card": self._show, "wallet": self._hold}

    def state(self) -> Answer:
        """See `Corner.state`."""
        terminal, backend = self._terminal, self._backend
        taken = [{"minor": one.minor, "is_reversed": one.is_reversed} for one in tuple(terminal.authorised)]
        orders = [
            {
                "key": one.key,
                "minor": one.minor,
                "state": one.state,
                "taken": one.taken,
                "given_back": one.given_back,
            }
            for one in tuple(backend.orders.values())
        ]
        card = "none" if terminal.card is None else terminal.card.value
        return {"card": card, "money": {"card": taken, "qr": orders}}

    def _show(self, request: Mapping[str, Any]) -> Answer:
        try:
            self._terminal.show(str(request.get("choice")))
        except ValueError as error:
            raise CannotBeDone(str(error)) from error
        return {}

    def _hold(self, request: Mapping[str, Any]) -> Answer:
        hands = {"pay": self._backend.pay, "decline": self._backend.decline}
        how, key = request.get("how"), request.get("key", "")
        if not isinstance(how, str) or how not in hands or not isinstance(key, str):
            raise CannotBeDone(f"with a wallet one can {', '.join(hands)}")
        try:
            return {"key": hands[how](key).key}
        except ValueError as error:
            raise CannotBeDone(str(error)) from error


class ChuteCorner:
    """The chute of a book drop, with the pad's antenna in it: what lies there is read there, until it fell."""

    def __init__(self, things: Sequence[Thing], drop: BookDropFarEnd, reader: ObidReader) -> None:
        self._things = {thing.id: thing for thing in things}
        self._drop = drop
        self._reader = reader
        self._inside: dict[str, tuple[Thing, ...]] = {}
        drop.fell = self._leave
        self.verbs: Mapping[str, Verb] = {
            "insert": self._insert,
            "pull-out": self._pull_out,
            "bin": self._change_bin,
        }

    def state(self) -> Answer:
        """See `Corner.state`."""
        with self._drop.lock:
            lying = self._drop.in_front or ""
            bins = {name: list(there) for name, there in self._drop.bins.items()}
            return {"chute": lying, "bins": bins, "is_full": self._drop.is_full}

    def _insert(self, request: Mapping[str, Any]) -> Answer:
        names = [request.get("thing"), *([request["also"]] if "also" in request else [])]
        found = [self._things.get(name) for name in names if isinstance(name, str)]
        inside = tuple(thing for thing in found if thing is not None and thing.kind != "card")
        if len(inside) < len(names):
            raise CannotBeDone("there is no such thing on the shelf that could be dropped")
        with self._drop.lock:
            try:
                self._drop.insert(inside[0].id)
            except ValueError as error:
                raise CannotBeDone(str(error)) from error
            self._inside[inside[0].id] = inside
            self._reader.lay(*(tag for thing in inside for tag in thing.tags))
        return {}

    def _pull_out(self, _: Mapping[str, Any]) -> Answer:
        with self._drop.lock:
            lying = self._drop.take_out()
            if lying is None:
                raise CannotBeDone("nothing lies in the chute")
            self._leave(lying)
        return {}

    def _change_bin(self, request: Mapping[str, Any]) -> Answer:
        how = request.get("how")
        if how not in ("full", "emptied"):
            raise CannotBeDone("a bin can be full or emptied")
        with self._drop.lock:
            self._drop.is_full = how == "full"
        return {}

    def _leave(self, lying: str) -> None:
        """What was put in with *lying*, which fell or is taken out, is out of the antenna's reach."""
        self._reader.take(*(tag.uid for thing in self._inside.pop(lying, ()) for tag in thing.tags))
