"""Large pictures in five tones, by name: what hands do, and how something ended."""

from __future__ import annotations

from collections.abc import Mapping

from ui.widgets.icons import ICONS
from ui.widgets.shapes import Shape

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


_DROP: tuple[Shape, ...] = (
    ("tint", "dot", (12, 12, 11.6)),
    ("shade", "fill", (3.4, 3.4, 17.2, 6.4, 1.3)),
    ("paper", "fill", (5.4, 8.2, 13.2, 0.9, 0.45)),
)


def _arrow(x: float, start: float, end: float) -> tuple[Shape, ...]:
    """An arrow straight up or down, from one height to another."""
    tip = 2.4 if end < start else -2.4
    return (
        ("accent", "line", (x, start, x, end)),
        ("accent", "line", (x - 2.4, end + tip, x, end, x + 2.4, end + tip)),
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
    # At a book drop: a slot that takes one book, has it, moves it in, gives it out again, takes nothing.
    "drop-in": (*_DROP, *_book_at(7.0, 14.2), *_arrow(12, 13.2, 9.6)),
    "drop-reading": (
        *_DROP,
        *_book_at(7.0, 6.0),
        *(("accent", "line", (x, 12.6, x, 16.4)) for x in (9.0, 11.0, 13.0, 15.0)),
    ),
    "drop-working": (
        *_DROP,
        *_book_at(7.0, 6.0),
        ("accent", "ring", (12, 11.0, 3.4, -44, 44)),
        ("accent", "ring", (12, 11.0, 6.2, -44, 44)),
    ),
    "drop-moving": (*_DROP, ("shade", "box", (7.6, 14.6, 8.8, 2.9, 0.7)), *_arrow(12, 13.4, 5.6)),
    "drop-out": (*_DROP, *_book_at(7.0, 6.0), *_arrow(12, 12.4, 18.4)),
    "drop-full": (
        ("tint", "dot", (12, 12, 11.6)),
        ("shade", "fill", (4.6, 3.4, 14.8, 8.0, 1.3)),
        ("ink", "fill", (6.0, 8.6, 12.0, 2.8, 0.6)),
        ("accent", "fill", (6.8, 11.7, 11.2, 2.6, 0.6)),
        ("ink", "fill", (6.2, 14.6, 11.6, 2.8, 0.6)),
        ("accent", "fill", (7.0, 17.7, 10.4, 2.2, 0.6)),
    ),
    "drop-closed": (
        *_DROP,
        ("accent", "line", (8.4, 10.6, 15.6, 17.8)),
        ("accent", "line", (8.4, 17.8, 15.6, 10.6)),
    ),
    "terminal": (
        ("tint", "dot", (12, 12, 11.6)),
        ("ink", "fill", (7.6, 4.2, 8.8, 14.0, 1.4)),
        ("paper", "fill", (9.0, 12.6, 6.0, 4.2, 0.6)),
        *(("paper", "dot", (x, y, 0.55)) for y in (10.6, 8.9, 7.2) for x in (9.8, 12, 14.2)),
        ("accent", "fill", (8.8, 2.9, 6.4, 2.9, 0.5)),
    ),
    "unclear": (
        ("tint", "dot", (12, 12, 11.6)),
        ("ink", "dot", (12, 12, 7.0)),
        ("paper", "ring", (12, 13.8, 2.3, -90, 140)),
        ("paper", "line", (13.5, 12.1, 12, 10.9, 12, 10.0)),
        ("paper", "dot", (12, 7.9, 0.75)),
    ),
    "undone": (
        ("tint", "dot", (12, 12, 11.6)),
        ("ink", "dot", (12, 12, 7.0)),
        ("paper", "ring", (12, 11.4, 3.1, -90, 150)),
        ("paper", "line", (7.2, 12.6, 8.9, 10.7, 10.8, 12.6)),
    ),
    "not-done": (
        ("tint", "dot", (12, 12, 11.6)),
        ("ink", "dot", (12, 12, 7.0)),
        ("paper", "line", (9.4, 9.4, 14.6, 14.6)),
        ("paper", "line", (9.4, 14.6, 14.6, 9.4)),
    ),
}
