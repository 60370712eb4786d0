"""Where things stand in the window."""

from __future__ import annotations

from kivy.uix.widget import Widget

from tests.ui.rig import ScreenRig

Box = tuple[float, float, float, float]
SLACK = 1.5


def box(widget: Widget) -> Box:
    """Left, bottom, right, top in the window."""
    left, bottom = widget.to_window(widget.x, widget.y)
    return (left, bottom, left + widget.width, bottom + widget.height)


def is_inside(inner: Box, outer: Box) -> bool:
    """Whether *inner* lies within *outer*."""
    return (
        inner[0] >= outer[0] - SLACK
        and inner[1] >= outer[1] - SLACK
        and inner[2] <= outer[2] + SLACK
        and inner[3] <= outer[3] + SLACK
    )


def overlap(one: Box, other: Box) -> bool:
    """Whether the two share more than an edge."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return wide > SLACK and high > SLACK


def is_scrolled(widget: Widget) -> bool:
    """Whether *widget* stands in something that scrolls."""
    ancestor = widget.parent
    while isinstance(ancestor, Widget):
        if hasattr(ancestor, "scroll_y"):
            return True
        ancestor = ancestor.parent
    return False


def texts(rig: ScreenRig) -> list[Widget]:
    """Everything that shows letters."""
    return [widget for widget in rig.stage.walk() if getattr(widget, "text", "") and widget.opacity > 0]
