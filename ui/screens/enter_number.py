"""A card number is typed."""

from __future__ import annotations

from kiosk.wording.catalogue import Words
from kiosk.workflow import view as views
from kiosk.workflow.events import NumberEntered
from kiosk.workflow.view import View
from ui.screens.typing_screen import TypingScreen
from ui.touches import number_entered


class EnterNumberScreen(TypingScreen):
    """The number pad with what was typed in sight."""

    def fill(self, view: View, words: Words) -> None:
        """Take over the limit; a number that was wrong is forgotten."""
        assert isinstance(view, views.EnterNumber)
        self.length_max = view.length_max
        self.begin(words, (view.is_wrong, view.length_max))

    def entered(self, digits: str) -> NumberEntered:
        """What is posted for *digits*."""
        return number_entered(digits)
