"""Colours, type scale and spacing of every screen.

Sizes are in units of which the short side of the window has 1080; `scale_to` tells Kivy how many pixels that is, so
that `dp` and `sp` in `.kv` mean the same share of every window.  Text stands on its ground with a contrast of at least
7 to 1 (WCAG 2.2, 1.4.6); `TEXT_ON` names the pairs that occur.
"""

from __future__ import annotations

from collections.abc import Mapping

Colour = tuple[float, float, float, float]

SHORT_SIDE = 1080


def colour(hexadecimal: str, opacity: float = 1.0) -> Colour:
    """The colour "#RRGGBB" as Kivy wants it."""
    red, green, blue = (int(hexadecimal[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return (red, green, blue, opacity)


# Grounds
PAPER = colour("#F5F2EB")
CARD = colour("#FFFFFF")
HAIRLINE = colour("#DCD6C9")
SHADOW = colour("#2B2416", 0.10)
NOTHING = colour("#FFFFFF", 0.0)

# Text
INK = colour("#17252D")
QUIET = colour("#3B4951")
ON_BRAND = colour("#FFFFFF")

# The library's colour, for the one thing to do
BRAND = colour("#0B4A47")
BRAND_PRESSED = colour("#06302E")
BRAND_TINT = colour("#DFECE8")
PRESSED = colour("#E9E4D8")

# How something stands: text and the ground behind it.  Never without a shape and a word.
GOOD, GOOD_TINT = colour("#12492A"), colour("#DFF0E4")
WAIT, WAIT_TINT = colour("#1B3F66"), colour("#E2ECF6")
CARE, CARE_TINT = colour("#5A3A00"), colour("#FBEFCF")
BAD, BAD_TINT = colour("#7A1622"), colour("#FAE5E4")

# What stands on what: text colour, ground.
TEXT_ON: Mapping[str, tuple[Colour, Colour]] = {
    "text on paper": (INK, PAPER),
    "text on a card": (INK, CARD),
    "quiet text on paper": (QUIET, PAPER),
    "quiet text on a card": (QUIET, CARD),
    "the one button": (ON_BRAND, BRAND),
    "the one button, pressed": (ON_BRAND, BRAND_PRESSED),
    "another button": (BRAND, CARD),
    "another button, pressed": (BRAND, PRESSED),
    "the language in use": (BRAND, BRAND_TINT),
    "good": (GOOD, GOOD_TINT),
    "good on a card": (GOOD, CARD),
    "waiting": (WAIT, WAIT_TINT),
    "waiting on a card": (WAIT, CARD),
    "care": (CARE, CARE_TINT),
    "care on a card": (CARE, CARD),
    "bad": (BAD, BAD_TINT),
    "bad on a card": (BAD, CARD),
    "text on care": (INK, CARE_TINT),
    "text on good": (INK, GOOD_TINT),
    "text on waiting": (INK, WAIT_TINT),
    "text on bad": (INK, BAD_TINT),
    "overdue": (ON_BRAND, BAD),
    "chosen": (BRAND, BRAND_TINT),
}

# Bins as they are painted: what stands on them, and their colour; "" is one without.  Their word stands beside them.
BINS: Mapping[str, tuple[Colour, Colour]] = {
    "": (INK, CARD),
    "red": (ON_BRAND, colour("#9B1C1C")),
    "orange": (INK, colour("#F59E42")),
    "yellow": (INK, colour("#F7D94C")),
    "green": (ON_BRAND, colour("#14532D")),
    "blue": (ON_BRAND, colour("#174A8C")),
    "violet": (ON_BRAND, colour("#5B21A6")),
    "grey": (INK, colour("#C4C7CA")),
}

# QR codes are dark on light whatever the screen around them looks like: many readers know no other.
CODE_DARK, CODE_LIGHT = colour("#000000"), colour("#FFFFFF")

# Type scale, in units
SMALL, BODY, STRONG, TITLE, GIANT = 29, 35, 41, 62, 104

# Spacing, in units
GAP, SPACE, WIDE, MARGIN = 12, 24, 44, 64
RADIUS = 24

# Nothing that is touched is lower than this.
TOUCH_MIN = 96


def contrast(text: Colour, ground: Colour) -> float:
    """The contrast ratio of two opaque colours (WCAG 2.2, relative luminance), 1 to 21."""
    lighter, darker = sorted((_luminance(text), _luminance(ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(one: Colour) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in one[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def scale_to(width: float, height: float) -> bool:
    """Make `dp` and `sp` fit a window of this size; whether that changed anything, so that screens are rebuilt."""
    from kivy.metrics import Metrics

    density = max(min(width, height), 1) / SHORT_SIDE
    if abs(density - Metrics.density) < 1e-6:
        return False
    Metrics.density = density
    return True
