"""What the keys of a keyboard mean in the layout a scanner was set to: US, German and French, as Windows has them.

Keys are numbered as the kernel numbers them (input-event-codes.h), by their place: 16 is the key right of Tab, "q" in
the US and "a" in France.  Scanners are set to a country and then press the keys that make the character on a Windows
machine of that country, so it is those layouts that count (KBDUS, KBDGR, KBDFR), not what an X server makes of them.
Dead keys make nothing by themselves; followed by the space bar they make their own sign.  The keypad means its digits,
whatever the num lock is thought to be: no code contains a cursor key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

__all__ = [
    "KEYPAD",
    "KEYPAD_DIGITS",
    "SPACE_KEY",
    "Dead",
    "Layout",
    "Level",
    "has_alt_gr",
    "is_letter",
    "meaning",
]

SPACE_KEY = 57

KEYPAD_DIGITS: Mapping[int, str] = {
    71: "7", 72: "8", 73: "9", 75: "4", 76: "5", 77: "6", 79: "1", 80: "2", 81: "3", 82: "0",
}  # fmt: skip

KEYPAD: Mapping[int, str] = {**KEYPAD_DIGITS, 55: "*", 74: "-", 78: "+", 98: "/"}
"""The keys of the number block that mean the same everywhere; its comma key is the layout's."""

_KEYPAD_COMMA = 83


class Layout(Enum):
    """A country a scanner can be set to."""

    US = "us"
    DE = "de"
    FR = "fr"


class Level(Enum):
    """Which of its signs a key gives."""

    PLAIN = "plain"
    SHIFT = "shift"
    ALT_GR = "alt-gr"


class Dead(Enum):
    """A key that waits for the next one; its value is what it gives before the space bar."""

    ACUTE = "´"
    GRAVE = "`"
    CIRCUMFLEX = "^"
    DIAERESIS = "¨"
    TILDE = "~"


# The keys that letters and signs stand on, in the order of the texts below: the number row from 1 on, the row from Tab
# on, the row from Caps Lock on with the key left of the 1, the key left of or above Enter, the row from shift on, and
# the key between left shift and Z, which US keyboards lack.
_KEYS = (*range(2, 14), *range(16, 28), *range(30, 42), 43, *range(44, 54), 86)
_NOTHING = " "


@dataclass(frozen=True, slots=True)
class _Table:
    """One layout: a text a level, a blank where a key gives nothing or is dead."""

    plain: str
    shift: str
    alt_gr: str
    keypad_comma: str
    dead: Mapping[tuple[int, Level], Dead] = field(default_factory=dict)


_TABLES: Mapping[Layout, _Table] = {
    Layout.US: _Table(
        "1234567890-=" "qwertyuiop[]" "asdfghjkl;'`" "\\" "zxcvbnm,./" "\\",
        "!@#$%^&*()_+" "QWERTYUIOP{}" 'ASDFGHJKL:"~' "|" "ZXCVBNM<>?" "|",
        "",
        ".",
    ),
    Layout.DE: _Table(
        "1234567890ß " "qwertzuiopü+" "asdfghjklöä " "#" "yxcvbnm,.-" "<",
        '!"§$%&/()=? ' "QWERTZUIOPÜ*" "ASDFGHJKLÖÄ°" "'" "YXCVBNM;:_" ">",
        " ²³   {[]}\\ " "@ €        ~" "            " " " "      µ   " "|",
        ",",
        {(13, Level.PLAIN): Dead.ACUTE, (13, Level.SHIFT): Dead.GRAVE, (41, Level.PLAIN): Dead.CIRCUMFLEX},
    ),
    Layout.FR: _Table(
        "&é\"'(-è_çà)=" "azertyuiop $" "qsdfghjklmù²" "*" "wxcvbn,;:!" "<",
        "1234567890°+" "AZERTYUIOP £" "QSDFGHJKLM% " "µ" "WXCVBN?./§" ">",
        "  #{[| \\^@]}" "  €        ¤" "            " " " "          " " ",
        ".",
        {
            (26, Level.PLAIN): Dead.CIRCUMFLEX,
            (26, Level.SHIFT): Dead.DIAERESIS,
            (3, Level.ALT_GR): Dead.TILDE,
            (8, Level.ALT_GR): Dead.GRAVE,
        },
    ),
}  # fmt: skip


def has_alt_gr(layout: Layout) -> bool:
    """Whether the right Alt key chooses signs in *layout*; where it does not, it is Alt as the left one."""
    return bool(_TABLES[layout].alt_gr)


def is_letter(layout: Layout, code: int) -> bool:
    """Whether caps lock turns small into capital on that key."""
    small = meaning(layout, code, Level.PLAIN)
    return isinstance(small, str) and meaning(layout, code, Level.SHIFT) == small.upper() != small


def meaning(layout: Layout, code: int, level: Level) -> str | Dead | None:
    """The character that key *code* gives, the dead key it is, or None when it gives nothing.  Never raises."""
    table = _TABLES[layout]
    if code == SPACE_KEY:
        return None if level is Level.ALT_GR else " "
    if code in KEYPAD or code == _KEYPAD_COMMA:
        return KEYPAD.get(code, table.keypad_comma) if level is Level.PLAIN else None
    dead = table.dead.get((code, level))
    if dead is not None or code not in _KEYS:
        return dead
    signs = {Level.PLAIN: table.plain, Level.SHIFT: table.shift, Level.ALT_GR: table.alt_gr}[level]
    sign = signs[_KEYS.index(code)] if signs else _NOTHING
    return None if sign == _NOTHING else sign
