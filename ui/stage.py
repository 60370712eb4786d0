"""The whole window: header, notices, and the screen of the view that is shown now."""

from __future__ import annotations

import gc
import math
from pathlib import Path

from kivy.clock import Clock
from kivy.lang import Builder
from kivy.properties import ListProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.wording.catalogue import Words, words_in
from kiosk.wording.choices import label_of
from kiosk.wording.pages import notices_of
from kiosk.workflow.events import Chosen, Touched
from kiosk.workflow.view import Shown, Welcome
from ui import style, widgets
from ui.screens import screen_for
from ui.screens.screen import Post, Screen, Touch
from ui.widgets.buttons import Offer, Role

# A finger that meant the screen before must not choose on this one: the second tap of two comes sooner than this.
SETTLING_SECONDS = 0.35


class Board(BoxLayout):
    """Header, notices, and a place for the screen."""

    library = StringProperty("")
    languages = ListProperty()
    notices = ListProperty()
    choose = ObjectProperty(None)
    place = ObjectProperty(None)


class Stage(BoxLayout):
    """Shows views and posts what was touched: what was chosen or entered, else that somebody is there.

    A touch inside a list may say both, first that somebody is there.
    """

    settling_seconds = NumericProperty(SETTLING_SECONDS)

    def __init__(self, post: Post, **kwargs: object) -> None:
        widgets.load()
        load_looks()
        self._send = post
        self._has_posted = False
        self._shown: Shown | None = None
        self._screen: Screen | None = None
        self._board: Board | None = None
        self._settled_at = 0.0
        super().__init__(**kwargs)
        self._fit()
        self.bind(size=self._fit)

    @property
    def shown(self) -> Shown | None:
        """What is shown now."""
        return self._shown

    @property
    def screen(self) -> Screen | None:
        """The screen that shows it."""
        return self._screen

    @property
    def is_settled(self) -> bool:
        """Whether the screen stands long enough to be touched."""
        return float(Clock.get_time()) >= self._settled_at

    def show(self, shown: Shown) -> None:
        """Show *shown*: in the same screen when its type stays, else in a new one, with nothing kept of the old."""
        words = words_in(shown.language)
        is_other = self._shown is None or type(shown.view) is not type(self._shown.view)
        self._shown = shown
        board = self._board or self._new_board()
        board.library = shown.library
        board.notices = list(notices_of(words, shown))
        board.languages = self._languages(shown, words)
        if is_other:
            self._change_screen(shown, board)
        if self._screen is not None:
            self._screen.show(shown.view, words)

    def post(self, event: Touch) -> None:
        """Send *event*, unless the screen has only just come."""
        self._has_posted = True
        if isinstance(event, Chosen):
            if not self.is_settled:
                self._send(Touched())
                return
            self._settled_at = float(Clock.get_time()) + self.settling_seconds
        self._send(event)

    def on_touch_up(self, touch: object) -> bool:
        """A touch that chose nothing still says that somebody is there."""
        self._has_posted = False
        is_taken = bool(super().on_touch_up(touch))
        if not self._has_posted and getattr(touch, "grab_current", None) is None:
            Clock.schedule_once(self._touched, -1)
        return is_taken

    def _touched(self, *_: object) -> None:
        """Buttons answer a touch after everybody else heard of it."""
        if not self._has_posted:
            self._send(Touched())

    def _change_screen(self, shown: Shown, board: Board) -> None:
        if self._screen is not None:
            self._screen.leave()
        board.place.clear_widgets()
        self._screen = screen_for(type(shown.view))(self.post)
        board.place.add_widget(self._screen)
        self._settled_at = math.inf
        # The time counts from when the screen is seen, however long its first frame takes.
        Clock.schedule_once(lambda _: Clock.schedule_once(self._settle, 0), 0)
        if isinstance(shown.view, Welcome):
            # What the last patron saw must not wait in memory for the next collection.
            Clock.schedule_once(lambda _: gc.collect(), 0)

    def _settle(self, *_: object) -> None:
        self._settled_at = float(Clock.get_time()) + self.settling_seconds

    def _languages(self, shown: Shown, words: Words) -> list[Offer]:
        offered = [choice for choice in shown.view.choices if choice.id.startswith("language:")]
        in_use = f"language:{shown.language.value}"
        return [
            Offer(
                choice.id,
                label_of(words, choice.id, shown.view),
                choice.enabled,
                Role.PLAIN,
                "check" if choice.id == in_use else "",
            )
            for choice in offered
        ]

    def _new_board(self) -> Board:
        self.clear_widgets()
        self._board = Board(choose=lambda choice: self.post(Chosen(choice)))
        self.add_widget(self._board)
        return self._board

    def _fit(self, *_: object) -> None:
        """Build all anew where sizes mean other pixels now."""
        if style.scale_to(*self.size):
            self._board = None
            if self._shown is not None:
                shown, self._shown = self._shown, None
                self.show(shown)


def load_looks() -> None:
    """Read the stage's own twin, once."""
    twin = str(Path(__file__).with_name("stage.kv"))
    if twin not in Builder.files:
        Builder.load_file(twin)
