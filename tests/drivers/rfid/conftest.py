"""After every test here: nothing that any HF reader heard locked anything or wrote more than the security state."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kit.hf_bench import WATCHED, more_than_the_security_state


@pytest.fixture(autouse=True)
def nothing_but_the_security_state_is_written() -> Iterator[None]:
    """Fails the test in which a reader heard more."""
    WATCHED.clear()
    yield
    for reader in WATCHED:
        assert more_than_the_security_state(reader) == []
