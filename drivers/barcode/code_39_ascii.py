"""Code 39 "full ASCII": two plain characters that stand for one (ISO/IEC 16388, annex on full ASCII).

Whether a label is meant so nobody can see from it; the library's rule or the scanner's AIM modifier says.
"""

from __future__ import annotations

__all__ = ["full_ascii_of", "pairs_of"]

_SHIFTS = "$%/+"


def _pair(code: int) -> str:
    """The Code 39 spelling of one ASCII code."""
    character = chr(code)
    if character in " -." or "0" <= character <= "9" or "A" <= character <= "Z":
        return character
    if "a" <= character <= "z":
        return "+" + character.upper()
    if 1 <= code <= 26:
        return "$" + chr(code + 64)
    if 0x21 <= code <= 0x2F:
        return "/" + chr(code - 0x21 + ord("A"))
    if character == ":":
        return "/Z"
    percent = {0x00: "U", 0x40: "V", 0x60: "W", 0x7F: "T"}
    if code in percent:
        return "%" + percent[code]
    for first, letter in ((0x1B, "A"), (0x3B, "F"), (0x5B, "K"), (0x7B, "P")):
        if first <= code < first + 5:
            return "%" + chr(ord(letter) + code - first)
    raise AssertionError(code)


_PAIRS = tuple(_pair(code) for code in range(128))
_CHARACTERS = {pair: chr(code) for code, pair in enumerate(_PAIRS)} | {
    "%X": "\x7f",
    "%Y": "\x7f",
    "%Z": "\x7f",
}


def full_ascii_of(plain: str) -> str | None:
    """The ASCII text that *plain* Code 39 spells; None where a shift character has no meaning with its
    follower.
    """
    text: list[str] = []
    characters = iter(plain)
    for character in characters:
        symbol = character + next(characters, "") if character in _SHIFTS else character
        meaning = _CHARACTERS.get(symbol)
        if meaning is None:
            return None
        text.append(meaning)
    return "".join(text)


def pairs_of(text: str) -> str | None:
    """The plain Code 39 that spells *text*; None for a character above 7F."""
    return "".join(_PAIRS[ord(character)] for character in text) if text.isascii() else None
