"""An item was taken away too early and is asked for."""

from __future__ import annotations

from kivy.properties import NumericProperty, StringProperty

from kiosk.wording.catalogue import Words
from kiosk.wording.pages import unit_text
from kiosk.workflow import view as views
from kiosk.workflow.view import View
from ui.screens.screen import Screen


class PutBackScreen(Screen):
    """Which item, and how long it is waited for."""

    left_seconds = NumericProperty(0)
    total_seconds = NumericProperty(1)
    unit = StringProperty("")

    def fill(self, view: View, words: Words) -> None:
        """The longest time seen is the whole ring."""
        assert isinstance(view, views.PutBack)
        self.total_seconds = max(self.total_seconds, view.seconds_left)
        self.left_seconds = view.seconds_left
        self.unit = unit_text(words, view.seconds_left)
