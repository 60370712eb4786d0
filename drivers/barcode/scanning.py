"""From what a scanner sends to scans: the settings and the loop that scanners on a line and as keyboards share."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from drivers.barcode import Scan, Symbology
from drivers.barcode.framing import CODE_SIZE_LIMIT, FrameRules, RawScan, ScanFramer
from drivers.barcode.symbology import LIBRARY_CODABAR, PRINTABLE, CodeRule, interpret
from drivers.link import Clock, SettingsError
from drivers.masked import Masked

__all__ = ["ScanReader", "ScanSettings", "check_scan_settings"]

# A float sum may fall short of the moment it was waited for by less than this.
_CLOCK_GRAIN_SECONDS = 1e-6


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """Which codes the library uses and how they are framed; the first rule that fits decides.

    *silence_seconds* is how long nothing may come before an unfinished code is closed: as a scan where
    `frames.ends_by_silence` (60 to 100 ms is usual), as a flaw otherwise (a second is long for any line).
    *prefix* is sent by the scanner before every code; a code without it is flawed.  *text_length_max* is in
    characters.
    """

    rules: tuple[CodeRule, ...] = (LIBRARY_CODABAR,)
    frames: FrameRules = field(default_factory=FrameRules)
    silence_seconds: float = 1.0
    prefix: str = ""
    text_length_max: int = 64


class ScanReader:
    """Turns what arrives into scans; whoever owns the link hands it over by `feed` and `spoil`."""

    def __init__(self, settings: ScanSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._framer = ScanFramer(settings.frames)
        self._ready: deque[RawScan] = deque()
        self._last_at = clock.monotonic()

    @property
    def is_pending(self) -> bool:
        """Whether a code has begun and not ended."""
        return self._framer.is_pending

    @property
    def is_silent(self) -> bool:
        """Whether nothing has come for as long as ends a code."""
        return self._clock.monotonic() + _CLOCK_GRAIN_SECONDS >= self._silent_at()

    def feed(self, data: bytes) -> None:
        """Takes characters that have arrived."""
        self._ready.extend(self._framer.feed(data))

    def spoil(self, flaw: str) -> None:
        """Makes the code that is under way, or about to come, flawed by *flaw*, a word of `Scan.flaw`."""
        self._framer.spoil(flaw)

    def read(self, timeout_seconds: float, arrive: Callable[[float], bool]) -> Scan | None:
        """See `Scanner.read`.  Scans that arrived together are given one by one, none is lost.

        *arrive* waits for at most so many seconds, hands over what came and says whether anything did.
        """
        deadline = self._clock.monotonic() + timeout_seconds
        while not self._ready:
            if arrive(self._wait_seconds(deadline)):
                self._last_at = self._clock.monotonic()
            elif self._framer.is_pending and self.is_silent:
                self._ready.extend(self._framer.silence())
            if not self._ready and self._clock.monotonic() + _CLOCK_GRAIN_SECONDS >= deadline:
                return None
        return self._interpret(self._ready.popleft())

    def _silent_at(self) -> float:
        return self._last_at + self._settings.silence_seconds

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


def check_scan_settings(settings: ScanSettings) -> None:
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
    if not settings.prefix.isascii():
        raise SettingsError("prefix has to be ASCII")
