"""What every barcode scanner promises, over every kind of line and however its bytes arrive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from drivers.barcode import Scanner, Symbology, keyboard_scanner, serial_scanner
from drivers.barcode.keyboard_scanner import KeyboardScannerSettings
from drivers.barcode.serial_scanner import SerialScannerSettings
from drivers.link import Clock, DeviceLost
from drivers.link.clock import RealClock
from drivers.link.memory import MemoryLink, VirtualClock
from drivers.link.memory_keys import MemoryKeysLink
from drivers.link.urls import open_link
from drivers.sim.keyboard_scanner import KeyboardScannerFarEnd, Manner
from drivers.sim.scanner import ScannerFarEnd, Split
from drivers.sim.serve import serve_pty, serve_tcp

WAIT_SECONDS = 10.0
CODES = ["30234000517861", "33191000105864", "21234000123455"]


class Cable(Protocol):
    """What can be pulled."""

    def unplug(self) -> None: ...

    def close(self) -> None: ...


class Shown(Protocol):
    """A scanner's far end, shown a code."""

    def scan(self, code: str, aim: str = "") -> None: ...


@dataclass
class InPieces:
    """A scanner on a line whose bytes come *size* at a time."""

    far_end: ScannerFarEnd
    size: int

    def scan(self, code: str, aim: str = "") -> None:
        self.far_end.scan(code, aim, Split(self.size) if self.size else None)


@dataclass
class Wired:
    """A scanner, its far end and what pulls the cable."""

    scanner: Scanner
    far_end: Shown
    cable: Cable

    def read(self) -> str:
        scan = self.scanner.read(WAIT_SECONDS)
        assert scan is not None
        return scan.text.reveal() or f"!{scan.flaw}"


def on_a_line(way: str, size: int, folder: Path) -> Wired:
    clock: Clock = VirtualClock() if way == "memory" else RealClock()
    far_end = ScannerFarEnd(clock)
    shown = InPieces(far_end, size)
    if way == "memory":
        link = MemoryLink(far_end, clock)
        return Wired(serial_scanner.open(SerialScannerSettings(), link, clock), shown, link)
    serving = serve_pty(far_end, folder / "scanner") if way == "pty" else serve_tcp(far_end)
    opened = serial_scanner.open(SerialScannerSettings(), open_link(serving.url, clock), clock)
    return Wired(opened, shown, serving)


def as_keyboard(manner: Manner, key_seconds: float) -> Wired:
    clock = VirtualClock()
    far_end = KeyboardScannerFarEnd(clock, manner, key_seconds=key_seconds)
    link = MemoryKeysLink(far_end, clock)
    return Wired(keyboard_scanner.open(KeyboardScannerSettings(), link, clock), far_end, link)


WAYS = {
    **{
        f"{way}, {name}": (way, size)
        for way in ("memory", "pty", "tcp")
        for name, size in (("whole", 0), ("byte by byte", 1), ("in threes", 3))
    },
    **{
        f"keys, {name}": (manner, seconds)
        for name, manner, seconds in (
            ("all at once", Manner.US, 0.0),
            ("one by one", Manner.US, 0.008),
            ("as Alt numbers", Manner.ALT, 0.004),
        )
    },
}


@pytest.fixture(params=list(WAYS.values()), ids=list(WAYS))
def wired(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Wired]:
    way, how = request.param
    one = as_keyboard(way, how) if isinstance(way, Manner) else on_a_line(way, how, tmp_path)
    yield one
    one.scanner.close()
    one.cable.close()


def test_scans_come_in_order_and_none_is_lost(wired: Wired) -> None:
    """Three codes scanned faster than they are read are three scans, in the order scanned."""
    for code in CODES:
        wired.far_end.scan(code)
    assert [wired.read() for _ in CODES] == CODES
    assert wired.scanner.read(0) is None


def test_a_flawed_scan_has_no_text(wired: Wired) -> None:
    """A wrong check digit is told by its word, without a number, and what follows is read."""
    wired.far_end.scan("30234000517862")
    wired.far_end.scan("30234000517861")
    assert [wired.read(), wired.read()] == ["!check", "30234000517861"]


def test_the_kind_is_what_the_scanner_says(wired: Wired) -> None:
    """An AIM prefix names the symbology and is no part of the text; what is read stays masked."""
    wired.far_end.scan("A30234000517861B", aim="F0")
    scan = wired.scanner.read(WAIT_SECONDS)
    assert scan is not None
    assert (scan.symbology, scan.text.reveal()) == (Symbology.CODABAR, "30234000517861")
    assert "30234" not in repr(scan)


def test_an_unplugged_scanner_is_lost_and_closes_quietly(wired: Wired) -> None:
    """Pulling the cable raises `DeviceLost` from the next read on; closing twice raises nothing."""
    wired.far_end.scan("30234000517861")
    assert wired.read() == "30234000517861"
    wired.cable.unplug()
    with pytest.raises(DeviceLost):
        wired.scanner.read(WAIT_SECONDS)
    wired.scanner.close()
    wired.scanner.close()
