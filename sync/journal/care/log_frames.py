"""The frames of a write-ahead log, without SQLite (sqlite.org/fileformat2.html, section 4).

SQLite believes a log up to the first frame whose checksum is wrong.  What was committed behind that is still there;
here it is told apart by its commit marks alone, and proves nothing by itself.
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

HEADER = struct.Struct(">8I")
FRAME = struct.Struct(">6I")
_MAGIC: Final = (0x377F0682, 0x377F0683)


class Frame(NamedTuple):
    """A page as a log holds it: the page's *number* in the file, and its bytes."""

    number: int
    page: bytes


class Log(NamedTuple):
    """*committed* are the frames of transactions whose end is in the log, oldest first; *unfinished* the others, which
    may have been rolled back, or lost their end.
    """

    committed: tuple[Frame, ...]
    unfinished: tuple[Frame, ...]


def page_size_of_log(log: bytes) -> int | None:
    """The page size a log's header names; None when it is none."""
    if len(log) < HEADER.size:
        return None
    magic, _, size, *_ = HEADER.unpack_from(log)
    is_size = 512 <= size <= 65_536 and size & (size - 1) == 0
    return size if magic in _MAGIC and is_size else None


def frames(log: bytes, page_bytes: int) -> Log:
    """The frames in *log*, cut wherever it may be; those of an older round of the log come first.

    A transaction is a run of frames of the same round (the same salts) up to one that says how many pages the file
    has then.
    """
    rounds: dict[tuple[int, int], tuple[list[Frame], list[Frame]]] = {}
    step = FRAME.size + page_bytes
    for place in range(HEADER.size, len(log) - step + 1, step):
        number, size_after, *salts, _, _ = FRAME.unpack_from(log, place)
        round_ = (salts[0], salts[1])
        committed, waiting = rounds.setdefault(round_, ([], []))
        waiting.append(Frame(number, log[place + FRAME.size : place + step]))
        if size_after:
            committed += waiting
            waiting.clear()
    # A log is written again from its beginning: the latest round stands first.
    older_first = list(reversed(rounds.values()))
    return Log(
        tuple(frame for committed, _ in older_first for frame in committed),
        tuple(frame for _, waiting in older_first for frame in waiting),
    )
