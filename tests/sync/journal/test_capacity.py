"""Weeks without a server and a million loans: opening reads what is open once, and memory does not grow."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from sync.entries import Due, Promised
from sync.journal import register
from sync.journal.journal import Journal
from tests.kit.effort import effort
from tests.kit.proofs import note
from tests.sync.journal.samples import (
    NOON,
    granted,
    key_of,
    lending,
    released,
    releasing,
    settled,
    whole_loan,
)

Opened = Callable[[], Journal]
MEBIBYTE = 2**20
LOANS_BETWEEN_TIDYING = 500


def promised_loan(journal: Journal, event: int) -> None:
    key = key_of(journal, event)
    journal.append([lending(key), Promised(key, NOON, Due(NOON.date()), NOON), releasing(key)])
    journal.append([released(key)])


def quick(journal: Journal) -> Journal:
    """The same journal without waiting for the disk: what is proven here is not durability."""
    journal._connection.execute("PRAGMA synchronous = OFF")
    return journal


def lend_and_tidy(journal: Journal, events: range) -> None:
    for event in events:
        key = key_of(journal, event)
        journal.append([lending(key), granted(key), releasing(key), released(key), settled(key)])
        if event % LOANS_BETWEEN_TIDYING == 0:
            journal.tidy()


def grown(journal: Journal, lend: Callable[[range], None], loans: int) -> int:
    """How many bytes more are held after *loans*, when as many as fill every bounded list were made before."""
    warm = 2 * LOANS_BETWEEN_TIDYING
    tracemalloc.start()
    try:
        lend(range(1, warm + 1))
        before, _ = tracemalloc.get_traced_memory()
        lend(range(warm + 1, warm + 1 + loans))
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return after - before


def test_memory_does_not_grow_with_the_loans(opened: Opened) -> None:
    """Two thousand loans leave at most a quarter mebibyte more in memory than there was, a million in the long form
    at most a mebibyte."""
    journal = quick(opened())
    loans = effort(2_000, 1_000_000)
    bound = MEBIBYTE if loans > 2_000 else MEBIBYTE // 4

    more = grown(journal, lambda events: lend_and_tidy(journal, events), loans)

    note("memory of the journal", 0, {"loans": loans, "bytes more": more})
    assert more < bound
    assert journal.unsettled() == ()


def test_memory_is_bounded_without_a_quiet_moment(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no idle moment comes the keys that wait are written with a commit all the same, and are found and refused
    as before."""
    monkeypatch.setattr(register, "WAITING_MAX", 100)
    journal = quick(opened())
    for event in range(1, 1001):
        whole_loan(journal, event)
        assert len(journal._register._waiting) <= 100

    assert journal._file.query("SELECT count(*) >= 900 FROM keys") == [(1,)]
    for event in (1, 500, 1000):
        assert journal.entry(key_of(journal, event)) is not None
        with pytest.raises(ValueError, match="there is an entry"):
            journal.append([lending(key_of(journal, event))])
    assert journal.verify().is_whole


def test_what_grows_is_seen(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: a journal that kept every key would be caught by the measurement above."""
    monkeypatch.setattr(register, "WAITING_MAX", 10**9)
    journal = quick(opened())

    def never_tidy(events: range) -> None:
        for event in events:
            key = key_of(journal, event)
            journal.append([lending(key), granted(key), settled(key)])

    assert grown(journal, never_tidy, 2_000) > MEBIBYTE // 4


def statements_of_opening(open_it: Opened) -> int:
    """How many statements SQLite is asked to run until the unsettled entries are there."""
    counted: list[str] = []

    def count(_: apsw.Cursor, sql: str, __: object) -> bool:
        counted.append(sql)
        return True

    def watch(connection: apsw.Connection) -> None:
        connection.exec_trace = count

    apsw.connection_hooks.append(watch)
    try:
        journal = open_it()
        journal.unsettled()
    finally:
        apsw.connection_hooks.remove(watch)
    journal.close()
    return len(counted)


def test_opening_asks_the_file_as_often_for_many_open_entries_as_for_a_few(opened: Opened) -> None:
    """After weeks without a server all that is open is read in one ordered pass, and once: no question for each entry,
    and none again when the entries are asked for."""
    journal = quick(opened())
    for event in range(1, 301):
        promised_loan(journal, event)
    journal.close()
    few = statements_of_opening(opened)
    again = quick(opened())
    for event in range(1, 2001):
        promised_loan(again, event)
    again.close()

    many = statements_of_opening(opened)

    assert few <= many <= few + 8
    assert many < 60


def test_a_few_open_entries_behind_a_long_history_are_found_by_themselves(opened: Opened, path: Path) -> None:
    """One old open entry does not have the whole history read: it is found alone, and the rest is not looked at."""
    journal = quick(opened())
    waiting = key_of(journal, 10_000)
    journal.append([lending(waiting)])
    lend_and_tidy(journal, range(1, 1001))
    journal.close()
    read: list[str] = []

    def note(_: apsw.Cursor, sql: str, __: object) -> bool:
        read.append(sql)
        return True

    again = opened()
    again._connection.exec_trace = note
    again.append([granted(waiting)])
    found = again.unsettled()

    assert [entry.key for entry in found] == [waiting]
    assert len(found[0].rows) == 2
    assert not any("number >= ?" in sql for sql in read)
