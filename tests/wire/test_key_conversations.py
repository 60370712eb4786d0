"""Scans in keys: what the kernel tells of a keyboard, as bytes of `struct input_event`, and what scan it is.

Each word is type, code and value of one event in hex, without its time: `01 001E 1` is "key 30 goes down".  The first
conversation is a capture of a scanner in Alt mode as the reference has it; the others are written from the key tables.
"""

from __future__ import annotations

import pytest

from drivers.barcode import Symbology, keyboard_scanner
from drivers.barcode.keyboard_scanner import KeyboardScannerSettings, Layout
from drivers.barcode.symbology import DIGITS, PRINTABLE, CodeRule
from drivers.link.key_events import InputEvent
from drivers.link.memory import VirtualClock
from drivers.link.memory_keys import MemoryKeysLink
from drivers.sim.keyboard_scanner import KeyboardScannerFarEnd

END = "01 001C 1, 00 0000 0, 01 001C 0, 00 0000 0"

CONVERSATIONS = {
    "Num Lock, then 4 as Alt 052": (
        Layout.US,
        "04 0004 70053, 01 0045 1, 00 0000 0, 04 0004 70053, 01 0045 0, 00 0000 0, "
        "04 0004 700E2, 01 0038 1, 00 0000 0, "
        "04 0004 70062, 01 0052 1, 00 0000 0, 04 0004 70062, 01 0052 0, 00 0000 0, "
        "04 0004 7005D, 01 004C 1, 00 0000 0, 04 0004 7005D, 01 004C 0, 00 0000 0, "
        "04 0004 7005A, 01 0050 1, 00 0000 0, 04 0004 7005A, 01 0050 0, 00 0000 0, "
        "04 0004 700E2, 01 0038 0, 00 0000 0, " + END,
        ["4"],
    ),
    "12 with US keys": (
        Layout.US,
        "01 0002 1, 00 0000 0, 01 0002 0, 00 0000 0, 01 0003 1, 00 0000 0, 01 0003 0, 00 0000 0, " + END,
        ["12"],
    ),
    "12 with French keys": (
        Layout.FR,
        "01 002A 1, 01 0002 1, 00 0000 0, 01 0002 0, 01 0003 1, 00 0000 0, 01 0003 0, 01 002A 0, 00 0000 0, "
        + END,
        ["12"],
    ),
    "Z-@ with German keys": (
        Layout.DE,
        "01 002A 1, 01 0015 1, 00 0000 0, 01 0015 0, 01 002A 0, 00 0000 0, 01 0035 1, 00 0000 0, 01 0035 0, 00 0000 0, "
        "01 0064 1, 01 0010 1, 00 0000 0, 01 0010 0, 01 0064 0, 00 0000 0, " + END,
        ["Z-@"],
    ),
    "1, which repeats, and keypad Enter": (
        Layout.US,
        "01 0002 1, 00 0000 0, 01 0002 2, 00 0000 1, 01 0002 2, 00 0000 1, 01 0002 0, 00 0000 0, 01 0060 1, 00 0000 0",
        ["1"],
    ),
    "a gap inside, then 3": (
        Layout.US,
        "01 0002 1, 00 0000 0, 00 0003 0, 01 0003 1, 00 0000 0, "
        + END
        + ", 01 0004 1, 00 0000 0, 01 0004 0, "
        + END,
        ["!length", "3"],
    ),
    "nothing but Enter, shift and Num Lock": (
        Layout.US,
        END + ", 01 002A 1, 00 0000 0, 01 002A 0, 00 0000 0, 01 0045 1, 01 0045 0, " + END,
        [],
    ),
}


def events(text: str) -> list[InputEvent]:
    parts = [word.split() for word in text.split(",")]
    return [(int(kind, 16), int(code, 16), int(value, 16)) for kind, code, value in parts]


@pytest.mark.parametrize("seconds", [0.0, 0.002], ids=["at once", "one by one"])
@pytest.mark.parametrize(("layout", "told", "said"), CONVERSATIONS.values(), ids=CONVERSATIONS.keys())
def test_what_the_kernel_tells_is_what_was_scanned(
    layout: Layout, told: str, said: list[str], seconds: float
) -> None:
    """The events give the scans, in order, with text or flaw, however far apart they come."""
    clock = VirtualClock()
    far_end = KeyboardScannerFarEnd(clock)
    rules = (CodeRule(Symbology.CODE_128, 1, 8, PRINTABLE), CodeRule(Symbology.CODE_39, 1, 8, DIGITS))
    settings = KeyboardScannerSettings(rules=rules, layout=layout)
    scanner = keyboard_scanner.open(settings, MemoryKeysLink(far_end, clock), clock)
    far_end.type(([event] for event in events(told)), seconds)

    heard = []
    while (scan := scanner.read(2)) is not None:
        heard.append(scan.text.reveal() or f"!{scan.flaw}")
    assert heard == said
