"""Printers on USB and by their device files: the same bytes, and the kernel's driver gets its printer back."""

from __future__ import annotations

import os
import tty
from collections.abc import Callable
from pathlib import Path

import pytest

from drivers.link import DeviceLost, Link, SettingsError
from drivers.link.clock import RealClock
from drivers.link.memory import VirtualClock
from drivers.link.urls import check_link, open_link
from drivers.link.usb_printer import UsbPrinterLink, open_usb_printer
from drivers.printer import Document, Paper, Printed, Text, escpos_printer
from drivers.sim.escpos_printer import EscposPrinterFarEnd
from drivers.sim.usb_bus import Plugged, PluggedPrinter, UsbBus

VENDOR, PRODUCT = 0x04B8, 0x0202


class Deaf:
    def control(self, request: int, value: int, index: int, size: int) -> bytes | None:
        return None


def plugged(clock: VirtualClock) -> PluggedPrinter:
    return PluggedPrinter(EscposPrinterFarEnd(clock), VENDOR, PRODUCT)


def opened(clock: VirtualClock, *devices: Plugged, serial: str | None = None) -> UsbPrinterLink:
    return open_usb_printer(VENDOR, PRODUCT, serial, clock, backend=UsbBus(clock, *devices))


@pytest.mark.parametrize("is_held", [False, True])
def test_a_slip_comes_out_and_is_confirmed(is_held: bool) -> None:
    """The real driver prints over bulk transfers and hears that it is done, whether usblp had the printer or not."""
    clock = VirtualClock()
    device = plugged(clock)
    device.is_held = is_held
    printer = escpos_printer.open(escpos_printer.EscposPrinterSettings(), opened(clock, device), clock)

    assert printer.print(Document((Text("x" * 40),) * 60)) is Printed.CONFIRMED
    assert printer.status().paper is Paper.ENOUGH
    printer.close()
    assert isinstance(device.printer, EscposPrinterFarEnd)
    assert len([line for line in device.printer.paper if line.text == "x" * 40]) == 60
    assert (device.is_held, device.handles) == (is_held, 0)


def test_a_printer_without_a_way_back_is_never_called_fine() -> None:
    """It prints, and nothing of that is confirmed."""
    clock = VirtualClock()
    device = plugged(clock)
    device.answers = False
    printer = escpos_printer.open(escpos_printer.EscposPrinterSettings(), opened(clock, device), clock)

    assert printer.print(Document((Text("words"),))) is Printed.NOT_CONFIRMED
    assert not printer.status().is_known


def test_a_device_that_is_no_printer_is_lost() -> None:
    """Another device with these numbers is left alone, and closed."""
    clock = VirtualClock()
    device = Plugged(Deaf(), VENDOR, PRODUCT)

    with pytest.raises(DeviceLost, match="is no printer"):
        opened(clock, device)
    assert device.handles == 0


@pytest.mark.parametrize(
    ("goes_wrong", "sentence"),
    [
        (lambda device: setattr(device, "takes_bytes", False), "5 of 5 bytes not taken in time"),
        (lambda device: device.unplug(), "is not plugged in"),
        (lambda device: setattr(device, "is_held", True), "busy"),
    ],
)
def test_a_printer_that_takes_nothing_is_lost(
    goes_wrong: Callable[[PluggedPrinter], None], sentence: str
) -> None:
    """In time, with what went wrong."""
    clock = VirtualClock()
    device = plugged(clock)
    link = opened(clock, device)
    goes_wrong(device)
    before = clock.monotonic()

    with pytest.raises(DeviceLost, match=f"(?i){sentence}"):
        link.write(b"words", 2.0)
    assert clock.monotonic() - before <= 2.1
    link.close()
    link.close()
    with pytest.raises(DeviceLost, match="is closed"):
        link.write(b"words", 2.0)


def test_one_of_two_printers_is_found_by_its_serial_number() -> None:
    """Without it, which of them is meant is not guessed."""
    clock = VirtualClock()
    devices = [PluggedPrinter(EscposPrinterFarEnd(clock), VENDOR, PRODUCT, serial) for serial in ("A", "B")]

    with pytest.raises(SettingsError, match="2 devices fit"):
        opened(clock, *devices)
    opened(clock, *devices, serial="B").write(b"words\n", 1.0)
    assert [
        len(device.printer.paper) for device in devices if isinstance(device.printer, EscposPrinterFarEnd)
    ] == [0, 1]


@pytest.fixture
def node() -> tuple[str, int]:
    """A device file, as the kernel gives one for a printer, and its far end's descriptor."""
    far_end, near_end = os.openpty()
    tty.setraw(near_end)
    return os.ttyname(near_end), far_end


def test_a_device_file_takes_bytes_and_answers(node: tuple[str, int]) -> None:
    """What is written arrives as it was, what the device says is heard, and silence is an empty answer."""
    path, far_end = node
    link: Link = open_link(f"file:{path}", RealClock())

    link.write(b"\x10\x04\x01", 1.0)
    assert os.read(far_end, 16) == b"\x10\x04\x01"
    assert link.read(16, 0.01) == b""
    os.write(far_end, b"\x12\x12")
    assert link.read(1, 1.0) == b"\x12"
    assert link.discard_input() == 1
    link.close()
    with pytest.raises(DeviceLost):
        link.write(b"x", 1.0)


def test_a_device_file_that_takes_nothing_is_lost(node: tuple[str, int]) -> None:
    """A printer that is switched off holds nobody for longer than was said."""
    path, _ = node
    link = open_link(f"file:{path}", RealClock())

    with pytest.raises(DeviceLost, match="bytes not taken in time"):
        link.write(b"x" * 1_000_000, 0.05)


def test_a_plain_file_is_written_at_its_end_and_never_read(tmp_path: Path) -> None:
    """What stands in it was printed before; it is no answer of a printer."""
    file = tmp_path / "receipts.bin"
    file.write_bytes(b"\x12 before ")
    clock = VirtualClock()
    link = open_link(f"file:{file}", clock)

    link.write(b"after", 1.0)
    assert (link.read(16, 0.5), link.discard_input()) == (b"", 0)
    assert file.read_bytes() == b"\x12 before after"
    assert clock.monotonic() >= 0.5


def test_a_name_that_was_mistyped_swallows_nothing(tmp_path: Path) -> None:
    """No file is made, and a folder is the installer's mistake."""
    with pytest.raises(DeviceLost, match="No such file"):
        open_link(f"file:{tmp_path / 'lp9'}", RealClock())
    with pytest.raises(SettingsError, match="is a folder"):
        open_link(f"file:{tmp_path}", RealClock())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "file:lp0",
        "file:/dev/usb/lp0?baud=9600",
        "usbprinter:04b8",
        "usbprinter:04b8:0202?port=1",
        "lp:/dev/lp0",
    ],
)
def test_a_wrong_link_is_refused_before_anything_is_opened(url: str) -> None:
    """By `kiosk check` already."""
    with pytest.raises(SettingsError):
        check_link(url)
