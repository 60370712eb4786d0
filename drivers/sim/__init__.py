"""Far ends: simulated devices that speak the real bytes at the other end of a link.

A far end is an object with `receive(data) -> bytes` (`FarEnd`): it takes bytes in whatever pieces they come
and gives what the device sends back.  It never touches a wire, so the same object stands behind a
`MemoryLink` in a test, and behind a pseudo-terminal or a TCP port through `serve.py` in the demo.
What speaks no bytes (USB, GPIO, keys) has the calls of its link instead, which `remote.py` carries over bytes.
`receive(b"")` asks whether it has something to say unasked, as a scanner has.  Where a device takes its time,
the far end waits on the `Clock` it was made with: a virtual clock moves, a real one really waits.

A far end is worked by two threads in the demo: the one that serves it, and whoever lays things on it.  What
can be changed from outside is therefore behind a lock of the far end's own.

`FAR_ENDS` names them for `kiosk sim`; `airtime.py` computes what a wire and a field cost, `shelf.py` holds
the items and cards that are laid on them, `hf_content.py` and `uhf_content.py` make what their tags hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from drivers.link import SettingsError
from drivers.link.memory import FarEnd

__all__ = ["FAR_ENDS", "FarEnd", "FarEndEntry", "far_end_class"]


@dataclass(frozen=True, slots=True)
class FarEndEntry:
    """One simulated device: *class_name* in *module* is made with a `Clock` alone; *summary* is a line for a
    list.

    *speaks* is "bytes" for what `serve.py` puts on a line, "apdu" for a card that a virtual reader holds, "keys" for
    what types (`drivers/link/memory_keys.py`), "control" for a USB device (`drivers/link/memory_control.py`;
    `usb_bus.py` puts it before pyusb), "lines" for what hangs on a GPIO chip (`drivers/link/memory_lines.py`).
    """

    name: str
    module: str
    class_name: str
    speaks: str
    summary: str


FAR_ENDS = (
    FarEndEntry(
        "obid-reader",
        "drivers.sim.obid_reader",
        "ObidReader",
        "bytes",
        "FEIG OBID ISO-Host pad with ISO 15693 tags, standard and advanced frames",
    ),
    FarEndEntry(
        "m210-reader",
        "drivers.sim.m210_reader",
        "M210Reader",
        "bytes",
        "3M 210/810 or Bibliotheca M210 pad with ISO 15693 tags",
    ),
    FarEndEntry(
        "uhf18-reader",
        "drivers.sim.uhf18_reader",
        "Uhf18Reader",
        "bytes",
        "UHF pad of the UHFReader18 family with EPC Gen2 tags",
    ),
    FarEndEntry(
        "a0-reader",
        "drivers.sim.a0_reader",
        "A0Reader",
        "bytes",
        'UHF pad on an Impinj "A0" module with EPC Gen2 tags',
    ),
    FarEndEntry(
        "scanner", "drivers.sim.scanner", "ScannerFarEnd", "bytes", "barcode scanner on a serial line"
    ),
    FarEndEntry("card", "drivers.sim.card", "VirtualCard", "apdu", "patron card on a PC/SC reader"),
    FarEndEntry(
        "keyboard-scanner",
        "drivers.sim.keyboard_scanner",
        "KeyboardScannerFarEnd",
        "keys",
        "barcode scanner that is a keyboard",
    ),
    FarEndEntry(
        "escpos-printer",
        "drivers.sim.escpos_printer",
        "EscposPrinterFarEnd",
        "bytes",
        "receipt printer that speaks ESC/POS and sets Chinese in GB18030",
    ),
    FarEndEntry(
        "bookcheck",
        "drivers.sim.bookcheck",
        "BookCheckFarEnd",
        "control",
        "3M BookCheck 942 strip unit on USB, which treats what crosses it by itself",
    ),
    FarEndEntry(
        "relay-strip-unit",
        "drivers.sim.relay_unit",
        "RelayUnitFarEnd",
        "lines",
        "strip unit behind relays, wired as in the shipped example",
    ),
    FarEndEntry(
        "serial-strip-unit",
        "drivers.sim.serial_strip_unit",
        "SerialStripUnitFarEnd",
        "bytes",
        "strip unit with a serial port, by the table of the shipped example",
    ),
    FarEndEntry(
        "book-drop",
        "drivers.sim.book_drop",
        "BookDropFarEnd",
        "lines",
        "book drop with flap, barriers and two bins, wired as in the shipped example",
    ),
    FarEndEntry(
        "zvt-terminal",
        "drivers.sim.zvt_terminal",
        "ZvtTerminalFarEnd",
        "bytes",
        "card terminal that speaks ZVT, in blocks or over TCP, password 123456",
    ),
    FarEndEntry(
        "qr-backend",
        "drivers.sim.qr_backend",
        "QrBackendFarEnd",
        "bytes",
        "payment back end of a library, HTTP in clear text, token reference-backend-token",
    ),
)


def far_end_class(name: str) -> Any:
    """The class of the far end called *name*, imported now.  Raises `SettingsError`."""
    for entry in FAR_ENDS:
        if entry.name == name:
            return getattr(import_module(entry.module), entry.class_name)
    allowed = ", ".join(entry.name for entry in FAR_ENDS)
    raise SettingsError(f"far end {name!r} is not known; allowed: {allowed}")
