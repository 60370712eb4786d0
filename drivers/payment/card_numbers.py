"""Card numbers in what a terminal says: none leaves but masked.

A card number (PAN, ISO/IEC 7812-1) has 12 to 19 digits and a check digit after Luhn.  What a terminal prints may hold
one in plain text, in groups or in one piece.
"""

from __future__ import annotations

import re

from drivers.masked import Masked

__all__ = ["masked_card", "without_card_numbers"]

_DIGITS_LEAST, _DIGITS_MOST = 12, 19
_RUN = re.compile(r"\d+(?:[ -]\d+)*", re.ASCII)
_GROUP = re.compile(r"\d+", re.ASCII)


def masked_card(number: str) -> str:
    """*number*, whatever of it the terminal has masked already, with at most its last two characters to be seen."""
    return str(Masked(number)) if number else ""


def without_card_numbers(text: str) -> str:
    """*text* with a dot for each digit, but the last two, of everything that can be a card number."""
    return _RUN.sub(_blanked, text)


def _blanked(run: re.Match[str]) -> str:
    """A run of groups of digits, with those groups blanked that are a card number together."""
    text = run.group()
    groups = [(match.start(), match.end()) for match in _GROUP.finditer(text)]
    blanked = list(text)
    for first in range(len(groups)):
        for last in range(first, len(groups)):
            start, end = groups[first][0], groups[last][1]
            places = [place for place in range(start, end) if text[place].isdigit()]
            if len(places) > _DIGITS_MOST and last > first:
                break
            if _is_card("".join(text[place] for place in places)):
                for place in places[:-2]:
                    blanked[place] = "·"
    return "".join(blanked)


def _is_card(digits: str) -> bool:
    # No number that a receipt needs is longer than a card's.
    return len(digits) > _DIGITS_MOST or (len(digits) >= _DIGITS_LEAST and _has_check_digit(digits))


def _has_check_digit(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
