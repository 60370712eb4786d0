"""The bytes that are sent to a printer."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.printer.escpos_commands import gb18030, without_commands
from tests.kit.effort import effort

HEAD = bytes.fromhex("1D 76 30 00 02 00 01 00")


@pytest.mark.parametrize(
    ("text", "data"),
    [("你好", "C4 E3 BA C3"), ("，。", "A3 AC A1 A3"), ("㐂", "81 39 EF 31"), ("𠮷书", "A1 FE CA E9")],
)
def test_chinese_is_gb18030(text: str, data: str) -> None:
    """Two bytes for what GBK has, four for the rest of the basic plane, 〓 beyond it."""
    assert gb18030(text) == bytes.fromhex(data)


@settings(max_examples=effort(200), deadline=None)
@given(st.lists(st.sampled_from([0x04, 0x05, 0x08, 0x10, 0x14, 0x18, 0xFF]), max_size=60))
def test_no_picture_holds_a_command(dots: list[int]) -> None:
    """In no picture stands a real-time command, it stays as long as it was, and only dots are added."""
    before = bytes(dots)

    after = without_commands(HEAD + before)

    assert after[:8] == HEAD
    assert len(after) == len(before) + 8
    for second in (0x04, 0x05, 0x14):
        assert bytes((0x10, second)) not in after[8:]
    assert all(new & old == old for new, old in zip(after[8:], before, strict=True))
