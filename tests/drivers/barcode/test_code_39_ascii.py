"""Code 39 full ASCII, both ways."""

from __future__ import annotations

import pytest

from drivers.barcode.check_digits import CODE_39_CHARACTERS
from drivers.barcode.code_39_ascii import full_ascii_of, pairs_of

# Spot values of the published table.
SPELLINGS = [
    ("a", "+A"),
    ("z", "+Z"),
    ("A", "A"),
    ("7", "7"),
    ("!", "/A"),
    (",", "/L"),
    ("/", "/O"),
    (":", "/Z"),
    (";", "%F"),
    ("?", "%J"),
    ("@", "%V"),
    ("[", "%K"),
    ("_", "%O"),
    ("`", "%W"),
    ("{", "%P"),
    ("~", "%S"),
    ("\x00", "%U"),
    ("\x01", "$A"),
    ("\x1a", "$Z"),
    ("\x1b", "%A"),
    ("\x1f", "%E"),
    ("\x7f", "%T"),
    ("-. ", "-. "),
    ("Lib:42", "L+I+B/Z42"),
]


@pytest.mark.parametrize(("text", "plain"), SPELLINGS)
def test_full_ascii_is_spelt_in_pairs(text: str, plain: str) -> None:
    """Each character has the published pair, and the pair means the character."""
    assert pairs_of(text) == plain
    assert full_ascii_of(plain) == text


def test_every_ascii_character_survives() -> None:
    """All 128 characters come back from their spelling, which uses Code 39 characters only."""
    text = "".join(map(chr, range(128)))
    plain = pairs_of(text)

    assert plain is not None
    assert set(plain) <= set(CODE_39_CHARACTERS)
    assert full_ascii_of(plain) == text


@pytest.mark.parametrize("plain", ["+", "A$", "/1", "%0", "+a", "$$", "a", "é", "*"])
def test_a_shift_without_meaning_is_no_text(plain: str) -> None:
    """A dangling shift, an undefined pair or a character outside Code 39 gives nothing."""
    assert full_ascii_of(plain) is None
    assert pairs_of("é") is None
