"""A process that writes loans and says what was acknowledged, until it is killed: what the crash tests run.

`python -m tests.crash.journal_writer PATH VARIANT [LOANS]`.  On its output: "ack KEY NUMBER-OF-ROWS" after each
commit, "full" or "broken" when the journal says so and the writer stops.  The variants
other than "product" are broken on purpose: they show that the tests would see it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from sync.entries import EntryKey, Row
from sync.journal.errors import JournalBroken, JournalFull
from sync.journal.journal import Journal
from tests.sync.journal.samples import (
    KEYS,
    CountingClock,
    granted,
    key_of,
    lending,
    released,
    releasing,
    settled,
)


def say(line: str) -> None:
    os.write(1, line.encode("ascii") + b"\n")


class Writer:
    """Appends and acknowledges as the product does."""

    def __init__(self, path: Path) -> None:
        self.journal = Journal.open(path, KEYS, CountingClock().now)

    def append(self, key: EntryKey, rows: Sequence[Row], total: int) -> None:
        self.journal.append(rows)
        say(f"ack {key} {total}")


class AcknowledgesFirst(Writer):
    """Broken: acknowledges before it commits."""

    def append(self, key: EntryKey, rows: Sequence[Row], total: int) -> None:
        say(f"ack {key} {total}")
        self.journal.append(rows)


class NeverSyncs(Writer):
    """Broken: leaves the moment of writing to the operating system."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.journal._connection.execute("PRAGMA synchronous = OFF")


class SyncsAtCheckpoints(Writer):
    """Broken: a commit is on the disk only with the next checkpoint."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.journal._connection.execute("PRAGMA synchronous = NORMAL")


VARIANTS = {
    "product": Writer,
    "acknowledges-first": AcknowledgesFirst,
    "never-syncs": NeverSyncs,
    "syncs-at-checkpoints": SyncsAtCheckpoints,
}


def write(writer: Writer, loans: int) -> None:
    for event in range(1, loans + 1):
        key = key_of(writer.journal, event)
        batches: tuple[list[Row], ...] = (
            [lending(key)],
            [granted(key), releasing(key)],
            [released(key), settled(key)],
        )
        for count, rows in enumerate(batches):
            try:
                writer.append(key, rows, 2 * count + 1)
            except JournalFull:
                say("full")
                return
            except JournalBroken:
                say("broken")
                return
        if event % 10 == 0:
            writer.journal.tidy()


if __name__ == "__main__":
    say("start")
    write(VARIANTS[sys.argv[2]](Path(sys.argv[1])), int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000)
    say("end")
