"""The few marks by which a line of a template's text becomes part of a document.

| line | on paper |
|---|---|
| `# words` | large, bold, centred |
| `## words` | large, bold |
| `= words` | centred |
| `* words` | bold |
| `[3] words` | three lines at most (also behind `*` and `##`) |
| `label :: value` | the value at the right (also behind `*`) |
| `---` | a line across the paper |
| an empty line | a gap; several in a row are one |
| anything else | words |

Values that are put in are words whatever they look like: `sealed` hides the marks in them until the line is understood.
"""

from __future__ import annotations

import re

from drivers.printer import Align, Block, Document, Gap, Pair, Rule, Size, Text

_MARKS = "#=*[]:-"
_HIDDEN_FROM = 0xE000
"""The first private character (Unicode, plane 0): what is there means nothing to anybody else."""

_HIDE = {ord(mark): chr(_HIDDEN_FROM + ord(mark)) for mark in _MARKS}
_SHOW = {ord(hidden): chr(mark) for mark, hidden in _HIDE.items()}
# Private characters of the value itself would come out as marks; line ends would begin a line of its own.
_HIDE |= dict.fromkeys(map(ord, _HIDE.values()), " ") | dict.fromkeys(map(ord, "\r\n\u2028\u2029"), " ")

_LINE = re.compile(r"(?P<style>##|#|=|\*)?\s*(?:\[(?P<lines>[1-9])\]\s*)?(?P<words>.*)", re.DOTALL)
_PAIR = re.compile(r"(?P<label>.*?)\s+::\s+(?P<value>.*)", re.DOTALL)


def sealed(value: str) -> str:
    """*value* as words of one line, whatever it looks like."""
    return value.translate(_HIDE)


def document_of(text: str) -> Document:
    """The document that *text* describes."""
    blocks: list[Block] = []
    for line in text.split("\n"):
        line = line.strip()
        if line:
            blocks.append(_block(line))
        elif blocks and not isinstance(blocks[-1], Gap):
            blocks.append(Gap())
    while blocks and isinstance(blocks[-1], Gap):
        blocks.pop()
    return Document(tuple(blocks))


def _block(line: str) -> Block:
    if re.fullmatch("-{3,}", line):
        return Rule()
    match = _LINE.fullmatch(line)
    style, lines_max, words = (match["style"], match["lines"], match["words"]) if match else ("", None, line)
    pair = _PAIR.fullmatch(words)
    if pair is not None and style in (None, "", "*"):
        return Pair(_shown(pair["label"]), _shown(pair["value"]), is_bold=style == "*")
    return Text(
        _shown(words),
        Size.LARGE if style in ("#", "##") else Size.NORMAL,
        Align.CENTRE if style in ("#", "=") else Align.LEFT,
        is_bold=style in ("#", "##", "*"),
        lines_max=int(lines_max or 0),
    )


def _shown(words: str) -> str:
    return words.translate(_SHOW)
