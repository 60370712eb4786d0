"""What every printer promises, over every kind of line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers.link import Clock, DeviceLost
from drivers.link.clock import RealClock
from drivers.link.memory import MemoryLink, VirtualClock
from drivers.link.urls import open_link
from drivers.printer import (
    Document,
    NotPrinted,
    Obstacle,
    Paper,
    Printed,
    Printer,
    PrinterStatus,
    Text,
    escpos_printer,
)
from drivers.printer.escpos_printer import EscposPrinterSettings
from drivers.sim.escpos_printer import EscposPrinterFarEnd
from drivers.sim.serve import Serving, serve_pty, serve_tcp

SLIP = Document((Text("Show this at the desk"), Text("请在服务台出示")))
WORDS = ["Show this at the desk", "请在服务台出示"]


@dataclass
class Wired:
    """A printer, its far end and what pulls the cable."""

    printer: Printer
    far_end: EscposPrinterFarEnd
    cable: MemoryLink | Serving

    @property
    def words(self) -> list[str]:
        """What stands on the paper."""
        return [line.text for line in self.far_end.paper if line.text]


def opened(
    way: str, clock: Clock, far_end: EscposPrinterFarEnd, folder: Path
) -> tuple[Printer, MemoryLink | Serving]:
    settings = EscposPrinterSettings(answer_seconds_max=5.0)
    if way == "memory":
        link = MemoryLink(far_end, clock)
        return escpos_printer.open(settings, link, clock), link
    serving = serve_pty(far_end, folder / "printer") if way == "pty" else serve_tcp(far_end)
    return escpos_printer.open(settings, open_link(serving.url, clock), clock), serving


@pytest.fixture(params=["memory", "pty", "tcp"])
def wired(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Wired]:
    clock: Clock = VirtualClock() if request.param == "memory" else RealClock()
    far_end = EscposPrinterFarEnd(clock)
    printer, cable = opened(request.param, clock, far_end, tmp_path)
    yield Wired(printer, far_end, cable)
    printer.close()
    cable.close()


def test_a_document_is_on_paper_when_it_is_confirmed(wired: Wired) -> None:
    """What is confirmed stands on the paper, whole, in both scripts, and is cut off."""
    assert wired.printer.print(SLIP) is Printed.CONFIRMED

    assert wired.words == WORDS
    assert wired.far_end.paper[-1].is_cut


def test_a_printer_says_how_it_is(wired: Wired) -> None:
    """A working printer is fine; one with little paper prints and is not fine."""
    assert wired.printer.status() == PrinterStatus(True, Paper.ENOUGH, False, False)
    assert wired.printer.status().is_fine

    wired.far_end.load(lines=wired.far_end.lines_low)

    assert wired.printer.status().paper is Paper.LOW
    assert wired.printer.status().obstacle is None
    assert not wired.printer.status().is_fine


def test_a_printer_that_cannot_print_says_why_before_the_first_line(wired: Wired) -> None:
    """Without paper, or with an open cover, nothing is sent, so nothing comes out later."""
    for obstacle, lines, is_open in ((Obstacle.PAPER_OUT, 0, False), (Obstacle.COVER_OPEN, 1000, True)):
        wired.far_end.lines_left, wired.far_end.is_cover_open = lines, is_open
        with pytest.raises(NotPrinted) as caught:
            wired.printer.print(SLIP)
        assert caught.value.obstacle is obstacle

    wired.far_end.load()
    assert wired.printer.print(SLIP) is Printed.CONFIRMED
    assert wired.words == WORDS


def test_an_unplugged_printer_is_lost_and_closes_quietly(wired: Wired) -> None:
    """Pulling the cable raises `DeviceLost` from the next call on; closing twice raises nothing."""
    assert wired.printer.print(SLIP) is Printed.CONFIRMED
    wired.cable.unplug()
    with pytest.raises(DeviceLost):
        wired.printer.status()
    with pytest.raises(DeviceLost):
        wired.printer.print(SLIP)
    wired.printer.close()
    wired.printer.close()
