"""What the two screens with a number pad share: digits leave the pad once, as one event."""

from __future__ import annotations

from kivy.properties import NumericProperty, ObjectProperty, StringProperty

from kiosk.wording.catalogue import Words
from kiosk.wording.choices import enter_label, key_label
from kiosk.workflow.events import NumberEntered, PinEntered
from ui.screens.screen import Post, Screen


class TypingScreen(Screen):
    """A screen whose body is a number pad."""

    enter = ObjectProperty(None)
    enter_label = StringProperty("")
    erase_label = StringProperty("")
    clear_label = StringProperty("")
    length_max = NumericProperty(20)
    pad = ObjectProperty(None)

    def __init__(self, post: Post, **kwargs: object) -> None:
        self._asked: object = None
        super().__init__(post, enter=lambda digits: self.post(self.entered(digits)), **kwargs)

    def begin(self, words: Words, asked: object) -> None:
        """Name the keys; when *asked* differs from the last time, the pad is cleared: something else is asked for."""
        self.enter_label = enter_label(words)
        self.erase_label, self.clear_label = key_label(words, "erase"), key_label(words, "clear")
        if asked != self._asked:
            self._asked = asked
            self.pad.clear()

    def leave(self) -> None:
        """Forget what was typed."""
        self.pad.clear()

    def entered(self, digits: str) -> NumberEntered | PinEntered:
        """What is posted for *digits*."""
        raise NotImplementedError
