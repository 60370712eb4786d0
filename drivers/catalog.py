"""Which drivers there are: a name in the configuration leads to a module, imported only when it is
configured.

A driver from outside is found through the entry-point group `library_kiosk.drivers`: the entry point's name
is the driver's, and it leads to a `DriverEntry` in the outsider's package.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from drivers.link import Clock, SettingsError
from drivers.probing import Identity

__all__ = ["DRIVERS", "ENTRY_POINT_GROUP", "DriverEntry", "Kind", "LinkKind", "find", "names"]

ENTRY_POINT_GROUP = "library_kiosk.drivers"


class Kind(Enum):
    """What a device is to the kiosk; each is a room of `drivers/` with a Protocol of that name."""

    PAD = "pad"
    SCANNER = "scanner"
    CARD_READER = "card reader"
    PRINTER = "printer"
    STRIP_UNIT = "strip unit"
    PAYMENT_TERMINAL = "payment terminal"
    BOOK_DROP = "book drop"


class LinkKind(Enum):
    """What a driver talks through, so which function of `drivers.link.urls` opens its link."""

    BYTES = "bytes"
    APDU = "apdu"
    CONTROL = "control"
    LINES = "lines"
    INPUT = "input"


@dataclass(frozen=True, slots=True)
class DriverEntry:
    """One driver: *module* has `open(settings, link, clock)` and the frozen dataclass *settings_name*.

    With *probe_lines*, the URL options of lines on which to ask, it also has `probe(link, clock)` (see `probing.py`).
    Where its frames may hold a secret it has `redact(data)`, as `drivers.link.trace.Redact`.
    *usb_ids* ("vvvv:pppp", lower-case hex) are devices that can be nothing else.
    """

    name: str
    module: str
    settings_name: str
    kinds: tuple[Kind, ...]
    link_kind: LinkKind = LinkKind.BYTES
    probe_lines: tuple[str, ...] = ()
    usb_ids: tuple[str, ...] = ()

    def settings_class(self) -> type[Any]:
        """The dataclass whose fields are the keys of the driver's section; imports the driver."""
        found = getattr(self._imported(), self.settings_name, None)
        if not isinstance(found, type):
            raise SettingsError(f"driver {self.name!r} has no settings called {self.settings_name}")
        return found

    def opener(self) -> Callable[..., Any]:
        """The driver's `open(settings, link, clock)`; imports the driver."""
        found: Callable[..., Any] = self._imported().open
        return found

    def prober(self) -> Callable[[Any, Clock], Identity | None]:
        """The driver's `probe(link, clock)`; imports the driver.  Only where there are *probe_lines*."""
        found: Callable[[Any, Clock], Identity | None] = self._imported().probe
        return found

    def redactor(self) -> Callable[[bytes], bytes] | None:
        """The driver's `redact`, which blanks what must not land in a trace of its link; None where it has none."""
        found: Callable[[bytes], bytes] | None = getattr(self._imported(), "redact", None)
        return found

    def _imported(self) -> Any:
        try:
            return import_module(self.module)
        except ImportError as error:
            raise SettingsError(f"driver {self.name!r} cannot be loaded: {error}") from error


DRIVERS = (
    DriverEntry(
        "obid-pad",
        "drivers.rfid.obid_pad",
        "ObidPadSettings",
        (Kind.PAD,),
        probe_lines=("baud=38400&parity=E",),
    ),
    DriverEntry(
        "m210-pad", "drivers.rfid.m210_pad", "M210PadSettings", (Kind.PAD,), probe_lines=("baud=19200",)
    ),
    DriverEntry(
        "uhf18-pad",
        "drivers.rfid.uhf18_pad",
        "Uhf18PadSettings",
        (Kind.PAD,),
        probe_lines=("baud=57600", "baud=115200"),
    ),
    DriverEntry("a0-pad", "drivers.rfid.a0_pad", "A0PadSettings", (Kind.PAD,), probe_lines=("baud=115200",)),
    DriverEntry("uhf-auto", "drivers.rfid.uhf_auto", "UhfPadSettings", (Kind.PAD,)),
    DriverEntry("serial-scanner", "drivers.barcode.serial_scanner", "SerialScannerSettings", (Kind.SCANNER,)),
    DriverEntry(
        "keyboard-scanner",
        "drivers.barcode.keyboard_scanner",
        "KeyboardScannerSettings",
        (Kind.SCANNER,),
        LinkKind.INPUT,
    ),
    DriverEntry(
        "pcsc-card", "drivers.card.pcsc_card", "PcscCardSettings", (Kind.CARD_READER,), LinkKind.APDU
    ),
    DriverEntry("escpos-printer", "drivers.printer.escpos_printer", "EscposPrinterSettings", (Kind.PRINTER,)),
    DriverEntry(
        "bookcheck",
        "drivers.em.bookcheck_unit",
        "BookCheckSettings",
        (Kind.STRIP_UNIT,),
        LinkKind.CONTROL,
        probe_lines=("",),
        usb_ids=("0d2c:03ae",),
    ),
    DriverEntry(
        "relay-strip-unit",
        "drivers.em.relay_unit",
        "RelayUnitSettings",
        (Kind.STRIP_UNIT,),
        LinkKind.LINES,
    ),
    DriverEntry("serial-strip-unit", "drivers.em.serial_unit", "SerialUnitSettings", (Kind.STRIP_UNIT,)),
    DriverEntry(
        "zvt-terminal", "drivers.payment.zvt_terminal", "ZvtTerminalSettings", (Kind.PAYMENT_TERMINAL,)
    ),
    DriverEntry(
        "line-book-drop", "drivers.gpio.book_drop", "BookDropSettings", (Kind.BOOK_DROP,), LinkKind.LINES
    ),
)


def names(kind: Kind) -> tuple[str, ...]:
    """The names of all drivers of *kind* that this installation has, sorted; outsiders of every kind
    included.
    """
    own = {driver.name for driver in DRIVERS if kind in driver.kinds}
    return tuple(sorted(own | {point.name for point in entry_points(group=ENTRY_POINT_GROUP)}))


def find(name: str, kind: Kind) -> DriverEntry:
    """The driver called *name* as a device of *kind*.

    Our own names win over an outsider's.  Raises `SettingsError` when there is none, when it is of another
    kind, or when an outsider's entry point does not lead to a `DriverEntry`.
    """
    for driver in DRIVERS:
        if driver.name == name:
            return _of_kind(driver, kind)
    for point in entry_points(group=ENTRY_POINT_GROUP, name=name):
        try:
            entry = point.load()
        except (ImportError, AttributeError) as error:
            raise SettingsError(f"driver {name!r} cannot be loaded: {error}") from error
        if not isinstance(entry, DriverEntry):
            raise SettingsError(f"driver {name!r}: its entry point has to lead to a DriverEntry")
        return _of_kind(entry, kind)
    raise SettingsError(f"driver {name!r} is not known; a {kind.value} can be: {', '.join(names(kind))}")


def _of_kind(driver: DriverEntry, kind: Kind) -> DriverEntry:
    if kind not in driver.kinds:
        allowed = ", ".join(one.value for one in driver.kinds)
        raise SettingsError(f"driver {driver.name!r} is no {kind.value} but: {allowed}")
    return driver
