"""Lines break where readers expect it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ui.wrapping import CLOSING, OPENING, pieces, wrap, wrap_evenly


def measure(text: str) -> float:
    """Every character is one wide."""
    return float(len(text))


def test_words_stay_whole() -> None:
    """English breaks between words."""
    assert wrap("a short history of paper", 10, measure) == ["a short", "history of", "paper"]


def test_chinese_breaks_between_characters() -> None:
    """Chinese fills its lines."""
    assert wrap("请将图书放在感应区", 4, measure) == ["请将图书", "放在感应", "区"]


def test_no_closing_mark_begins_a_line_and_no_opening_mark_ends_one() -> None:
    """A mark goes with what it belongs to."""
    assert wrap("请将图书，放好", 4, measure) == ["请将图", "书，放好"]
    assert wrap("放在《纸的故事》旁", 3, measure) == ["放在", "《纸的", "故事》", "旁"]


def test_a_word_longer_than_a_line_is_cut() -> None:
    """Nothing sticks out, however long a word is."""
    assert wrap("abcdefghij kl", 4, measure) == ["abcd", "efgh", "ij", "kl"]


def test_a_title_with_a_limit_ends_with_an_ellipsis() -> None:
    """What does not fit is seen to be missing."""
    assert wrap("a short history of paper", 10, measure, lines_max=2) == ["a short", "history o…"]
    assert wrap("a short history", 10, measure, lines_max=2) == ["a short", "history"]


def test_line_breaks_of_the_text_are_kept() -> None:
    """A server's message of two lines stays one of two lines."""
    assert wrap("one\ntwo", 10, measure) == ["one", "two"]


def test_a_last_line_of_one_character_is_avoided() -> None:
    """A sentence that needs two lines shares itself out between them."""
    assert wrap("请将图书在感应区摊开。", 10, measure) == ["请将图书在感应区摊", "开。"]
    assert wrap_evenly("请将图书在感应区摊开。", 10, measure) == ["请将图书在感应", "区摊开。"]
    assert wrap_evenly("short", 10, measure) == ["short"]


@given(st.text(alphabet="ab 中文，。", max_size=60), st.integers(4, 20))
def test_evenly_takes_no_more_lines_and_loses_nothing(text: str, width: int) -> None:
    """Sharing out changes where lines break and nothing else."""
    lines = wrap_evenly(text, width, measure)

    assert len(lines) == len(wrap(text, width, measure))
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(st.text(alphabet="ab 中文，。（）《》“”…𠮷", max_size=60))
def test_pieces_are_the_text(text: str) -> None:
    """Cutting loses nothing and adds nothing."""
    assert "".join(pieces(text)) == text


@given(st.text(alphabet="ab 中文，。（）《》𠮷", max_size=60), st.integers(4, 20))
def test_lines_hold_the_whole_text_and_fit(text: str, width: int) -> None:
    """Every character that is not a space stands in some line, in order, and no line is too wide."""
    lines = wrap(text, width, measure)

    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(len(line) <= width for line in lines)


def test_marks_are_either_opening_or_closing() -> None:
    """No mark is asked to do both."""
    assert not OPENING & CLOSING


def test_a_day_is_never_torn_apart() -> None:
    """A Chinese date stands whole on one line, where there is room for it; elsewhere lines break as ever."""
    text = "应还日期为2027年3月30日请按时归还"

    lines = wrap(text, 11, len)

    assert any("2027年3月30日" in line for line in lines)
    assert "".join(lines) == text
    assert all(len(line) <= 11 for line in lines)
