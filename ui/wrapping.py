"""Breaks text into lines: between words, and between Chinese characters by the rules of their punctuation.

Kivy breaks at spaces only, so a Chinese sentence would be cut anywhere, and a mark could begin a line.  The rule here
is the plain one of GB/T 15834-2011, 5.1: no closing mark begins a line, no opening mark ends one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

CLOSING = frozenset("，。、；：？！）》〉”’…％%·,.;:?!)]}»—")
OPENING = frozenset("（《〈“‘([{«")
DATE_UNITS = frozenset("年月日")
ELLIPSIS = "…"
LAST_LINE_SHARE_MIN = 0.35
SHARES = (0.95, 0.9, 0.85, 0.8, 0.75, 0.7)


def is_wide(character: str) -> bool:
    """Whether lines may break beside *character*: ideographs, kana, hangul and full-width forms."""
    code = ord(character)
    return 0x2E80 <= code <= 0xD7FF or 0xF900 <= code <= 0xFAFF or 0xFF00 <= code <= 0xFFEF or code >= 0x20000


def _is_within_date(before: str, after: str) -> bool:
    """Whether both stand in a day such as 2027年5月12日, which is read at a glance when it is whole."""
    return (before.isdigit() and after in DATE_UNITS) or (before in DATE_UNITS and after.isdigit())


def pieces(text: str) -> Iterator[str]:
    """*text* cut wherever a line may break; joined they are *text* again, a space ends its piece."""
    start = 0
    for at in range(1, len(text)):
        before, after = text[at - 1], text[at]
        if after == " " or before in OPENING or after in CLOSING or _is_within_date(before, after):
            continue
        if before == " " or is_wide(before) or is_wide(after):
            yield text[start:at]
            start = at
    if text:
        yield text[start:]


def wrap(text: str, width: float, measure: Callable[[str], float], lines_max: int = 0) -> list[str]:
    """*text* in lines that are at most *width* wide by *measure*, whose own line breaks are kept.

    A word wider than a line is cut.  With *lines_max* (0: any number) the rest is replaced by an ellipsis.
    """
    lines = [line for paragraph in text.splitlines() for line in _wrap_paragraph(paragraph, width, measure)]
    if lines_max and len(lines) > lines_max:
        last = lines[lines_max - 1].rstrip()
        while last and measure(last + ELLIPSIS) > width:
            last = last[:-1].rstrip()
        return [*lines[: lines_max - 1], last + ELLIPSIS]
    return lines


def wrap_evenly(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """*text* in as few lines as `wrap` makes, but without a last line of one or two characters."""
    lines = wrap(text, width, measure)
    if "\n" in text or len(lines) < 2:
        return lines
    for share in SHARES:
        if measure(lines[-1]) >= width * LAST_LINE_SHARE_MIN:
            break
        narrower = wrap(text, width * share, measure)
        if len(narrower) != len(lines):
            break
        lines = narrower
    return lines


def _wrap_paragraph(text: str, width: float, measure: Callable[[str], float]) -> Iterator[str]:
    line = ""
    for piece in pieces(text):
        if line and measure((line + piece).rstrip()) > width:
            yield line.rstrip()
            line = ""
        while measure(piece.rstrip()) > width and len(piece) > 1:
            fitting = _longest_start(piece, width, measure)
            yield piece[:fitting]
            piece = piece[fitting:]
        line += piece
    yield line.rstrip()


def _longest_start(text: str, width: float, measure: Callable[[str], float]) -> int:
    length = 1
    while length < len(text) and measure(text[: length + 1]) <= width:
        length += 1
    return length
