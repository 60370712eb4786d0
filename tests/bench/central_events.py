"""Catching up: events told to a central that listens, by the real client, against the same rows inserted raw.

The floor is what nobody can do without: the rows that a batch leaves behind (events and loans), inserted with the
standard library's sqlite3 into the same tables, one transaction with one sync for each hundred.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from sqlalchemy import insert, select

from drivers.link.clock import RealClock
from sync.central import demo
from sync.central.store import tables as t
from sync.central.store.store import Store
from sync.entries import Due, Entry, EntryKey, Granted, Intended, Lend, Promised, item_id, patron_id
from sync.servers.central.client import open_central
from sync.servers.central.settings import CentralClientSettings
from tests.bench.figures import Better, Figure
from tests.kit.running_central import TOKENS, RunningCentral

BATCH = 100
LOANS_A_PATRON = 3
LOANS_A_DAY = 3_333
GOAL_A_SECOND = 1_000.0


def stocked(store: Store, events: int) -> None:
    """Puts plain items and patrons for *events* loans into the demo library: three books a reader."""
    with store.writing() as connection:
        item = (
            connection.execute(select(t.items).where(t.items.c.number == demo.ITEMS_FREE[0])).mappings().one()
        )
        patron = (
            connection.execute(select(t.patrons).where(t.patrons.c.number == demo.READER)).mappings().one()
        )
        items = [dict(item) | {"number": _item(number)} for number in range(events + 1)]
        patrons = [
            dict(patron) | {"number": _patron(number)} for number in range(events // LOANS_A_PATRON + 1)
        ]
        connection.execute(insert(t.items), items)
        connection.execute(insert(t.patrons), patrons)


def _item(number: int) -> str:
    return f"4{number:06}"


def _patron(number: int) -> str:
    return f"5{number:06}"


def prepared(count: int) -> Iterator[list[Entry]]:
    """*count* loans of the last thirty days, in batches."""
    start = RealClock().now() - timedelta(days=30)
    for first in range(1, count + 1, BATCH):
        yield [_entry(number, start) for number in range(first, min(first + BATCH, count + 1))]


def _entry(number: int, start: datetime) -> Entry:
    at = start + timedelta(seconds=number * 86_400 / LOANS_A_DAY)
    key = EntryKey("bench", 1, number, 1)
    promise = Lend(item_id(_item(number)), patron_id(_patron(number // LOANS_A_PATRON)), at)
    due = Due(at.date() + timedelta(days=30))
    rows = (Intended(key, at, promise, 0.0), Promised(key, at, due, start))
    return Entry(key, promise, rows, number, 0.5)


@contextmanager
def _central(events: int) -> Iterator[RunningCentral]:
    """A stocked central in a folder beside the project's other build products, because /tmp may be memory."""
    Path("build").mkdir(exist_ok=True)
    with TemporaryDirectory(dir="build") as folder, RunningCentral(Path(folder), RealClock()) as central:
        stocked(central.store, events)
        yield central


def told(central: RunningCentral, batches: Sequence[list[Entry]]) -> float:
    """Seconds in which *batches* are told and answered."""
    settings = CentralClientSettings(TOKENS["kiosk-1"], batch_seconds=60.0)
    client = open_central(central.url, settings, RealClock())
    began = perf_counter()
    for batch in batches:
        if not all(isinstance(answer, Granted) for answer in client.carry(batch)):
            raise AssertionError("a loan was not granted")
    seconds = perf_counter() - began
    client.close()
    return seconds


def inserted(central: RunningCentral, copy: Path) -> float:
    """Seconds in which the rows that *central* has are inserted into *copy*, a hundred events a transaction."""
    source = sqlite3.connect(central.store_path)
    events = source.execute("SELECT * FROM events ORDER BY id").fetchall()
    loans = source.execute(
        "SELECT loans.* FROM loans JOIN events ON events.loan = loans.id ORDER BY loans.id"
    ).fetchall()
    schema = [
        row[0]
        for row in source.execute("SELECT sql FROM sqlite_master WHERE tbl_name IN ('events', 'loans')")
    ]
    source.close()
    floor = sqlite3.connect(copy, isolation_level=None)
    floor.execute("PRAGMA journal_mode = WAL")
    floor.execute("PRAGMA synchronous = FULL")
    for statement in schema:
        if statement is not None:
            floor.execute(statement)
    began = perf_counter()
    for first in range(0, len(events), BATCH):
        floor.execute("BEGIN IMMEDIATE")
        floor.executemany(f"INSERT INTO loans VALUES ({_marks(loans)})", loans[first : first + BATCH])
        floor.executemany(f"INSERT INTO events VALUES ({_marks(events)})", events[first : first + BATCH])
        floor.execute("COMMIT")
    seconds = perf_counter() - began
    floor.close()
    return seconds


def _marks(rows: Sequence[tuple[object, ...]]) -> str:
    return ",".join("?" * len(rows[0]))


def figures(events: int) -> list[Figure]:
    """Two figures: events a second over REST, and how many times the floor that takes."""
    batches = list(prepared(events))
    with _central(events) as central, TemporaryDirectory(dir="build") as folder:
        seconds = told(central, batches)
        floor = inserted(central, Path(folder) / "floor.db")
    return [
        Figure(
            "catching up to central over REST",
            (events / seconds,),
            "events a second",
            f"{events} loans in batches of {BATCH}, SQLite, one client",
            GOAL_A_SECOND,
            Better.HIGHER,
        ),
        Figure(
            "catching up beside raw inserts",
            (seconds / floor,),
            "times",
            "the same rows by sqlite3, one transaction a batch",
            None,
        ),
    ]
