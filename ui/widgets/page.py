"""The frame of every screen: heading, body, actions, arranged for a tall or a wide window."""

from __future__ import annotations

from collections.abc import Mapping

from kivy.clock import Clock
from kivy.metrics import dp
from kivy.properties import BooleanProperty, ColorProperty, ListProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout

from kiosk.wording.explanations import Explanation, Tone
from ui import style
from ui.widgets.buttons import Actions
from ui.widgets.scrolling import Scrolling

# Of a wide window, how much the panel takes: with at most one card below the lead, with two, with more.
PANEL_SHARES = (0.44, 0.6, 0.66)


# More buttons than these are not stacked, so that they leave room for what is said.
STACKED_MAX = 3

# Shape, colour and ground of a card.
LOOKS: Mapping[Tone, tuple[str, style.Colour, style.Colour]] = {
    Tone.GOOD: ("check", style.GOOD, style.GOOD_TINT),
    Tone.CALM: ("check-open", style.WAIT, style.WAIT_TINT),
    Tone.CARE: ("care", style.CARE, style.CARE_TINT),
    Tone.GRAVE: ("late", style.BAD, style.BAD_TINT),
}


class Page(FloatLayout):
    """Places three children, in this order: heading, body, actions.

    Tall: below each other, the actions in reach at the bottom.  Wide: the body on the left, heading and actions in a
    panel on the right.  The body gets what the others leave, when tall at least *body_min* units.  In a wide window
    *dense_cards* or more are set small and close.  The panel of a wide window is as wide as its cards need, unless
    *panel_share* says which share of the window it takes.
    """

    is_wide = BooleanProperty(False)
    body_min = NumericProperty(0)
    dense_cards = NumericProperty(3)
    panel_share = NumericProperty(0)

    def __init__(self, **kwargs: object) -> None:
        self._arrange_soon = Clock.create_trigger(self._arrange, -1)
        super().__init__(**kwargs)
        self.bind(pos=self._arrange_soon, size=self._arrange_soon)

    def add_widget(self, widget: object, *args: object, **kwargs: object) -> None:
        """Take a child and follow its height."""
        super().add_widget(widget, *args, **kwargs)
        # A heading says how high it wants to be; the others are as high as they are.
        wish = "content_height" if isinstance(widget, Heading) else "height"
        widget.fbind(wish, self._arrange_soon)  # type: ignore[attr-defined]
        self._arrange_soon()

    def do_layout(self, *_: object, **__: object) -> None:
        """All places are given by `_arrange`."""
        self._arrange_soon()

    def _arrange(self, *_: object) -> None:
        if len(self.children) != 3:
            return
        actions, body, heading = self.children
        self.is_wide = self.width > self.height
        margin, wide = dp(style.MARGIN), dp(style.WIDE)
        heading.is_wide = self.is_wide
        # A panel that is wide for its cards has room for buttons beside each other.
        actions.is_stacked = self.is_wide and heading.cards < 2 and len(actions.offers) <= STACKED_MAX
        heading.is_dense = self.is_wide and heading.cards >= self.dense_cards
        if self.is_wide:
            share = self.panel_share or PANEL_SHARES[min(max(heading.cards - 1, 0), 2)]
            panel = round(self.width * share)
            left = self.right - panel
            actions.width = heading.width = panel - margin - wide
            actions.x = heading.x = left + wide
            body.x, body.width = self.x + margin, left - self.x - margin
            body.y, body.height = self.y + margin, self.height - margin - dp(style.SPACE)
        else:
            actions.width = heading.width = body.width = self.width - 2 * margin
            actions.x = heading.x = body.x = self.x + margin
        actions.y = self.y + margin
        free = self.top - dp(style.SPACE) - actions.y - actions.height - (wide if actions.height else 0)
        heading.height = min(heading.content_height, free if self.is_wide else free - dp(self.body_min))
        heading.top = self.top - dp(style.SPACE)
        if not self.is_wide:
            body.y = actions.y + actions.height + (dp(style.SPACE) if actions.height else 0)
            body.height = max(0, heading.y - dp(style.SPACE) - body.y)


SAID = (
    "greeting",
    "title",
    "lead",
    "note",
    "remarks",
    "quotes",
    "is_dense",
    "title_units",
    "lead_units",
    "greeting_units",
)


class Saying(BoxLayout):
    """Greeting, title, lead, a note that is good to know, remarks and quotes below each other."""

    greeting = StringProperty("")
    title = StringProperty("")
    lead = StringProperty("")
    note = StringProperty("")
    remarks = ListProperty()
    quotes = ListProperty()
    is_dense = BooleanProperty(False)
    title_units = NumericProperty(style.TITLE)
    lead_units = NumericProperty(style.STRONG)
    greeting_units = NumericProperty(style.STRONG)


class Heading(Scrolling):
    """What a screen says on top; scrolls in the rare case that it is more than fits.

    *is_dense* sets the cards in smaller type and closer, where many stand in a low window.  *title_units* and
    the like are larger where it is read from further away.
    """

    greeting = StringProperty("")
    title = StringProperty("")
    lead = StringProperty("")
    note = StringProperty("")
    remarks = ListProperty()
    quotes = ListProperty()
    is_dense = BooleanProperty(False)
    title_units = NumericProperty(style.TITLE)
    lead_units = NumericProperty(style.STRONG)
    greeting_units = NumericProperty(style.STRONG)

    def on_kv_post(self, _: object) -> None:
        """Put what is said into the column, which stands by now."""
        saying = Saying()
        for name in SAID:
            setattr(saying, name, getattr(self, name))
            self.fbind(name, saying.setter(name))
        self.column.add_widget(saying)

    @property
    def cards(self) -> int:
        """How many cards stand below the lead."""
        return len(self.remarks) + len(self.quotes)


class Remarks(BoxLayout):
    """Explanations as cards, and the server's own words as quotations below them."""

    remarks = ListProperty()
    quotes = ListProperty()
    is_dense = BooleanProperty(False)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        for name in ("remarks", "quotes", "is_dense"):
            self.fbind(name, self._show)
        self._show()

    def _show(self, *_: object) -> None:
        wanted: list[Explanation] = list(self.remarks)
        cards = [(one.what, one.advice, one.tone) for one in wanted]
        cards += [("", quote, Tone.CARE) for quote in self.quotes]
        while len(self.children) > len(cards):
            self.remove_widget(self.children[0])
        while len(self.children) < len(cards):
            self.add_widget(Remark())
        for widget, (what, advice, tone) in zip(reversed(self.children), cards, strict=True):
            widget.what, widget.advice, widget.is_dense = what, advice, self.is_dense
            icon, widget.tone, widget.ground = LOOKS[tone]
            widget.icon = icon if what else "desk"


class Remark(BoxLayout):
    """What is so, and what to do, on a ground of its own."""

    what = StringProperty("")
    advice = StringProperty("")
    icon = StringProperty("care")
    tone = ColorProperty(style.CARE)
    ground = ColorProperty(style.CARE_TINT)
    is_dense = BooleanProperty(False)


__all__ = ["Actions", "Heading", "Page", "Remark", "Remarks", "Saying"]
