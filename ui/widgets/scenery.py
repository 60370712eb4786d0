"""Parts without a life of their own: pictures, the ways in, tiles, large numbers."""

from __future__ import annotations

from kivy.properties import BooleanProperty, ColorProperty, ListProperty, ObjectProperty, StringProperty
from kivy.uix.anchorlayout import AnchorLayout
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.gridlayout import GridLayout

from ui import style
from ui.widgets.buttons import Tile


class Picture(AnchorLayout):
    """An illustration in the middle; where there is little room, none rather than a tiny one."""

    name = StringProperty("")


class TitleCard(BoxLayout):
    """The one item a screen is about, by its title."""

    title = StringProperty("")


class Way(BoxLayout):
    """One way to say who one is."""

    icon = StringProperty("")
    sentence = StringProperty("")


class Ways(BoxLayout):
    """The ways to say who one is, below each other."""

    ways = ListProperty()

    def on_ways(self, *_: object) -> None:
        """Show one row per way."""
        self.clear_widgets()
        for icon, sentence in self.ways:
            self.add_widget(Way(icon=icon, sentence=sentence))


class TileGrid(GridLayout):
    """Choices as equal tiles."""

    offers = ListProperty()
    choose = ObjectProperty(None, allownone=True)
    is_wide = BooleanProperty(False)

    def on_offers(self, *_: object) -> None:
        """Show one tile per choice."""
        if [tile.id for tile in reversed(self.children)] != [offer.id for offer in self.offers]:
            self.clear_widgets()
            for _offer in self.offers:
                self.add_widget(Tile(choose=lambda choice: self.choose and self.choose(choice)))
        for tile, offer in zip(reversed(self.children), self.offers, strict=True):
            tile.show(offer)


class BigNumber(BoxLayout):
    """A number that is read from two metres away, and what it is."""

    number = StringProperty("")
    caption = StringProperty("")
    ground = ColorProperty(style.CARD)
