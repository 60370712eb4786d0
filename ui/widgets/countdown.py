"""How long something is still waited for: a ring with the number in it, or a bar with a sentence."""

from __future__ import annotations

from kivy.properties import NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.relativelayout import RelativeLayout


class CountDown(RelativeLayout):
    """A ring of ticks around the number of seconds that are left."""

    left_seconds = NumericProperty(0)
    total_seconds = NumericProperty(1)
    unit = StringProperty("")


class TimeBar(BoxLayout):
    """A bar that gets shorter, below its sentence; *left_seconds* of the most that was ever left."""

    left_seconds = NumericProperty(0)
    total_seconds = NumericProperty(1)
    sentence = StringProperty("")

    def on_left_seconds(self, *_: object) -> None:
        """The longest time seen is the whole bar."""
        self.total_seconds = max(self.total_seconds, self.left_seconds)
