"""The books of a running session."""

from __future__ import annotations

from kivy.properties import BooleanProperty, ObjectProperty

from kiosk.wording.catalogue import Words
from kiosk.wording.lines import row_of
from kiosk.workflow import view as views
from kiosk.workflow.view import View
from ui.screens.screen import Screen
from ui.widgets.looks import LINES


class BorrowingScreen(Screen):
    """Every item with how it stands, how many more are allowed, and how to finish."""

    primary = views.FINISH
    is_empty = BooleanProperty(True)
    books = ObjectProperty(None)

    def primary_of(self, view: View) -> str:
        """Borrowing what waits to be confirmed comes before finishing."""
        return views.BORROW if isinstance(view, views.Borrowing) and view.to_confirm else self.primary

    def fill(self, view: View, words: Words) -> None:
        """Bring the rows up to date, each in its place."""
        assert isinstance(view, views.Borrowing)
        self.is_empty = not view.lines
        self.books.show(
            self.entry_of(line.id, row_of(words, line), LINES[line.status], line.choices, view, words)
            for line in view.lines
        )
