from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sync.journal.journal import Journal
from sync.journal.settings import JournalSettings
from tests.sync.journal.samples import KEYS, SETTINGS, CountingClock


@pytest.fixture
def clock() -> CountingClock:
    return CountingClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def settings() -> JournalSettings:
    """What the test's journal is opened with; a module of tests may have its own."""
    return SETTINGS


@pytest.fixture
def opened(path: Path, clock: CountingClock, settings: JournalSettings) -> Iterator[Callable[[], Journal]]:
    """Opens the test's journal; what is still open at the end is closed."""
    journals: list[Journal] = []

    def open_it() -> Journal:
        journals.append(Journal.open(path, KEYS, clock.now, settings))
        return journals[-1]

    yield open_it
    for journal in journals:
        journal.close()


@pytest.fixture
def journal(opened: Callable[[], Journal]) -> Journal:
    return opened()
