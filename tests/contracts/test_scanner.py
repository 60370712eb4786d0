"""What every barcode scanner promises, over every kind of line and however its bytes arrive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers.barcode import Scanner, Symbology, serial_scanner
from drivers.barcode.serial_scanner import SerialScannerSettings
from drivers.link import Clock, DeviceLost
from drivers.link.clock import RealClock
from drivers.link.memory import MemoryLink, VirtualClock
from drivers.link.urls import open_link
from drivers.sim.scanner import ScanFault, ScannerFarEnd, Split
from drivers.sim.serve import Serving, serve_pty, serve_tcp

WAIT_SECONDS = 10.0
CODES = ["30234000517861", "33191000105864", "21234000123455"]


@dataclass
class Wired:
    """A scanner, its far end, the way its bytes arrive and what pulls the cable."""

    scanner: Scanner
    far_end: ScannerFarEnd
    arrival: ScanFault | None
    cable: MemoryLink | Serving

    def read(self) -> str:
        scan = self.scanner.read(WAIT_SECONDS)
        assert scan is not None
        return scan.text.reveal() or f"!{scan.flaw}"


def opened(
    way: str, clock: Clock, far_end: ScannerFarEnd, folder: Path
) -> tuple[Scanner, MemoryLink | Serving]:
    settings = SerialScannerSettings()
    if way == "memory":
        link = MemoryLink(far_end, clock)
        return serial_scanner.open(settings, link, clock), link
    serving = serve_pty(far_end, folder / "scanner") if way == "pty" else serve_tcp(far_end)
    return serial_scanner.open(settings, open_link(serving.url, clock), clock), serving


@pytest.fixture(params=["memory", "pty", "tcp"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[0, 1, 3], ids=["whole", "byte by byte", "in threes"])
def wired(way: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Wired]:
    clock: Clock = VirtualClock() if way == "memory" else RealClock()
    far_end = ScannerFarEnd(clock)
    scanner, cable = opened(way, clock, far_end, tmp_path)
    yield Wired(scanner, far_end, Split(request.param) if request.param else None, cable)
    scanner.close()
    cable.close()


def test_scans_come_in_order_and_none_is_lost(wired: Wired) -> None:
    """Three codes scanned faster than they are read are three scans, in the order scanned."""
    for code in CODES:
        wired.far_end.scan(code, fault=wired.arrival)
    assert [wired.read() for _ in CODES] == CODES
    assert wired.scanner.read(0) is None


def test_a_flawed_scan_has_no_text(wired: Wired) -> None:
    """A wrong check digit is told by its word, without a number, and what follows is read."""
    wired.far_end.scan("30234000517862", fault=wired.arrival)
    wired.far_end.scan("30234000517861", fault=wired.arrival)
    assert [wired.read(), wired.read()] == ["!check", "30234000517861"]


def test_the_kind_is_what_the_scanner_says(wired: Wired) -> None:
    """An AIM prefix names the symbology and is no part of the text; what is read stays masked."""
    wired.far_end.scan("A30234000517861B", aim="F0", fault=wired.arrival)
    scan = wired.scanner.read(WAIT_SECONDS)
    assert scan is not None
    assert (scan.symbology, scan.text.reveal()) == (Symbology.CODABAR, "30234000517861")
    assert "30234" not in repr(scan)


def test_an_unplugged_scanner_is_lost_and_closes_quietly(wired: Wired) -> None:
    """Pulling the cable raises `DeviceLost` from the next read on; closing twice raises nothing."""
    wired.far_end.scan("30234000517861", fault=wired.arrival)
    assert wired.read() == "30234000517861"
    wired.cable.unplug()
    with pytest.raises(DeviceLost):
        wired.scanner.read(WAIT_SECONDS)
    wired.scanner.close()
    wired.scanner.close()
