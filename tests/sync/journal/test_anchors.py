"""Anchors hold: nothing else is deleted, and what is altered about segments is found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import apsw
import pytest

from sync.journal.errors import JournalDamaged
from sync.journal.journal import Journal
from sync.journal.settings import JournalSettings
from tests.sync.journal.aging import AGING, RETENTION, filled, spans
from tests.sync.journal.samples import (
    CountingClock,
    whole_loan,
)

Opened = Callable[[], Journal]


@pytest.fixture
def settings() -> JournalSettings:
    return AGING


@pytest.mark.parametrize("sql", [
    "DELETE FROM rows WHERE number = 1", "DELETE FROM rows WHERE number = 30", "DELETE FROM segments",
    "UPDATE segments SET last = 5", "UPDATE segments SET link = x''", "UPDATE segments SET purged_at = NULL",
    "UPDATE epochs SET epoch = ''", "DELETE FROM epochs",
])  # fmt: skip
def test_the_file_itself_refuses_any_other_deletion(journal: Journal, sql: str) -> None:
    """No row goes before its segment is marked, no anchor and no epoch is changed or goes, through SQL by anybody."""
    filled(journal, 7)

    with pytest.raises(apsw.ConstraintError, match="never"):
        journal._connection.execute(sql)


TAMPERING = {
    "an anchor moved": "UPDATE segments SET last = 15 WHERE number = 2",
    "an anchor's link": "UPDATE segments SET link = randomblob(32) WHERE number = 2",
    "an anchor's counts": "UPDATE segments SET positions = '{}' WHERE number = 1",
    "an anchor's digest": "UPDATE segments SET digest = randomblob(32) WHERE number = 3",
    "an anchor gone": "DELETE FROM segments WHERE number = 2",
    "a purge pretended": "UPDATE segments SET purged_at = 'x' WHERE number = 2; DELETE FROM rows WHERE number = 25",
    "the newest rows gone": "DELETE FROM rows WHERE number > 25; DELETE FROM keys WHERE number > 25",
    "a place skipped": "UPDATE rows SET position = position + 1 WHERE key IS NOT NULL AND number > 20",
    "an orphan's box": "INSERT INTO sealed VALUES (22, x'00')",
}


@pytest.mark.parametrize("name", TAMPERING)
def test_what_is_altered_about_segments_is_found(opened: Opened, clock: CountingClock, name: str) -> None:
    """Anchors altered or gone, rows cut off behind one, a purge that was none: found by reading the whole file."""
    journal = opened()
    filled(journal, 2)
    clock.moment += RETENTION + timedelta(days=1)
    filled_on = [whole_loan(journal, event) for event in range(3, 9)]
    journal.tidy()
    assert spans(journal)[0] == (1, 10, True)
    assert journal.verify().is_whole
    connection = journal._connection
    for (trigger,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {trigger}")
    connection.execute("PRAGMA foreign_keys = OFF")

    connection.execute(TAMPERING[name])

    assert len(filled_on) == 6
    assert not journal.verify().is_whole


def test_an_anchor_that_is_not_ours_is_found_at_start(
    opened: Opened, path: Path, clock: CountingClock
) -> None:
    """A journal that begins behind a forged anchor is damaged, and is not opened."""
    journal = opened()
    filled(journal, 4)
    clock.moment += RETENTION + timedelta(days=1)
    journal.tidy()
    journal.close()
    stranger = apsw.Connection(str(path))
    stranger.execute("DROP TRIGGER segments_are_never_changed")
    stranger.execute("UPDATE segments SET link = randomblob(32)")
    stranger.close()

    with pytest.raises(JournalDamaged, match="anchor"):
        opened()


@pytest.mark.parametrize(
    "bad",
    [
        {"segment_rows": 0},
        {"retention": timedelta(hours=47)},
        {"reserve_bytes": -1},
        {"margin_bytes": -1},
    ],
)
def test_settings_that_cannot_work_are_refused(bad: dict[str, int]) -> None:
    """A segment has rows, two days are kept at least, sizes are not negative."""
    with pytest.raises(ValueError, match=r"segment|days"):
        JournalSettings(**bad)  # type: ignore[arg-type]
