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

from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field

from drivers.barcode import Scan, Symbology
from drivers.barcode.framing import CODE_SIZE_LIMIT, FrameRules, RawScan, ScanFramer
from drivers.barcode.symbology import LIBRARY_CODABAR, PRINTABLE, CodeRule, interpret
from drivers.link import Clock, DeviceLost, Link, SettingsError
from drivers.masked import Masked

__all__ = ["SerialScanner", "SerialScannerSettings", "open"]

_READ_SIZE = 512
_COMMAND_SECONDS_MAX = 1.0
# A float sum may fall short of the moment it was waited for by less than this.
_CLOCK_GRAIN_SECONDS = 1e-6


@dataclass(frozen=True, slots=True)
class SerialScannerSettings:
    """How the scanner is set up and which codes the library uses; the first rule that fits decides.

    *silence_seconds* is how long the line must rest before an unfinished code is closed: as a scan where
    `frames.ends_by_silence` (60 to 100 ms is usual), as a flaw otherwise (a second is long for any scanner).
    *prefix* is sent by the scanner before every code; a code without it is flawed.  *text_length_max* is in
    characters.  *start_command* and *stop_command* are ASCII.
    """

    rules: tuple[CodeRule, ...] = (LIBRARY_CODABAR,)
    frames: FrameRules = field(default_factory=FrameRules)
    silence_seconds: float = 1.0
    prefix: str = ""
    text_length_max: int = 64
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
        self._clock = clock
        self._framer = ScanFramer(settings.frames)
        self._ready: deque[RawScan] = deque()
        self._last_byte_at = clock.monotonic()
        self._is_closed = False

    def read(self, timeout_seconds: float) -> Scan | None:
        """See `Scanner.read`.  Scans that arrived together are given one by one, none is lost."""
        deadline = self._clock.monotonic() + timeout_seconds
        while not self._ready:
            data = self._link.read(_READ_SIZE, self._wait_seconds(deadline))
            now = self._clock.monotonic()
            if data:
                self._last_byte_at = now
                self._ready.extend(self._framer.feed(data))
            elif self._framer.is_pending and now + _CLOCK_GRAIN_SECONDS >= self._silent_at():
                self._ready.extend(self._framer.silence())
            if not self._ready and now + _CLOCK_GRAIN_SECONDS >= deadline:
                return None
        return self._interpret(self._ready.popleft())

    def close(self) -> None:
        """Disarms the scanner, where it takes a command for that, and frees the line.  Never raises."""
        if self._settings.stop_command and not self._is_closed:
            with suppress(DeviceLost):  # a scanner that is gone is dark already
                self._link.write(self._settings.stop_command.encode("ascii"), _COMMAND_SECONDS_MAX)
        self._is_closed = True
        self._link.close()

    def _silent_at(self) -> float:
        return self._last_byte_at + self._settings.silence_seconds

    def _wait_seconds(self, deadline: float) -> float:
        until = min(deadline, self._silent_at()) if self._framer.is_pending else deadline
        return max(0.0, until - self._clock.monotonic())

    def _interpret(self, raw: RawScan) -> Scan:
        if raw.flaw:
            return Scan(Masked(""), Symbology.UNKNOWN, raw.flaw)
        code = raw.code.reveal()
        if not code.startswith(self._settings.prefix):
            return Scan(Masked(""), Symbology.UNKNOWN, "alphabet")
        scan = interpret(code.removeprefix(self._settings.prefix), self._settings.rules)
        if len(scan.text.reveal()) > self._settings.text_length_max:
            return Scan(Masked(""), scan.symbology, "length")
        return scan


def _check(settings: SerialScannerSettings) -> None:
    """Raises `SettingsError` naming the first setting that is out of range."""
    if not settings.rules:
        raise SettingsError("rules: at least one kind of code has to be allowed")
    for rule in settings.rules:
        if not 1 <= rule.length_min <= rule.length_max <= settings.text_length_max:
            raise SettingsError(
                f"rules: lengths of {rule.symbology.value} are {rule.length_min} to {rule.length_max}, "
                f"allowed is 1 to text_length_max ({settings.text_length_max})"
            )
        if not rule.alphabet or not set(rule.alphabet) <= set(PRINTABLE):
            raise SettingsError(f"rules: alphabet of {rule.symbology.value} has to be printable ASCII")
    if not 1 <= settings.frames.code_size_max <= CODE_SIZE_LIMIT:
        raise SettingsError(
            f"frames.code_size_max is {settings.frames.code_size_max}, allowed is 1 to {CODE_SIZE_LIMIT}"
        )
    if any(byte >= 0x20 and byte != 0x7F for byte in settings.frames.ignored):
        raise SettingsError(
            "frames.ignored: allowed are control characters, for anything else may be the number"
        )
    if settings.text_length_max > settings.frames.code_size_max:
        raise SettingsError("text_length_max is greater than frames.code_size_max")
    if not 0.02 <= settings.silence_seconds <= 10:
        raise SettingsError(f"silence_seconds is {settings.silence_seconds}, allowed is 0.02 to 10")
    for name in ("prefix", "start_command", "stop_command"):
        if not getattr(settings, name).isascii():
            raise SettingsError(f"{name} has to be ASCII")
