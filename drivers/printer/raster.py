"""Draws a line of text as dots, for printers without Chinese characters of their own.

Pillow is imported when the first line is drawn: it takes a tenth of a second, and most printers never need it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.link import SettingsError
from drivers.printer import Align, Size
from drivers.printer.layout import PaperLine

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["LINE_DOTS", "Drawer"]

LINE_DOTS = 32
"""How high a line of normal size is: 24 dots of a character and the space between lines."""

_CHARACTER_DOTS = 24
_SCALES = {Size.NORMAL: (1, 1), Size.TALL: (1, 2), Size.LARGE: (2, 2)}


class Drawer:
    """Draws with the font in the file *font*, on paper *width_dots* wide (a multiple of 8).

    Raises `SettingsError` when the file holds no font.
    """

    def __init__(self, font: str, width_dots: int) -> None:
        from PIL import ImageFont

        try:
            self._fonts = {
                scale: ImageFont.truetype(font, _CHARACTER_DOTS * scale, layout_engine=ImageFont.Layout.BASIC)
                for scale in (1, 2)
            }
        except OSError as error:
            raise SettingsError(f"font {font}: not a readable font: {error}") from error
        self._width = width_dots

    def draw(self, line: PaperLine) -> Image:
        """*line* in black on white, one bit a dot; what is too wide is squeezed, never cut off."""
        from PIL import Image

        height = LINE_DOTS * _SCALES[line.size][1]
        picture = Image.new("1", (self._width, height), 1)
        right = self._ink(line.right, line) if line.right else None
        room = self._width - (right.width + _CHARACTER_DOTS if right else 0)
        if line.words:
            words = _fitted(self._ink(line.words, line), room)
            left = (self._width - words.width) // 2 if line.align is Align.CENTRE else 0
            picture.paste(words, (left, 0))
        if right:
            fitted = _fitted(right, self._width // 2) if not line.words else right
            picture.paste(fitted, (self._width - fitted.width, 0))
        return picture

    def _ink(self, text: str, line: PaperLine) -> Image:
        from PIL import Image, ImageDraw

        across, down = _SCALES[line.size]
        font = self._fonts[down]
        bold = down if line.is_bold else 0
        width = max(1, int(font.getlength(text)) + 2 * bold)
        ink = Image.new("1", (width, LINE_DOTS * down), 1)
        # Letters stand on one base line, whatever their own height is.
        base = round(_CHARACTER_DOTS * down * 0.98)
        ImageDraw.Draw(ink).text((bold, base), text, font=font, fill=0, anchor="ls", stroke_width=bold)
        return ink if across == down else ink.resize((max(1, width * across // down), ink.height))


def _fitted(ink: Image, width: int) -> Image:
    return ink if ink.width <= width else ink.resize((max(1, width), ink.height))
