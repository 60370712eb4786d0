"""The check characters of library codes: arithmetic on text, nothing else.

Each `*_fits` answers False, never raises, for a text it cannot even be computed over.
"""

from __future__ import annotations

import re

__all__ = [
    "CODABAR_CHARACTERS",
    "CODE_39_CHARACTERS",
    "ean_13_check",
    "ean_13_fits",
    "isbn_as_ean_13",
    "issn_as_ean_13",
    "luhn_check",
    "luhn_fits",
    "mod_16_check",
    "mod_16_fits",
    "mod_43_check",
    "mod_43_fits",
]

CODE_39_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
"""Code 39 in the order of the characters' values (ISO/IEC 16388, annex A)."""

CODABAR_CHARACTERS = "0123456789-$:/.+ABCD"
"""Codabar in the order of the characters' values, start and stop letters last (EN 798)."""


def _is_digits(text: str) -> bool:
    return re.fullmatch(r"[0-9]+", text) is not None


def luhn_check(body: str) -> str:
    """The digit that makes *body* a library Codabar number: Luhn, doubling every second digit from the right.

    Over the 13 digits of the 14-digit number (kind 2 or 3, institution of 4, serial of 8) these are the odd
    positions from the left.  *body* is digits only.
    """
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def luhn_fits(text: str) -> bool:
    """Whether *text* is digits and its last one is the Luhn check of the others."""
    return len(text) > 1 and _is_digits(text) and luhn_check(text[:-1]) == text[-1]


def mod_43_check(body: str) -> str:
    """The Code 39 check character of *body* (ISO/IEC 16388, annex A).  *body* is of `CODE_39_CHARACTERS`."""
    return CODE_39_CHARACTERS[sum(map(CODE_39_CHARACTERS.index, body)) % 43]


def mod_43_fits(text: str) -> bool:
    """Whether *text* is Code 39 and its last character is the check of the others."""
    return len(text) > 1 and set(text) <= set(CODE_39_CHARACTERS) and mod_43_check(text[:-1]) == text[-1]


def mod_16_check(framed_body: str) -> str:
    """The Codabar check character of *framed_body*, which includes the start and stop letters but not the
    check.

    The check stands before the stop letter, and is chosen so that the sum of all values is a multiple of 16.
    """
    return CODABAR_CHARACTERS[-sum(map(CODABAR_CHARACTERS.index, framed_body)) % 16]


def mod_16_fits(framed_text: str) -> bool:
    """Whether *framed_text*, with its start and stop letters, adds up to a multiple of 16."""
    if len(framed_text) < 4 or not set(framed_text) <= set(CODABAR_CHARACTERS):
        return False
    return sum(map(CODABAR_CHARACTERS.index, framed_text)) % 16 == 0


def ean_13_check(body: str) -> str:
    """The thirteenth digit over the twelve of *body* (GS1 General Specifications 7.9.1)."""
    return str(-sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body)) % 10)


def ean_13_fits(text: str) -> bool:
    """Whether *text* is thirteen digits of which the last is the check."""
    return len(text) == 13 and _is_digits(text) and ean_13_check(text[:-1]) == text[-1]


def _weighted_check(body: str) -> str:
    """Modulo 11 with weights falling to 2, X for ten: ISBN-10 (ISO 2108) and ISSN (ISO 3297)."""
    weight_max = len(body) + 1
    rest = -sum(int(digit) * (weight_max - place) for place, digit in enumerate(body)) % 11
    return "X" if rest == 10 else str(rest)


def isbn_as_ean_13(text: str) -> str | None:
    """The EAN-13 of an ISBN of ten or thirteen digits, hyphens or none; None when it is not one."""
    plain = text.replace("-", "").upper()
    if re.fullmatch(r"[0-9]{9}[0-9X]", plain) and _weighted_check(plain[:9]) == plain[9]:
        return f"978{plain[:9]}" + ean_13_check(f"978{plain[:9]}")
    return plain if plain.startswith(("978", "979")) and ean_13_fits(plain) else None


def issn_as_ean_13(text: str) -> str | None:
    """The EAN-13 of an ISSN (977, seven digits, 00, check), from either form; None when it is not one.

    A thirteen-digit code keeps its two variant digits, which tell issues of one price from another.
    """
    plain = text.replace("-", "").upper()
    if re.fullmatch(r"[0-9]{7}[0-9X]", plain) and _weighted_check(plain[:7]) == plain[7]:
        return f"977{plain[:7]}00" + ean_13_check(f"977{plain[:7]}00")
    return plain if plain.startswith("977") and ean_13_fits(plain) else None
