"""What keys mean in each country, against signs looked up on the keyboards themselves."""

from __future__ import annotations

from string import ascii_lowercase, digits

import pytest

from drivers.barcode.alt_codes import character_of
from drivers.barcode.keymap import KEYPAD_DIGITS, Dead, Layout, Level, has_alt_gr, is_letter, meaning

P, S, A = Level.PLAIN, Level.SHIFT, Level.ALT_GR

SIGNS = [
    (Layout.US, 2, P, "1"), (Layout.US, 11, P, "0"), (Layout.US, 12, P, "-"), (Layout.US, 13, P, "="),
    (Layout.US, 16, P, "q"), (Layout.US, 26, P, "["), (Layout.US, 27, P, "]"), (Layout.US, 30, P, "a"),
    (Layout.US, 39, P, ";"), (Layout.US, 40, P, "'"), (Layout.US, 41, P, "`"), (Layout.US, 43, P, "\\"),
    (Layout.US, 44, P, "z"), (Layout.US, 51, P, ","), (Layout.US, 53, P, "/"), (Layout.US, 57, P, " "),
    (Layout.US, 71, P, "7"), (Layout.US, 82, P, "0"), (Layout.US, 83, P, "."),
    (Layout.US, 53, S, "?"), (Layout.US, 5, S, "$"), (Layout.US, 9, S, "*"), (Layout.US, 2, A, None),
    (Layout.DE, 21, P, "z"), (Layout.DE, 44, P, "y"), (Layout.DE, 53, P, "-"), (Layout.DE, 53, S, "_"),
    (Layout.DE, 8, S, "/"), (Layout.DE, 12, A, "\\"), (Layout.DE, 16, A, "@"), (Layout.DE, 9, A, "["),
    (Layout.DE, 12, P, "ß"), (Layout.DE, 27, P, "+"), (Layout.DE, 86, A, "|"), (Layout.DE, 83, P, ","),
    (Layout.DE, 41, P, Dead.CIRCUMFLEX), (Layout.DE, 13, S, Dead.GRAVE), (Layout.DE, 18, A, "€"),
    (Layout.FR, 16, P, "a"), (Layout.FR, 30, P, "q"), (Layout.FR, 44, P, "w"), (Layout.FR, 39, P, "m"),
    (Layout.FR, 2, P, "&"), (Layout.FR, 2, S, "1"), (Layout.FR, 11, S, "0"), (Layout.FR, 7, P, "-"),
    (Layout.FR, 51, S, "."), (Layout.FR, 52, S, "/"), (Layout.FR, 11, A, "@"), (Layout.FR, 9, A, "\\"),
    (Layout.FR, 26, P, Dead.CIRCUMFLEX), (Layout.FR, 3, A, Dead.TILDE), (Layout.FR, 40, S, "%"),
]  # fmt: skip


@pytest.mark.parametrize(("layout", "code", "level", "sign"), SIGNS)
def test_a_key_gives_the_sign_that_is_printed_on_it(
    layout: Layout, code: int, level: Level, sign: str | Dead | None
) -> None:
    """Keys of the US, German and French keyboard give what stands on them, dead keys by name."""
    assert meaning(layout, code, level) == sign


@pytest.mark.parametrize("layout", Layout)
def test_a_sign_that_a_code_can_have_stands_on_one_key_only(layout: Layout) -> None:
    """Each letter and digit of the main block has exactly one key and level in a layout, so none is missing."""
    keys = [code for code in range(128) if code not in KEYPAD_DIGITS]
    found = [meaning(layout, code, level) for code in keys for level in (P, S)]
    for sign in ascii_lowercase + ascii_lowercase.upper() + digits:
        assert found.count(sign) == 1


def test_every_number_of_a_key_has_an_answer() -> None:
    """No key code, level or layout raises: what is no key of a layout gives nothing."""
    for layout in Layout:
        for level in Level:
            for code in range(-1, 1024):
                sign = meaning(layout, code, level)
                assert sign is None or isinstance(sign, Dead) or len(sign) == 1
        assert meaning(layout, 59, P) is None


def test_caps_lock_turns_letters_and_nothing_else() -> None:
    """Digits, signs and the French é keep what they are under caps lock; the German ö is a letter."""
    assert [is_letter(Layout.US, code) for code in (2, 16, 53)] == [False, True, False]
    assert [is_letter(Layout.DE, code) for code in (12, 39)] == [False, True]
    assert [is_letter(Layout.FR, code) for code in (3, 39)] == [False, True]


def test_only_countries_with_a_third_level_have_alt_gr() -> None:
    """On a US keyboard the right Alt key is an Alt key."""
    assert [has_alt_gr(layout) for layout in (Layout.US, Layout.DE, Layout.FR)] == [False, True, True]


NUMBERS = [
    ("52", "4"), ("052", "4"), ("0052", "4"), ("65", "A"), ("13", "\r"), ("013", "\r"), ("126", "~"),
    ("129", "ü"), ("0252", "ü"), ("0128", "€"), ("128", "Ç"), ("255", "\xa0"),
    ("0129", None), ("256", None), ("0256", None), ("99999", None), ("000065", None), ("", None),
]  # fmt: skip


@pytest.mark.parametrize(("number", "character"), NUMBERS)
def test_a_number_typed_with_alt_is_the_character_of_its_page(number: str, character: str | None) -> None:
    """A leading 0 means Windows' page, none the machine's; where programs differ there is no character."""
    assert character_of(number) == character
