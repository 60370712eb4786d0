"""An item that is given back has to go over the strip unit, alone, to be made secure."""

from __future__ import annotations

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.wording.catalogue import Words
from kiosk.wording.lines import title_of
from kiosk.wording.pages import unit_text
from kiosk.workflow import view as views
from kiosk.workflow.view import View
from ui.screens.screen import Screen


class UseStripUnitBackScreen(Screen):
    """Which item, how it goes over the unit, and how long it is waited for; three dots while the unit is at it."""

    primary = views.STRIP_READY
    book = StringProperty("")
    movement = StringProperty("")
    is_working = BooleanProperty(False)
    left_seconds = NumericProperty(0)
    total_seconds = NumericProperty(1)
    unit = StringProperty("")

    def fill(self, view: View, words: Words) -> None:
        """The longest time seen is the whole ring."""
        assert isinstance(view, views.UseStripUnitBack)
        self.book = title_of(words, view.line)
        self.is_working = view.is_working
        is_laid_down = any(choice.id == views.STRIP_READY for choice in view.choices)
        self.movement = "strip-working" if view.is_working else "strip-lay" if is_laid_down else "strip-slide"
        self.total_seconds = max(self.total_seconds, view.seconds_left)
        self.left_seconds = view.seconds_left
        self.unit = unit_text(words, view.seconds_left)
