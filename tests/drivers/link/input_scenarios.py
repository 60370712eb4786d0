"""Run inside umockdev, as `python -m tests.drivers.link.input_scenarios NAME DEVICE`: says in JSON what it saw.

The real adapter and the real evdev package work on a device that umockdev holds: system calls are answered before they
reach the kernel.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress

from drivers.barcode.keymap import Layout
from drivers.barcode.keystrokes import EndKey, KeystrokeDecoder
from drivers.link import DeviceFault, DeviceLost, KeyEvent
from drivers.link.clock import RealClock
from drivers.link.input_events import InputEventsLink, open_input_events

WAIT_SECONDS = 20.0


def until(link: InputEventsLink, last: KeyEvent) -> list[KeyEvent | str]:
    """All keys up to *last*; a gap is a word among them."""
    clock = RealClock()
    seen: list[KeyEvent | str] = []
    deadline = clock.monotonic() + WAIT_SECONDS
    while last not in seen and clock.monotonic() < deadline:
        try:
            seen += link.read(0.05)
        except DeviceFault:
            seen.append("gap")
    return seen


def keys(device: str) -> object:
    """Everything up to the release of Enter."""
    link = open_input_events(device, RealClock())
    seen = until(link, KeyEvent(28, False))
    link.close()
    link.close()
    with suppress(DeviceLost):
        link.read(0.0)
        seen.append("not closed")
    return seen


def text(device: str) -> object:
    """What the keys up to Enter mean on a US keyboard."""
    link = open_input_events(device, RealClock())
    decoder = KeystrokeDecoder(Layout.US, frozenset(EndKey))
    seen = [key for key in until(link, KeyEvent(28, False)) if isinstance(key, KeyEvent)]
    link.close()
    return "".join(decoder.take(key) for key in seen)


def fault(device: str) -> object:
    """Why it cannot be opened."""
    try:
        open_input_events(device, RealClock())
    except (DeviceFault, DeviceLost) as error:
        return [type(error).__name__, str(error)]
    return "opened"


if __name__ == "__main__":
    print(json.dumps({"keys": keys, "text": text, "fault": fault}[sys.argv[1]](sys.argv[2])))
