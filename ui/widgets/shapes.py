"""Shapes as strokes on a grid of 24 by 24, drawn with smooth edges: what icons and illustrations are made of.

A shape is a tuple: its tone, its kind, its numbers.  Kinds: "line" x y x y ...; "ring" centre x y, radius, from and to
in clockwise degrees from the top; "dot" centre x y, radius; "box" and "fill" left, bottom, width, height, corner radius
(outlined, filled).  Strokes have round ends.  All is laid out on paper with y upwards, as Kivy has it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

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

from ui.style import Colour

GRID = 24
Shape = tuple[str, str, tuple[float, ...]]


def group_of(
    shapes: tuple[Shape, ...],
    left: float,
    bottom: float,
    size: float,
    tones: Mapping[str, Colour],
    stroke: float,
) -> InstructionGroup:
    """Instructions that draw *shapes* into a square; *stroke* is the width of lines in units of the grid."""
    group = InstructionGroup()
    scale = size / GRID
    group.add(PushMatrix())
    group.add(Translate(left, bottom))
    for tone, kind, numbers in shapes:
        group.add(Color(*tones[tone]))
        for instruction in _instructions(
            kind, [number * scale for number in numbers], numbers, stroke * scale
        ):
            group.add(instruction)
    group.add(PopMatrix())
    return group


def _instructions(kind: str, scaled: list[float], raw: tuple[float, ...], stroke: float) -> Iterator[object]:
    match kind:
        case "line":
            yield from _polyline(scaled, stroke)
        case "ring":
            yield from _polyline(_arc(scaled[0], scaled[1], scaled[2], raw[3], raw[4]), stroke)
        case "dot":
            x, y, radius = scaled
            yield SmoothEllipse(pos=(x - radius, y - radius), size=(2 * radius, 2 * radius))
        case "fill":
            x, y, width, height, radius = scaled
            yield SmoothRoundedRectangle(pos=(x, y), size=(width, height), radius=[radius])
        case "box":
            yield from _polyline(_outline(*scaled), stroke)
        case _:
            raise LookupError(kind)


def _polyline(points: list[float], stroke: float) -> Iterator[object]:
    """Each stretch as a capsule; where two meet, their round ends make the joint."""
    for at in range(0, len(points) - 2, 2):
        x, y, to_x, to_y = points[at : at + 4]
        length = math.hypot(to_x - x, to_y - y)
        yield PushMatrix()
        yield Translate(x, y)
        yield Rotate(angle=math.degrees(math.atan2(to_y - y, to_x - x)))
        yield SmoothRoundedRectangle(
            pos=(-stroke / 2, -stroke / 2), size=(length + stroke, stroke), radius=[stroke / 2]
        )
        yield PopMatrix()


def _arc(x: float, y: float, radius: float, start: float, end: float) -> list[float]:
    steps = max(4, math.ceil(abs(end - start) / 12))
    points = []
    for step in range(steps + 1):
        angle = math.radians(start + (end - start) * step / steps)
        points += [x + radius * math.sin(angle), y + radius * math.cos(angle)]
    return points


def _outline(x: float, y: float, width: float, height: float, radius: float) -> list[float]:
    right, top = x + width, y + height
    return [
        *_arc(right - radius, top - radius, radius, 0, 90),
        *_arc(right - radius, y + radius, radius, 90, 180),
        *_arc(x + radius, y + radius, radius, 180, 270),
        *_arc(x + radius, top - radius, radius, 270, 360),
        right - radius,
        top,
    ]
