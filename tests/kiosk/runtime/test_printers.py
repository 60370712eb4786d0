"""What the printer's pump does: slips come out, and whoever ordered one hears what became of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from drivers.link import DeviceLost
from drivers.link.memory import VirtualClock
from drivers.printer import Document, NotPrinted, Obstacle, Paper, Printed, PrinterStatus, Text
from kiosk.engine.inbox import Inbox
from kiosk.engine.pump import DevicePump
from kiosk.runtime.printers import ASK_SECONDS, PrinterEvent, PrinterWork
from kiosk.workflow.effects import PrintSlip
from kiosk.workflow.events import Device, DeviceDown, DeviceUp, SlipNotPrinted, SlipPrinted
from kiosk.workflow.slips import Printable, Slip
from kiosk.workflow.view import Language, Trouble
from sync.entries import item_id as item
from tests.kit.recording import KeptLog

SLIP = Slip(
    "K-1",
    item("30999000010030"),
    Trouble.RELEASE_FAILED_ASK_STAFF,
    datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
    Language.ENGLISH,
    "Example Library",
)
FINE = PrinterStatus(True, Paper.ENOUGH, False, False)


class PaperPrinter:
    """A printer as its driver shows it: prints, or says why not."""

    def __init__(self) -> None:
        self.printed: list[Document] = []
        self.obstacle: Obstacle | None = None
        self.is_lost = False
        self.is_silent = False

    def print(self, document: Document) -> Printed:
        if self.is_lost:
            raise DeviceLost("unplugged")
        if self.obstacle is not None:
            raise NotPrinted(self.obstacle)
        self.printed.append(document)
        return Printed.NOT_CONFIRMED if self.is_silent else Printed.CONFIRMED

    def status(self) -> PrinterStatus:
        if self.is_lost:
            raise DeviceLost("unplugged")
        if self.is_silent:
            return PrinterStatus()
        return FINE if self.obstacle is None else PrinterStatus(False, Paper.OUT, False, False)

    def close(self) -> None:
        """Nothing is held."""


class Bench:
    """The printer's pump, turned by hand."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.log = KeptLog()
        self.printer = PaperPrinter()
        self.told: list[PrinterEvent] = []
        self.orders: Inbox[PrintSlip] = Inbox(idle=self.clock.wait)
        work = PrinterWork(self.orders, render, self.told.append, clock=self.clock, log=self.log)
        self.pump = DevicePump(
            "printer",
            self.opened,
            work,
            came=lambda: self.told.append(DeviceUp(Device.PRINTER)),
            went=lambda: self.told.append(DeviceDown(Device.PRINTER)),
            clock=self.clock,
            log=self.log,
        )
        self.turn(3)
        self.told.clear()

    def opened(self) -> PaperPrinter:
        if self.printer.is_lost:
            raise DeviceLost("no such device")
        return self.printer

    def turn(self, times: int) -> None:
        for _ in range(times):
            self.pump.turn()

    def order(self, *tokens: int) -> None:
        for token in tokens:
            self.orders.post(PrintSlip(token, SLIP))
        self.turn(len(tokens) + 1)


def render(slip: Printable) -> Document:
    return Document((Text(slip.reference),))


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_slips_come_out_in_the_order_they_were_ordered(bench: Bench) -> None:
    """Each is on paper once, and each is answered."""
    bench.order(1, 2)

    assert bench.printer.printed == [render(SLIP), render(SLIP)]
    assert bench.told == [SlipPrinted(1), SlipPrinted(2)]


def test_a_printer_without_paper_is_as_good_as_away(bench: Bench) -> None:
    """The slip is answered with the reason, the terminal says that it cannot print, and nothing is printed later."""
    bench.printer.obstacle = Obstacle.PAPER_OUT
    bench.order(1)
    bench.order(2)

    assert bench.told == [
        SlipNotPrinted(1, "paper-out"),
        DeviceDown(Device.PRINTER),
        SlipNotPrinted(2, "paper-out"),
    ]
    assert bench.printer.printed == []


def test_new_paper_is_noticed_without_anything_being_printed(bench: Bench) -> None:
    """Staff who put paper in see the notice go by itself."""
    bench.printer.obstacle = Obstacle.PAPER_OUT
    bench.order(1)
    bench.printer.obstacle = None
    bench.told.clear()
    until = bench.clock.monotonic() + 2 * ASK_SECONDS
    while bench.clock.monotonic() < until:
        bench.turn(1)

    assert bench.told == [DeviceUp(Device.PRINTER)]


def test_paper_that_ran_out_is_noticed_before_the_next_slip(bench: Bench) -> None:
    """A printer that has nothing to do is asked how it is."""
    bench.printer.obstacle = Obstacle.PAPER_OUT
    until = bench.clock.monotonic() + 2 * ASK_SECONDS
    while bench.clock.monotonic() < until:
        bench.turn(1)

    assert bench.told == [DeviceDown(Device.PRINTER)]


def test_a_printer_pulled_out_answers_what_was_ordered(bench: Bench) -> None:
    """Nobody waits for a slip that nobody can tell of; the one under way counts as not printed."""
    bench.printer.is_lost = True
    bench.order(1, 2)

    assert bench.told == [
        SlipNotPrinted(1, "away"),
        SlipNotPrinted(2, "away"),
        DeviceDown(Device.PRINTER),
    ]


def test_a_printer_that_came_back_prints_again(bench: Bench) -> None:
    """What was answered as not printed is not printed afterwards; the next slip is."""
    bench.printer.is_lost = True
    bench.order(1)
    bench.printer.is_lost = False
    bench.turn(50)
    bench.told.clear()

    bench.order(2)

    assert bench.told == [SlipPrinted(2)]
    assert len(bench.printer.printed) == 1


def test_a_slip_nobody_saw_come_out_is_not_called_printed(bench: Bench) -> None:
    """The line took every byte and the printer says nothing: the reader is shown the reference instead."""
    bench.printer.is_silent = True

    bench.order(7)

    assert bench.told == [SlipNotPrinted(7, "not-confirmed")]


def test_a_printer_that_falls_silent_is_not_fine_again_by_that(bench: Bench) -> None:
    """Out of paper and then without an answer: it stays away until it says itself that it prints."""
    bench.printer.obstacle = Obstacle.PAPER_OUT
    bench.order(1)
    bench.told.clear()
    bench.printer.obstacle, bench.printer.is_silent = None, True

    bench.clock.wait(ASK_SECONDS + 1)
    bench.turn(3)
    assert bench.told == []
    assert "the printer is fine again" not in bench.log.sentences("info")

    bench.printer.is_silent = False
    bench.clock.wait(ASK_SECONDS + 1)
    bench.turn(3)
    assert bench.told == [DeviceUp(Device.PRINTER)]
