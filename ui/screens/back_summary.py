"""The end of giving back: what was taken back and what was not."""

from __future__ import annotations

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty

from kiosk.wording.catalogue import Words
from kiosk.wording.pages import closing_text
from kiosk.wording.returns import back_row_of
from kiosk.workflow import view as views
from kiosk.workflow.view import View
from ui.screens.screen import Screen
from ui.widgets.booklist import Entry
from ui.widgets.looks import BACKS


class BackSummaryScreen(Screen):
    """Every item with how it ended, until done or the time is over."""

    primary = views.DONE
    left_seconds = NumericProperty(0)
    closing = StringProperty("")
    is_empty = BooleanProperty(True)
    books = ObjectProperty(None)

    def fill(self, view: View, words: Words) -> None:
        """Show the rows and how long they stay; nothing can be chosen in a row any more."""
        assert isinstance(view, views.BackSummary)
        self.left_seconds = view.seconds_left
        self.closing = closing_text(words, view.seconds_left)
        self.is_empty = not view.lines
        has_readers = view.readers > 1
        self.books.show(
            Entry(line.id, back_row_of(words, line, has_readers=has_readers), BACKS[line.status])
            for line in view.lines
        )
