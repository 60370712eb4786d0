"""The end of a session: what was lent and what was not."""

from __future__ import annotations

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty

from kiosk.wording.catalogue import Words
from kiosk.wording.lines import row_of
from kiosk.wording.pages import closing_text
from kiosk.workflow import view as views
from kiosk.workflow.view import View
from ui.screens.screen import Screen
from ui.widgets.booklist import Entry
from ui.widgets.looks import LINES


class SummaryScreen(Screen):
    """Every item with how it ended, until done or the time is over."""

    primary = views.DONE
    left_seconds = NumericProperty(0)
    closing = StringProperty("")
    is_empty = BooleanProperty(True)
    books = ObjectProperty(None)

    def fill(self, view: View, words: Words) -> None:
        """Show the rows and how long they stay; nothing can be chosen in a row any more."""
        assert isinstance(view, views.Summary)
        self.left_seconds = view.seconds_left
        self.closing = closing_text(words, view.seconds_left)
        self.is_empty = not view.lines
        self.books.show(Entry(line.id, row_of(words, line), LINES[line.status]) for line in view.lines)
