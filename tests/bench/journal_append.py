"""An entry on the disk: with key, seal and chain, against the same bytes without any of it."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import apsw

from sync.entries import EntryKey, Intended, Lend, item_id, patron_id
from sync.journal.journal import Journal
from sync.journal.keys import JournalKeys
from tests.bench.figures import Better, Figure
from tests.bench.pairs import Work, nothing, ratios

AT = datetime(2026, 11, 22, 16, 4, 52, tzinfo=UTC)
PATRON = patron_id("21234000000011")
ROW_BYTES = 300
BATCH = 10
WARMING_COMMITS = 1500
"""More than the 1,000 pages after which SQLite begins its log anew."""


class Bench:
    """The three ways of writing in one folder, so on one disk."""

    def __init__(self, folder: Path) -> None:
        self._journal = Journal.open(folder / "journal", JournalKeys.from_secret(bytes(32)), lambda: AT)
        self._events = count(1)
        self._plain = apsw.Connection(str(folder / "plain"))
        self._plain.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL")
        self._plain.execute("CREATE TABLE rows (number INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT")
        self._raw = os.open(folder / "raw", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        self._body = os.urandom(ROW_BYTES)
        self._stacks: deque[tuple[Intended, ...]] = deque()

    def _rows(self, number: int) -> tuple[Intended, ...]:
        event = next(self._events)
        return tuple(
            Intended(
                EntryKey(self._journal.epoch, self._journal.boot, event, ordinal),
                AT,
                Lend(item_id(f"3{event:09}{ordinal:04}"), PATRON, AT, charged_before=()),
            )
            for ordinal in range(1, number + 1)
        )

    def prepare(self, commits: int, rows: int) -> None:
        """Has the session's part done, the intents of *commits* commits of *rows* each: the writing is measured."""
        self._stacks = deque(self._rows(rows) for _ in range(commits + 1))

    def append(self) -> None:
        """The next intents prepared, on the disk."""
        self._journal.append(self._stacks.popleft())

    def plain(self) -> None:
        """One row of the same size, same durability, and nothing else."""
        self._plain.execute("INSERT INTO rows (body) VALUES (?)", (self._body,))

    def raw(self) -> None:
        """The bytes of one row, written and synced."""
        os.write(self._raw, self._body)
        os.fdatasync(self._raw)

    def raw_ten(self) -> None:
        """The bytes of ten rows, written and synced once."""
        os.write(self._raw, self._body * BATCH)
        os.fdatasync(self._raw)

    def warm(self, commits: int) -> None:
        """Brings both logs into their steady state: written round once, no longer growing the file."""
        self.prepare(commits, 1)
        for _ in range(commits):
            self.append()
            self.plain()

    def close(self) -> None:
        """Frees the files."""
        self._journal.close()
        self._plain.close()
        os.close(self._raw)


@contextmanager
def bench() -> Iterator[Bench]:
    """A bench in a folder beside the project's other build products, because /tmp may be memory."""
    Path("build").mkdir(exist_ok=True)
    with TemporaryDirectory(dir="build") as folder:
        made = Bench(Path(folder))
        try:
            yield made
        finally:
            made.close()


def speeds(ours: Work, floor: Work, *, pairs: int, repeat: int, prepare: Work = nothing) -> tuple[float, ...]:
    """Speed of *ours* as a part of the speed of *floor*, pair by pair."""
    return tuple(1 / ratio for ratio in ratios(ours, floor, pairs=pairs, repeat=repeat, prepare=prepare))


def figures(pairs: int, repeat: int, warming: int = WARMING_COMMITS) -> list[Figure]:
    """The journal's three figures, *pairs* ratios of *repeat* commits each, after *warming* commits of each kind."""
    with bench() as made:
        made.warm(warming)

        def appended(floor: Work, rows: int) -> tuple[float, ...]:
            return speeds(
                made.append, floor, pairs=pairs, repeat=repeat, prepare=lambda: made.prepare(repeat, rows)
            )

        plain_to_raw = median(speeds(made.plain, made.raw, pairs=pairs, repeat=repeat))
        return [
            Figure(
                "journal append, one row a commit",
                appended(made.plain, 1),
                "of the speed",
                "a plain apsw insert of 300 bytes, WAL and FULL",
                0.85,
                Better.HIGHER,
            ),
            Figure(
                "journal append, ten rows in one commit",
                appended(made.raw_ten, BATCH),
                "of the speed",
                "one raw write of the ten + fdatasync",
                0.45,
                Better.HIGHER,
            ),
            Figure(
                "journal append beside the raw disk",
                appended(made.raw, 1),
                "of the speed",
                "one raw write + fdatasync",
                None,
                Better.HIGHER,
                {"plain apsw": plain_to_raw},
            ),
        ]
