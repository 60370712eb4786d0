"""Fills a disk with loans, goes on with what must not be refused, makes room again, and tells what happened.

`python -m tests.crash.full_disk PATH` prints it; run where PATH lies on a small disk.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sync.entries import EntryKey
from sync.journal.errors import JournalFull
from sync.journal.journal import Journal
from sync.journal.settings import JournalSettings
from tests.sync.journal.samples import (
    KEYS,
    CountingClock,
    granted,
    key_of,
    lending,
    paying,
    released,
    releasing,
    reporting,
    returning,
    secured,
    securing,
    settled,
    undoing,
    whole_loan,
)

SETTINGS = JournalSettings(reserve_bytes=448 * 1024, margin_bytes=0)
DISK_BYTES = 2 * 2**20


@dataclass(slots=True)
class Story:
    """What happened: loans taken *before* the disk was full, and what could be done then."""

    before: int = 0
    trace: int = 0
    finished: int = 0
    undone: int = 0
    returned: int = 0
    paid: int = 0
    begun_without_reserve: int = 0
    faults: list[str] = field(default_factory=list)
    was_low: bool = False
    is_low: bool = True
    after: int = 0


def tell(path: Path, fill: Callable[[], None], make_room: Callable[[], None]) -> Story:
    """Lends until the disk, on which *fill* leaves little room, is full, and goes on after *make_room*."""
    story = Story()
    journal = Journal.open(path, KEYS, CountingClock().now, SETTINGS)
    fill()
    begun = until_full(journal)
    story.before = len(begun)
    story.trace = int(journal.entry(key_of(journal, len(begun) + 1)) is not None)
    _go_on(journal, begun, story)
    story.was_low = journal.room().is_low
    try:
        journal.append([lending(key_of(journal, 200_000))])
        story.begun_without_reserve = 1
    except JournalFull:
        story.begun_without_reserve = 0
    make_room()
    journal.tidy()
    story.is_low = journal.room().is_low
    whole_loan(journal, 300_000)
    story.after = 1
    journal.close()
    again = Journal.open(path, KEYS, CountingClock().now, SETTINGS)
    story.faults = [fault.what for fault in again.verify().faults]
    again.close()
    return story


def until_full(journal: Journal) -> list[EntryKey]:
    """Begins loans until the journal refuses one for want of room; those it took."""
    begun: list[EntryKey] = []
    for event in range(1, 100_000):
        try:
            journal.append([lending(key_of(journal, event))])
        except JournalFull:
            return begun
        begun.append(key_of(journal, event))
    raise AssertionError("the disk is not small")


def _go_on(journal: Journal, begun: list[EntryKey], story: Story) -> None:
    """Finishes what was begun, takes back loans and items, as many as a long session has, and no money."""
    for key in begun[:20]:
        journal.append([granted(key), releasing(key)])
        journal.append([released(key), settled(key)])
        story.finished += 1
    for event, key in enumerate(begun[20:40], 100_000):
        journal.append([granted(key), undoing(key_of(journal, event), key)])
        story.undone += 1
    for event in range(150_000, 150_020):
        key = key_of(journal, event)
        journal.append([returning(key), securing(key), reporting(key_of(journal, event, 2))])
        journal.append([secured(key)])
        story.returned += 1
    try:
        journal.append([paying(key_of(journal, 160_000))])
        story.paid = 1
    except JournalFull:
        story.paid = 0


if __name__ == "__main__":
    place = Path(sys.argv[1])
    ballast = place.with_name("ballast")

    def leave_little() -> None:
        with ballast.open("wb") as file:
            file.write(bytes(2**20))

    print(tell(place, leave_little, ballast.unlink))
