"""A device that is swapped while the terminal runs is used again: real drivers and pumps, another unit on the plug.

The pumps are those of the terminal, turned by hand; the units are far ends on links in memory, and on pseudo-terminals
whose path leads, as a name made by udev does, to whatever is plugged in there now.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from drivers.barcode import keyboard_scanner, serial_scanner
from drivers.card import pcsc_card
from drivers.em import Deed, bookcheck_unit
from drivers.em.bookcheck_settings import BookCheckSettings
from drivers.link import Clock, DeviceLost
from drivers.link.clock import RealClock
from drivers.link.memory import FarEnd, MemoryLink, VirtualClock
from drivers.link.memory_card import MemoryApduLink
from drivers.link.memory_control import MemoryControlLink
from drivers.link.memory_keys import MemoryKeysLink
from drivers.link.urls import open_link
from drivers.printer import escpos_printer
from drivers.rfid import obid_pad
from drivers.sim.bookcheck import BookCheckFarEnd
from drivers.sim.escpos_printer import EscposPrinterFarEnd
from drivers.sim.keyboard_scanner import KeyboardScannerFarEnd
from drivers.sim.obid_reader import ObidReader
from drivers.sim.scanner import ScannerFarEnd
from drivers.sim.serve import serve_pty
from drivers.sim.shelf import item_tag
from drivers.sim.strip import plain_item
from kiosk.runtime.devices import DevicePumps, Devices, device_pumps
from kiosk.sim.cards import library_card
from kiosk.workflow.effects import PrintSlip, TreatStrip
from kiosk.workflow.events import (
    CardCame,
    Device,
    DeviceDown,
    DeviceUp,
    Event,
    PadRead,
    Scanned,
    SlipPrinted,
    StripTreated,
)
from kiosk.workflow.slips import Slip
from kiosk.workflow.view import Language, Trouble
from sync.central import demo
from sync.entries import EntryKey, item_id
from tests.kit.recording import KeptLog
from tests.kit.rig import SETTINGS

CODES = ("30234000517861", "33191000105864")
BOOKS = demo.ITEMS_FREE
AWAY_SECONDS = 40.0


@dataclass
class Unit:
    """One piece of hardware: *open* is what its driver does, *use* what a reader or the desk does with it."""

    open: Callable[[], Any]
    pull: Callable[[], None]
    use: Callable[[DevicePumps], None]
    is_used: Callable[[list[Event]], bool]
    was_left_alone: Callable[[], bool] = lambda: True


Wire = Callable[[FarEnd], tuple[Callable[[], Any], Callable[[], None], Clock]]
"""Puts a far end on a wire: what opens a link to it, what pulls it, and the clock of its driver."""


def in_memory(clock: VirtualClock) -> Wire:
    """Wires without a system in between; pulled, the link that is open breaks."""

    def wire(far_end: FarEnd) -> tuple[Callable[[], Any], Callable[[], None], Clock]:
        links: list[MemoryLink] = []

        def opened() -> MemoryLink:
            links.append(MemoryLink(far_end, clock))
            return links[-1]

        return opened, lambda: links[-1].unplug(), clock

    return wire


def scanner(number: int, wire: Wire) -> Unit:
    far_end = ScannerFarEnd(RealClock())
    link, pull, clock = wire(far_end)

    def opened() -> Any:
        return serial_scanner.open(serial_scanner.SerialScannerSettings(), link(), clock)

    return Unit(opened, pull, lambda _: far_end.scan(CODES[number]), lambda told: is_scanned(told, number))


def is_scanned(told: list[Event], number: int) -> bool:
    scans = [event.scan.text.reveal() for event in told if isinstance(event, Scanned)]
    return scans[-1:] == [CODES[number]]


def pad(number: int, wire: Wire) -> Unit:
    reader = ObidReader(VirtualClock())
    link, pull, clock = wire(reader)

    def opened() -> Any:
        return obid_pad.open(obid_pad.ObidPadSettings(), link(), clock)

    def is_read(told: list[Event]) -> bool:
        tag = item_tag(BOOKS[number])
        return any(
            isinstance(event, PadRead) and [one.uid for one in event.tags] == [tag.uid] for event in told
        )

    return Unit(opened, pull, lambda _: reader.lay(item_tag(BOOKS[number])), is_read)


def printer(number: int, wire: Wire) -> Unit:
    far_end = EscposPrinterFarEnd(VirtualClock())
    link, pull, clock = wire(far_end)
    slip = Slip(
        f"K-{number}",
        item_id(BOOKS[number]),
        Trouble.RELEASE_FAILED_ASK_STAFF,
        datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
        Language.ENGLISH,
        "Example Library",
    )

    def opened() -> Any:
        return escpos_printer.open(escpos_printer.EscposPrinterSettings(), link(), clock)

    def use(pumps: DevicePumps) -> None:
        assert pumps.printer_orders is not None
        pumps.printer_orders.post(PrintSlip(number, slip))

    return Unit(
        opened,
        pull,
        use,
        lambda told: (
            SlipPrinted(number) in told and any(BOOKS[number] in repr(line) for line in far_end.paper)
        ),
        lambda: far_end.paper == (),
    )


def keyboard(number: int, clock: VirtualClock) -> Unit:
    far_end = KeyboardScannerFarEnd(clock)
    links: list[MemoryKeysLink] = []

    def opened() -> Any:
        links.append(MemoryKeysLink(far_end, clock))
        return keyboard_scanner.open(keyboard_scanner.KeyboardScannerSettings(), links[-1], clock)

    return Unit(
        opened,
        lambda: links[-1].unplug(),
        lambda _: far_end.scan(CODES[number]),
        lambda told: is_scanned(told, number),
    )


def card_reader(number: int, clock: VirtualClock) -> Unit:
    links: list[MemoryApduLink] = []
    patron = (demo.READER, f"{demo.READER[:-1]}9")[number]

    def opened() -> Any:
        links.append(MemoryApduLink(clock))
        settings = pcsc_card.PcscCardSettings(source=pcsc_card.NumberSource.NDEF)
        return pcsc_card.open(settings, links[-1], clock)

    def is_shown(told: list[Event]) -> bool:
        return any(isinstance(event, CardCame) and event.number.reveal() == patron for event in told)

    return Unit(
        opened, lambda: links[-1].unplug(), lambda _: links[-1].put(library_card(patron, clock)), is_shown
    )


def strip_unit(number: int, clock: VirtualClock) -> Unit:
    far_end = BookCheckFarEnd(clock)
    links: list[MemoryControlLink] = []
    key = EntryKey("e" * 16, 1, number + 1, 0)

    def opened() -> Any:
        links.append(MemoryControlLink(far_end, clock))
        return bookcheck_unit.open(BookCheckSettings(), links[-1], clock)

    def use(pumps: DevicePumps) -> None:
        assert pumps.strip_orders is not None
        pumps.strip_orders.post(TreatStrip(key, Deed.DESENSITISE))
        far_end.slide(plain_item(BOOKS[number]), after_seconds=5.0)

    def is_treated(told: list[Event]) -> bool:
        return any(isinstance(event, StripTreated) and event.key == key for event in told)

    return Unit(opened, lambda: links[-1].unplug(), use, is_treated, lambda: far_end.coil.pulses == [])


@dataclass
class Cabinet:
    """One device of a terminal with its pump, and what is on the plug that its name leads to."""

    device: Device
    unit: Unit | None = None
    told: list[Event] = field(default_factory=list)
    clock: VirtualClock = field(default_factory=VirtualClock)

    def __post_init__(self) -> None:
        self.log = KeptLog()
        name = {Device.CARD_READER: "card_reader", Device.STRIP_UNIT: "strip_unit"}.get(
            self.device, self.device.value
        )
        opened: dict[str, Any] = {name: self.open}
        devices = Devices(**opened)
        self.pumps = device_pumps(
            devices, SETTINGS, self.told.append, clock=self.clock, log=self.log, idle=self.clock.wait
        )

    def open(self) -> Any:
        if self.unit is None:
            raise DeviceLost("no such device")
        return self.unit.open()

    def turn_until(self, condition: Callable[[], bool]) -> None:
        deadline = RealClock().monotonic() + 20
        until = self.clock.monotonic() + 120
        while not condition():
            assert RealClock().monotonic() < deadline, f"not in time: {self.told}"
            assert self.clock.monotonic() < until, f"not in virtual time: {self.told}"
            for pump in self.pumps.pumps:
                pump.turn()

    def told_of(self, kind: type[DeviceUp] | type[DeviceDown]) -> int:
        return sum(isinstance(event, kind) for event in self.told)

    def use(self, unit: Unit) -> None:
        """Has *unit* used, a second after it came, until the terminal has heard what came of it."""
        ready_at = self.clock.monotonic() + (1.0 if self.device is Device.STRIP_UNIT else 0.0)
        self.turn_until(lambda: self.clock.monotonic() >= ready_at)
        unit.use(self.pumps)
        self.turn_until(lambda: unit.is_used(self.told))

    def swap(self, old: Unit, fresh: Callable[[], Unit]) -> Unit:
        """Pulls *old*, leaves the plug empty for a while, and plugs in a *fresh* unit."""
        old.pull()
        self.unit = None
        self.turn_until(lambda: self.told_of(DeviceDown) > 0)
        empty_until = self.clock.monotonic() + AWAY_SECONDS
        self.turn_until(lambda: self.clock.monotonic() >= empty_until)
        self.unit = fresh()
        self.turn_until(lambda: self.told_of(DeviceUp) == 2)
        return self.unit


IN_MEMORY: dict[str, tuple[Device, Callable[[int, VirtualClock], Unit]]] = {
    "scanner": (Device.SCANNER, lambda number, clock: scanner(number, in_memory(clock))),
    "scanner that types": (Device.SCANNER, keyboard),
    "pad": (Device.PAD, lambda number, clock: pad(number, in_memory(clock))),
    "card reader": (Device.CARD_READER, card_reader),
    "printer": (Device.PRINTER, lambda number, clock: printer(number, in_memory(clock))),
    "strip unit": (Device.STRIP_UNIT, strip_unit),
}


@pytest.mark.parametrize(("device", "unit"), IN_MEMORY.values(), ids=IN_MEMORY.keys())
def test_another_unit_on_the_same_plug_is_used(
    device: Device, unit: Callable[[int, VirtualClock], Unit]
) -> None:
    """Used, pulled, away for 40 seconds, replaced by another unit: that one is used, and nothing was restarted."""
    cabinet = Cabinet(device)
    first = cabinet.unit = unit(0, cabinet.clock)
    cabinet.turn_until(lambda: cabinet.told_of(DeviceUp) == 1)
    cabinet.use(first)

    second = cabinet.swap(first, lambda: unit(1, cabinet.clock))

    assert not second.is_used(cabinet.told)
    assert second.was_left_alone()
    cabinet.use(second)
    assert (cabinet.told_of(DeviceUp), cabinet.told_of(DeviceDown)) == (2, 1)


@pytest.mark.parametrize(("device", "unit"), IN_MEMORY.values(), ids=IN_MEMORY.keys())
def test_a_device_that_comes_and_goes_is_told_of_each_time(
    device: Device, unit: Callable[[int, VirtualClock], Unit]
) -> None:
    """A loose plug is as many losses and returns as it is, and in the end the device works."""
    cabinet = Cabinet(device)
    for turn in range(1, 6):
        cabinet.unit = unit(0, cabinet.clock)
        cabinet.turn_until(lambda turn=turn: cabinet.told_of(DeviceUp) == turn)  # type: ignore[misc]
        cabinet.unit.pull()
        cabinet.unit = None
        cabinet.turn_until(lambda turn=turn: cabinet.told_of(DeviceDown) == turn)  # type: ignore[misc]
    last = cabinet.unit = unit(1, cabinet.clock)
    cabinet.turn_until(lambda: cabinet.told_of(DeviceUp) == 6)
    cabinet.use(last)


ON_A_LINE: dict[str, tuple[Device, Callable[[int, Wire], Unit]]] = {
    "scanner": (Device.SCANNER, scanner),
    "pad": (Device.PAD, pad),
    "printer": (Device.PRINTER, printer),
}


@pytest.fixture
def plug(tmp_path: Path) -> Iterator[Wire]:
    """A plug whose name is a link below *tmp_path*; each unit on it is a new pseudo-terminal with another number."""
    numbers: list[str] = []
    with ExitStack() as closing:

        def wire(far_end: FarEnd) -> tuple[Callable[[], Any], Callable[[], None], Clock]:
            serving = serve_pty(far_end, tmp_path / "device")
            while (number := str((tmp_path / "device").readlink())) in numbers:
                # The kernel gives the same one again: it is somebody else's now.
                serving.close()
                for descriptor in os.openpty():
                    closing.callback(os.close, descriptor)
                serving = serve_pty(far_end, tmp_path / "device")
            closing.callback(serving.close)
            numbers.append(number)
            return lambda: open_link(serving.url, RealClock()), serving.close, RealClock()

        yield wire


@pytest.mark.parametrize(("device", "unit"), ON_A_LINE.values(), ids=ON_A_LINE.keys())
def test_a_unit_that_comes_up_under_another_number_keeps_its_name(
    plug: Wire, device: Device, unit: Callable[[int, Wire], Unit]
) -> None:
    """On a real line whose name leads to a new device file after the swap, the new unit is used like the old one."""
    cabinet = Cabinet(device)
    first = cabinet.unit = unit(0, plug)
    cabinet.turn_until(lambda: cabinet.told_of(DeviceUp) == 1)
    cabinet.use(first)

    second = cabinet.swap(first, lambda: unit(1, plug))

    cabinet.use(second)
    assert (cabinet.told_of(DeviceUp), cabinet.told_of(DeviceDown)) == (2, 1)


def test_a_pump_that_never_opens_again_would_be_seen() -> None:
    """The proof above can fail: with an opener that keeps what it opened first, the new unit is never used."""
    cabinet = Cabinet(Device.SCANNER)
    first = scanner(0, in_memory(cabinet.clock))
    kept = first.open()
    first.open = lambda: kept
    cabinet.unit = first
    cabinet.turn_until(lambda: cabinet.told_of(DeviceUp) == 1)
    first.pull()
    with pytest.raises(AssertionError, match="not in virtual time"):
        cabinet.turn_until(lambda: cabinet.told_of(DeviceUp) >= 1 and is_scanned(cabinet.told, 1))
