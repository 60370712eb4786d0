"""Trying a book drop: what its barriers see is told, and nothing moves."""

from __future__ import annotations

import pytest

from drivers.catalog import Kind
from drivers.gpio import book_drop
from drivers.link.memory import VirtualClock
from drivers.link.memory_lines import MemoryLineLink
from drivers.sim.book_drop import BIN_FULL, ENTRY, FLAP, INPUTS, PASSED, BookDropFarEnd
from kiosk.devices.trials import Trial, tried

SETTINGS = book_drop.BookDropSettings(
    entry=ENTRY, passed=PASSED, flap=FLAP, bin_full=BIN_FULL, active_low=INPUTS[:3], full_seconds=0.5
)


@pytest.mark.parametrize(
    ("item", "is_full", "said"),
    [
        (None, False, "works, and is shut; nothing lies before it, the bin is not full"),
        ("10000001", False, "works, and is shut; something lies before it, the bin is not full"),
        (None, True, "works, and is shut; nothing lies before it, the bin is full"),
    ],
)
def test_an_installer_reads_what_the_barriers_see(item: str | None, is_full: bool, said: str) -> None:
    """Item and level are told without a number, and no output becomes active."""
    clock = VirtualClock()
    chute = BookDropFarEnd(clock)
    chute.is_full = is_full
    if item is not None:
        chute.insert(item)
    chip = MemoryLineLink(chute, clock)

    trial = tried("book_drop", Kind.BOOK_DROP, lambda: book_drop.open(SETTINGS, chip, clock), clock)

    assert trial == Trial("book_drop", is_good=True, said=said)
    assert not any(active for _, active in chip.writes)


def test_lines_that_are_gone_are_told() -> None:
    """A chip that is unplugged is a device that cannot be opened."""
    clock = VirtualClock()
    chip = MemoryLineLink(BookDropFarEnd(clock), clock)
    chip.unplug()

    trial = tried("book_drop", Kind.BOOK_DROP, lambda: book_drop.open(SETTINGS, chip, clock), clock)

    assert not trial.is_good
