"""From a template's text to a document: each mark, and values that look like marks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.printer import Align, Block, Document, Gap, Pair, Rule, Size, Text
from drivers.printer.layout import lay_out
from kiosk.wording.paper.markup import document_of, sealed


@pytest.mark.parametrize(
    ("line", "block"),
    [
        ("# Your loans", Text("Your loans", Size.LARGE, Align.CENTRE, is_bold=True)),
        ("## 12 May", Text("12 May", Size.LARGE, is_bold=True)),
        ("= Library", Text("Library", align=Align.CENTRE)),
        ("* A Quiet Tree", Text("A Quiet Tree", is_bold=True)),
        ("* [3] A Quiet Tree", Text("A Quiet Tree", is_bold=True, lines_max=3)),
        ("[2] words", Text("words", lines_max=2)),
        ("Total :: 3.50", Pair("Total", "3.50")),
        ("* Total :: 3.50", Pair("Total", "3.50", is_bold=True)),
        ("-----", Rule()),
        ("--", Text("--")),
        ("a::b", Text("a::b")),
        ("  plain words  ", Text("plain words")),
        ("# a :: b", Text("a :: b", Size.LARGE, Align.CENTRE, is_bold=True)),
    ],
)
def test_each_mark_means_one_thing(line: str, block: Block) -> None:
    """The table of the module, line by line."""
    assert document_of(line) == Document((block,))


def test_empty_lines_are_one_gap_between_blocks() -> None:
    """However many there are, also with blanks in them; none begins or ends a document."""
    assert document_of("\n\na\n\n  \n\nb\n\n") == Document((Text("a"), Gap(), Text("b")))


@pytest.mark.parametrize(
    "title",
    ["# 1 Reason", "---", "C :: The Language", "* Star *", "[3] Ways", "## x", "= y", "a\nb", "a\u2028# b"],
)
def test_a_title_is_words_whatever_it_looks_like(title: str) -> None:
    """No value becomes a mark or a line of its own: what was put in stands in the one block it was put into."""
    (block,) = document_of(f"* {sealed(title)}").blocks

    assert isinstance(block, Text)
    assert block.is_bold
    assert block.words == title.replace("\n", " ").replace("\u2028", " ")


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_two_values_make_one_pair(label: str, value: str) -> None:
    """Whatever the values hold, a line with both is one pair, and what is laid out has no control characters."""
    blocks = document_of(f"x{sealed(label)} :: x{sealed(value)}").blocks

    assert len(blocks) == 1
    assert isinstance(blocks[0], Pair)
    for line in lay_out(Document(blocks), 42, is_wide=True):
        assert all(character.isprintable() for character in line.words + line.right)
