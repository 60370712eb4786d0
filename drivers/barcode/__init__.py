"""Barcode scanners: one scan at a time, cleaned of framing, prefixes and control characters.

`serial_scanner.py` is the device on a line, `keyboard_scanner.py` the one that types.  Both hand characters to
`scanning.py`; `framing.py` cuts them into codes, `symbology.py` knows what a code of each kind may look like, with
the arithmetic in `check_digits.py` and `code_39_ascii.py`.  What keys mean stands in `keymap.py` (countries),
`alt_codes.py` (Alt and a number) and `keystrokes.py` (what is held down meanwhile).  Whether a scan is an item or a
person's card is not decided here, so it stays masked.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from drivers.masked import Masked

__all__ = ["Scan", "Scanner", "Symbology"]


class Symbology(Enum):
    """The kinds of code a library meets; UNKNOWN when nobody says and the text fits none alone."""

    CODABAR = "codabar"
    CODE_39 = "code39"
    CODE_93 = "code93"
    CODE_128 = "code128"
    EAN_13 = "ean13"
    INTERLEAVED_2_OF_5 = "i2of5"
    QR = "qr"
    DATA_MATRIX = "datamatrix"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Scan:
    """One code as read: *text* is 1 to `text_length_max` printable ASCII characters, prefixes and start/stop
    removed.

    *flaw* is empty for a scan to act on, else one word: "control" (control characters in it), "length" (too
    short, too long, broken off), "check" (check digit wrong), "alphabet", "symbology" (a kind the library
    does not use, such as the publisher's EAN on the back of a book).  A flawed scan's text is empty.
    """

    text: Masked
    symbology: Symbology
    flaw: str = ""


class Scanner(Protocol):
    """A barcode scanner."""

    def read(self, timeout_seconds: float) -> Scan | None:
        """The next scan, in the order scanned; None when there was none in time.  Raises `DeviceLost`."""

    def close(self) -> None:
        """Frees the line.  Never raises."""
