"""A configured device, tried."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from drivers.barcode import serial_scanner
from drivers.barcode.serial_scanner import SerialScannerSettings
from drivers.catalog import Kind
from drivers.link import DeviceLost
from drivers.link.memory import MemoryLink, VirtualClock
from drivers.printer import escpos_printer
from drivers.printer.escpos_printer import EscposPrinterSettings
from drivers.rfid import obid_pad
from drivers.rfid.obid_settings import ObidPadSettings
from drivers.sim import shelf
from drivers.sim.escpos_printer import EscposPrinterFarEnd
from drivers.sim.obid_reader import ObidReader
from drivers.sim.scanner import ScannerFarEnd
from kiosk.devices.trials import Trial, tried


class Bench:
    """One far end of each kind that speaks bytes, on memory links."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.pad = ObidReader(self.clock)
        self.scanner = ScannerFarEnd(self.clock)
        self.printer = EscposPrinterFarEnd(self.clock)

    def open_pad(self) -> Any:
        return obid_pad.open(ObidPadSettings(), MemoryLink(self.pad, self.clock), self.clock)

    def open_scanner(self) -> Any:
        return serial_scanner.open(SerialScannerSettings(), MemoryLink(self.scanner, self.clock), self.clock)

    def open_printer(self) -> Any:
        return escpos_printer.open(EscposPrinterSettings(), MemoryLink(self.printer, self.clock), self.clock)

    def tried(self, kind: Kind, open_device: Callable[[], Any]) -> Trial:
        return tried(kind.value, kind, open_device, self.clock)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_pad_says_what_lies_on_it_by_kind(bench: Bench) -> None:
    """Tags are counted by what they are; no number of an item or a card is told."""
    bench.pad.lay(shelf.item_tag("10000001"), shelf.item_tag("10000002"), shelf.empty_tag())
    trial = bench.tried(Kind.PAD, bench.open_pad)

    assert trial.is_good
    assert trial.said == "works; tags on it: empty 1, library item 2"


def test_trying_a_pad_releases_nothing(bench: Bench) -> None:
    """A tag that was tried still makes the gate sound."""
    tag = shelf.item_tag("10000001")
    bench.pad.lay(tag)
    bench.tried(Kind.PAD, bench.open_pad)

    assert tag.afi == 0x07


def test_a_scanner_that_reads_says_so_without_the_code(bench: Bench) -> None:
    """That a code came, and of which kind, is told; the code is not."""

    def opened() -> Any:
        device = bench.open_scanner()
        bench.scanner.scan("21234000123455")
        return device

    trial = bench.tried(Kind.SCANNER, opened)

    assert trial.is_good
    assert "21234" not in trial.said


def test_a_scanner_nobody_uses_is_opened_only(bench: Bench) -> None:
    """Silence proves nothing, and is not called working."""
    assert bench.tried(Kind.SCANNER, bench.open_scanner).said == "opened; no code came within 1 s"


def test_a_printer_says_what_keeps_it_from_printing(bench: Bench) -> None:
    """A printer without paper is good to talk to, and its obstacle is named."""
    assert bench.tried(Kind.PRINTER, bench.open_printer).said == "works"

    bench.printer.load(lines=0)

    assert "cannot print" in bench.tried(Kind.PRINTER, bench.open_printer).said


def test_a_device_that_is_not_there_is_not_good(bench: Bench) -> None:
    """What cannot be opened is told with the reason."""

    def opened() -> Any:
        raise DeviceLost("no such port")

    trial = bench.tried(Kind.PAD, opened)

    assert trial == Trial("pad", False, "cannot be opened: no such port")
