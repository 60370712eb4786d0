"""This card is not served now: every reason, with what to do about it."""

from __future__ import annotations

from kivy.properties import NumericProperty, StringProperty

from kiosk.wording.catalogue import Words
from kiosk.wording.pages import closing_text
from kiosk.workflow import view as views
from kiosk.workflow.view import View
from ui.screens.screen import Screen


class NotServedScreen(Screen):
    """The reasons, until they are understood or the time is over."""

    primary = views.DONE
    left_seconds = NumericProperty(0)
    closing = StringProperty("")

    def fill(self, view: View, words: Words) -> None:
        """Show how long this stays."""
        assert isinstance(view, views.NotServed)
        self.left_seconds = view.seconds_left
        self.closing = closing_text(words, view.seconds_left)
