"""A document as text, as wide as the paper: what it looks like before anything is printed."""

from __future__ import annotations

from unicodedata import east_asian_width

from drivers.printer import Align, Document, Size
from drivers.printer.layout import PaperLine, lay_out

__all__ = ["proof"]


def proof(document: Document, columns: int) -> str:
    """*document* on paper of so many columns, between two edges; large letters are set apart."""
    lines = [_drawn(line, columns) for line in lay_out(document, columns, is_wide=True)]
    return "\n".join(("┌" + "─" * columns + "┐", *lines, "└" + "╌" * columns + "┘"))


def _drawn(line: PaperLine, columns: int) -> str:
    words = line.words
    if line.size is Size.LARGE:
        words = "".join(letter + " " * _width(letter) for letter in words)
    left = max(0, columns - _width(words + line.right))
    if line.right:
        return f"│{words}{' ' * left}{line.right}│"
    before = left // 2 if line.align is Align.CENTRE else 0
    return f"│{' ' * before}{words}{' ' * (left - before)}│"


def _width(text: str) -> int:
    """How many cells of a terminal *text* takes."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
