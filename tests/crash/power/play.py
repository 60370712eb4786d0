"""What the terminal lives through while its disk is watched, and what the world held at each operation of the disk.

A reader borrows a stack of five, one of them refused; the journal is tidied; the network goes; a second reader borrows;
the network comes back and all is caught up.  Everything but the disk is the rig's: real session, journal, uplink,
SIP2 client and central.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

from drivers.sim.shelf import item_tags
from kiosk.workflow.view import Borrowing, Status, Summary, Welcome
from sync.central import demo
from sync.journal.journal import Journal
from tests.crash.power.disk import Operation, RecordedDisk
from tests.kit.rig import OFFLINE, Rig, with_settings

FIRST = (*demo.ITEMS_FREE[:4], demo.ITEM_REFERENCE)
SECOND = tuple(demo.ITEMS_FREE[4:6])
BOOKS = (*FIRST, *SECOND)
READERS = {**dict.fromkeys(FIRST, demo.READER), **dict.fromkeys(SECOND, demo.READER_ENGLISH)}
FILES = ("journal.db", "journal.db-wal")

PROMISED = (Status.LENT, Status.LENT_PROVISIONALLY)


@dataclass(frozen=True, slots=True)
class Held:
    """The world at one moment: *rows* the journal had confirmed, each item's AFI bytes, who has it, what was said."""

    rows: int
    tags: dict[str, tuple[int, ...]]
    holders: dict[str, str | None]
    said: frozenset[str]


@dataclass(frozen=True, slots=True)
class Recording:
    """A whole play: *start* is the disk before it, *links* the chain by row number, as it was at the end."""

    start: dict[str, bytes]
    operations: tuple[Operation, ...]
    moments: tuple[tuple[int, Held], ...]
    links: tuple[bytes, ...]

    def held_at(self, cut: int) -> Held:
        """The world when *cut* operations were done."""
        return self.moments[bisect_right(self.moments, cut, key=lambda moment: moment[0]) - 1][1]

    def rows_after(self, cut: int) -> int:
        """How many rows the journal confirmed next: what was being written at *cut* is among them."""
        before = self.held_at(cut).rows
        return next((held.rows for _, held in self.moments if held.rows > before), before)


class _Watch:
    """Notes the world whenever it is another one than before the last operation."""

    def __init__(self) -> None:
        self.rig: Rig | None = None
        self.moments: list[tuple[int, Held]] = []
        self.disk = RecordedDisk(self.look)
        self._heard = -1
        self._holders: dict[str, str | None] = {}
        self._said: set[str] = set()
        self._shown = 0

    def look(self) -> None:
        rig = self.rig
        if rig is None:
            self.moments = [(0, Held(0, {}, {}, frozenset()))]
            return
        if len(rig.server.heard) != self._heard:
            self._heard = len(rig.server.heard)
            self._holders = {book: rig.server.holder_of(book) for book in BOOKS}
        for shown in rig.shown[self._shown :]:
            if isinstance(shown.view, Borrowing | Summary):
                self._said |= {str(line.item) for line in shown.view.lines if line.status in PROMISED}
        self._shown = len(rig.shown)
        tags = {book: tuple(tag.afi for tag in rig.tags.get(book, ())) for book in BOOKS}
        held = Held(rig.journal._memory.number, tags, self._holders, frozenset(self._said))
        if held != self.moments[-1][1]:
            self.moments.append((len(self.disk.operations), held))


def links_of(journal: Journal) -> tuple[bytes, ...]:
    """The links of the chain, one for each row, as they lie in the open file."""
    return tuple(link for (link,) in journal._file.query("SELECT link FROM rows ORDER BY number"))


def record(folder: Path, seed: int = 0) -> Recording:
    """Plays it in *folder*, once, on a disk that is watched; *seed* is the order in which the books lie.

    The same every time but for the journal's own secrets.
    """
    Rig(folder).close()
    start = {name: _content(folder / name) for name in FILES}
    watch = _Watch()
    try:
        watch.look()
        rig = Rig(folder, with_settings(needs_pin=False, offline=OFFLINE))
        rig.shown.clear()
        watch.rig = rig
        _play(rig, random.Random(seed))
        watch.look()
        links = links_of(rig.journal)
        provisional = {entry.promise.item for entry in rig.entries() if entry.promised is not None}
        assert provisional == set(SECOND), "the play did not lend without the network"
        watch.rig = None
        operations = tuple(watch.disk.operations)
        moments = tuple(watch.moments)
        rig.close()
    finally:
        watch.disk.unregister()
    return Recording(start, operations, moments, links)


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _play(rig: Rig, dice: random.Random) -> None:
    rig.settle()
    _borrow(rig, demo.READER, tuple(dice.sample(FIRST, len(FIRST))))
    rig.pass_time(65)
    rig.cut_network()
    rig.pass_time(40)
    _borrow(rig, demo.READER_ENGLISH, tuple(dice.sample(SECOND, len(SECOND))))
    rig.mend_network()
    rig.until(lambda: not rig.journal.unsettled(), 600)
    rig.pass_time(65)


def _borrow(rig: Rig, reader: str, books: tuple[str, ...]) -> None:
    rig.show_card(reader)
    for book in books:
        rig.tags[book] = list(item_tags(book, 1))
        rig.reader.lay(*rig.tags[book])
    rig.settle()
    rig.until(
        lambda: isinstance(rig.view, Borrowing) and len(rig.view.lines) == len(books) and not rig.is_busy
    )
    rig.choose("finish")
    rig.until(lambda: isinstance(rig.view, Summary))
    rig.take_card()
    for book in books:
        rig.reader.take(*(tag.uid for tag in rig.tags[book]))
    rig.until(lambda: isinstance(rig.view, Welcome))
