"""An ISIL as ISO 28560-2 packs it, for simulated tags: the bits as text, before the last byte is filled."""

from __future__ import annotations

__all__ = ["isil_bits"]

_UPPER = dict(zip("-ABCDEFGHIJKLMNOPQRSTUVWXYZ:", range(28), strict=True))
_LOWER = dict(zip("-abcdefghijklmnopqrstuvwxyz/", range(28), strict=True))
_DIGITS = dict(zip("0123456789-:", range(12), strict=True))
_NAMES = {"upper": (_UPPER, 5), "lower": (_LOWER, 5), "digits": (_DIGITS, 4)}
_SWITCHES = {
    ("upper", "lower"): ("11100", "11101"),
    ("upper", "digits"): ("11110", "11111"),
    ("lower", "upper"): ("11100", "11101"),
    ("lower", "digits"): ("11110", "11111"),
    ("digits", "upper"): ("1100", "1101"),
    ("digits", "lower"): ("1110", "1111"),
}
"""From set to set: latch, shift."""


def isil_bits(text: str) -> str:
    """*text* in bits: a shift for one character of another set, a latch for several.

    Raises `ValueError` for a character that no set has.
    """
    bits, now, at = "", "upper", 0
    while at < len(text):
        letters, width = _NAMES[now]
        if text[at] in letters:
            bits += f"{letters[text[at]]:0{width}b}"
            at += 1
            continue
        other = next((name for name, (known, _) in _NAMES.items() if text[at] in known), None)
        if other is None:
            raise ValueError(f"no ISIL: {text!r}")
        known, width = _NAMES[other]
        latch, shift = _SWITCHES[now, other]
        follows = text[at + 1 : at + 2]
        if follows and follows not in letters and follows in known:
            bits, now = bits + latch, other
        else:
            bits += shift + f"{known[text[at]]:0{width}b}"
            at += 1
    return bits
