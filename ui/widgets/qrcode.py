"""A QR code on the screen: every module a whole number of pixels, dark on light, with its quiet zone.

The symbol is made by segno (ISO/IEC 18004); what is drawn is its matrix, enlarged without smoothing, so that no edge is
grey.  The quiet zone of four modules on each side is part of the picture: whatever stands around cannot come into it.
"""

from __future__ import annotations

from functools import lru_cache

import segno
from kivy.graphics import Color, InstructionGroup, Rectangle
from kivy.graphics.texture import Texture
from kivy.properties import StringProperty

from ui import style
from ui.widgets.drawn import Drawn

QUIET_ZONE = 4
"""Modules of light on each side (ISO/IEC 18004, 6.3.8)."""

CORRECTION = "m"
"""Up to 15 % of the code may be hidden by a reflection or a finger."""

Matrix = tuple[bytes, ...]


@lru_cache(maxsize=8)
def matrix_of(text: str) -> Matrix | None:
    """The modules of the code for *text*, its quiet zone included: rows from the top, 1 is dark.

    None where *text* is empty or more than a code can hold.
    """
    if not text:
        return None
    try:
        code = segno.make(text, error=CORRECTION, encoding="utf-8", micro=False)
    except segno.DataOverflowError:
        return None
    return tuple(bytes(row) for row in code.matrix_iter(border=QUIET_ZONE))


class QrCode(Drawn):
    """The code for *content*, as large as fits; nothing where there is none."""

    content = StringProperty("")
    redrawn_by = ("content",)

    def _move(self, *_: object) -> None:
        # Between two pixels every edge would be grey.
        self._place.xy = (round(self.x), round(self.y))

    def draw(self, strokes: InstructionGroup) -> None:
        """Draw the code in the middle."""
        matrix = matrix_of(self.content)
        if matrix is None:
            return
        module = int(min(self.size)) // len(matrix)
        side = module * len(matrix)
        corner = (int(self.width - side) // 2, int(self.height - side) // 2)
        strokes.add(Color(1, 1, 1, 1))
        strokes.add(Rectangle(pos=corner, size=(side, side), texture=_texture(matrix)))


def _texture(matrix: Matrix) -> Texture:
    dark, light = (bytes(round(part * 255) for part in one) for one in (style.CODE_DARK, style.CODE_LIGHT))
    size = (len(matrix), len(matrix))
    texture = Texture.create(size=size, colorfmt="rgba")
    texture.mag_filter = texture.min_filter = "nearest"
    # Textures begin at the bottom.
    pixels = b"".join(dark if module else light for row in reversed(matrix) for module in row)
    texture.blit_buffer(pixels, size=size, colorfmt="rgba", bufferfmt="ubyte")
    return texture
