"""A PIN is typed."""

from __future__ import annotations

from kiosk.wording.catalogue import Words
from kiosk.workflow import view as views
from kiosk.workflow.events import PinEntered
from kiosk.workflow.view import View
from ui.screens.typing_screen import TypingScreen
from ui.touches import pin_entered


class EnterPinScreen(TypingScreen):
    """The number pad; what was typed shows as dots."""

    def fill(self, view: View, words: Words) -> None:
        """Take over the limit; a PIN that was wrong is forgotten, one more book on the pad is no reason to."""
        assert isinstance(view, views.EnterPin)
        self.length_max = view.length_max
        self.begin(words, (view.tries_left, view.length_max))

    def entered(self, digits: str) -> PinEntered:
        """What is posted for *digits*."""
        return pin_entered(digits)
