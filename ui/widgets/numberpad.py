"""The number pad.  Digits live here and nowhere else until they are entered; then they are gone."""

from __future__ import annotations

from collections.abc import Callable

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from ui.widgets.buttons import ChoiceButton, Key, Offer, Role

DOT = "●"
KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "clear", "0", "erase")
ICONS = {"clear": "again", "erase": "erase"}


class NumberPad(BoxLayout):
    """Twelve keys and what was typed; *is_secret* shows dots.  *enter* is called with the digits, once.

    No property holds the digits of a secret: what is shown is dots from the start.
    """

    is_secret = BooleanProperty(False)
    length_max = NumericProperty(20)
    count = NumericProperty(0)
    face = StringProperty("")
    enter_label = StringProperty("")
    erase_label = StringProperty("")
    clear_label = StringProperty("")
    enter = ObjectProperty(None, allownone=True)
    keys = ObjectProperty(None)
    enter_button = ObjectProperty(None)

    def __init__(self, **kwargs: object) -> None:
        self._digits: list[str] = []
        super().__init__(**kwargs)
        for name in ("count", "enter_label", "erase_label", "clear_label"):
            self.fbind(name, self._name_keys)

    def on_kv_post(self, _: object) -> None:
        """Make the keys."""
        for key in KEYS:
            self.keys.add_widget(Key(id=key, icon=ICONS.get(key, ""), choose=self.press))
        self._name_keys()

    def _name_keys(self, *_: object) -> None:
        labels = {"clear": self.clear_label, "erase": self.erase_label}
        for key in self.keys.children:
            one: Key = key
            one.label = labels.get(one.id, one.id)
        button: ChoiceButton = self.enter_button
        button.show(Offer("enter", self.enter_label, self.count > 0, Role.PRIMARY))

    def press(self, key: str) -> None:
        """A key was touched: a digit, "erase", "clear" or "enter"."""
        if key == "enter":
            self._enter()
        elif key == "clear":
            self.clear()
        elif key == "erase":
            del self._digits[-1:]
            self._show()
        elif len(self._digits) < self.length_max:
            self._digits.append(key)
            self._show()

    def clear(self) -> None:
        """Forget what was typed."""
        self._digits = []
        self._show()

    def _enter(self) -> None:
        digits = "".join(self._digits)
        self.clear()
        entered: Callable[[str], None] | None = self.enter
        if digits and entered:
            entered(digits)

    def _show(self) -> None:
        self.count = len(self._digits)
        self.face = DOT * self.count if self.is_secret else _in_groups("".join(self._digits))


def _in_groups(digits: str) -> str:
    """*digits* four by four, as they are read aloud."""
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))
