"""Writes the journal that stays behind when a format lands: `python -m tests.sync.journal.make_fixture`.

One settled loan, one that is open; keys and clock of `samples.py`.
"""

from __future__ import annotations

from pathlib import Path

from sync.journal.file import FORMAT
from sync.journal.journal import Journal
from tests.sync.journal.samples import KEYS, CountingClock, granted, key_of, lending, whole_loan

if __name__ == "__main__":
    folder = Path(__file__).parent / "fixtures"
    folder.mkdir(exist_ok=True)
    journal = Journal.open(folder / f"format-{FORMAT:04}.sqlite", KEYS, CountingClock().now)
    whole_loan(journal, 1)
    journal.append([lending(key_of(journal, 2), "10000002")])
    journal.append([granted(key_of(journal, 2))])
    journal.tidy()
    journal.close()
