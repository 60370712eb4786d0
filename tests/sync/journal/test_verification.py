"""Whatever is altered in a journal's file is found, and named by row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from sync.entries import Settlement
from sync.journal.errors import JournalDamaged
from sync.journal.file import PAGE_BYTES
from sync.journal.journal import Journal
from tests.sync.journal.samples import granted, key_of, lending, releasing, settled, whole_loan

Opened = Callable[[], Journal]

TAMPERING = {
    "another item": ("UPDATE rows SET body = replace(body, '10000001', '10000002') WHERE number = 1", 1),
    "another answer": ("UPDATE rows SET body = replace(body, 'true', 'false') WHERE number = 3", 3),
    "another kind": ("UPDATE rows SET kind = 'released' WHERE number = 3", 3),
    "another key": ("UPDATE rows SET key = replace(key, '-1-1-1', '-1-77-1') WHERE number = 1", 1),
    "another lane": ("UPDATE rows SET destination = 'pay' WHERE number = 1", 1),
    "another position": ("UPDATE rows SET position = 99 WHERE number = 1", 1),
    "another entry": ("UPDATE rows SET entry = 1 WHERE number = 8", 8),
    "another token": ("UPDATE rows SET token = randomblob(32) WHERE number = 1", 1),
    "a row gone": ("DELETE FROM rows WHERE number = 5", 6),
    "rows exchanged": (
        "UPDATE rows SET number = -1 WHERE number = 3; UPDATE rows SET number = 3 WHERE number = 4;"
        "UPDATE rows SET number = 4 WHERE number = -1",
        3,
    ),
    "a box exchanged": (
        "UPDATE sealed SET box = (SELECT box FROM sealed WHERE number = 306) WHERE number = 1",
        1,
    ),
    "a box altered": ("UPDATE sealed SET box = zeroblob(60) WHERE number = 306", 306),
    "a box gone": ("DELETE FROM sealed WHERE number = 306", 306),
    "a key found elsewhere": ("UPDATE keys SET number = 2 WHERE number = 1", 1),
    "a key not found": ("DELETE FROM keys WHERE number = 6", 6),
    "a key of nothing": ("INSERT INTO keys VALUES (3, 'of-nothing')", 3),
    "a key before its time": ("INSERT INTO keys SELECT number, key FROM rows WHERE number = 306", 301),
    "a row added": (
        "INSERT INTO rows SELECT 308, 306, kind, NULL, NULL, NULL, NULL, body, link FROM rows WHERE number = 5",
        308,
    ),
}


@pytest.fixture
def tampered(opened: Opened, path: Path) -> Callable[[str], Journal]:
    """A journal of 61 settled loans and one that is open, altered by SQL and then read whole."""

    def alter(sql: str) -> Journal:
        journal = opened()
        for event in range(1, 62):
            whole_loan(journal, event)
            if event == 60:  # Opening registers the keys so far.
                journal.close()
                journal = opened()
        journal.append([lending(key_of(journal, 99))])
        journal.append([granted(key_of(journal, 99))])
        assert journal.verify().is_whole
        connection = journal._connection
        for trigger in ("rows_are_never_changed", "rows_are_never_deleted", "boxes_are_never_changed"):
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(sql)
        return journal

    return alter


@pytest.mark.parametrize("name", TAMPERING)
def test_every_alteration_is_found(tampered: Callable[[str], Journal], name: str) -> None:
    """A row or box altered, exchanged, added or taken away is reported with the number of a row it concerns."""
    sql, number = TAMPERING[name]

    report = tampered(sql).verify()

    assert not report.is_whole
    assert number in {fault.number for fault in report.faults}


def test_a_whole_journal_says_how_much_was_read(journal: Journal) -> None:
    """The report of a journal as it was written counts rows, entries and open ones, and has no faults."""
    whole_loan(journal, 1)
    key = key_of(journal, 2)
    journal.append([lending(key)])

    report = journal.verify()

    assert (report.rows, report.entries, report.unsettled, report.faults) == (6, 2, 1, ())


def test_a_page_lost_anywhere_is_found(opened: Opened, path: Path) -> None:
    """A page that the disk gave back as zeros, whichever it is, is found at start or by reading the whole file."""
    journal = opened()
    for event in range(1, 101):
        whole_loan(journal, event)
    journal.close()
    image = path.read_bytes()
    places = range(0, len(image), PAGE_BYTES)
    found = 0
    for place in places:
        path.write_bytes(image[:place] + bytes(PAGE_BYTES) + image[place + PAGE_BYTES :])
        try:
            again = opened()
        except JournalDamaged:
            found += 1
        else:
            found += not again.verify().is_whole
            again.close()

    assert len(places) > 30
    assert found == len(places)


@pytest.mark.parametrize("sql", ["UPDATE rows SET body = ''", "DELETE FROM rows", "UPDATE sealed SET box = x''",
                                 "DELETE FROM boots", "UPDATE boots SET at = ''"])  # fmt: skip
def test_the_file_itself_refuses_to_change_rows(journal: Journal, sql: str) -> None:
    """Rows, boxes and boots cannot be altered through SQL, rows and boots not deleted, by anybody."""
    key = key_of(journal, 1)
    journal.append([lending(key)])
    journal.append([granted(key), releasing(key)])

    with pytest.raises(apsw.ConstraintError, match="never"):
        journal._connection.execute(sql)

    assert journal.verify().is_whole
    assert journal.entry(key) is not None
    with pytest.raises(ValueError, match="cannot follow"):
        journal.append([settled(key, Settlement.DONE)])
