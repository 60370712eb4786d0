"""Journals to be damaged: what was written, as bytes and as rows, and ways to damage it."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sync.entries import (
    CaseClosed,
    CaseEnd,
    CaseOpened,
    CaseReason,
    Due,
    Promised,
    ServerClock,
    ServerReached,
    Settlement,
)
from sync.journal.care import log_frames, pages
from sync.journal.care.reading_only import log_of
from sync.journal.care.shapes import RowFound, shape_of
from sync.journal.journal import Journal
from tests.sync.journal.samples import (
    KEYS,
    NOON,
    CountingClock,
    granted,
    key_of,
    lending,
    released,
    releasing,
    settled,
    whole_loan,
)

PAGE_BYTES = 1024


@dataclass(frozen=True)
class Wreck:
    """A journal's file and log as a killed terminal leaves them; *rows* by number as (entry, kind, body)."""

    image: bytes
    log: bytes
    rows: dict[int, tuple[int | None, str, str]]
    keys: dict[int, str]
    cells: dict[int, frozenset[bytes]]
    origin: str

    def put(self, path: Path) -> Path:
        """Writes it to *path*."""
        path.write_bytes(self.image)
        log_of(path).write_bytes(self.log)
        return path


def wreck(folder: Path, loans: int = 25) -> Wreck:
    """Settled loans, one that is open, a provisional one, an open case and a closed one; half of it in the log."""
    path = folder / "sound.sqlite"
    journal = Journal.open(path, KEYS, CountingClock().now)
    for event in range(1, loans + 1):
        whole_loan(journal, event, f"1000{event:04}")
        if event == loans // 2:
            journal.tidy()
    journal.append([ServerClock(NOON, 5.0, NOON)])
    journal.append([ServerReached(NOON)])
    _unsettled(journal)
    rows, keys = {}, {}
    for number, entry, kind, key, body in journal._connection.execute(
        "SELECT number, entry, kind, key, body FROM rows"
    ):
        rows[int(number)] = (entry, str(kind), str(body))
        if key is not None:
            keys[int(number)] = str(key)
    image, log, origin = path.read_bytes(), log_of(path).read_bytes(), journal._file.origin
    journal.close()
    return Wreck(image, log, rows, keys, _cells(image, log), origin)


def _unsettled(journal: Journal) -> None:
    asked, provisional, case, closed = (key_of(journal, event) for event in (901, 902, 903, 904))
    journal.append([lending(asked, "20000001")])
    promised = Promised(provisional, NOON, Due(NOON.date()), NOON)
    journal.append([lending(provisional, "20000002"), promised, releasing(provisional)])
    journal.append([released(provisional)])
    for key in (case, closed):
        journal.append([lending(key, "20000003"), granted(key, "Welcome"), releasing(key)])
        journal.append(
            [CaseOpened(key, NOON, CaseReason.RELEASE_UNKNOWN, "gone"), settled(key, Settlement.CASE)]
        )
    journal.append([CaseClosed(closed, NOON, "desk", CaseEnd.RETURNED_AT_DESK)])


def _cells(image: bytes, log: bytes) -> dict[int, frozenset[bytes]]:
    """The bytes of every row's cell, as they lie in the file and the log."""
    every = [image[place : place + PAGE_BYTES] for place in range(0, len(image), PAGE_BYTES)]
    every += [frame.page for frame in log_frames.frames(log, PAGE_BYTES).committed]
    found: dict[int, set[bytes]] = {}
    for page in every[1:]:
        if page[0] != pages.LEAF:
            continue
        (count,) = struct.unpack_from(">H", page, 3)
        for index in range(count):
            (place,) = struct.unpack_from(">H", page, 8 + 2 * index)
            cell = pages.cell_at(page, place, lambda _: None)
            row = None if cell is None else shape_of(cell)
            if cell is not None and isinstance(row, RowFound):
                found.setdefault(cell.rowid, set()).add(page[place : place + cell.length])
    return {number: frozenset(cells) for number, cells in found.items()}


Damage = Callable[[random.Random, bytearray, bytearray], None]


def flip_bytes(chance: random.Random, image: bytearray, log: bytearray) -> None:
    """Some bits flip, anywhere."""
    for _ in range(chance.randint(1, 40)):
        where = chance.choice([part for part in (image, log) if part])
        where[chance.randrange(len(where))] ^= 1 << chance.randrange(8)


def zero_pages(chance: random.Random, image: bytearray, log: bytearray) -> None:
    """The disk gives pages back as zeros."""
    for _ in range(chance.randint(1, 6)):
        page = chance.randrange(len(image) // PAGE_BYTES) * PAGE_BYTES
        image[page : page + PAGE_BYTES] = bytes(PAGE_BYTES)


def truncate(chance: random.Random, image: bytearray, log: bytearray) -> None:
    """The file ends too soon."""
    del image[chance.randrange(len(image)) :]


def cut_log(chance: random.Random, image: bytearray, log: bytearray) -> None:
    """The log ends too soon."""
    del log[chance.randrange(len(log)) :]


def overwrite(chance: random.Random, image: bytearray, log: bytearray) -> None:
    """Some other program's bytes lie in the file and in the log."""
    for part in (image, log):
        begin = chance.randrange(len(part))
        end = min(len(part), begin + chance.randint(1, 4000))
        part[begin:end] = chance.randbytes(end - begin)


def exchange_pages(chance: random.Random, image: bytearray, log: bytearray) -> None:
    """Two pages were written to each other's place."""
    one, other = (chance.randrange(len(image) // PAGE_BYTES) * PAGE_BYTES for _ in range(2))
    kept = image[one : one + PAGE_BYTES]
    image[one : one + PAGE_BYTES] = image[other : other + PAGE_BYTES]
    image[other : other + PAGE_BYTES] = kept


def lose_log(chance: random.Random, image: bytearray, log: bytearray) -> None:
    """Somebody deleted the log, and a byte flips."""
    log.clear()
    image[chance.randrange(len(image))] ^= 0x40


DAMAGES: dict[str, Damage] = {
    "flipped bytes": flip_bytes,
    "zeroed pages": zero_pages,
    "a cut file": truncate,
    "a cut log": cut_log,
    "overwritten": overwrite,
    "exchanged pages": exchange_pages,
    "a lost log": lose_log,
}
