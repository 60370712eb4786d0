"""Breaks a document into lines that fit the paper.

The width is counted in columns of the printer's own font: an ASCII character takes one, any other two where the
printer sets Chinese (GB18030 has every character that is not ASCII at full width), else one; LARGE takes twice as
many.  Lines break between words, and between Chinese characters by the plain rule of GB/T 15834-2011, 5.1: no closing
mark begins a line, no opening mark ends one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from drivers.printer import Align, Document, Gap, Pair, Rule, Size, Text

__all__ = ["LINES_MAX", "PaperLine", "columns_of", "lay_out"]

LINES_MAX = 320
"""Of one document; what comes after is left out, so that nothing empties the roll."""

_BLOCK_CHARACTERS_MAX = 1000
_SPACES_IN_PAIR = 2
_INDENT = "  "
_ELLIPSIS = "..."
_CLOSING = frozenset("，。、；：？！）》〉”’…％%·,.;:?!)]}»—")
_OPENING = frozenset("（《〈“‘([{«")
# Control, format, surrogate, private, unassigned: none of them is a letter, and some are commands to a printer.
_NOT_PRINTED = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One line: *words* as *align* says, and *right* at the right edge of the same line where it is not empty."""

    words: str = ""
    right: str = ""
    size: Size = Size.NORMAL
    align: Align = Align.LEFT
    is_bold: bool = False


def columns_of(text: str, *, is_wide: bool) -> int:
    """How many columns *text* takes at normal size; *is_wide* where the printer sets Chinese."""
    return sum(2 if is_wide and not character.isascii() else 1 for character in text)


def lay_out(document: Document, columns: int, *, is_wide: bool) -> tuple[PaperLine, ...]:
    """*document* in at most `LINES_MAX` lines of at most *columns*; no line holds a control character."""
    lines: list[PaperLine] = []
    for block in document.blocks:
        match block:
            case Text():
                lines += _text(block, columns, is_wide)
            case Pair():
                lines += _pair(block, columns, is_wide)
            case Rule():
                lines.append(PaperLine("-" * columns))
            case Gap(count):
                lines += [PaperLine()] * count
            case _:
                assert_never(block)
    return tuple(lines[:LINES_MAX])


def _text(block: Text, columns: int, is_wide: bool) -> list[PaperLine]:
    room = columns // 2 if block.size is Size.LARGE else columns
    lines = _wrapped(_clean(block.words), room, is_wide)
    if block.lines_max and len(lines) > block.lines_max:
        last = lines[block.lines_max - 1]
        while last and columns_of(last + _ELLIPSIS, is_wide=is_wide) > room:
            last = last[:-1].rstrip()
        lines = [*lines[: block.lines_max - 1], last + _ELLIPSIS]
    return [PaperLine(line, "", block.size, block.align, block.is_bold) for line in lines]


def _pair(block: Pair, columns: int, is_wide: bool) -> list[PaperLine]:
    label, value = _clean(block.label), _clean(block.value)
    needed = columns_of(label + value, is_wide=is_wide) + _SPACES_IN_PAIR
    if needed <= columns:
        return [PaperLine(label, value, is_bold=block.is_bold)]
    own = [PaperLine(line) for line in _wrapped(label, columns, is_wide)]
    values = _wrapped(value, columns - len(_INDENT), is_wide)
    return own + [PaperLine(_INDENT + line, is_bold=block.is_bold) for line in values]


def _clean(text: str) -> str:
    """*text* without what is not printed; runs of white space become one space."""
    text = unicodedata.normalize("NFC", text[:_BLOCK_CHARACTERS_MAX])
    kept = (
        " " if character.isspace() else character
        for character in text
        if character.isspace() or unicodedata.category(character) not in _NOT_PRINTED
    )
    return " ".join("".join(kept).split())


def _wrapped(text: str, columns: int, is_wide: bool) -> list[str]:
    lines: list[str] = []
    line = ""
    for piece in _pieces(text, is_wide):
        if columns_of(line + piece.rstrip(), is_wide=is_wide) <= columns:
            line += piece
            continue
        if line:
            lines.append(line.rstrip())
        *whole, line = _cut(piece, columns, is_wide)
        lines += [part.rstrip() for part in whole]
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str, is_wide: bool) -> Iterator[str]:
    """*text* cut wherever a line may break; a space ends its piece."""
    start = 0
    for at in range(1, len(text)):
        before, after = text[at - 1], text[at]
        if after == " " or before in _OPENING or after in _CLOSING:
            continue
        if before == " " or (is_wide and not (before.isascii() and after.isascii())):
            yield text[start:at]
            start = at
    if text:
        yield text[start:]


def _cut(piece: str, columns: int, is_wide: bool) -> list[str]:
    """*piece* in parts that fit: one, unless it is a word longer than a line."""
    parts = [""]
    for character in piece:
        if columns_of((parts[-1] + character).rstrip(), is_wide=is_wide) > columns:
            parts.append("")
        parts[-1] += character
    return parts
