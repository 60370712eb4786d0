"""Several QR codes below each other, each as large as what is seen at once."""

from __future__ import annotations

from kivy.properties import ListProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from ui.widgets.qrcode import QrCode
from ui.widgets.scrolling import Scrolling


class CodeCard(BoxLayout):
    """A code with what it is, *room* pixels high."""

    caption = StringProperty("")
    content = StringProperty("")
    room = NumericProperty(0)


class Codes(Scrolling):
    """*codes* are captions and texts; two never stand in sight whole, or a phone would choose for the reader."""

    codes = ListProperty()

    def on_codes(self, *_: object) -> None:
        """Show one card per code."""
        if len(self.column.children) != len(self.codes):
            self.column.clear_widgets()
            for _code in self.codes:
                self.column.add_widget(CodeCard())
        self._fit()
        for card, (caption, text) in zip(reversed(self.column.children), self.codes, strict=True):
            card.caption, card.content = caption, text

    def on_kv_post(self, _: object) -> None:
        """Follow how much is seen at once."""
        self.entries.fbind("height", self._fit)

    def _fit(self, *_: object) -> None:
        for card in self.column.children:
            card.room = self.entries.height


__all__ = ["CodeCard", "Codes", "QrCode"]
