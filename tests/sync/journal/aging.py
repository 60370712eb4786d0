"""Journals that age fast: segments of ten rows, which are two loans, kept for thirty days."""

from __future__ import annotations

from datetime import timedelta

from sync.journal.journal import Journal
from sync.journal.settings import JournalSettings
from tests.sync.journal.samples import whole_loan

RETENTION = timedelta(days=30)
AGING = JournalSettings(segment_rows=10, retention=RETENTION, reserve_bytes=0)


def spans(journal: Journal) -> list[tuple[int, int, bool]]:
    return [(segment.first, segment.last, segment.is_purged) for segment in journal.segments()]


def filled(journal: Journal, loans: int) -> None:
    for event in range(1, loans + 1):
        whole_loan(journal, event)
    journal.tidy()
