"""Icons, illustrations and the count-down: widgets that draw shapes and hold nothing else."""

from __future__ import annotations

import math

from kivy.clock import Clock
from kivy.graphics import (
    Color,
    InstructionGroup,
    PopMatrix,
    PushMatrix,
    Rotate,
    SmoothEllipse,
    SmoothRoundedRectangle,
    Translate,
)
from kivy.metrics import dp
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty
from kivy.uix.widget import Widget

from ui import style
from ui.widgets.icons import ICONS
from ui.widgets.illustrations import ILLUSTRATIONS
from ui.widgets.shapes import group_of


class Drawn(Widget):
    """A widget that draws itself again, once before the next frame, whenever one of its properties changed.

    What is drawn lies as it would in a widget at 0, 0: one that only moves takes its strokes along.
    """

    redrawn_by: tuple[str, ...] = ()

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._place, self._strokes = Translate(*self.pos), InstructionGroup()
        for instruction in (PushMatrix(), self._place, self._strokes, PopMatrix()):
            self.canvas.add(instruction)
        self.fbind("pos", self._move)
        self._redraw = Clock.create_trigger(self._draw_anew, -1)
        for name in ("size", *self.redrawn_by):
            self.fbind(name, self._redraw)
        self._redraw()

    def draw(self, strokes: InstructionGroup) -> None:
        """Put everything into *strokes*, which are empty."""
        raise NotImplementedError

    def _draw_anew(self, *_: object) -> None:
        self._strokes.clear()
        self.draw(self._strokes)

    def _move(self, *_: object) -> None:
        self._place.xy = self.pos


class Icon(Drawn):
    """A shape of `ICONS` in one colour, in the middle of the widget; no *name*, no picture."""

    name = StringProperty("")
    tone = ColorProperty(style.INK)
    ground = ColorProperty(style.NOTHING)
    stroke = NumericProperty(2.4)
    redrawn_by = ("name", "tone", "ground", "stroke")

    def draw(self, strokes: InstructionGroup) -> None:
        """Draw the round ground, then the shape in three fifths of it; without a ground the shape takes all."""
        side = min(self.size)
        left, bottom = self.width / 2 - side / 2, self.height / 2 - side / 2
        if self.ground[3] > 0:
            strokes.add(Color(*self.ground))
            strokes.add(SmoothEllipse(pos=(left, bottom), size=(side, side)))
            left, bottom, side = left + side * 0.22, bottom + side * 0.22, side * 0.56
        if self.name:
            strokes.add(group_of(ICONS[self.name], left, bottom, side, {"ink": self.tone}, self.stroke))


class Illustration(Drawn):
    """A picture of `ILLUSTRATIONS`, as large as fits."""

    name = StringProperty("")
    redrawn_by = ("name",)

    def draw(self, strokes: InstructionGroup) -> None:
        """Draw the picture in the middle."""
        if not self.name:
            return
        side = min(self.size)
        tones = {
            "ink": style.BRAND,
            "tint": style.BRAND_TINT,
            "shade": style.colour("#8FB3AB"),
            "paper": style.CARD,
            "accent": style.colour("#C98A2B"),
        }
        left, bottom = self.width / 2 - side / 2, self.height / 2 - side / 2
        strokes.add(group_of(ILLUSTRATIONS[self.name], left, bottom, side, tones, 1.1))


class TickRing(Drawn):
    """A ring of ticks, of which the share that is left is dark and longer."""

    left_seconds = NumericProperty(0)
    total_seconds = NumericProperty(1)
    redrawn_by = ("left_seconds", "total_seconds")
    TICKS = 60

    def draw(self, strokes: InstructionGroup) -> None:
        """Draw the ticks clockwise from the top."""
        radius = min(self.size) / 2
        lit = math.ceil(self.TICKS * min(1.0, self.left_seconds / max(1, self.total_seconds)))
        width = max(2.0, radius * 0.035)
        for tick in range(self.TICKS):
            is_lit = tick < lit
            length = radius * (0.16 if is_lit else 0.08)
            strokes.add(Color(*(style.BRAND if is_lit else style.HAIRLINE)))
            strokes.add(PushMatrix())
            strokes.add(Translate(self.width / 2, self.height / 2))
            strokes.add(Rotate(angle=-360.0 * tick / self.TICKS))
            strokes.add(
                SmoothRoundedRectangle(
                    pos=(-width / 2, radius - length), size=(width, length), radius=[width / 2]
                )
            )
            strokes.add(PopMatrix())


class Dots(Drawn):
    """Three dots of which one is large in turn: somebody is working.  Moves slowly, and only while it is shown."""

    step = NumericProperty(0)
    is_moving = BooleanProperty(True)
    redrawn_by = ("step",)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._beat = Clock.create_trigger(self._next, 0.45, interval=True)
        self.bind(parent=self._start_or_stop, is_moving=self._start_or_stop)

    def _start_or_stop(self, *_: object) -> None:
        if self.parent is not None and self.is_moving:
            self._beat()
        else:
            self._beat.cancel()

    def _next(self, *_: object) -> None:
        if self.get_parent_window() is None:
            self._beat.cancel()
            return
        self.step = (self.step + 1) % 3

    def draw(self, strokes: InstructionGroup) -> None:
        """Draw the dots in the middle."""
        for dot in range(3):
            radius = dp(13 if dot == self.step else 8)
            x = self.width / 2 + (dot - 1) * dp(52)
            strokes.add(Color(*(style.BRAND if dot == self.step else style.colour("#8FB3AB"))))
            strokes.add(
                SmoothEllipse(pos=(x - radius, self.height / 2 - radius), size=(2 * radius, 2 * radius))
            )
