"""Nothing happened for a while: is anybody there?"""

from __future__ import annotations

from kivy.properties import NumericProperty, StringProperty

from kiosk.wording.catalogue import Words
from kiosk.wording.pages import unit_text
from kiosk.workflow import view as views
from kiosk.workflow.view import View
from ui.screens.screen import Screen


class StillThereScreen(Screen):
    """How long is left, and a large way to get more time; nothing of the session is shown."""

    primary = views.MORE_TIME
    left_seconds = NumericProperty(0)
    total_seconds = NumericProperty(1)
    unit = StringProperty("")

    def fill(self, view: View, words: Words) -> None:
        """Show the time."""
        assert isinstance(view, views.StillThere)
        self.left_seconds, self.total_seconds = view.seconds_left, view.seconds_total
        self.unit = unit_text(words, view.seconds_left)
