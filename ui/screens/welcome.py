"""Nobody is using the terminal: what to begin with."""

from __future__ import annotations

from kivy.properties import ListProperty, StringProperty

from kiosk.wording.catalogue import Words
from kiosk.wording.pages import ways_of
from kiosk.workflow import view as views
from kiosk.workflow.view import View, Way
from ui.screens.screen import Screen

ICONS = {Way.CARD: "card", Way.BARCODE: "barcode", Way.NUMBER: "keys"}


class WelcomeScreen(Screen):
    """A picture of the first step, and every way to take it."""

    picture = StringProperty("card")
    ways = ListProperty()

    def fill(self, view: View, words: Words) -> None:
        """Show the ways that work now; typing is a button of its own."""
        assert isinstance(view, views.Welcome)
        told = zip(view.ways, ways_of(words, view), strict=True)
        self.ways = [(ICONS[way], sentence) for way, sentence in told if way is not Way.NUMBER]
        self.picture = "books" if view.books else "card"
