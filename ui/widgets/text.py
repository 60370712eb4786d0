"""Text that breaks its lines well and is as high as they are."""

from __future__ import annotations

from functools import cache

from kivy.clock import Clock
from kivy.core.text import Label as CoreLabel
from kivy.properties import NumericProperty, StringProperty
from kivy.uix.label import Label

from ui.wrapping import wrap, wrap_evenly


@cache
def advance(character: str, font_size: float, is_bold: bool) -> float:
    """How wide *character* is, in pixels."""
    label = CoreLabel(text=character, font_size=font_size, bold=is_bold)
    return float(label.get_extents(character)[0])


class Text(Label):
    """*words* in lines that fit the width; *lines_max* (0: any) ends a title that is too long with an ellipsis.

    Only titles and other data are ever shortened; a sentence of ours is shown whole.
    """

    words = StringProperty("")
    lines_max = NumericProperty(0)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._rewrap = Clock.create_trigger(self._wrap, -1)
        for name in ("words", "width", "font_size", "bold", "lines_max", "padding"):
            self.fbind(name, self._rewrap)
        self._wrap()

    def measure(self, text: str) -> float:
        """How wide *text* is on one line."""
        return sum(advance(character, self.font_size, self.bold) for character in text)

    def _wrap(self, *_: object) -> None:
        if not self.words:
            self.text, self.height = "", 0
            return
        room = max(1.0, self.width - self.padding[0] - self.padding[2])
        limit = int(self.lines_max)
        lines = (
            wrap(self.words, room, self.measure, limit)
            if limit
            else wrap_evenly(self.words, room, self.measure)
        )
        self.text = "\n".join(lines)
        self.text_size = (self.width, None)
        self.texture_update()
        self.height = self.texture_size[1] if self.text else 0
