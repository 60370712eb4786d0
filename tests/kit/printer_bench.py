"""A printer's driver on a memory link to its far end, and what any driver has to hold there."""

from __future__ import annotations

from contextlib import suppress

import pytest

from drivers.link.memory import MemoryLink, VirtualClock
from drivers.printer import Document, NotPrinted, Printed, PrinterStatus, Text
from drivers.printer.escpos_printer import EscposPrinter, EscposPrinterSettings
from drivers.sim.escpos_printer import EscposPrinterFarEnd

LONG = Document(tuple(Text(f"Line {number} of a long document") for number in range(40)))
LONG_WORDS = [f"Line {number} of a long document" for number in range(40)]


class Bench:
    """A driver on a memory link to a far end."""

    def __init__(self, driver: type[EscposPrinter] = EscposPrinter, **settings: object) -> None:
        self.clock = VirtualClock()
        self.far_end = EscposPrinterFarEnd(self.clock)
        self.link = MemoryLink(self.far_end, self.clock)
        made = EscposPrinterSettings(**settings)  # type: ignore[arg-type]
        self.printer = driver(made, self.link, self.clock)

    @property
    def words(self) -> list[str]:
        """What stands on the paper."""
        return [line.text for line in self.far_end.paper if line.text]


def check_silence_is_not_believed(driver: type[EscposPrinter]) -> None:
    """A printer that never answers gets every line; its status is unknown, not fine, and nothing is confirmed."""
    bench = Bench(driver)
    bench.far_end.speaks = False

    assert bench.printer.print(LONG) is Printed.NOT_CONFIRMED

    assert bench.words == LONG_WORDS
    assert bench.printer.status() == PrinterStatus()
    assert not bench.printer.status().is_fine
    assert not bench.printer.status().is_known


def check_nothing_is_lost(driver: type[EscposPrinter], bytes_per_second: int) -> None:
    """A printer with a small buffer and no handshake is waited for: every line is on paper when it is confirmed."""
    bench = Bench(driver, print_seconds_max=120.0)
    bench.far_end.bytes_per_second = bytes_per_second
    bench.far_end.buffer_bytes = 1100

    assert bench.printer.print(LONG) is Printed.CONFIRMED

    assert bench.words == LONG_WORDS
    assert bench.far_end.lost_bytes == 0


def check_a_broken_document_is_told_and_forgotten(driver: type[EscposPrinter], lines: int) -> None:
    """Where the paper ends after *lines*, the document is not printed, and does not go on when paper is put in."""
    bench = Bench(driver, piece_bytes=512)
    bench.far_end.load(lines=lines)
    with pytest.raises(NotPrinted):
        bench.printer.print(LONG)

    bench.far_end.tear_off()
    bench.far_end.load()

    bench.far_end.receive(b"")
    assert bench.words == []
    assert bench.printer.status().is_fine


def check_no_half_document_is_confirmed(driver: type[EscposPrinter]) -> None:
    """Wherever the paper ends, also long after all bytes were taken, the document is not confirmed."""
    for lines in range(1, 45):
        bench = Bench(driver, piece_bytes=4096)
        bench.far_end.bytes_per_second, bench.far_end.buffer_bytes = 2000, 8192
        bench.far_end.load(lines=lines)
        printed = None
        with suppress(NotPrinted):
            printed = bench.printer.print(LONG)
        assert printed is None or bench.words == LONG_WORDS, lines
