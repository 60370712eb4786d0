"""What may be more than fits: it can be pushed, and has two arrows for readers who do not know that."""

from __future__ import annotations

from kivy.clock import Clock
from kivy.metrics import dp
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.scrollview import ScrollView

from ui import style


class Entries(ScrollView):
    """What scrolls; when more comes or something grows, what the reader looks at stays where it is.

    *room* is how high it can be when no arrows stand below it.
    """

    can_scroll = BooleanProperty(False)
    content_height = NumericProperty(0)
    room = NumericProperty(0)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._from_top = 0.0
        self._restore = Clock.create_trigger(self._keep_place, -1)
        # Arrows come a frame late: while rows find their width they are higher than they will be.
        self._add_arrows = Clock.create_trigger(self._need_arrows, 0)
        for name in ("content_height", "height", "room"):
            self.fbind(name, self._restore)
        self.fbind("scroll_y", self._remember)

    def _remember(self, *_: object) -> None:
        if not self._restore.is_triggered:
            self._from_top = (1 - self.scroll_y) * max(0.0, self.content_height - self.height)

    def _keep_place(self, *_: object) -> None:
        if self.content_height - self.room <= 1:
            self.can_scroll = False
        elif not self.can_scroll:
            self._add_arrows()
        hidden = self.content_height - self.height
        self.scroll_y = 1 - min(1.0, max(0.0, self._from_top / hidden)) if hidden > 1 else 1

    def _need_arrows(self, *_: object) -> None:
        self.can_scroll = self.content_height - self.room > 1

    def turn_page(self, direction: int) -> None:
        """Scroll by most of what is seen: 1 down, -1 up."""
        hidden = self.content_height - self.height
        if hidden > 1:
            step = direction * (self.height - dp(style.TOUCH_MIN)) / hidden
            self.scroll_y = min(1.0, max(0.0, self.scroll_y - step))


class Scrolling(BoxLayout):
    """A *column* that scrolls where it is higher than this; the arrows stand below it, beside it when *is_wide*."""

    can_scroll = BooleanProperty(False)
    is_wide = BooleanProperty(False)
    content_height = NumericProperty(0)
    entries = ObjectProperty(None, rebind=True)
    column = ObjectProperty(None, rebind=True)
