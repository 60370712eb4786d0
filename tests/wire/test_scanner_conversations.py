"""Scans in hex: what comes down the line, and what it is."""

from __future__ import annotations

import pytest

from drivers.barcode import Symbology, serial_scanner
from drivers.barcode.check_digits import CODE_39_CHARACTERS
from drivers.barcode.serial_scanner import SerialScannerSettings
from drivers.barcode.symbology import DIGITS, LIBRARY_CODABAR, Check, CodeRule
from drivers.link.memory import MemoryLink, VirtualClock
from drivers.sim.scanner import ScannerFarEnd

SETTINGS = SerialScannerSettings(
    rules=(
        LIBRARY_CODABAR,
        CodeRule(Symbology.CODE_39, 10, 10, CODE_39_CHARACTERS, Check.MOD_43, is_check_removed=True),
        CodeRule(Symbology.CODE_128, 8, 8, DIGITS),
    )
)

CONVERSATIONS = {
    "Codabar and CR": ("33 30 32 33 34 30 30 30 35 31 37 38 36 31 0D", ["codabar 30234000517861"]),
    "Codabar with start, stop, CR and LF": (
        "41 33 30 32 33 34 30 30 30 35 31 37 38 36 31 42 0D 0A",
        ["codabar 30234000517861"],
    ),
    "AIM prefix and TAB": (
        "5D 46 30 33 33 31 39 31 30 30 30 31 30 35 38 36 34 09",
        ["codabar 33191000105864"],
    ),
    "Code 39 between STX and ETX": (
        "02 5D 41 30 4C 49 42 30 30 30 31 32 33 34 48 03",
        ["code39 LIB0001234"],
    ),
    "Code 39 with its stars": ("2A 4C 49 42 30 30 30 31 32 33 34 48 2A 0A", ["code39 LIB0001234"]),
    "Code 128 whose kind is said": ("5D 43 30 31 30 30 30 30 30 30 31 0D", ["code128 10000001"]),
    "ISBN of the publisher": ("5D 45 30 39 37 38 30 33 30 36 34 30 36 31 35 37 0D", ["ean13 !symbology"]),
    "ISBN without AIM prefix": ("39 37 38 30 33 30 36 34 30 36 31 35 37 0D", ["ean13 !symbology"]),
    "wrong check digit": ("33 30 32 33 34 30 30 30 35 31 37 38 36 32 0D", ["unknown !check"]),
    "escape sequence in it": ("33 30 1B 5B 41 32 33 34 0D", ["unknown !control"]),
    "GBK in it": ("CD BC CA E9 0D", ["unknown !alphabet"]),
    "two codes and rubbish between": (
        "31 30 30 30 30 30 30 31 0D FF FF 0D 31 30 30 30 30 30 30 32 0D",
        ["code128 10000001", "unknown !alphabet", "code128 10000002"],
    ),
    "nothing but terminators": ("0D 0A 0D 0A 09 02 03 00", []),
}


@pytest.mark.parametrize("size", [0, 1, 3], ids=["whole", "byte by byte", "in threes"])
@pytest.mark.parametrize(("line", "said"), CONVERSATIONS.values(), ids=CONVERSATIONS.keys())
def test_what_comes_down_the_line_is_what_was_scanned(line: str, said: list[str], size: int) -> None:
    """The bytes give the scans, in order, with kind and text or flaw, however they arrive."""
    clock = VirtualClock()
    far_end = ScannerFarEnd(clock)
    scanner = serial_scanner.open(SETTINGS, MemoryLink(far_end, clock), clock)
    far_end.type(bytes.fromhex(line), size)

    heard = []
    while (scan := scanner.read(2)) is not None:
        heard.append(f"{scan.symbology.value} {scan.text.reveal() if not scan.flaw else '!' + scan.flaw}")
    assert heard == said
