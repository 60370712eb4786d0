"""Turns laid-out lines into ESC/POS bytes, with python-escpos.

python-escpos is imported when the first line is made: that takes half a second, leaves a folder behind and may set up
logging, both of which are put right here.

Chinese is sent as the printer wants it: between FS & and FS . in GB18030 (python-escpos would switch by the first
ideograph it sees and sends no FS &), as a picture, or not at all.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Sequence
from enum import Enum
from typing import Any

from drivers.printer import Align, Size
from drivers.printer.layout import PaperLine, columns_of
from drivers.printer.raster import Drawer

__all__ = ["RASTER_COLUMNS_MAX", "Chinese", "CodePage", "Composer", "gb18030", "without_commands"]

DOTS_PER_COLUMN = 12
"""Of the printer's font A, so a Chinese character of two columns is 24 dots wide."""

RASTER_COLUMNS_MAX = 48

# 576 dots wide, with all of our code pages; a printer whose width is not known makes python-escpos print to the screen.
_PROFILE = "TM-T20II"
_FEED_LINES = 5
_SIZES = {Size.NORMAL: (1, 1), Size.TALL: (1, 2), Size.LARGE: (2, 2)}
_ALIGNS = {Align.LEFT: "left", Align.CENTRE: "center"}
_KANJI_ON, _KANJI_OFF = b"\x1c&", b"\x1c."
# GB2312's sign for a character that cannot be set.
_GETA = "〓"


class Chinese(Enum):
    """How Chinese gets on paper: by the printer's own GB18030 font, as a picture, or not at all ("?")."""

    GB18030 = "gb18030"
    RASTER = "raster"
    NONE = "none"


class CodePage(Enum):
    """What a printer without Chinese sets letters with accents in (ESC t)."""

    CP437 = "cp437"
    CP850 = "cp850"
    CP858 = "cp858"
    CP1252 = "cp1252"


class Composer:
    """Makes the bytes of documents.  Raises `SettingsError` when *chinese* is RASTER and *font* is no font."""

    def __init__(
        self, columns: int, chinese: Chinese, code_page: CodePage, font: str, *, has_cutter: bool
    ) -> None:
        self._printer = _dummy()
        self._columns = columns
        self._chinese = chinese
        self._code_page = code_page
        self._has_cutter = has_cutter
        is_drawn = chinese is Chinese.RASTER
        self._drawer = Drawer(font, columns * DOTS_PER_COLUMN) if is_drawn else None

    def commands(self, lines: Sequence[PaperLine]) -> tuple[bytes, ...]:
        """The bytes of *lines*, between which a real-time question may be put: reset, one per line, the end."""
        start = self._taken(lambda printer: printer.hw("INIT"))
        if self._chinese is not Chinese.GB18030:
            # Chinese printers begin in Chinese mode, where a letter with an accent is half a character.
            start += _KANJI_OFF
        if self._chinese is Chinese.NONE:
            start += self._taken(lambda printer: printer.charcode(self._code_page.name))
        return (start, *(self._line(line) for line in lines), self._end())

    def _line(self, line: PaperLine) -> bytes:
        if self._drawer is not None and not (line.words + line.right).isascii():
            picture = self._drawer.draw(line)
            style = self._style(PaperLine())
            drawn = self._taken(lambda printer: printer.image(picture, impl="bitImageRaster"))
            return style + without_commands(drawn)
        return self._style(line) + self._encoded(self._set(line)) + b"\n"

    def _set(self, line: PaperLine) -> str:
        """The whole line as text, with what stands at the right pushed there by spaces."""
        if not line.right:
            return line.words
        is_wide = self._chinese is not Chinese.NONE
        taken = columns_of(line.words + line.right, is_wide=is_wide)
        return line.words + " " * max(1, self._columns - taken) + line.right

    def _style(self, line: PaperLine) -> bytes:
        width, height = _SIZES[line.size]
        return self._taken(
            lambda printer: printer.set(
                align=_ALIGNS[line.align], bold=line.is_bold, custom_size=True, width=width, height=height
            )
        )

    def _encoded(self, text: str) -> bytes:
        if text.isascii():
            return text.encode("ascii")
        if self._chinese is Chinese.GB18030:
            return _KANJI_ON + gb18030(text) + _KANJI_OFF
        return text.encode(self._code_page.value, errors="replace")

    def _end(self) -> bytes:
        if not self._has_cutter:
            return self._taken(lambda printer: printer.print_and_feed(_FEED_LINES))
        return self._taken(lambda printer: printer.cut(mode="PART"))

    def _taken(self, command: Any) -> bytes:
        self._printer.clear()
        command(self._printer)
        output: bytes = self._printer.output
        return output


def gb18030(text: str) -> bytes:
    """*text* for a printer's GB18030 font, in which nothing lies beyond the basic plane (GB18030-2000): "〓" there."""
    return "".join(_GETA if ord(character) > 0xFFFF else character for character in text).encode("gb18030")


def without_commands(raster: bytes) -> bytes:
    """*raster* (GS v 0) with one dot more wherever its dots would read as a real-time command.

    A printer obeys DLE EOT, DLE ENQ and DLE DC4 also in the middle of a picture (ESC/POS command reference, notes on
    real-time commands), so a picture could open a drawer or wipe the buffer.
    """
    head, dots = raster[:8], raster[8:]
    for second in (0x04, 0x05, 0x14):
        dots = dots.replace(bytes((0x10, second)), bytes((0x18, second)))
    return head + dots


def _dummy() -> Any:
    """A printer of python-escpos that keeps its bytes.

    The package writes its table of printers as a pickle into a folder it makes for that, unless
    ESCPOS_CAPABILITIES_PICKLE_DIR names one, and calls `logging.basicConfig`.
    """
    handlers = list(logging.root.handlers)
    from escpos import capabilities
    from escpos.printer import Dummy

    for added in [one for one in logging.root.handlers if one not in handlers]:
        logging.root.removeHandler(added)
    if "ESCPOS_CAPABILITIES_PICKLE_DIR" not in os.environ:
        shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)
    return Dummy(profile=_PROFILE)
