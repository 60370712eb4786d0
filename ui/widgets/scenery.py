"""Parts without a life of their own: pictures, the ways in, tiles, large numbers."""

from __future__ import annotations

from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    ListProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)
from kivy.uix.anchorlayout import AnchorLayout
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.gridlayout import GridLayout

from ui import style
from ui.widgets.buttons import ChoiceSurface, ServiceTile, Tile, ToggleTile


class Picture(AnchorLayout):
    """An illustration in the middle; where there is little room, none rather than a tiny one."""

    name = StringProperty("")
    size_max = NumericProperty(620)


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
        show_tiles(self, Tile)


class ToggleGrid(GridLayout):
    """Choices that are taken in and out."""

    offers = ListProperty()
    choose = ObjectProperty(None, allownone=True)

    def on_offers(self, *_: object) -> None:
        """Show one tile per choice."""
        show_tiles(self, ToggleTile)


class ServiceTiles(BoxLayout):
    """What can be begun with one touch, side by side."""

    offers = ListProperty()
    choose = ObjectProperty(None, allownone=True)

    def on_offers(self, *_: object) -> None:
        """Show one tile per service."""
        show_tiles(self, ServiceTile)


def show_tiles(box: TileGrid | ToggleGrid | ServiceTiles, tile: type[ChoiceSurface]) -> None:
    """Show one *tile* per offer in *box*, keeping the tiles while the choices stay."""
    if [one.id for one in reversed(box.children)] != [offer.id for offer in box.offers]:
        box.clear_widgets()
        for _ in box.offers:
            box.add_widget(tile(choose=lambda choice: box.choose and box.choose(choice)))
    for one, offer in zip(reversed(box.children), box.offers, strict=True):
        one.show(offer)


class StripWork(BoxLayout):
    """An item that goes over the strip unit: its title, what hands do, and how long it is waited for."""

    book = StringProperty("")
    movement = StringProperty("")
    is_working = BooleanProperty(False)
    left_seconds = NumericProperty(0)
    total_seconds = NumericProperty(1)
    unit = StringProperty("")


class BigNumber(BoxLayout):
    """A number that is read from two metres away, and what it is."""

    number = StringProperty("")
    caption = StringProperty("")
    ground = ColorProperty(style.CARD)
