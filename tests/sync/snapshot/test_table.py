"""A table finds what a mapping finds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.snapshot.table import Table
from tests.kit.effort import effort

KEYS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=6)
VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=4)


@settings(max_examples=effort(400), deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=40), st.lists(KEYS, max_size=10))
def test_a_table_is_a_mapping(pairs: dict[str, str], sought: list[str]) -> None:
    """Every key gives its own value, whatever keys are like it, and what is not there gives nothing."""
    table = Table.of(pairs.items())

    assert len(table) == len(pairs)
    assert dict(table.pairs()) == pairs
    assert Table(table.text) == table
    for key in (*pairs, *sought):
        assert table.find(key) == pairs.get(key)


def test_a_key_that_is_there_twice_is_refused() -> None:
    """Two lines for one key would have only one of them found."""
    with pytest.raises(ValueError, match="twice"):
        Table.of([("a", "1"), ("a", "2")])
