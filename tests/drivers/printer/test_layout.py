"""Documents break into lines that fit the paper."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.printer import Document, Gap, Pair, Rule, Size, Text
from drivers.printer.layout import LINES_MAX, columns_of, lay_out
from tests.kit.effort import effort

MIXED = st.text(alphabet="ab c中文，。（）《》“”…𠮷é\x1b\n", max_size=200)


def words(*blocks: Text | Pair | Rule | Gap, columns: int = 12) -> list[str]:
    """The lines of *blocks* on paper for Chinese."""
    return [line.words for line in lay_out(Document(blocks), columns, is_wide=True)]


def test_english_breaks_between_words_and_chinese_between_characters() -> None:
    """Words stay whole, Chinese fills its lines, and a mark does not begin one."""
    assert words(Text("a short history of paper")) == ["a short", "history of", "paper"]
    assert words(Text("请将图书放在感应区")) == ["请将图书放在", "感应区"]
    assert words(Text("请将图书放好，谢谢")) == ["请将图书放", "好，谢谢"]
    assert words(Text("在（一楼大厅）旁", lines_max=0), columns=6) == ["在（一", "楼大", "厅）旁"]


def test_a_word_longer_than_the_paper_is_cut() -> None:
    """Nothing sticks out, however long a word is."""
    assert words(Text("abcdefghijklmnop qr")) == ["abcdefghijkl", "mnop qr"]


def test_large_letters_have_half_the_room() -> None:
    """A heading twice as wide breaks twice as early."""
    assert words(Text("请将图书放在", Size.LARGE)) == ["请将图", "书放在"]
    assert words(Text("请将图书放在", Size.TALL)) == ["请将图书放在"]


def test_what_is_too_long_is_seen_to_go_on() -> None:
    """A title with a limit ends with dots, inside the paper."""
    assert words(Text("a short history of paper", lines_max=2)) == ["a short", "history o..."]
    assert words(Text("纸的故事与人类的历史", lines_max=1)) == ["纸的故事..."]


def test_a_pair_that_does_not_fit_takes_lines_of_its_own() -> None:
    """What something is called stands above what it is, which is indented."""
    lines = lay_out(Document((Pair("Due", "12 May"), Pair("Number", "10000001"))), 12, is_wide=True)

    assert [(line.words, line.right) for line in lines] == [
        ("Due", "12 May"),
        ("Number", ""),
        ("  10000001", ""),
    ]


def test_a_gap_and_a_rule_are_lines() -> None:
    """Empty lines and a line across."""
    assert words(Gap(2), Rule()) == ["", "", "-" * 12]


@pytest.mark.parametrize("is_wide", [True, False])
@settings(max_examples=effort(200), deadline=None)
@given(text=MIXED, columns=st.integers(24, 64), size=st.sampled_from(Size))
def test_every_line_fits_and_nothing_is_lost(is_wide: bool, text: str, columns: int, size: Size) -> None:
    """All letters stand on the paper in order, each line fits, and no line holds a control character."""
    lines = lay_out(Document((Text(text, size),)), columns, is_wide=is_wide)

    room = columns // 2 if size is Size.LARGE else columns
    assert all(columns_of(line.words, is_wide=is_wide) <= room for line in lines)
    assert "".join(line.words for line in lines).replace(" ", "") == "".join(text.replace("\x1b", "").split())


@settings(max_examples=effort(200), deadline=None)
@given(label=MIXED, value=MIXED, columns=st.integers(24, 64))
def test_a_pair_fits(label: str, value: str, columns: int) -> None:
    """Label and value never run into each other or over the edge."""
    for line in lay_out(Document((Pair(label, value),)), columns, is_wide=True):
        taken = columns_of(line.words + line.right, is_wide=True)
        assert taken + (2 if line.words and line.right else 0) <= columns


def test_a_document_is_not_endless() -> None:
    """No document is longer than the limit."""
    assert len(lay_out(Document((Gap(10_000),)), 32, is_wide=True)) == LINES_MAX
