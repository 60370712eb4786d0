"""Icons and illustrations as strokes on a grid of 24 by 24, drawn with smooth edges.

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


def _icon(*shapes: tuple[str, tuple[float, ...]]) -> tuple[Shape, ...]:
    return tuple(("ink", kind, numbers) for kind, numbers in shapes)


ICONS: Mapping[str, tuple[Shape, ...]] = {
    "check": _icon(("line", (4.5, 12.5, 9.5, 7, 19.5, 17.5))),
    "check-open": _icon(
        ("line", (7.5, 12.2, 10.8, 8.6, 16.5, 15.2)),
        *(("ring", (12, 12, 10, start, start + 34)) for start in range(13, 360, 60)),
    ),
    "cross": _icon(("line", (6, 6, 18, 18)), ("line", (6, 18, 18, 6))),
    "hourglass": _icon(
        ("line", (6, 21, 18, 21)),
        ("line", (6, 3, 18, 3)),
        ("line", (7.5, 21, 7.5, 17.5, 12, 12, 7.5, 6.5, 7.5, 3)),
        ("line", (16.5, 21, 16.5, 17.5, 12, 12, 16.5, 6.5, 16.5, 3)),
    ),
    "care": _icon(
        ("line", (12, 20.5, 2.5, 4, 21.5, 4, 12, 20.5)), ("line", (12, 14.5, 12, 10)), ("dot", (12, 7, 1.3))
    ),
    "back": _icon(("line", (20, 12, 4, 12)), ("line", (10.5, 18.5, 4, 12, 10.5, 5.5))),
    "erase": _icon(
        ("line", (9, 19, 21.5, 19, 21.5, 5, 9, 5, 2.5, 12, 9, 19)),
        ("line", (11.5, 9, 17.5, 15)),
        ("line", (11.5, 15, 17.5, 9)),
    ),
    "again": _icon(("ring", (12, 12, 8, 60, 360)), ("line", (8.3, 17.3, 12, 20, 8.6, 23))),
    "return": _icon(
        ("line", (5, 5, 5, 9.5)),
        ("ring", (12, 9.5, 7, -90, 90)),
        ("line", (19, 9.5, 19, 5)),
        ("line", (15.2, 8.6, 19, 4.8, 22.8, 8.6)),
    ),
    "up": _icon(("line", (5, 9, 12, 16, 19, 9))),
    "down": _icon(("line", (5, 15, 12, 8, 19, 15))),
    "desk": _icon(
        ("dot", (12, 18, 3.2)),
        ("line", (5.5, 10, 5.5, 11, 8.5, 13.5, 15.5, 13.5, 18.5, 11, 18.5, 10)),
        ("line", (2.5, 10, 21.5, 10)),
        ("line", (4.5, 10, 4.5, 3.5)),
        ("line", (19.5, 10, 19.5, 3.5)),
    ),
    "coin": _icon(("ring", (12, 12, 9.5, 0, 360)), ("ring", (12, 12, 4, 0, 360))),
    "parts": _icon(
        ("box", (3, 12, 8, 8, 1.5)),
        ("box", (13, 12, 8, 8, 1.5)),
        ("box", (3, 3, 8, 7, 1.5)),
        ("line", (15, 6.5, 19, 6.5)),
        ("line", (17, 4.5, 17, 8.5)),
    ),
    "book": _icon(
        ("line", (12, 5, 12, 18.5)),
        ("line", (12, 5, 3, 6.5, 3, 19.5, 12, 18.5)),
        ("line", (12, 5, 21, 6.5, 21, 19.5, 12, 18.5)),
    ),
    "lock": _icon(
        ("box", (4.5, 3, 15, 10.5, 2)),
        ("line", (7.5, 13.5, 7.5, 16.5)),
        ("ring", (12, 16.5, 4.5, -90, 90)),
        ("line", (16.5, 16.5, 16.5, 13.5)),
        ("line", (12, 9.3, 12, 7.2)),
    ),
    "card": _icon(("box", (2.5, 5, 19, 14, 2.5)), ("line", (2.5, 14.5, 21.5, 14.5)), ("line", (6, 9, 11, 9))),
    "barcode": _icon(
        ("line", (3, 6, 3, 18)),
        ("line", (7, 6, 7, 18)),
        ("line", (10, 6, 10, 18)),
        ("line", (14.5, 6, 14.5, 18)),
        ("line", (17.5, 6, 17.5, 18)),
        ("line", (21, 6, 21, 18)),
    ),
    "keys": _icon(*(("dot", (x, y, 1.7)) for y in (19, 12, 5) for x in (5, 12, 19))),
    "strip": _icon(
        ("box", (2.5, 2.5, 19, 4, 1.5)),
        ("box", (6, 9.5, 12, 4.5, 1)),
        ("line", (6, 19, 18, 19)),
        ("line", (15, 22, 18, 19, 15, 16)),
    ),
    "plug": _icon(
        ("line", (8.5, 21, 8.5, 16)),
        ("line", (15.5, 21, 15.5, 16)),
        ("line", (5.5, 16, 18.5, 16, 18.5, 12.5, 15, 8.5, 9, 8.5, 5.5, 12.5, 5.5, 16)),
        ("line", (12, 8.5, 12, 3)),
    ),
}

_STRIP_UNIT: tuple[Shape, ...] = (
    ("tint", "dot", (12, 12, 11.6)),
    ("shade", "fill", (2.8, 4.4, 18.4, 3.8, 1.3)),
    ("paper", "fill", (5.2, 6.8, 13.6, 0.7, 0.35)),
)


def _book_at(left: float, bottom: float) -> tuple[Shape, ...]:
    return (
        ("ink", "fill", (left, bottom, 10.0, 4.0, 0.8)),
        ("paper", "fill", (left + 1.6, bottom + 1.5, 8.4, 1.1, 0.4)),
    )


ILLUSTRATIONS: Mapping[str, tuple[Shape, ...]] = {
    "card": (
        ("tint", "dot", (12, 12, 11.6)),
        ("shade", "fill", (4.6, 4.2, 14.8, 3.2, 1.1)),
        ("paper", "fill", (5.6, 6.4, 12.8, 1.0, 0.5)),
        ("ink", "fill", (5.4, 9.6, 13.2, 8.4, 1.2)),
        ("paper", "fill", (6.7, 13.9, 3.0, 2.4, 0.5)),
        ("paper", "line", (7.0, 11.6, 12.6, 11.6)),
        ("accent", "dot", (16.2, 15.1, 1.15)),
    ),
    "books": (
        ("tint", "dot", (12, 12, 11.6)),
        ("shade", "fill", (3.6, 4.2, 16.8, 2.4, 1.1)),
        ("ink", "fill", (5.4, 7.2, 13.2, 3.0, 0.6)),
        ("paper", "fill", (7.0, 8.3, 11.6, 0.8, 0.3)),
        ("accent", "fill", (6.4, 10.5, 12.0, 2.6, 0.6)),
        ("paper", "fill", (6.4, 11.4, 10.4, 0.7, 0.3)),
        ("ink", "fill", (5.0, 13.4, 12.4, 3.0, 0.6)),
        ("paper", "fill", (6.6, 14.5, 10.8, 0.8, 0.3)),
        ("accent", "fill", (7.0, 16.7, 10.6, 2.2, 0.6)),
        ("paper", "fill", (7.0, 17.45, 9.2, 0.6, 0.3)),
    ),
    # A book slides over a unit from the left, is laid on it, lies on it while that works, and is taken off it.
    "strip-slide": (
        *_STRIP_UNIT,
        ("shade", "box", (3.6, 9.55, 9.0, 2.9, 0.7)),
        *_book_at(10.4, 9.0),
        ("accent", "line", (6.4, 17.2, 17.0, 17.2)),
        ("accent", "line", (14.6, 19.6, 17.0, 17.2, 14.6, 14.8)),
    ),
    "strip-lay": (
        *_STRIP_UNIT,
        *_book_at(7.0, 8.7),
        ("accent", "line", (12, 20.4, 12, 14.6)),
        ("accent", "line", (9.6, 17.0, 12, 14.6, 14.4, 17.0)),
    ),
    "strip-clear": (
        *_STRIP_UNIT,
        ("shade", "box", (7.6, 9.55, 8.8, 2.9, 0.7)),
        ("accent", "line", (12, 14.6, 12, 20.4)),
        ("accent", "line", (9.6, 18.0, 12, 20.4, 14.4, 18.0)),
    ),
    "scan": (
        ("tint", "dot", (12, 12, 11.6)),
        ("paper", "fill", (4.8, 6.0, 14.4, 12.0, 1.2)),
        *(
            ("ink", "fill", (left, 8.0, width, 8.0, 0.2))
            for left, width in ((6.4, 0.7), (8.0, 1.4), (10.4, 0.6), (11.9, 0.6), (13.5, 1.5), (16.3, 1.1))
        ),
        ("accent", "line", (3.4, 12, 20.6, 12)),
    ),
    "strip-working": (
        *_STRIP_UNIT,
        *_book_at(7.0, 8.7),
        ("accent", "ring", (12, 10.5, 5.0, -44, 44)),
        ("accent", "ring", (12, 10.5, 7.6, -44, 44)),
    ),
    "hourglass": (
        ("tint", "dot", (12, 12, 11.6)),
        *((t, k, tuple(12 + (n - 12) * 0.55 for n in ns)) for t, k, ns in ICONS["hourglass"]),
    ),
    "desk": (
        ("tint", "dot", (12, 12, 11.6)),
        ("accent", "dot", (12, 16.4, 2.3)),
        ("accent", "fill", (8.4, 9.4, 7.2, 4.4, 1.9)),
        ("ink", "fill", (4.2, 9.4, 15.6, 1.7, 0.7)),
        ("ink", "fill", (5.4, 4.6, 13.2, 4.9, 0.7)),
        ("paper", "fill", (9.2, 6.4, 5.6, 1.1, 0.5)),
    ),
    "finished": (
        ("tint", "dot", (12, 12, 11.6)),
        ("ink", "dot", (12, 12, 7.0)),
        ("paper", "line", (8.5, 12.2, 11.0, 9.6, 15.7, 14.6)),
    ),
    "coin": (
        ("tint", "dot", (12, 12, 11.6)),
        ("ink", "fill", (5.6, 4.4, 12.8, 2.4, 1.1)),
        ("accent", "fill", (6.2, 7.2, 12.8, 2.4, 1.1)),
        ("ink", "fill", (5.2, 10.0, 12.8, 2.4, 1.1)),
        ("accent", "dot", (12.4, 16.6, 3.7)),
        ("tint", "dot", (12.4, 16.6, 2.5)),
        ("accent", "dot", (12.4, 16.6, 1.6)),
    ),
}
