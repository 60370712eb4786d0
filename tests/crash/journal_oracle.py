"""What must hold of a journal whose writer was killed: the one checker of all crash tests of the journal."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sync.entries import EntryKey
from sync.journal.errors import JournalError
from sync.journal.journal import Journal
from tests.sync.journal.samples import KEYS, CountingClock


def acknowledged(output: Iterable[str]) -> dict[EntryKey, int]:
    """How many rows of each entry the writer said were written."""
    found: dict[EntryKey, int] = {}
    for line in output:
        words = line.split()
        if len(words) == 3 and words[0] == "ack":
            found[EntryKey.parse(words[1])] = int(words[2])
    return found


def broken_promises(path: Path, promised: dict[EntryKey, int]) -> list[str]:
    """What is wrong with the journal in *path* after its writer promised *promised*; empty: nothing."""
    try:
        journal = Journal.open(path, KEYS, CountingClock().now)
    except JournalError as error:
        return [f"cannot be opened: {error}"]
    try:
        wrong = [f"row {fault.number}: {fault.what}" for fault in journal.verify().faults]
        for key, rows in promised.items():
            entry = journal.entry(key)
            there = 0 if entry is None else len(entry.rows)
            if there < rows:
                wrong.append(f"{key}: {rows} rows were acknowledged, {there} are there")
        return wrong
    finally:
        journal.close()
