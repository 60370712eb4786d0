"""What is touched: choices, keys, arrows.  Every one is large, says so by its shape, and shows that it was pressed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    ListProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout

from ui import style

# How much wider the one thing to do is than the button beside it.
MAIN_SHARE = 1.6


class Role(Enum):
    """How much a button asks for attention: at most one per screen is the one thing to do.

    CHOSEN: what it stands for is taken in, and another touch takes it out; it has a check mark too.
    """

    PRIMARY = "primary"
    PLAIN = "plain"
    QUIET = "quiet"
    CHOSEN = "chosen"


@dataclass(frozen=True, slots=True)
class Offer:
    """A choice as a button shows it; *icon* names a shape or is empty."""

    id: str
    label: str
    is_enabled: bool = True
    role: Role = Role.PLAIN
    icon: str = ""


class Touchable(ButtonBehavior, BoxLayout):
    """A rounded surface that calls *choose* with its id when a finger that came down on it leaves it there."""

    id = StringProperty("")
    is_enabled = BooleanProperty(True)
    choose = ObjectProperty(None, allownone=True)
    ground = ColorProperty(style.CARD)
    edge = ColorProperty(style.HAIRLINE)
    ink = ColorProperty(style.BRAND)
    shade = ColorProperty(style.NOTHING)

    def on_touch_down(self, touch: object) -> bool:
        """Take the touch only when something can be chosen here."""
        return bool(self.is_enabled and super().on_touch_down(touch))

    def on_release(self) -> None:
        """Tell what was chosen."""
        if self.is_enabled and self.choose:
            self.choose(self.id)


class ChoiceSurface(Touchable):
    """A choice of the view, with a word and perhaps an icon, painted by its role; how they stand is its twin's."""

    label = StringProperty("")
    role = ObjectProperty(Role.PLAIN)
    icon = StringProperty("")
    font_units = NumericProperty(style.BODY)

    def show(self, offer: Offer) -> None:
        """Show *offer*."""
        self.id, self.label, self.role, self.icon = offer.id, offer.label, offer.role, offer.icon
        self.is_enabled = offer.is_enabled
        self.font_units = self.units_of(offer)
        self._paint()

    def on_state(self, *_: object) -> None:
        """Show that a finger is on it."""
        self._paint()

    def units_of(self, offer: Offer) -> int:
        """How large its word is."""
        return style.STRONG if offer.role is Role.PRIMARY else style.BODY

    def _paint(self) -> None:
        is_down = self.state == "down"
        self.shade = style.NOTHING
        if not self.is_enabled:
            self.ground, self.edge, self.ink = style.PAPER, style.HAIRLINE, style.QUIET
        elif self.role is Role.PRIMARY:
            self.ground = self.edge = style.BRAND_PRESSED if is_down else style.BRAND
            self.ink = style.ON_BRAND
            self.shade = style.NOTHING if is_down else style.SHADOW
        elif self.role is Role.CHOSEN:
            self.ground = style.PRESSED if is_down else style.BRAND_TINT
            self.edge, self.ink = style.BRAND, style.BRAND
        elif self.role is Role.QUIET:
            self.ground = style.PRESSED if is_down else style.PAPER
            self.edge, self.ink = style.HAIRLINE, style.BRAND
        else:
            self.ground = style.PRESSED if is_down else style.CARD
            self.edge, self.ink = style.BRAND, style.BRAND


class ChoiceButton(ChoiceSurface):
    """A choice with its word beside its icon; *wish* is how high it has to be, in pixels."""

    wish = NumericProperty(0)


class Tile(ChoiceButton):
    """A choice as a square of a grid, with one large number or letter."""

    def units_of(self, offer: Offer) -> int:
        """As large as a title."""
        return style.TITLE


class SideKey(ChoiceSurface):
    """A choice beside the words of a row: an icon with one word below it."""

    def units_of(self, offer: Offer) -> int:
        """Small: it stands in every row."""
        return style.SMALL


class ServiceTile(ChoiceSurface):
    """One way to begin: a large icon with its word below."""

    def units_of(self, offer: Offer) -> int:
        """As large as the one thing to do."""
        return style.STRONG


class ToggleTile(ChoiceButton):
    """A choice of a grid that is taken in or out, with a word."""


class Key(Touchable):
    """A key of the number pad: a digit, or an icon with its name in words beside it."""

    label = StringProperty("")
    icon = StringProperty("")

    def on_state(self, *_: object) -> None:
        """Show that a finger is on it."""
        self.ground = style.PRESSED if self.state == "down" else style.CARD


class Actions(BoxLayout):
    """The buttons of a screen: the one thing to do on top at full width, the others below it, two in a row.

    With *is_beside* and room, the one thing to do stands to the right of the other instead, and wider;
    with *is_stacked* everything stands below each other.
    """

    offers = ListProperty()
    choose = ObjectProperty(None, allownone=True)
    is_stacked = BooleanProperty(False)
    is_beside = BooleanProperty(False)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._buttons: dict[str, ChoiceButton] = {}
        for name in ("offers", "is_stacked", "is_beside"):
            self.fbind(name, self._show)
        self._show()

    def _show(self, *_: object) -> None:
        offers: list[Offer] = list(self.offers)
        kept = {
            offer.id: self._buttons.get(offer.id) or ChoiceButton(choose=self._chosen) for offer in offers
        }
        is_same = list(kept) == list(self._buttons) and bool(self.children)
        for offer in offers:
            kept[offer.id].show(offer)
        arrangement = [[offer.id for offer in row] for row in self._rows(offers)]
        if is_same and arrangement == getattr(self, "_arrangement", None):
            return
        self._arrangement = arrangement
        self._buttons = kept
        for row in list(self.children):
            row.clear_widgets()
        self.clear_widgets()
        for ids in arrangement:
            row = ActionRow()
            for one in ids:
                is_main = len(ids) > 1 and kept[one].role is Role.PRIMARY
                kept[one].size_hint_x = MAIN_SHARE if is_main else 1
                row.add_widget(kept[one])
            self.add_widget(row)

    def _rows(self, offers: list[Offer]) -> list[list[Offer]]:
        primary = [offer for offer in offers if offer.role is Role.PRIMARY]
        others = [offer for offer in offers if offer.role is not Role.PRIMARY]
        if self.is_beside and not self.is_stacked and len(offers) == 2:
            return [others + primary]
        step = 1 if self.is_stacked else 2
        return [[one] for one in primary] + [others[at : at + step] for at in range(0, len(others), step)]

    def _chosen(self, choice: str) -> None:
        if self.choose:
            self.choose(choice)


class ActionRow(BoxLayout):
    """Buttons side by side, all as high as the highest has to be."""

    def add_widget(self, widget: ChoiceButton, *args: object, **kwargs: object) -> None:
        """Take a button and follow how high it has to be."""
        super().add_widget(widget, *args, **kwargs)
        widget.fbind("wish", self._fit)
        self._fit()

    def remove_widget(self, widget: ChoiceButton, *args: object, **kwargs: object) -> None:
        """Give a button up: it may stand in another row next."""
        widget.funbind("wish", self._fit)
        super().remove_widget(widget, *args, **kwargs)

    def _fit(self, *_: object) -> None:
        self.height = max((button.wish for button in self.children), default=0)


Choose = Callable[[str], None]
