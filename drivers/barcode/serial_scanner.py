"""A barcode scanner on a serial line, a USB CDC-ACM port or a serial server.

Models      any that sends its codes as text: fixed-mount and hand scanners of Zebra/Symbol, Honeywell,
            Datalogic, Microscan (MS-820 ships with 3M stations), Newland, Sunlux and others
Line        9600 8N1 as delivered; CDC-ACM ignores the figures; set by the link
Sends       [prefix] [AIM identifier] code, then CR, LF, CR LF, TAB or nothing; or STX code ETX
Supported   all of these; start and stop commands for scanners armed by text (MS-820: `<H>` and `<I>`);
            Codabar 14 with Luhn, Codabar modulo 16, Code 39 with modulo 43 and full ASCII, EAN-13, ISBN, ISSN
Wrong       UPC-A is taken as the 13 digits of EAN-13 only (scanners send it so with AIM identifiers); add-on
            symbols are cut off; GS1 application identifiers are not read
Source      scanner manuals on AIM identifiers; ISO/IEC 15424 (identifiers), 16388 (Code 39); EN 798 (Codabar)

What a scanner sent before it was opened is thrown away: it belongs to nobody who stands here now.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from drivers.barcode import Scan
from drivers.barcode.scanning import ScanReader, ScanSettings, check_scan_settings
from drivers.link import Clock, DeviceLost, Link, SettingsError

__all__ = ["SerialScanner", "SerialScannerSettings", "open"]

_READ_SIZE = 512
_COMMAND_SECONDS_MAX = 1.0


@dataclass(frozen=True, slots=True)
class SerialScannerSettings(ScanSettings):
    """How the scanner is set up; *start_command* and *stop_command* are ASCII, see also `ScanSettings`."""

    start_command: str = ""
    stop_command: str = ""


def open(settings: SerialScannerSettings, link: Link, clock: Clock) -> SerialScanner:
    """The scanner on *link*, with an empty line and, where it needs that, armed.

    Raises `SettingsError` for settings no scanner can have and `DeviceLost`.  The link is closed with the
    scanner, and also when opening fails.
    """
    try:
        _check(settings)
        link.discard_input()
        if settings.start_command:
            link.write(settings.start_command.encode("ascii"), _COMMAND_SECONDS_MAX)
    except BaseException:
        link.close()
        raise
    return SerialScanner(settings, link, clock)


class SerialScanner:
    """A `Scanner`; see the front page of the room for what it promises."""

    def __init__(self, settings: SerialScannerSettings, link: Link, clock: Clock) -> None:
        self._settings = settings
        self._link = link
        self._codes = ScanReader(settings, clock)
        self._is_closed = False

    def read(self, timeout_seconds: float) -> Scan | None:
        """See `Scanner.read`."""
        return self._codes.read(timeout_seconds, self._arrive)

    def close(self) -> None:
        """Disarms the scanner, where it takes a command for that, and frees the line.  Never raises."""
        if self._settings.stop_command and not self._is_closed:
            with suppress(DeviceLost):  # a scanner that is gone is dark already
                self._link.write(self._settings.stop_command.encode("ascii"), _COMMAND_SECONDS_MAX)
        self._is_closed = True
        self._link.close()

    def _arrive(self, seconds: float) -> bool:
        data = self._link.read(_READ_SIZE, seconds)
        self._codes.feed(data)
        return bool(data)


def _check(settings: SerialScannerSettings) -> None:
    """Raises `SettingsError` naming the first setting that is out of range."""
    check_scan_settings(settings)
    for name in ("start_command", "stop_command"):
        if not getattr(settings, name).isascii():
            raise SettingsError(f"{name} has to be ASCII")
