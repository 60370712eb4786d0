"""Tells what a damaged journal really said from what only looks like it.

A row is *proven* when some link that was found for the row before, fed with everything the row says, gives its own
link: that cannot be had by accident, and not without the key.  So a row behind a gap cannot be proven, though it may
be whole; the row after it can.  A box proves the row's number and who it is about by itself, for it is bound to both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sync.journal.care.shapes import RowFound
from sync.journal.care.wreck import Remains
from sync.journal.errors import JournalDamaged, JournalKeyWrong
from sync.journal.keys import JournalKeys
from sync.journal.seal import BoxUnreadable, Record, Seal

NUMBERS_BEYOND_MAX = 100_000
"""A number named so far behind the last row found is itself damage."""


@dataclass(slots=True)
class Proven:
    """*rows* are as they were written; *doubtful* can be read, and nothing says that they are.

    *personal* are the opened boxes by row.  Rows up to *floor* were purged before.  *missing* are runs of numbers, both
    ends included, of which no row was found that can be used; *unfinished* numbers of proven rows whose transaction
    has no end.
    """

    seal: Seal
    origin: str
    floor: int
    rows: dict[int, Record] = field(default_factory=dict)
    doubtful: dict[int, Record] = field(default_factory=dict)
    personal: dict[int, bytes] = field(default_factory=dict)
    missing: tuple[tuple[int, int], ...] = ()
    unfinished: tuple[int, ...] = ()


def proven(remains: Remains, keys: JournalKeys) -> Proven:
    """What of *remains* can be proven with *keys*.

    Raises `JournalKeyWrong` when the journal was written with others, `JournalDamaged` when nothing can be proven.
    """
    origin, seal = _origin(remains, keys)
    anchors = [a for a in remains.anchors if seal.anchor(a.what, a.link) == a.digest]
    floor = max((anchor.last for anchor in anchors if anchor.is_purged), default=0)
    result = Proven(seal, origin, floor)
    links: dict[int, set[bytes]] = {0: {seal.first_link()}}
    for anchor in anchors:
        links.setdefault(anchor.last, set()).add(anchor.link)
    for found in _every(remains.rows):
        links.setdefault(found.record.number, set()).add(found.link)
    for number in sorted(remains.rows):
        if number > floor:
            _judge(result, remains.rows, number, links)
    _open_boxes(result, remains)
    result.unfinished = tuple(_unfinished(result, remains, links))
    result.missing = tuple(_missing(result, remains))
    if not result.rows:
        raise JournalDamaged("not one row can be proven to be of this journal")
    return result


def _origin(remains: Remains, keys: JournalKeys) -> tuple[str, Seal]:
    """The epoch the journal was made with: as it says, else the one among its keys that opens a box."""
    for said in remains.origins:
        seal = Seal(keys, said.epoch)
        if seal.key_check() == said.key_check:
            return said.epoch, seal
    epochs = {found.record.key.partition("-")[0] for found in _every(remains.rows) if found.record.key}
    epochs |= {said.epoch for said in remains.origins}
    for epoch in sorted(epochs):
        if not (epoch.isascii() and epoch.isalnum()):
            continue
        seal = Seal(keys, epoch)
        opens = any(
            _opened(seal, number, found.record.token, box) is not None
            for number, boxes in remains.boxes.items()
            for box in boxes
            for found in remains.rows.get(number, ())
        )
        begins = any(
            seal.link(seal.first_link(), found.record) == found.link for found in remains.rows.get(1, ())
        )
        if opens or begins:
            return epoch, seal
    if remains.origins:
        raise JournalKeyWrong("the journal was written with another key")
    raise JournalDamaged("nothing says which journal it was, or it was written with another key")


def _judge(
    result: Proven, rows: dict[int, list[RowFound]], number: int, links: dict[int, set[bytes]]
) -> None:
    before = links.get(number - 1, set())
    good = [
        found
        for found in rows[number]
        if _is_ascii(found.record)
        and any(result.seal.link(link, found.record) == found.link for link in before)
    ]
    if len(good) > 1:
        # Written, rolled back, and written again: the one that the next row builds upon.
        after = rows.get(number + 1, ())
        built_upon = [
            found
            for found in good
            if any(_is_ascii(n.record) and result.seal.link(found.link, n.record) == n.link for n in after)
        ]
        good = built_upon or good
    if good:
        result.rows[number] = good[-1].record
    elif _is_ascii(rows[number][-1].record):
        result.doubtful[number] = rows[number][-1].record


def _open_boxes(result: Proven, remains: Remains) -> None:
    for number, record in (*result.rows.items(), *result.doubtful.items()):
        for box in remains.boxes.get(number, ()):
            personal = _opened(result.seal, number, record.token, box)
            if personal is not None:
                result.personal[number] = personal


def _unfinished(result: Proven, remains: Remains, links: dict[int, set[bytes]]) -> Iterator[int]:
    for found in _every(remains.unfinished):
        before = links.get(found.record.number - 1, set())
        is_ours = _is_ascii(found.record) and any(
            result.seal.link(link, found.record) == found.link for link in before
        )
        if is_ours:
            links.setdefault(found.record.number, set()).add(found.link)
            if found.record.number not in result.rows and found.record.number > result.floor:
                yield found.record.number


def _missing(result: Proven, remains: Remains) -> Iterator[tuple[int, int]]:
    seen = max((*result.rows, *result.doubtful), default=0)
    named = {n for n in remains.numbers | set(remains.boxes) if n <= seen + NUMBERS_BEYOND_MAX}
    last, expected = max(named | {seen}), result.floor + 1
    for number in (*sorted(result.rows), last + 1):
        if number > expected:
            yield expected, number - 1
        expected = number + 1


def _every(rows: dict[int, list[RowFound]]) -> Iterator[RowFound]:
    for number in sorted(rows):
        yield from rows[number]


def _is_ascii(record: Record) -> bool:
    """Everything that is written is; a link can be made of nothing else, nor of numbers that are too great."""
    texts = (record.kind, record.key or "", record.destination or "", record.body)
    numbers = (record.number, record.entry or 0, record.position or 0)
    return all(text.isascii() for text in texts) and all(0 <= number < 2**63 for number in numbers)


def _opened(seal: Seal, number: int, token: bytes | None, box: bytes) -> bytes | None:
    try:
        return seal.open(number, token, box)
    except BoxUnreadable:
        return None
