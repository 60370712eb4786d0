"""A day of returns, payments and reports at one journal, on a disk that is watched, and what was done in the world.

Nothing in the world (a tag is changed, the server is told, a flap opens, money moves) may happen before the row that
allows it is on the disk.  The counters below `Counter` are broken on purpose.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sync.entries import (
    Answered,
    DayClosed,
    Dropped,
    Entry,
    EntryKey,
    EntryRow,
    Intended,
    Pay,
    PaymentApproved,
    PaymentNotMade,
    PaymentReversed,
    Reason,
    Refused,
    Restored,
    Row,
    Secured,
    SecureIntended,
    Settlement,
)
from sync.journal.errors import JournalError
from sync.journal.journal import Journal
from sync.journal.settings import JournalSettings
from tests.crash.power.disk import Image, Operation, RecordedDisk
from tests.kit.effort import effort
from tests.sync.journal.samples import (
    KEYS,
    NOON,
    TAG,
    CountingClock,
    approved,
    granted,
    key_of,
    paying,
    posted,
    reporting,
    returning,
    secured,
    securing,
    settled,
    taken_back,
)

NAME = "journal"
FILES = (NAME, f"{NAME}-wal")
SETTINGS = JournalSettings(segment_rows=8, reserve_bytes=0, margin_bytes=0)


@dataclass(frozen=True, slots=True)
class Deed:
    """*what* was done in the world for entry *key*, allowed by a row of kind *by*."""

    what: str
    key: EntryKey
    by: type[EntryRow]


@dataclass(slots=True)
class Recording:
    """All operations of the disk after *start*; after how many of them so many rows were confirmed, each deed done."""

    start: dict[str, bytes] = field(default_factory=dict)
    operations: tuple[Operation, ...] = ()
    confirmed: list[tuple[int, int]] = field(default_factory=list)
    deeds: list[tuple[int, Deed]] = field(default_factory=list)
    links: tuple[bytes, ...] = ()

    def rows_at(self, cut: int) -> tuple[int, int]:
        """How many rows were confirmed when *cut* operations were done, and how many with the commit under way."""
        place = bisect_right(self.confirmed, cut, key=lambda moment: moment[0])
        before = self.confirmed[place - 1][1] if place else 0
        after = self.confirmed[place][1] if place < len(self.confirmed) else before
        return before, after


class Counter:
    """Takes returns and payments as the product does: first the row, then the deed."""

    def __init__(self, folder: Path) -> None:
        Journal.open(folder / NAME, KEYS, CountingClock().now, SETTINGS).close()
        self.recording = Recording({NAME: (folder / NAME).read_bytes()})
        self._disk = RecordedDisk(lambda: None)
        try:
            self.journal = Journal.open(folder / NAME, KEYS, CountingClock().now, SETTINGS)
            self._event = 0
            self.work()
            query = self.journal._file.query
            self.recording.links = tuple(link for (link,) in query("SELECT link FROM rows ORDER BY number"))
            self.recording.operations = tuple(self._disk.operations)
            self.journal.close()
        finally:
            self._disk.unregister()

    def work(self) -> None:
        """The day."""
        for _ in range(effort(1, 3)):
            self.take_back()
            self.pay()
            self.take_back_unknown()
            self.append([DayClosed(NOON, NOON.date(), 1, "{}", "00" * 32)])
            self.journal.tidy()
            self.drop()
            self.pay_in_vain()
            self.decline()
            self.report()
        self.append([returning(self.key()), returning(self.key(), "10000002")])
        self.append([paying(self.key())])

    def key(self) -> EntryKey:
        self._event += 1
        return key_of(self.journal, self._event)

    def append(self, rows: Sequence[Row]) -> None:
        self.journal.append(rows)
        self.recording.confirmed.append((len(self._disk.operations), self.journal._memory.number))

    def do(self, what: str, key: EntryKey, by: type[EntryRow]) -> None:
        self.recording.deeds.append((len(self._disk.operations), Deed(what, key, by)))

    def secure(self, key: EntryKey) -> None:
        self.append([returning(key), securing(key)])
        self.do("its tag is secured", key, SecureIntended)
        self.append([secured(key)])

    def tell(self, key: EntryKey) -> None:
        self.do("the server was told of the return", key, Secured)

    def take_back(self) -> None:
        key = self.key()
        self.secure(key)
        self.tell(key)
        self.append([taken_back(key), settled(key)])

    def take_back_unknown(self) -> None:
        key = self.key()
        self.secure(key)
        self.tell(key)
        self.append([Answered(key, NOON, Refused(Reason.ITEM_UNKNOWN))])
        self.do("its tag was put back", key, Answered)
        self.append([Restored(key, NOON, (TAG,)), settled(key, Settlement.REFUSED)])

    def drop(self) -> None:
        key = self.key()
        self.secure(key)
        self.do("the flap opened", key, Secured)
        self.append([Dropped(key, NOON, "2")])
        self.tell(key)
        self.append([taken_back(key), settled(key)])

    def authorise(self, key: EntryKey) -> None:
        self.append([paying(key)])
        self.do("money was taken", key, Intended)
        self.append([approved(key)])

    def pay(self) -> None:
        key = self.key()
        self.authorise(key)
        self.do("the payment was posted", key, PaymentApproved)
        self.append([posted(key), settled(key)])

    def pay_in_vain(self) -> None:
        key = self.key()
        self.authorise(key)
        self.append([Answered(key, NOON, Refused(Reason.FEE_GONE))])
        self.do("money was given back", key, Answered)
        self.append([PaymentReversed(key, NOON, "43"), settled(key, Settlement.UNDONE)])

    def decline(self) -> None:
        key = self.key()
        self.append([paying(key)])
        self.append([PaymentNotMade(key, NOON, "declined"), settled(key, Settlement.NOT_DONE)])

    def report(self) -> None:
        key = self.key()
        self.append([reporting(key)])
        self.append([granted(key), settled(key)])


class ChargesFirst(Counter):
    """Broken: takes the money and writes down afterwards that it will."""

    def authorise(self, key: EntryKey) -> None:
        self.do("money was taken", key, Intended)
        self.append([paying(key), approved(key)])


class TellsFirst(Counter):
    """Broken: the server hears of a return before it is written that the item is secured."""

    def secure(self, key: EntryKey) -> None:
        self.append([returning(key), securing(key)])
        self.tell(key)
        self.append([secured(key)])


class GivesBackFirst(Counter):
    """Broken: gives money back on the server's word before that is written."""

    def pay_in_vain(self) -> None:
        key = self.key()
        self.authorise(key)
        self.do("money was given back", key, Answered)
        refused = Answered(key, NOON, Refused(Reason.FEE_GONE))
        self.append([refused, PaymentReversed(key, NOON, "43"), settled(key, Settlement.UNDONE)])


class SealsNothing(Counter):
    """Broken: an entry that is about nobody begins without a box."""

    def append(self, rows: Sequence[Row]) -> None:
        super().append(rows)
        self.journal._connection.execute(
            "DELETE FROM sealed WHERE number IN"
            ' (SELECT number FROM rows WHERE instr(body, \'"promise":"give-back"\'))'
        )


def broken_promises(recording: Recording, image: Image, folder: Path) -> list[str]:
    """What a start on *image* does not find as it was promised."""
    for name, content in image.files.items():
        path = folder / name
        path.unlink(missing_ok=True)
        if content or name == NAME:
            path.write_bytes(content)
    try:
        journal = Journal.open(folder / NAME, KEYS, CountingClock().now, SETTINGS)
    except JournalError as error:
        return [f"cut {image.cut}, {image.kind}: cannot be opened: {error}"]
    try:
        return [f"cut {image.cut}, {image.kind}: {wrong}" for wrong in _wrong(recording, image.cut, journal)]
    finally:
        journal.close()


def _wrong(recording: Recording, cut: int, journal: Journal) -> Iterator[str]:
    links = tuple(link for (link,) in journal._file.query("SELECT link FROM rows ORDER BY number"))
    confirmed, under_way = recording.rows_at(cut)
    if not confirmed <= len(links) <= max(confirmed, under_way):
        yield f"{confirmed} rows were confirmed, {len(links)} are there"
    if links != recording.links[: len(links)]:
        yield "the rows are not those that were written"
    yield from (fault.what for fault in journal.verify().faults)
    entries = {entry.key: entry for entry in journal.entries()}
    for moment, deed in recording.deeds:
        if moment <= cut and not _allows(entries.get(deed.key), deed):
            yield f"{deed.what}, and no row allows it"
    waiting = {key for key, entry in entries.items() if not entry.is_settled}
    if {entry.key for entry in journal.unsettled()} != waiting:
        yield "what is open is not found"
    for key in waiting:
        entry = entries[key]
        is_taken = any(d.what == "money was taken" and d.key == key and m <= cut for m, d in recording.deeds)
        if isinstance(entry.promise, Pay) and is_taken and not (entry.is_payment_open or entry.approved):
            yield "money was taken, and nobody will ask"


def _allows(entry: Entry | None, deed: Deed) -> bool:
    return entry is not None and any(isinstance(row, deed.by) for row in entry.rows)
