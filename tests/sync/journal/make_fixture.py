"""Writes the journal that stays behind when a format lands: `python -m tests.sync.journal.make_fixture`.

One settled loan in a closed segment; one loan that the terminal promised and whose case was closed, open; the
server's clock; a return, a payment and a report that are done, and a day of the ledger.  Keys and clock of
`samples.py`.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sync.entries import CaseClosed, CaseEnd, CaseOpened, CaseReason, DayClosed, Due, Promised, ServerClock
from sync.journal.file import FORMAT
from sync.journal.journal import Journal
from sync.journal.settings import JournalSettings
from tests.sync.journal.samples import (
    KEYS,
    NOON,
    CountingClock,
    granted,
    key_of,
    lending,
    releasing,
    reporting,
    settled,
    whole_loan,
    whole_payment,
    whole_return,
)

if __name__ == "__main__":
    folder = Path(__file__).parent / "fixtures"
    folder.mkdir(exist_ok=True)
    settings = JournalSettings(segment_rows=5, reserve_bytes=0)
    journal = Journal.open(folder / f"format-{FORMAT:04}.sqlite", KEYS, CountingClock().now, settings)
    whole_loan(journal, 1)
    key = key_of(journal, 2)
    journal.append([ServerClock(NOON, 12.5, NOON + timedelta(seconds=3)), lending(key, "10000002")])
    journal.append([Promised(key, NOON, Due(NOON.date()), NOON - timedelta(hours=1)), releasing(key)])
    journal.append([CaseOpened(key, NOON, CaseReason.RELEASE_UNKNOWN, "left in the middle")])
    journal.append([CaseClosed(key, NOON, "self", CaseEnd.AS_IT_STANDS)])
    whole_return(journal, 3)
    whole_payment(journal, 4)
    report = key_of(journal, 5)
    journal.append([reporting(report), granted(report), settled(report)])
    journal.append([DayClosed(NOON, NOON.date(), 1, '{"day":"2026-05-12"}', "00" * 32)])
    journal.tidy()
    journal.close()
