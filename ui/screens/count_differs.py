"""The reader said one number, the pad sees another."""

from __future__ import annotations

from kivy.properties import NumericProperty, StringProperty

from kiosk.wording.catalogue import Words
from kiosk.wording.pages import count_captions
from kiosk.workflow import view as views
from kiosk.workflow.view import View
from ui.screens.screen import Screen


class CountDiffersScreen(Screen):
    """Both numbers side by side."""

    primary = views.NO
    declared = NumericProperty(0)
    seen = NumericProperty(0)
    said = StringProperty("")
    found = StringProperty("")

    def fill(self, view: View, words: Words) -> None:
        """Show the numbers and what they are."""
        assert isinstance(view, views.CountDiffers)
        self.declared, self.seen = view.declared, view.seen
        self.said, self.found = count_captions(words)
