"""Cuts a scanner's bytes into codes: terminators, STX/ETX or silence; a cap on everything.

Scanners send the code and then CR, LF, CR LF or TAB, as they are set; some wrap it in STX and ETX; some send
nothing after it, and only silence says that the code is whole.  Where a terminator is expected silence never
makes a scan: half a number can be a valid number of somebody else, so what stays unfinished is given up as a
flaw.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from drivers.masked import Masked

__all__ = ["FrameRules", "RawScan", "ScanFramer"]

STX, ETX = 0x02, 0x03
TERMINATORS = b"\r\n\t"
CODE_SIZE_LIMIT = 4096


@dataclass(frozen=True, slots=True)
class FrameRules:
    """How the scanner is set.

    *ends_by_silence* is true for a scanner that sends no terminator (one that comes all the same still ends a
    code). *ignored* are control characters that mean nothing on this line, dropped without a word: NUL is
    what a serial line gives while a scanner is plugged in.  *code_size_max* is in bytes, prefix included, 1
    to 4096.
    """

    ends_by_silence: bool = False
    ignored: bytes = b"\x00"
    code_size_max: int = 256


@dataclass(frozen=True, slots=True)
class RawScan:
    """One code as it came: *code* is printable ASCII of 1 to `code_size_max` characters, empty when flawed.

    *flaw* is empty, "control" (a control character inside), "alphabet" (a byte above 7E) or "length" (longer
    than the cap, or broken off).
    """

    code: Masked
    flaw: str = ""


@dataclass(slots=True)
class ScanFramer:
    """Bytes in, codes out, in order; never raises, never holds more than `code_size_max` bytes."""

    rules: FrameRules = field(default_factory=FrameRules)
    _code: bytearray = field(default_factory=bytearray, repr=False)
    _flaw: str = ""

    @property
    def is_pending(self) -> bool:
        """Whether a code has begun and not ended."""
        return bool(self._code) or bool(self._flaw)

    def feed(self, data: bytes) -> tuple[RawScan, ...]:
        """The codes that end within *data*; what follows the last of them waits for more."""
        scans: list[RawScan] = []
        for byte in data:
            if byte in TERMINATORS or byte == ETX:
                self._end(scans)
            elif byte == STX:
                self._break_off(scans)
            else:
                self._take(byte)
        return tuple(scans)

    def spoil(self, flaw: str) -> None:
        """What has come of this code, and what still comes of it, is flawed by *flaw*; an earlier flaw stays."""
        self._flaw = self._flaw or flaw
        self._code.clear()

    def silence(self) -> tuple[RawScan, ...]:
        """What the line's silence makes of an unfinished code: a scan, or a flaw where a terminator is
        missing.
        """
        scans: list[RawScan] = []
        if self.rules.ends_by_silence:
            self._end(scans)
        else:
            self._break_off(scans)
        return tuple(scans)

    def _take(self, byte: int) -> None:
        if byte in self.rules.ignored:
            return
        if self._flaw:
            return
        if byte < 0x20 or byte == 0x7F:
            self.spoil("control")
        elif byte > 0x7F:
            self.spoil("alphabet")
        elif len(self._code) == self.rules.code_size_max:
            self.spoil("length")
        else:
            self._code.append(byte)

    def _end(self, scans: list[RawScan]) -> None:
        if self.is_pending:
            scans.append(RawScan(Masked(self._code.decode("ascii")), self._flaw))
        self._code.clear()
        self._flaw = ""

    def _break_off(self, scans: list[RawScan]) -> None:
        if self._code:
            self.spoil("length")
        self._end(scans)
