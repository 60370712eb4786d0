"""The devices of a terminal, and a pump for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from drivers.barcode import Scanner
from drivers.card import CardReader
from drivers.em import StripUnit
from drivers.gpio import BookDrop
from drivers.link import Clock
from drivers.printer import Document, Printer
from drivers.rfid import Pad
from kiosk.engine.inbox import Inbox
from kiosk.engine.logs import Log
from kiosk.engine.pump import DevicePump, Pump, Work
from kiosk.runtime import pads, strips
from kiosk.runtime.drops import DropWork
from kiosk.runtime.printers import PrinterWork
from kiosk.runtime.scanners import CardWork, ScannerWork
from kiosk.wording.paper.printing import Paper
from kiosk.workflow.effects import OpenDrop, PrintSlip
from kiosk.workflow.events import Device, DeviceDown, DeviceUp, Event
from kiosk.workflow.settings import SessionSettings
from kiosk.workflow.slips import Printable

D = TypeVar("D", Pad, Scanner, CardReader, Printer, StripUnit, BookDrop)


@dataclass(frozen=True, slots=True)
class Devices:
    """How each device is opened; None where the terminal has none.

    *document* makes what is printed into a document; None: by our own templates.
    """

    pad: Callable[[], Pad] | None = None
    scanner: Callable[[], Scanner] | None = None
    card_reader: Callable[[], CardReader] | None = None
    printer: Callable[[], Printer] | None = None
    strip_unit: Callable[[], StripUnit] | None = None
    book_drop: Callable[[], BookDrop] | None = None
    document: Callable[[Printable], Document] | None = None


@dataclass(frozen=True, slots=True)
class DevicePumps:
    """*pumps* of the devices there are, and where their orders go: None where there is no such device."""

    pumps: tuple[Pump, ...]
    pad_orders: Inbox[pads.Order] | None
    strip_orders: Inbox[strips.Order] | None
    printer_orders: Inbox[PrintSlip] | None
    drop_orders: Inbox[OpenDrop] | None


def device_pumps(
    devices: Devices,
    settings: SessionSettings,
    post: Callable[[Event], None],
    *,
    clock: Clock,
    log: Log,
    idle: Callable[[float], None] | None,
) -> DevicePumps:
    """A pump for each of *devices*; *post* gets what they see and do."""

    def pump(device: Device, open_device: Callable[[], D], work: Work[D]) -> Pump:
        return DevicePump(
            device.value,
            open_device,
            work,
            came=lambda: post(DeviceUp(device)),
            went=lambda: post(DeviceDown(device)),
            clock=clock,
            log=log,
        )

    pumps: list[Pump] = []
    pad_orders: Inbox[pads.Order] | None = None
    printer_orders: Inbox[PrintSlip] | None = None
    if devices.pad is not None:
        pad_orders = Inbox(idle=idle)
        stable = settings.stable_readings
        work = pads.PadWork(pad_orders, post, stable_readings=stable, clock=clock, log=log)
        pumps.append(pump(Device.PAD, devices.pad, work))
    if devices.scanner is not None:
        pumps.append(pump(Device.SCANNER, devices.scanner, ScannerWork(post)))
    if devices.card_reader is not None:
        pumps.append(pump(Device.CARD_READER, devices.card_reader, CardWork(post)))
    if devices.printer is not None:
        printer_orders = Inbox(idle=idle)
        printing = PrinterWork(
            printer_orders,
            devices.document or Paper(staff=settings.language).document,
            post,
            clock=clock,
            log=log,
        )
        pumps.append(pump(Device.PRINTER, devices.printer, printing))
    strip_orders: Inbox[strips.Order] | None = None
    if devices.strip_unit is not None:
        strip_orders = Inbox(idle=idle)
        treating = strips.StripWork(strip_orders, post, log=log)
        pumps.append(pump(Device.STRIP_UNIT, devices.strip_unit, treating))
    drop_orders: Inbox[OpenDrop] | None = None
    if devices.book_drop is not None:
        drop_orders = Inbox(idle=idle)
        pumps.append(pump(Device.BOOK_DROP, devices.book_drop, DropWork(drop_orders, post, log=log)))
    return DevicePumps(tuple(pumps), pad_orders, strip_orders, printer_orders, drop_orders)
