"""A bare Kivy window: the same kinds of widgets as our first screen has, in number, size and font, and nothing else."""

# ruff: noqa: E402 - Kivy reads its settings while it is imported, so they come first.

from __future__ import annotations

import os

os.environ.update(
    SDL_VIDEODRIVER="offscreen",
    KIVY_WINDOW="sdl2",
    KIVY_LOG_MODE="PYTHON",
    KIVY_NO_ARGS="1",
    KIVY_NO_CONFIG="1",
    KIVY_NO_FILELOG="1",
    KIVY_NO_CONSOLELOG="1",
    KIVY_HOME=os.path.abspath("build/kivy"),
)

from kivy.config import Config

Config.set("graphics", "width", 1080)
Config.set("graphics", "height", 1920)

from kivy.app import App
from kivy.core.text import LabelBase
from kivy.core.window import Window
from kivy.graphics import Color, Ellipse, Line, Rectangle
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.label import Label
from kivy.uix.widget import Widget

LabelBase.register("SC", "ui/fonts/NotoSansSC-Regular.otf", fn_bold="ui/fonts/NotoSansSC-Bold.otf")


def drawn(width: int, height: int, count: int) -> Widget:
    """A widget with *count* coloured lines and discs."""
    widget = Widget(size_hint=(None, None), size=(width, height))
    with widget.canvas:
        for number in range(count):
            Color(0.1, 0.3, 0.5)
            Line(circle=(number * 10, number * 10, 40), width=2)
            Ellipse(pos=(number * 12, 4), size=(20, 20))
    return widget


def text(words: str, size: int, bold: bool = False) -> Label:
    """A label."""
    return Label(text=words, font_name="SC", font_size=size, bold=bold, size_hint_y=None, height=size * 1.5)


def box(*widgets: Widget, **kwargs: object) -> BoxLayout:
    """A column of *widgets*."""
    made = BoxLayout(orientation="vertical", **kwargs)
    for widget in widgets:
        made.add_widget(widget)
    return made


class Bare(App):  # type: ignore[misc]
    """The window."""

    def build(self) -> BoxLayout:
        """Header, heading, two drawings."""
        header = box(drawn(60, 60, 3), text("", 35), box(), size_hint_y=None, height=120)
        heading = box(
            text("", 41, True),
            text("One moment, please", 62, True),
            text("This terminal will be ready shortly.", 41),
            box(),
            size_hint_y=None,
            height=186,
        )
        middle = box(Widget(), drawn(952, 460, 8), drawn(952, 160, 3), Widget())
        stage = FloatLayout()
        stage.add_widget(box(box(heading), middle, box(size_hint_y=None, height=0)))
        root = box(header, box(size_hint_y=None, height=0), stage)
        with root.canvas.before:
            Color(1, 1, 1)
            Rectangle(size=Window.size)
        return root

    def on_start(self) -> None:
        """Waits for the first frame."""
        Window.fbind("on_flip", self.seen)

    def seen(self, *_: object) -> None:
        """The first frame stands."""
        os.write(1, b".")
        os._exit(0)


if __name__ == "__main__":
    Bare().run()
