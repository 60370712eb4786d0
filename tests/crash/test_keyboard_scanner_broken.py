"""Scanner drivers that are broken on purpose: each gives a number that nobody scanned, and the checks see it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from drivers.barcode import Symbology
from drivers.barcode.keyboard_scanner import KeyboardScanner, KeyboardScannerSettings
from drivers.barcode.symbology import PRINTABLE, CodeRule
from drivers.link import DeviceFault
from drivers.link.key_events import EV_KEY
from drivers.link.memory import VirtualClock
from drivers.link.memory_keys import MemoryKeysLink
from drivers.sim.keyboard_scanner import GapInside, KeyboardScannerFarEnd, Slow

SETTINGS = KeyboardScannerSettings(rules=(CodeRule(Symbology.UNKNOWN, 1, 32, PRINTABLE),))
CODE = "lib-0001"

Driver = type[KeyboardScanner]


class Skipping(KeyboardScanner):
    """Goes on after a gap as if nothing had been lost."""

    def _arrive(self, seconds: float) -> bool:
        try:
            keys = self._link.read(seconds)
        except DeviceFault:
            return True
        for key in keys:
            for character in self._keys.take(key):
                self._hand_over(character)
        return bool(keys)


class Forgetful(KeyboardScanner):
    """Opens in the middle of a code and takes the rest of it for one."""

    def discard_input(self) -> None:
        """Throws away what was typed, and thinks no more of it."""
        while self._link.read(0.0):
            pass


class Patient(KeyboardScanner):
    """Waits for the next key as long as a person needs."""

    def _arrive(self, seconds: float) -> bool:
        is_pressed = super()._arrive(seconds)
        return is_pressed or self._codes.is_pending


class Sticky(KeyboardScanner):
    """Keeps a shift whose release was lost."""

    def _hand_over(self, character: str) -> None:
        if character.isprintable() or character == "\r":
            self._codes.feed(character.encode("ascii", "ignore"))


def read(
    driver: Driver, type_on: Callable[[KeyboardScannerFarEnd], None], *, lying: bool = False
) -> set[str]:
    """Every number that *driver* gives for what is typed; *lying*: half of it lay there when it was opened."""
    clock = VirtualClock()
    far_end = KeyboardScannerFarEnd(clock)
    link = MemoryKeysLink(far_end, clock)
    scanner = driver(SETTINGS, link, clock)
    if not lying:
        scanner.discard_input()
    type_on(far_end)
    if lying:
        clock.wait(0.03)
        scanner.discard_input()
    texts = set()
    until = clock.monotonic() + 10
    while clock.monotonic() < until:
        scan = scanner.read(0.1)
        texts |= {scan.text.reveal()} if scan is not None and not scan.flaw else set()
    return texts


def check_a_gap_makes_no_number(driver: Driver) -> None:
    """A code of which the kernel dropped a part is no code."""
    assert read(driver, lambda far_end: far_end.scan(CODE, fault=GapInside(2, 3))) == set()


def check_the_rest_of_a_code_is_no_number(driver: Driver) -> None:
    """A code that was under way when the scanner was opened is no code."""
    assert read(driver, lambda far_end: far_end.scan(CODE), lying=True) == set()


def check_a_hand_makes_no_number(driver: Driver) -> None:
    """What is typed slowly is no code."""
    assert read(driver, lambda far_end: far_end.scan(CODE, fault=Slow(0.1))) == set()


def check_a_lost_release_makes_no_number(driver: Driver) -> None:
    """A code typed while shift seems to be held is no code."""

    def type_on(far_end: KeyboardScannerFarEnd) -> None:
        far_end.type([[(EV_KEY, 42, 1)]])
        far_end.scan(CODE)

    assert read(driver, type_on) == set()


CHECKS = (
    check_a_gap_makes_no_number,
    check_the_rest_of_a_code_is_no_number,
    check_a_hand_makes_no_number,
    check_a_lost_release_makes_no_number,
)
BROKEN = (Skipping, Forgetful, Patient, Sticky)


@pytest.mark.parametrize(
    ("broken", "check"), list(zip(BROKEN, CHECKS, strict=True)), ids=lambda one: one.__name__
)
def test_a_driver_that_makes_up_numbers_is_found_out(broken: Driver, check: Callable[[Driver], None]) -> None:
    """The check fails for the driver that has this very fault."""
    with pytest.raises(AssertionError):
        check(broken)


@pytest.mark.parametrize("check", CHECKS)
def test_the_driver_as_it_is_passes_every_check(check: Callable[[Driver], None]) -> None:
    """None of the faults is in the product, and a whole code is read by all of the drivers."""
    check(KeyboardScanner)
    for driver in (KeyboardScanner, *BROKEN):
        assert read(driver, lambda far_end: far_end.scan(CODE)) == {CODE}
