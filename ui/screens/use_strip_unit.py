"""An item has to go over the strip unit, alone."""

from __future__ import annotations

from collections.abc import Mapping

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.wording.catalogue import Words
from kiosk.wording.lines import title_of
from kiosk.wording.pages import unit_text
from kiosk.wording.strips import is_laid_down
from kiosk.workflow import view as views
from kiosk.workflow.view import StripStep, View
from ui.screens.screen import Screen

# What is shown where the item itself is not to move onto the unit.
MOVEMENTS: Mapping[StripStep, str] = {StripStep.TAKE_AWAY: "strip-clear", StripStep.SCAN_AGAIN: "scan"}


def movement_of(view: views.UseStripUnit) -> str:
    """The name of the picture that shows what hands have to do."""
    if view.is_working:
        return "strip-working"
    return MOVEMENTS.get(view.step, "strip-lay" if is_laid_down(view) else "strip-slide")


class UseStripUnitScreen(Screen):
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
        assert isinstance(view, views.UseStripUnit)
        self.book = title_of(words, view.line)
        self.is_working = view.is_working
        self.movement = movement_of(view)
        self.total_seconds = max(self.total_seconds, view.seconds_left)
        self.left_seconds = view.seconds_left
        self.unit = unit_text(words, view.seconds_left)
