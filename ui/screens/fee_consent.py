"""Borrowing an item costs something: yes or no."""

from __future__ import annotations

from kivy.properties import ObjectProperty

from kiosk.wording.catalogue import Words
from kiosk.wording.lines import row_of
from kiosk.workflow import view as views
from kiosk.workflow.view import View
from ui.screens.screen import Screen
from ui.widgets.booklist import Entry
from ui.widgets.looks import LINES


class FeeConsentScreen(Screen):
    """The item, its fee, and two buttons of which neither is pressed by chance."""

    primary = views.YES
    row = ObjectProperty(None)

    def fill(self, view: View, words: Words) -> None:
        """Show the item."""
        assert isinstance(view, views.FeeConsent)
        self.row.show(Entry(view.line.id, row_of(words, view.line), LINES[view.line.status]))
