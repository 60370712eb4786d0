"""What must not be missed in a row or on a screen: that something is overdue, and into which bin it goes."""

from __future__ import annotations

from kivy.properties import BooleanProperty, ColorProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.wording.bins import BinSign
from ui import style


class LateBanner(BoxLayout):
    """That it is overdue, with a clock on a ground of its own; *is_large* to be read from two metres.

    Without a *sentence* it takes no room.
    """

    sentence = StringProperty("")
    since = StringProperty("")
    cost = StringProperty("")
    is_large = BooleanProperty(False)


class BinPlate(BoxLayout):
    """A bin: its number on its colour, as it looks there, and what to do in words."""

    number = StringProperty("")
    order = StringProperty("")
    place = StringProperty("")
    ink = ColorProperty(style.INK)
    ground = ColorProperty(style.CARD)
    is_large = BooleanProperty(False)

    def show(self, sign: BinSign) -> None:
        """Show *sign*."""
        self.number, self.order, self.place = sign.number, sign.order, sign.place
        self.ink, self.ground = style.BINS[sign.colour]
