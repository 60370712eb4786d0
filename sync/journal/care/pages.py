"""Table rows out of single pages of an SQLite file, without SQLite: for files that it no longer reads.

Written from the description of the format at sqlite.org/fileformat2.html; the sections are named where they are used.
Nothing here trusts a byte: what does not parse is left out, and what parses proves nothing.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

Value = int | str | bytes | float | None
PageOf = Callable[[int], bytes | None]

FILE_HEADER_BYTES: Final = 100
LEAF: Final = 0x0D
_LEAF_HEADER = struct.Struct(">BHHHB")
_INTEGER_BYTES: Final = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_HEADER_COLUMNS_MAX: Final = 16
_PAYLOAD_BYTES_MAX: Final = 4 * 2**20
_RECORD_BEGINS = re.compile(rb"(?=[\x02-\x40]\x00)", re.DOTALL)
"""The length of a record's header, and the first column as all of our tables have it: the rowid, stored as NULL."""


class Cell(NamedTuple):
    """A row of a table as it lies in a leaf page: its *rowid*, its columns, and how many bytes it takes there."""

    rowid: int
    values: tuple[Value, ...]
    length: int


class Leaf(NamedTuple):
    """The cells a page gave; *is_whole*: its own structure says that these are all, and all of them could be read."""

    cells: tuple[Cell, ...]
    is_whole: bool


def page_size_of(header: bytes) -> int | None:
    """The page size a file's first bytes name (section 1.3.2); None when they name none that can be."""
    if len(header) < FILE_HEADER_BYTES or not header.startswith(b"SQLite format 3\0"):
        return None
    (size,) = struct.unpack_from(">H", header, 16)
    size = 65_536 if size == 1 else size
    return size if 512 <= size <= 65_536 and size & (size - 1) == 0 else None


def leaf(page: bytes, number: int, page_of: PageOf) -> Leaf | None:
    """The cells of page *number* where it is a leaf of a table (section 1.6); None where it says it is none.

    *page_of* gives other pages, for rows that run over.
    """
    start = _start(number)
    kind, free, count, content, fragments = _LEAF_HEADER.unpack_from(page, start)
    if kind != LEAF:
        return None
    cells: list[Cell] = []
    is_whole = True
    pointers = start + _LEAF_HEADER.size
    if pointers + 2 * count > len(page):
        return Leaf((), False)
    for index in range(count):
        (place,) = struct.unpack_from(">H", page, pointers + 2 * index)
        cell = cell_at(page, place, page_of)
        if cell is None:
            is_whole = False
        else:
            cells.append(cell)
    taken = sum(cell.length for cell in cells)
    # Without a free block every byte from the beginning of the content on belongs to a cell or is counted as fragment.
    is_covered = free != 0 or taken + fragments == len(page) - (content or 65_536)
    return Leaf(tuple(cells), is_whole and is_covered)


def every_cell(page: bytes, page_of: PageOf, looks_right: Callable[[Cell], bool]) -> Iterator[Cell]:
    """Every cell that *looks_right*, wherever in *page* it may begin: for pages whose structure is damaged."""
    for match in _RECORD_BEGINS.finditer(page):
        # Before a record stand its length and its rowid, of one to nine bytes each.
        for place in range(max(0, match.start() - 18), match.start() - 1):
            cell = cell_at(page, place, page_of)
            if cell is not None and looks_right(cell):
                yield cell


def cell_at(page: bytes, place: int, page_of: PageOf) -> Cell | None:
    """The cell of a table's leaf at *place* (section 1.6, B-tree Cell Format); None where none can be."""
    length = _varint(page, place)
    if length is None or not 2 <= length[0] <= _PAYLOAD_BYTES_MAX:
        return None
    rowid = _varint(page, length[1])
    if rowid is None or not 0 < rowid[0] < 2**62:
        return None
    here, begin = _local(length[0], len(page)), rowid[1]
    if begin + here > len(page):
        return None
    if not _RECORD_BEGINS.match(page, begin):
        return None
    if here == length[0]:
        payload: bytes | None = page[begin : begin + here]
        end = begin + here
    else:
        if begin + here + 4 > len(page):
            return None
        (after,) = struct.unpack_from(">I", page, begin + here)
        payload = _run_over(page[begin : begin + here], after, length[0], len(page), page_of)
        end = begin + here + 4
    values = None if payload is None else record(payload)
    return None if values is None else Cell(rowid[0], values, end - place)


def record(payload: bytes) -> tuple[Value, ...] | None:
    """The columns of a record (section 2.1); None where it is none."""
    size = _varint(payload, 0)
    if size is None or not 2 <= size[0] <= len(payload):
        return None
    place = size[1]
    kinds: list[int] = []
    while place < size[0]:
        kind = _varint(payload, place)
        if kind is None or len(kinds) >= _HEADER_COLUMNS_MAX:
            return None
        kinds.append(kind[0])
        place = kind[1]
    if place != size[0]:
        return None
    values: list[Value] = []
    for one in kinds:
        taken = _column(payload, place, one)
        if taken is None:
            return None
        value, place = taken
        values.append(value)
    return tuple(values) if place == len(payload) else None


def _start(number: int) -> int:
    """Page 1 begins with the header of the file (section 1.3)."""
    return FILE_HEADER_BYTES if number == 1 else 0


def _varint(data: bytes, place: int) -> tuple[int, int] | None:
    """A variable-length integer (section 1.6) and where it ends."""
    value = 0
    for index in range(9):
        if place + index >= len(data):
            return None
        byte = data[place + index]
        if index == 8:
            return (value << 8) | byte, place + 9
        value = (value << 7) | (byte & 0x7F)
        if byte < 0x80:
            return value, place + index + 1
    return None


def _local(payload: int, usable: int) -> int:
    """How much of a payload lies in the leaf itself (section 1.6, table b-tree leaf cell)."""
    most = usable - 35
    if payload <= most:
        return payload
    least = (usable - 12) * 32 // 255 - 23
    fitting = least + (payload - least) % (usable - 4)
    return fitting if fitting <= most else least


def _run_over(begin: bytes, number: int, length: int, usable: int, page_of: PageOf) -> bytes | None:
    """The rest of a payload from its chain of overflow pages (section 1.7)."""
    payload = bytearray(begin)
    for _ in range(_PAYLOAD_BYTES_MAX // (usable - 4) + 1):
        if len(payload) >= length:
            break
        page = page_of(number)
        if page is None or len(page) < usable:
            return None
        (number,) = struct.unpack_from(">I", page)
        payload += page[4 : 4 + length - len(payload)]
    return bytes(payload) if len(payload) == length else None


def _column(payload: bytes, place: int, kind: int) -> tuple[Value, int] | None:
    """A column by its serial type (section 2.1)."""
    if kind in _INTEGER_BYTES:
        end = place + _INTEGER_BYTES[kind]
        return (int.from_bytes(payload[place:end], "big", signed=True), end) if end <= len(payload) else None
    if kind == 0:
        return None, place
    if kind in (8, 9):
        return kind - 8, place
    if kind == 7:
        end = place + 8
        return (struct.unpack_from(">d", payload, place)[0], end) if end <= len(payload) else None
    if kind < 12:
        return None
    end = place + (kind - 12) // 2
    if end > len(payload):
        return None
    content = payload[place:end]
    if kind % 2 == 0:
        return content, end
    try:
        return content.decode("utf-8"), end
    except UnicodeDecodeError:
        return None
