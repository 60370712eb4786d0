"""Characters typed by their number: Alt held down, digits on the keypad, Alt let go.

Scanners set to "ALT mode" send every character so, and then the layout does not matter.  As Windows has it, a number
that begins with 0 is a place in code page 1252, any other one a place in the machine's OEM code page, of which 437 is
taken here.  Up to 126 both are ASCII, the only characters a code can have; 1 to 31 are taken as control characters,
which scanners mean (13 is Enter), and not as the card suits of page 437.  What a number above 255 gives differs between
programs, so it gives nothing here.
"""

from __future__ import annotations

__all__ = ["DIGITS_MAX", "character_of"]

DIGITS_MAX = 5


def character_of(digits: str) -> str | None:
    """The character of *digits* (ASCII digits); None when none is certain.  Never raises."""
    if not 1 <= len(digits) <= DIGITS_MAX or int(digits) > 255:
        return None
    page = "cp1252" if digits.startswith("0") else "cp437"
    try:
        return bytes((int(digits),)).decode(page)
    except UnicodeDecodeError:
        return None
