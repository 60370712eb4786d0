"""Runs far ends until the process is told to end: one device alone, or the whole table."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drivers.link import Clock, SettingsError
from drivers.link.clock import RealClock
from drivers.sim import FAR_ENDS, FarEnd, far_end_class
from drivers.sim.book_drop import BookDropFarEnd
from drivers.sim.bookcheck import BookCheckFarEnd
from drivers.sim.card_serving import CardServing
from drivers.sim.escpos_printer import EscposPrinterFarEnd
from drivers.sim.obid_reader import ObidReader
from drivers.sim.qr_backend import QrBackendFarEnd
from drivers.sim.remote import ServedControl, ServedKeys, ServedLines
from drivers.sim.scanner import ScannerFarEnd
from drivers.sim.serve import Serving, serve_pty, serve_tcp
from drivers.sim.zvt_terminal import ZvtTerminalFarEnd
from kiosk.engine.parent import Parent
from kiosk.sim.control import ControlSocket
from kiosk.sim.corners import ChuteCorner, Corner, PrinterCorner, TillCorner
from kiosk.sim.hands import Hands
from kiosk.sim.loop import Loop
from kiosk.sim.network import Network
from kiosk.sim.table import Table
from kiosk.sim.things import Thing, demo_things
from kiosk.sim.words import Words

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class TablePlan:
    """Where the table is served: ptys and the control socket in *folder*, a card reader that listens at *card_port*.

    *pad_is_tcp* serves the pad as readers with Ethernet are: advanced frames, over TCP.  *server* is where the cuttable
    network leads, *network_port* where it begins (0: a free port); None: no network.  With *has_drop* the pad is the
    antenna in the chute of a book drop.
    """

    folder: Path
    card_port: int
    pad_is_tcp: bool = False
    server: tuple[str, int] | None = None
    network_port: int = 0
    has_drop: bool = False


def names() -> tuple[tuple[str, str], ...]:
    """Name and summary of all that `run_one` serves."""
    return tuple((entry.name, entry.summary) for entry in FAR_ENDS if entry.speaks != "apdu")


def run_one(name: str, path: Path | None, port: int | None, say: Say, parent_pid: int = 0) -> None:
    """Serves the far end *name* on a pty that *path* leads to, or on TCP *port*; says one JSON line, then blocks.

    What is written to its standard input is what a person does to it (`hands.py`); each line is answered by one of
    JSON.  Raises `SettingsError` for an unknown name and `OSError` for a place that cannot be had.
    """
    entry = next((entry for entry in FAR_ENDS if entry.name == name), None)
    if entry is not None and entry.speaks == "apdu":
        raise SettingsError(f"far end {name!r} is a card; it is laid on a reader by the table")
    far_end = far_end_class(name)(RealClock())
    served, prefix = _served(far_end, "" if entry is None else entry.speaks)
    with ExitStack() as closing:
        serving = serve_pty(served, path) if path is not None else serve_tcp(served, port=port or 0)
        closing.callback(serving.close)
        loop = _loop(closing)
        stop = _Stop(loop, closing, Parent(parent_pid) if parent_pid else None)
        say(json.dumps({"ready": True, "url": prefix + serving.url}))
        Words(loop, Hands(far_end).do, say).listen()
        while not stop.is_asked:
            loop.turn(1.0)


def _served(far_end: Any, speaks: str) -> tuple[FarEnd, str]:
    """*far_end* as it is put on a byte stream, and what stands in front of that stream's URL."""
    match speaks:
        case "control":
            return ServedControl(far_end), "usb+"
        case "keys":
            return ServedKeys(far_end), "input+"
        case "lines":
            return ServedLines(far_end), "gpio+"
        case _:
            return far_end, ""


def run_table(plan: TablePlan, say: Say, parent_pid: int = 0) -> None:
    """Serves the demo's whole table; says one JSON line with every URL, then blocks until SIGTERM or SIGINT.

    Raises `OSError` for a place that cannot be had.
    """
    clock = RealClock()
    with ExitStack() as closing:
        loop = _loop(closing)
        stop = _Stop(loop, closing, Parent(parent_pid) if parent_pid else None)
        plan.folder.mkdir(parents=True, exist_ok=True)
        devices = _Devices(clock)
        lines = devices.served(plan, closing)
        card_place = CardServing("127.0.0.1", plan.card_port)
        closing.callback(card_place.close)
        network = None if plan.server is None else Network(loop, plan.server, port=plan.network_port)
        if network is not None:
            closing.callback(network.close)
        things = demo_things()
        table = Table(
            things,
            reader=devices.reader,
            scanner=devices.scanner,
            strip_place=devices.strips,
            card_place=card_place,
            plugs=lines,
            network=network,
            clock=clock,
            corners=devices.corners(plan, things),
        )
        path = plan.folder / "control"
        control = ControlSocket(loop, path, table.answer)
        closing.callback(control.close)
        say(json.dumps(_whereabouts(plan, lines, network, path)))
        while not stop.is_asked:
            loop.turn(1.0)


class _Devices:
    """The far ends of the table."""

    def __init__(self, clock: Clock) -> None:
        self.reader = ObidReader(clock)
        self.scanner = ScannerFarEnd(clock)
        self.strips = BookCheckFarEnd(clock)
        self.drop = BookDropFarEnd(clock)
        # A slow belt: a machine that draws a picture meanwhile still sees the item pass.
        self.drop.behind_seconds = 1.0
        self._printer = EscposPrinterFarEnd(clock)
        self._card_terminal = ZvtTerminalFarEnd(clock)
        self._backend = QrBackendFarEnd(clock)

    def served(self, plan: TablePlan, closing: ExitStack) -> dict[str, Serving]:
        """Serves each of them, until *closing*; by the names that they have on the table."""
        pad = serve_tcp(self.reader) if plan.pad_is_tcp else serve_pty(self.reader, plan.folder / "pad")
        lines = {"pad": pad}
        closing.callback(pad.close)
        served: dict[str, Callable[[], Serving]] = {
            "scanner": lambda: serve_pty(self.scanner, plan.folder / "scanner"),
            "strip-unit": lambda: serve_tcp(ServedControl(self.strips)),
            "printer": lambda: serve_tcp(self._printer),
            "card-terminal": lambda: serve_tcp(self._card_terminal),
            "payment-backend": lambda: serve_tcp(self._backend),
        }
        if plan.has_drop:
            served["book-drop"] = lambda: serve_tcp(ServedLines(self.drop))
        for name, serve in served.items():
            lines[name] = serve()
            closing.callback(lines[name].close)
        return lines

    def corners(self, plan: TablePlan, things: Sequence[Thing]) -> list[Corner]:
        """What can be done at those that more can be done at than pulling the cable."""
        corners: list[Corner] = [
            PrinterCorner(self._printer),
            TillCorner(self._card_terminal, self._backend),
        ]
        if plan.has_drop:
            corners.append(ChuteCorner(things, self.drop, self.reader))
        return corners


_PREFIXES = {"strip-unit": "usb+", "book-drop": "gpio+"}


def _whereabouts(
    plan: TablePlan, lines: Mapping[str, Serving], network: Network | None, control: Path
) -> dict[str, Any]:
    urls = {name.replace("-", "_"): _PREFIXES.get(name, "") + line.url for name, line in lines.items()}
    return {
        "ready": True,
        **urls,
        "card_reader": f"vpcd://127.0.0.1:{plan.card_port}",
        "network": None if network is None else f"tcp://127.0.0.1:{network.port}",
        "control": str(control.absolute()),
    }


def _loop(closing: ExitStack) -> Loop:
    loop = Loop()
    closing.callback(loop.close)
    return loop


class _Stop:
    """Whether SIGTERM or SIGINT came, which wakes the loop, or *parent* is gone."""

    def __init__(self, loop: Loop, closing: ExitStack, parent: Parent | None) -> None:
        self._was_signalled = False
        self._parent = parent
        self._read, self._write = socket.socketpair()
        closing.callback(self._read.close)
        closing.callback(self._write.close)
        self._write.setblocking(False)
        loop.watch(self._read, self._ask)
        for number in (signal.SIGTERM, signal.SIGINT):
            closing.callback(signal.signal, number, signal.signal(number, self._signalled))

    @property
    def is_asked(self) -> bool:
        """Whether to end now."""
        return self._was_signalled or (self._parent is not None and self._parent.is_gone)

    def _signalled(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            os.write(self._write.fileno(), b"\0")

    def _ask(self) -> None:
        self._read.recv(64)
        self._was_signalled = True
