"""An unattended book drop: read from two metres, and nothing to touch."""

from __future__ import annotations

from collections.abc import Mapping

from kivy.properties import BooleanProperty, StringProperty

from kiosk.wording.catalogue import Words
from kiosk.wording.giving_back import drop_row
from kiosk.workflow import view as views
from kiosk.workflow.view import DropStep, View
from ui.screens.screen import Screen

PICTURES: Mapping[DropStep, str] = {
    DropStep.READY: "drop-in",
    DropStep.READING: "drop-reading",
    DropStep.WORKING: "drop-working",
    DropStep.MOVING: "drop-moving",
    DropStep.TAKE_OUT: "drop-out",
    DropStep.DONE: "finished",
    DropStep.STUCK: "drop-closed",
    DropStep.FULL: "drop-full",
    DropStep.AWAY: "desk",
}
BUSY = (DropStep.READING, DropStep.WORKING, DropStep.MOVING)


class BookDroppingScreen(Screen):
    """What to do with the one book, in a picture and the largest words."""

    picture = StringProperty("")
    book = StringProperty("")
    late = StringProperty("")
    since = StringProperty("")
    cost = StringProperty("")
    is_working = BooleanProperty(False)

    def fill(self, view: View, words: Words) -> None:
        """Show the step, and the book it is about."""
        assert isinstance(view, views.BookDropping)
        self.picture = PICTURES[view.step]
        row = drop_row(words, view)
        self.book, self.late, self.since, self.cost = row.title, row.late, row.since, row.cost
        self.is_working = view.step in BUSY
