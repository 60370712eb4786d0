"""Printer drivers that are broken on purpose: the checks of `printer_bench.py` see each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from drivers.printer import Document, NotPrinted, Obstacle, Printed
from drivers.printer.escpos_printer import EscposPrinter
from tests.kit.printer_bench import (
    check_a_broken_document_is_told_and_forgotten,
    check_no_half_document_is_confirmed,
    check_nothing_is_lost,
    check_silence_is_not_believed,
)


class Trusting(EscposPrinter):
    """Takes no answer for a good one, as python-escpos does."""

    def _ask(self, about: int) -> int | None:
        answer = super()._ask(about)
        return 0x12 if answer is None else answer


class Hasty(EscposPrinter):
    """Does not wait for a printer whose buffer is full."""

    def _is_taken(self, deadline: float) -> bool:
        return True


class Keeping(EscposPrinter):
    """Leaves what was not printed in the printer."""

    def _broken_off(self, obstacle: Obstacle) -> NotPrinted:
        return NotPrinted(obstacle)


class Sending(EscposPrinter):
    """Takes bytes that were sent for a document that is printed."""

    def _printed(self, seconds: float) -> Printed:
        return Printed.CONFIRMED


class Dumping(EscposPrinter):
    """Sends everything at once, however small the buffer is."""

    def _pieces(self, document: Document) -> Sequence[bytes]:
        return (b"".join(super()._pieces(document)),)


@pytest.mark.parametrize(
    ("broken", "check"),
    [
        (Trusting, check_silence_is_not_believed),
        (Hasty, lambda driver: check_nothing_is_lost(driver, 200)),
        (Dumping, lambda driver: check_nothing_is_lost(driver, 200)),
        (Keeping, lambda driver: check_a_broken_document_is_told_and_forgotten(driver, 5)),
        (Sending, check_no_half_document_is_confirmed),
    ],
    ids=["trusting", "hasty", "dumping", "keeping", "sending"],
)
def test_a_broken_printer_driver_is_caught(
    broken: type[EscposPrinter], check: Callable[[type[EscposPrinter]], None]
) -> None:
    """Negative control: each check of the printer's bench fails for the driver that breaks what it checks."""
    check(EscposPrinter)

    with pytest.raises((AssertionError, pytest.fail.Exception)):
        check(broken)
