"""Tells which table of a journal a row without a name belongs to, by the shape of its columns.

The first column of every table is its rowid and is stored as NULL (sqlite.org/fileformat2.html, section 2.3), so that a
row is its rowid and what follows.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from sync.journal.care.pages import Cell, Value
from sync.journal.seal import LINK_BYTES, NONCE_BYTES, SALT_BYTES, TOKEN_BYTES, Record

_KEY = re.compile(r"[0-9a-f]{16}-\d+-\d+-\d+")
_EPOCH = re.compile(r"[0-9a-f]{16}")
_BOX_BYTES_MIN: Final = NONCE_BYTES + SALT_BYTES + 16


class RowFound(NamedTuple):
    """A row of table `rows`."""

    record: Record
    link: bytes


class BoxFound(NamedTuple):
    """A row of table `sealed`."""

    number: int
    box: bytes


class OriginFound(NamedTuple):
    """The line of table `journal`."""

    epoch: str
    key_check: bytes


class AnchorFound(NamedTuple):
    """A line of table `segments`; *what* is what its digest is made of, beside the link."""

    last: int
    what: str
    link: bytes
    digest: bytes
    is_purged: bool


class KeyFound(NamedTuple):
    """A line of table `keys`: there was an entry that began with row *number*."""

    number: int


class BootFound(NamedTuple):
    """A line of table `boots`: there were *after* rows when the terminal started."""

    after: int


Found = RowFound | BoxFound | OriginFound | AnchorFound | KeyFound | BootFound


def shape_of(cell: Cell) -> Found | None:
    """What *cell* is a row of; None where it is of no table that matters."""
    values = cell.values
    if not values or values[0] is not None:
        return None
    match len(values):
        case 9:
            return _row(cell.rowid, values)
        case 8:
            return _anchor(cell.rowid, values)
        case 4:
            return _origin(values)
        case 3 if isinstance(values[1], str) and isinstance(values[2], int) and "T" in values[1]:
            return BootFound(values[2])
        case 2 if isinstance(values[1], bytes) and len(values[1]) >= _BOX_BYTES_MIN:
            return BoxFound(cell.rowid, values[1])
        case 2 if isinstance(values[1], str) and _KEY.fullmatch(values[1]):
            return KeyFound(cell.rowid)
        case _:
            return None


def _row(number: int, values: tuple[Value, ...]) -> RowFound | None:
    _, entry, kind, key, destination, position, token, body, link = values
    is_shape = (
        (entry is None or isinstance(entry, int))
        and isinstance(kind, str)
        and (key is None or isinstance(key, str))
        and (destination is None or isinstance(destination, str))
        and (position is None or isinstance(position, int))
        and (token is None or (isinstance(token, bytes) and len(token) == TOKEN_BYTES))
        and isinstance(body, str)
        and isinstance(link, bytes)
        and len(link) == LINK_BYTES
    )
    if not is_shape:
        return None
    return RowFound(Record(number, entry, kind, key, destination, position, token, body), link)  # type: ignore[arg-type]


def _anchor(number: int, values: tuple[Value, ...]) -> AnchorFound | None:
    match values[1:]:
        case (
            int() as first,
            int() as last,
            str() as closed_at,
            str() as positions,
            bytes() as link,
            bytes() as digest,
            None | str() as purged_at,
        ) if len(link) == LINK_BYTES:
            what = f"{number}|{first}|{last}|{closed_at}|{positions}"
            return AnchorFound(last, what, link, digest, purged_at is not None)
        case _:
            return None


def _origin(values: tuple[Value, ...]) -> OriginFound | None:
    _, epoch, key_check, created_at = values
    is_shape = (
        isinstance(epoch, str)
        and _EPOCH.fullmatch(epoch) is not None
        and isinstance(key_check, bytes)
        and len(key_check) == LINK_BYTES
        and isinstance(created_at, str)
    )
    return OriginFound(epoch, key_check) if is_shape else None  # type: ignore[arg-type]
