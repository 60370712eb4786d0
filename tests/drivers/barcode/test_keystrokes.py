"""Keys down and up become characters, and what cannot be certain never becomes one."""

from __future__ import annotations

import random

import pytest

from drivers.barcode.keymap import Layout
from drivers.barcode.keystrokes import MEANINGLESS, EndKey, KeystrokeDecoder
from drivers.link import KeyEvent
from tests.kit.effort import effort

KEYS = {
    "shift": 42, "right shift": 54, "ctrl": 29, "alt": 56, "altgr": 100, "meta": 125, "caps": 58, "num": 69,
    "enter": 28, "kpenter": 96, "tab": 15, "space": 57, "f5": 63, "up": 103, "volume": 115,
    "1": 2, "2": 3, "q": 16, "y": 21, "j": 36, "m": 50, "circumflex de": 41, "plus de": 27,
    "kp0": 82, "kp1": 79, "kp2": 80, "kp3": 81, "kp5": 76, "kp6": 77, "kp9": 73,
}  # fmt: skip
ALL_ENDS = frozenset(EndKey)
X = MEANINGLESS


def typed(text: str, layout: Layout = Layout.US, end_keys: frozenset[EndKey] = ALL_ENDS) -> str:
    """What *text* makes: words press and let go a key, `+word` presses it, `-word` lets it go."""
    decoder = KeystrokeDecoder(layout, end_keys)
    given = ""
    for word in text.replace("right shift", "right_shift").split(","):
        name = word.strip().replace("_", " ")
        for is_down, sign in ((True, "-"), (False, "+")):
            if not name.startswith(sign):
                given += decoder.take(KeyEvent(KEYS[name.lstrip("+-")], is_down))
    return given


STROKES = [
    ("q, 1, enter", "q1\r"),
    ("+shift, q, 1, -shift, q", "Q!q"),
    ("+shift, +right shift, q, -shift, q, -right shift, q", "QQq"),
    ("caps, q, 1, +shift, q, -shift, caps, q", "Q1qq"),
    ("caps, q, enter, caps, q", "Q\rq"),
    ("num, kp1, kp0", "10"),
    ("kpenter, tab", "\r\r"),
    ("+ctrl, j, m, -ctrl", "\n\r"),
    ("+ctrl, 1, -ctrl", X),
    ("+1, +2, -1, -2, 1", "121"),
    ("-shift, -1, q", "q"),
    ("+1, +1, -1, 1", f"1{X}1"),
    ("f5, up, volume", X * 3),
    ("+meta, q, -meta, q", f"{X}q"),
    ("+shift, q, enter, q", f"Q{X}\rq"),
    ("space", " "),
]


@pytest.mark.parametrize(("keys", "text"), STROKES)
def test_keys_give_the_characters_they_mean(keys: str, text: str) -> None:
    """Shift, caps lock, keypad, control, overlapping keys and unknown keys, as on a US keyboard."""
    assert typed(keys) == text


GERMAN = [
    ("y, +altgr, q, -altgr", "z@"),
    ("+ctrl, +alt, q, -alt, -ctrl, q", "@q"),
    ("circumflex de, space, q", "^q"),
    ("circumflex de, q", X),
    ("circumflex de, circumflex de, q", f"{X}q"),
    ("circumflex de, enter", f"{X}\r"),
    ("+altgr, plus de, -altgr", "~"),
    ("+altgr, 1, -altgr", X),
    ("+altgr, +shift, q, -shift, -altgr", X),
]


@pytest.mark.parametrize(("keys", "text"), GERMAN)
def test_a_german_keyboard_has_alt_gr_and_dead_keys(keys: str, text: str) -> None:
    """AltGr, also as control and Alt, gives the third sign; a dead key gives its sign with the space bar only."""
    assert typed(keys, Layout.DE) == text


ALT = [
    ("+alt, kp5, kp2, -alt", "4"),
    ("num, +alt, kp0, kp5, kp2, -alt, +alt, kp5, kp3, -alt", "45"),
    ("+altgr, kp5, kp2, -altgr", "4"),
    ("+alt, kp1, kp3, -alt", "\r"),
    ("+alt, kp2, kp5, kp6, -alt", X),
    ("+alt, " + "kp9, " * 2000 + "-alt", X),
    ("+alt, -alt, q", "q"),
    ("+alt, 1, q, -alt", X * 2),
    ("+alt, +ctrl, kp5, -ctrl, -alt", X),
    ("+alt, kp5, enter", f"{X}\r"),
]


@pytest.mark.parametrize(("keys", "text"), ALT)
def test_alt_and_a_number_give_one_character(keys: str, text: str) -> None:
    """The digits count while Alt is down and are a character once it is let go; anything else there spoils."""
    assert typed(keys) == text


def test_an_end_key_that_is_not_set_means_nothing() -> None:
    """Where the scanner ends its codes by Enter, a Tab inside is no end."""
    assert typed("1, tab, 2, enter", end_keys=frozenset({EndKey.ENTER})) == f"1{X}2\r"


@pytest.mark.parametrize("held", ["+shift", "caps", "+ctrl", "+alt, kp5", "+altgr"])
def test_what_is_forgotten_changes_no_later_key(held: str) -> None:
    """After `forget` a key means what it means by itself, whatever was held or under way before."""
    decoder = KeystrokeDecoder(Layout.DE, ALL_ENDS)
    for word in held.split(", "):
        decoder.take(KeyEvent(KEYS[word.lstrip("+")], True))
    assert decoder.forget() is (held != "caps")
    assert decoder.take(KeyEvent(KEYS["q"], True)) == "q"
    assert decoder.forget() is False


def test_no_keys_break_the_decoder() -> None:
    """20 000 seeded runs of keys, sensible and senseless, give characters or spoil, and never an error."""
    chance = random.Random(20)
    codes = [*range(1, 128), 0, 255, 0x2FF, 10**9]
    decoders = [KeystrokeDecoder(layout, ALL_ENDS) for layout in Layout]
    for _ in range(effort(20_000)):
        decoder = chance.choice(decoders)
        for _ in range(chance.randrange(1, 8)):
            code = chance.choice(codes if chance.random() < 0.6 else (42, 29, 56, 100, 76, 80, 41, 57))
            assert len(decoder.take(KeyEvent(code, chance.random() < 0.6))) <= 2
        if chance.random() < 0.1:
            decoder.forget()
    for decoder in decoders:
        decoder.forget()
        assert decoder.take(KeyEvent(KEYS["1"], True)) in ("1", "&")
