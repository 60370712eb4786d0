"""What lies on the table and can be touched: pieces, their barcodes, cables."""

from __future__ import annotations

from kivy.properties import BooleanProperty, ObjectProperty, StringProperty

from ui import style
from ui.widgets.buttons import Touchable


class PieceTile(Touchable):
    """Something that can be moved by a touch, and scanned by a touch on its barcode."""

    title = StringProperty("")
    detail = StringProperty("")
    icon = StringProperty("book")
    scan_label = StringProperty("")
    scan = ObjectProperty(None, allownone=True)
    slide_label = StringProperty("")
    slide = ObjectProperty(None, allownone=True)

    def on_state(self, *_: object) -> None:
        """Show that a finger is on it."""
        self.ground = style.PRESSED if self.state == "down" else style.CARD


class HandKey(Touchable):
    """What else a hand can do with a piece; without a *label* there is no such key."""

    label = StringProperty("")
    icon = StringProperty("")


class DeedKey(Touchable):
    """Something hands can do at a device; *is_on* while it stays so."""

    label = StringProperty("")
    is_on = BooleanProperty(False)


class Cable(Touchable):
    """A device or the network, and how it stands."""

    label = StringProperty("")
    how = StringProperty("")
    is_whole = BooleanProperty(True)
