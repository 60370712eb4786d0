"""Segments: runs of rows that are closed off, anchored, and one day purged.

An anchor says where a segment ends: its last row's link, and how far each lane was counted in which epoch.  It
is signed with the chain's key.  What is purged is always the oldest; reading and `verify` then begin behind the
newest purged anchor.  A purged segment's rows go in portions, so that no commit waits long; until they are all
gone nobody reads them any more.  Their space stays in the file and is used again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sync.entries import EntryKey
from sync.journal.errors import JournalDamaged
from sync.journal.file import OpenFile

PORTION_ROWS: Final = 2_000
"""So many purged rows are deleted in one commit."""

_ALL: Final = "SELECT number, first, last, closed_at, positions, link, digest, purged_at FROM segments"
_FLOOR: Final = f"{_ALL} WHERE purged_at IS NOT NULL ORDER BY number DESC LIMIT 1"
_LAST: Final = f"{_ALL} ORDER BY number DESC LIMIT 1"
_INSERT: Final = "INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?, ?, NULL)"
_COUNTED: Final = (
    "SELECT position, key FROM rows WHERE number BETWEEN ? AND ? AND destination = ?"
    " ORDER BY number DESC LIMIT 1"
)


class Count(NamedTuple):
    """How far a lane is counted: the *position* of its newest entry, and the *epoch* of that one."""

    epoch: str
    position: int


Counts = dict[str, Count]
"""Counts by lane."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Rows *first* to *last*, closed; *link* is the last row's, *counts* how far the lanes were counted there.

    *is_purged*: its rows are gone, or nobody reads them any more.
    """

    number: int
    first: int
    last: int
    closed_at: datetime
    counts: Counts
    link: bytes
    digest: bytes
    is_purged: bool


class Floor(NamedTuple):
    """Where the journal begins: behind row *number*, whose link is *link*, the lanes counted as in *counts*."""

    number: int
    link: bytes
    counts: Counts


def floor_of(file: OpenFile) -> Floor:
    """Behind the newest purged segment, else before row 1.  Raises `JournalDamaged` when its anchor is not ours."""
    found = file.query(_FLOOR)
    if not found:
        return Floor(0, file.seal.first_link(), {})
    segment = _segment(file, found[0])
    return Floor(segment.last, segment.link, segment.counts)


def segments_of(file: OpenFile) -> tuple[Segment, ...]:
    """Every closed segment, the oldest first.  Raises `JournalDamaged` when an anchor is not ours."""
    return tuple(_segment(file, line) for line in file.query(f"{_ALL} ORDER BY number"))


def close_segment(file: OpenFile, last: int, lanes: tuple[str, ...], now: str) -> None:
    """Closes the rows behind the newest segment off at row *last*, within the transaction of the caller."""
    found = file.query(_LAST)
    before = _segment(file, found[0]) if found else None
    first = 1 if before is None else before.last + 1
    counts = {} if before is None else dict(before.counts)
    for lane in lanes:
        for position, key in file.query(_COUNTED, first, last, lane):
            counts[lane] = Count(EntryKey.parse(key).epoch, position)
    ((link,),) = file.query("SELECT link FROM rows WHERE number = ?", last)
    number = 1 if before is None else before.number + 1
    positions = json.dumps(counts, separators=(",", ":"))
    digest = file.seal.anchor(f"{number}|{first}|{last}|{now}|{positions}", link)
    file.connection.execute(_INSERT, (number, first, last, now, positions, link, digest))


def mark_purged(file: OpenFile, number: int, now: str) -> None:
    """From now on nobody reads segment *number*; within the transaction of the caller."""
    file.connection.execute("UPDATE segments SET purged_at = ? WHERE number = ?", (now, number))


def delete_purged(file: OpenFile, floor: int) -> int:
    """Deletes a portion of the rows up to *floor*, within the transaction of the caller; how many there were."""
    ((until,),) = file.query(
        "SELECT max(number) FROM (SELECT number FROM rows WHERE number <= ? ORDER BY number LIMIT ?)",
        floor,
        PORTION_ROWS,
    )
    if until is None:
        return 0
    before = file.connection.total_changes()
    file.connection.execute("DELETE FROM keys WHERE number <= ?", (until,))
    keys = file.connection.total_changes() - before
    file.connection.execute("DELETE FROM rows WHERE number <= ?", (until,))
    return file.connection.total_changes() - before - keys


def _segment(file: OpenFile, line: tuple[Any, ...]) -> Segment:
    number, first, last, closed_at, positions, link, digest, purged_at = line
    if digest != file.seal.anchor(f"{number}|{first}|{last}|{closed_at}|{positions}", link):
        raise JournalDamaged(f"the anchor of segment {number} is not what was written")
    # What carries our digest was written here, so that it can be read.
    counts = {lane: Count(*count) for lane, count in json.loads(positions).items()}
    at = datetime.fromisoformat(closed_at)
    return Segment(number, first, last, at, counts, link, digest, purged_at is not None)
