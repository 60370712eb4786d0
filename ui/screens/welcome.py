"""Nobody is using the terminal: what to begin with."""

from __future__ import annotations

from kivy.properties import ListProperty, StringProperty

from kiosk.wording.catalogue import Words
from kiosk.wording.welcome import ways_caption, ways_of
from kiosk.workflow import view as views
from kiosk.workflow.view import Choice, View, Way
from ui.screens.screen import Screen

ICONS = {Way.CARD: "card", Way.BARCODE: "barcode", Way.NUMBER: "keys"}
SERVICES = (views.GIVE_BACK, views.BORROW, views.ACCOUNT)


class WelcomeScreen(Screen):
    """A picture of the first step, what can be begun with a touch, and every way to say who one is."""

    picture = StringProperty("card")
    services = ListProperty()
    caption = StringProperty("")
    ways = ListProperty()

    def fill(self, view: View, words: Words) -> None:
        """Show the services and the ways that work now; typing is a button of its own."""
        assert isinstance(view, views.Welcome)
        told = zip(view.ways, ways_of(words, view), strict=True)
        self.ways = [(ICONS[way], sentence) for way, sentence in told if way is not Way.NUMBER]
        self.caption = ways_caption(words, view)
        services = tuple(choice for choice in view.choices if choice.id in SERVICES)
        self.services = self.offers_of(services, view, words)
        is_for_books = view.books or (not view.is_lending and not view.is_for_account)
        self.picture = "books" if is_for_books else "card"

    def actions_of(self, view: View) -> tuple[Choice, ...]:
        """What is no service stands below the ways."""
        return tuple(choice for choice in super().actions_of(view) if choice.id not in SERVICES)

    def primary_of(self, view: View) -> str:
        """Where nobody borrows, giving back is the one thing to do."""
        is_return_only = isinstance(view, views.Welcome) and not view.is_lending
        return views.GIVE_BACK if is_return_only else ""
