"""How ISO 28560-2 packs an ISIL (device reference 2.2): three sets of characters with shifts and latches.

Upper and lower case have five bits a character, digits four.  It starts in upper case; a latch holds until the next
one, a shift holds for one character, also the one to digits.  The last byte is filled with ones, which no set has as a
character, so that they end the text without doubt.
"""

from __future__ import annotations

from functools import lru_cache

__all__ = ["decode"]

_UPPER = "-ABCDEFGHIJKLMNOPQRSTUVWXYZ:"
_LOWER = "-abcdefghijklmnopqrstuvwxyz/"
_DIGITS = "0123456789-:"
_SHIFT = 1
_SETS: dict[str, tuple[int, tuple[tuple[str, int], ...]]] = {
    _UPPER: (5, ((_LOWER, 0), (_LOWER, _SHIFT), (_DIGITS, 0), (_DIGITS, _SHIFT))),
    _LOWER: (5, ((_UPPER, 0), (_UPPER, _SHIFT), (_DIGITS, 0), (_DIGITS, _SHIFT))),
    _DIGITS: (4, ((_UPPER, 0), (_UPPER, _SHIFT), (_LOWER, 0), (_LOWER, _SHIFT))),
}
"""By set: bits a character, and what the codes behind its characters switch to."""


@lru_cache(maxsize=64)
def decode(data: bytes) -> str | None:
    """The ISIL in *data*; None where it is not coded so: cut, not filled with ones, a switch behind a shift."""
    number, left = int.from_bytes(data, "big"), 8 * len(data)
    text: list[str] = []
    latched = now = _UPPER
    has_switched = False
    while left:
        rest = number & (1 << left) - 1
        if left < 8 and rest == (1 << left) - 1:
            break
        width, switches = _SETS[now]
        if left < width:
            return None
        left -= width
        code = rest >> left
        if code < len(now):
            text.append(now[code])
            now, has_switched = latched, False
        elif now is not latched:
            return None
        else:
            has_switched = True
            now, shift = switches[code - len(now)]
            latched = latched if shift else now
    return None if has_switched else "".join(text)
