"""Items are given back: everything that was laid down or scanned, and how it stands."""

from __future__ import annotations

from kivy.properties import BooleanProperty, ObjectProperty

from kiosk.wording.catalogue import Words
from kiosk.wording.returns import back_row_of
from kiosk.workflow import view as views
from kiosk.workflow.view import View
from ui.screens.screen import Screen
from ui.widgets.looks import BACKS


class GivingBackScreen(Screen):
    """Every item with how it stands, where it goes and how late it was; how to finish."""

    primary = views.FINISH
    is_empty = BooleanProperty(True)
    books = ObjectProperty(None)

    def fill(self, view: View, words: Words) -> None:
        """Bring the rows up to date, each in its place."""
        assert isinstance(view, views.GivingBack)
        self.is_empty = not view.lines
        has_readers = max((line.reader for line in view.lines), default=0) > 1
        self.books.show(
            self.entry_of(
                line.id,
                back_row_of(words, line, has_readers=has_readers),
                BACKS[line.status],
                line.choices,
                view,
                words,
            )
            for line in view.lines
        )
