"""Collects what is left of a damaged journal: every row that can still be read, from the file and from its log.

What is collected proves nothing yet: a page that was overwritten may hold old rows, a flipped bit a wrong one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import apsw

from sync.journal.care import log_frames, pages
from sync.journal.care.pages import Cell
from sync.journal.care.reading_only import connection_for_reading, log_of
from sync.journal.care.shapes import (
    AnchorFound,
    BootFound,
    BoxFound,
    Found,
    KeyFound,
    OriginFound,
    RowFound,
    shape_of,
)
from sync.journal.errors import JournalLocked
from sync.journal.seal import Record

_PAGE_SIZES: Final = (1024, 4096)
"""What journals of ours have."""

_ROWS: Final = (
    "SELECT number, entry, kind, key, destination, position, token, body, link FROM rows ORDER BY number"
)
_ROWS_BACKWARDS: Final = f"{_ROWS} DESC"


@dataclass(slots=True)
class Remains:
    """All that was read, each kind once.

    *rows* by number: what was committed, in the order in which it was written; *unfinished* the same for transactions
    whose end is missing.  *numbers* are row numbers that are named somewhere.
    """

    rows: dict[int, list[RowFound]] = field(default_factory=dict)
    unfinished: dict[int, list[RowFound]] = field(default_factory=dict)
    boxes: dict[int, list[bytes]] = field(default_factory=dict)
    origins: set[OriginFound] = field(default_factory=set)
    anchors: set[AnchorFound] = field(default_factory=set)
    numbers: set[int] = field(default_factory=set)
    pages_read: int = 0
    frames_read: int = 0
    is_readable_by_sql: bool = False


def remains_of(path: Path) -> Remains:
    """Everything there is to be read at *path* and in its log.

    Raises `OSError` when the files cannot be read, `JournalLocked` when another process has them open.
    """
    remains = Remains()
    _read_by_sql(path, remains)
    image = path.read_bytes()
    log = log_of(path).read_bytes() if log_of(path).exists() else b""
    sizes = pages.page_size_of(image) or log_frames.page_size_of_log(log)
    for page_bytes in (sizes,) if sizes else _PAGE_SIZES:
        _read_pages(image, log, page_bytes, remains)
    return remains


def _read_pages(image: bytes, log: bytes, page_bytes: int, remains: Remains) -> None:
    said = log_frames.frames(log, page_bytes)
    newest = {frame.number: frame.page for frame in said.committed}

    def page_of(number: int) -> bytes | None:
        if number in newest:
            return newest[number]
        page = image[(number - 1) * page_bytes : number * page_bytes] if number > 0 else b""
        return page if len(page) == page_bytes else None

    whole = len(image) // page_bytes
    # The last page may be cut: what is left of it is looked through as it is.
    for number in range(1, whole + (len(image) % page_bytes > 0) + 1):
        page = image[(number - 1) * page_bytes : number * page_bytes].ljust(page_bytes, b"\0")
        remains.pages_read += 1
        for cell in _cells(page, number, page_of):
            _keep(shape_of(cell), remains, remains.rows)
    for frames, rows in ((said.committed, remains.rows), (said.unfinished, remains.unfinished)):
        for frame in frames:
            remains.frames_read += 1
            for cell in _cells(frame.page, frame.number, page_of):
                _keep(shape_of(cell), remains, rows)


def _cells(page: bytes, number: int, page_of: pages.PageOf) -> Iterator[Cell]:
    """A leaf's cells by its own structure; any other page, and a leaf that is damaged, byte for byte."""
    if not any(page):
        return
    found = pages.leaf(page, number, page_of)
    if found is not None:
        yield from found.cells
        if found.is_whole:
            return
    yield from pages.every_cell(page, page_of, lambda cell: shape_of(cell) is not None)


def _read_by_sql(path: Path, remains: Remains) -> None:
    """What SQLite itself still reads, from both ends of the table, up to where it gives up."""
    try:
        connection = connection_for_reading(path)
    except apsw.Error:
        return
    try:
        # Whoever has it open is at work on it: only what lies still can be salvaged.
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        remains.is_readable_by_sql = _read_rows(connection, _ROWS, remains)
        if not remains.is_readable_by_sql:
            _read_rows(connection, _ROWS_BACKWARDS, remains)
    except (apsw.BusyError, apsw.LockedError) as error:
        raise JournalLocked(f"{path}: another process has it") from error
    except apsw.Error:
        remains.is_readable_by_sql = False
    finally:
        connection.close(True)


def _read_rows(connection: apsw.Connection, sql: str, remains: Remains) -> bool:
    try:
        for number, entry, kind, key, lane, position, token, body, link in connection.execute(sql):
            cell = Cell(int(number), (None, entry, kind, key, lane, position, token, body, link), 0)
            _keep(shape_of(cell), remains, remains.rows)
    except (apsw.Error, UnicodeDecodeError, ValueError, TypeError):
        return False
    return True


def _keep(found: Found | None, remains: Remains, rows: dict[int, list[RowFound]]) -> None:
    match found:
        case RowFound(Record() as record):
            known = rows.setdefault(record.number, [])
            if found not in known:
                known.append(found)
        case BoxFound(number, box):
            boxes = remains.boxes.setdefault(number, [])
            if box not in boxes:
                boxes.append(box)
        case OriginFound():
            remains.origins.add(found)
        case AnchorFound():
            remains.anchors.add(found)
        case KeyFound(number):
            remains.numbers.add(number)
        case BootFound(after):
            remains.numbers.add(after)
        case None:
            pass
