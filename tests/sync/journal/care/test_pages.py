"""Rows read from raw pages and frames are the rows SQLite wrote, and no bytes make the reader fail."""

from __future__ import annotations

import random
from pathlib import Path

import apsw
import pytest

from sync.journal.care import log_frames, pages
from sync.journal.care.pages import Cell
from tests.kit.effort import effort

ROWS = 300


def database(path: Path, page_bytes: int, seed: int) -> dict[int, tuple[object, ...]]:
    """A table with columns of every kind and rows of up to some pages; what is in it by rowid."""
    chance = random.Random(seed)
    connection = apsw.Connection(str(path))
    connection.pragma("page_size", page_bytes)
    connection.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, i INTEGER, f REAL, s TEXT, b BLOB)")
    rows: dict[int, tuple[object, ...]] = {}
    for number in range(1, ROWS + 1):
        row = (
            number * chance.choice((1, 2**31)),
            chance.choice((None, 0, 1, -1, 127, -129, 2**20, -(2**40), 2**62)),
            chance.choice((None, 0.5, -1e300)),
            "活" * chance.choice((0, 1, 20, 3000)),
            chance.randbytes(chance.choice((0, 3, 200, page_bytes - 35, page_bytes, 9000))),
        )
        rows[row[0]] = (None, *row[1:])
        connection.execute("INSERT INTO t VALUES (?, ?, ?, ?, ?)", row)
    connection.close()
    return rows


@pytest.mark.parametrize("page_bytes", [512, 1024, 4096, 65_536])
@pytest.mark.parametrize("seed", range(3))
def test_every_row_is_read_as_sqlite_wrote_it(tmp_path: Path, page_bytes: int, seed: int) -> None:
    """Integers of every width, floats, texts and blobs, also those that run over many pages; all leaves are whole."""
    rows = database(tmp_path / "t.sqlite", page_bytes, seed)
    image = (tmp_path / "t.sqlite").read_bytes()
    assert pages.page_size_of(image) == page_bytes

    def page_of(number: int) -> bytes:
        return image[(number - 1) * page_bytes : number * page_bytes]

    found: dict[int, tuple[object, ...]] = {}
    for number in range(2, len(image) // page_bytes + 1):
        leaf = pages.leaf(page_of(number), number, page_of)
        # Pages of overflow may begin with any byte: their cells are not of this shape.
        if leaf is not None and leaf.is_whole:
            found.update({cell.rowid: cell.values for cell in leaf.cells if len(cell.values) == 5})

    assert found == rows


def test_cells_of_a_page_without_structure_are_found(tmp_path: Path) -> None:
    """With the page's header gone every cell that lies in the page is found by its own bytes."""
    rows = database(tmp_path / "t.sqlite", 4096, 7)
    image = (tmp_path / "t.sqlite").read_bytes()

    def page_of(number: int) -> bytes:
        return image[(number - 1) * 4096 : number * 4096]

    checked = 0
    for number in range(2, len(image) // 4096 + 1):
        leaf = pages.leaf(page_of(number), number, page_of)
        if leaf is None or not leaf.is_whole:
            continue
        cells = {cell for cell in leaf.cells if rows.get(cell.rowid) == cell.values}
        broken = b"\xff" * 8 + page_of(number)[8:]
        found = set(pages.every_cell(broken, page_of, lambda cell: len(cell.values) == 5))
        assert cells <= found
        checked += len(cells)
    assert checked > 100


def test_no_page_makes_the_reader_fail() -> None:
    """Random pages, and pages of chance that begin as leaves, give cells or none."""
    chance = random.Random(11)
    for _ in range(effort(400)):
        page = bytearray(chance.randbytes(1024))
        page[0] = chance.choice((0x0D, page[0]))
        frozen = bytes(page)
        pages.leaf(frozen, chance.choice((1, 2)), lambda _, page=frozen: page)  # type: ignore[misc]
        assert all(
            isinstance(cell, Cell) for cell in pages.every_cell(frozen, lambda _: None, lambda _: True)
        )


def log_of_two_commits(tmp_path: Path) -> tuple[bytes, int]:
    """A log with two commits and its page size."""
    connection = apsw.Connection(str(tmp_path / "w.sqlite"))
    connection.pragma("page_size", 1024)
    connection.pragma("journal_mode", "wal")
    connection.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, s TEXT)")
    connection.execute("INSERT INTO t VALUES (1, ?)", ("x" * 3000,))
    log = (tmp_path / "w.sqlite-wal").read_bytes()
    connection.close()
    return log, 1024


def test_what_was_committed_is_told_from_what_was_not(tmp_path: Path) -> None:
    """Cut anywhere, a log gives the frames of whole transactions as committed and the rest as unfinished."""
    log, page_bytes = log_of_two_commits(tmp_path)
    assert log_frames.page_size_of_log(log) == page_bytes
    whole = log_frames.frames(log, page_bytes)
    step = page_bytes + 24
    assert (len(log) - 32) // step == len(whole.committed) == 6
    assert whole.unfinished == ()

    for length in range(0, len(log), 100):
        cut = log_frames.frames(log[:length], page_bytes)
        frames = max(0, length - 32) // step
        assert len(cut.committed) in (0, 2)
        assert len(cut.committed) + len(cut.unfinished) == frames
        assert (*cut.committed, *cut.unfinished) == whole.committed[:frames]


def test_what_lies_behind_a_damaged_frame_is_not_lost(tmp_path: Path) -> None:
    """SQLite would drop everything from there on; here only that frame's bytes are in question."""
    log, page_bytes = log_of_two_commits(tmp_path)
    whole = log_frames.frames(log, page_bytes)
    damaged = bytearray(log)
    damaged[32 + 24 + 500] ^= 0xFF

    said = log_frames.frames(bytes(damaged), page_bytes)

    assert said.committed[1:] == whole.committed[1:]


def test_frames_of_an_older_round_come_first(tmp_path: Path) -> None:
    """After a checkpoint the log is begun again from its beginning; what still lies behind is older."""
    connection = apsw.Connection(str(tmp_path / "w.sqlite"))
    connection.pragma("page_size", 1024)
    connection.pragma("journal_mode", "wal")
    connection.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, s TEXT)")
    for number in range(1, 20):
        connection.execute("INSERT INTO t VALUES (?, 'old')", (number,))
    connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
    connection.execute("UPDATE t SET s = 'new'")
    log = (tmp_path / "w.sqlite-wal").read_bytes()
    connection.close()

    last = log_frames.frames(log, 1024).committed[-1]

    assert b"new" in last.page
    assert b"old" not in last.page
