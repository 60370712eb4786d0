"""The terminal starts on what a power cut left, and is held to its promises.

Held against the world at the moment of the cut: every row that was acknowledged is there, whatever else is there is
what was being written, and the chain is whole.  A released tag and a loan at the server have their row (I1, I2), what
the screen called lent was recorded, the lane is in order (I4).  Then start-up settles what is local, the uplink
carries or asks about the rest against a server that holds what it held at the cut, and in the end everything is
settled, once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from drivers.link.memory import VirtualClock
from kiosk.runtime.open_entries import OpenEntries
from kiosk.runtime.recovery import recover
from sync.entries import (
    Entry,
    EntryKey,
    Granted,
    ItemId,
    Lend,
    PatronId,
    Released,
    ReleaseIntended,
    Row,
    ServerReached,
    Settled,
    Settlement,
    TagBits,
)
from sync.journal.errors import JournalError
from sync.journal.journal import Journal
from sync.uplink.aftermath import aftermath
from sync.uplink.courier import Courier
from sync.uplink.doubt import may_be_sent_again
from sync.uplink.reports import Carried, Judged, LeaveAsked, Report
from tests.crash.invariants import RELEASED_AFI, World, broken
from tests.crash.power.disk import Image
from tests.crash.power.play import BOOKS, READERS, Held, Recording, links_of
from tests.kit.left_behind import release_unknown
from tests.kit.rig import JOURNAL, KEYS
from tests.sync.uplink.library import Library, Loan

AT = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
DUE = date(2026, 6, 9)
TURNS_MAX = 2_000


class _Time:
    def __init__(self) -> None:
        self._now = AT

    def now(self) -> datetime:
        self._now += timedelta(milliseconds=1)
        return self._now


def verdict(recording: Recording, image: Image, folder: Path) -> list[str]:
    """Every promise that a start on *image*, laid out in *folder*, breaks; sentences that begin with the cut."""
    for name, content in image.files.items():
        path = folder / name
        path.unlink(missing_ok=True)
        if content or not name.endswith("-wal"):
            path.write_bytes(content)
    held = recording.held_at(image.cut)
    return [
        f"cut {image.cut}, {image.kind}: {sentence}" for sentence in _judge(recording, image, held, folder)
    ]


def _judge(recording: Recording, image: Image, held: Held, folder: Path) -> Iterator[str]:
    try:
        journal = Journal.open(folder / "journal.db", KEYS, _Time().now, JOURNAL)
    except JournalError as error:
        yield f"the journal cannot be opened ({type(error).__name__})"
        return
    try:
        links = links_of(journal)
        rows = len(links)
        if not held.rows <= rows <= recording.rows_after(image.cut):
            yield f"{held.rows} rows were acknowledged, {rows} are there (I1)"
        if links != recording.links[:rows]:
            yield "the rows are not those that were written (I1)"
        report = journal.verify()
        if not report.is_whole:
            yield f"the journal is damaged: {report.faults[0].what}"
        yield from _at_the_cut(tuple(reversed(journal.entries())), held)
        yield from _afterwards(journal, held, tags_lie=image.digest[0] % 2 == 0)
    finally:
        journal.close()


def _at_the_cut(entries: tuple[Entry, ...], held: Held) -> Iterator[str]:
    loans = {str(entry.promise.item): entry for entry in entries if isinstance(entry.promise, Lend)}
    for item, afis in held.tags.items():
        entry = loans.get(item)
        granted = entry is not None and (isinstance(entry.answer, Granted) or entry.promised is not None)
        if RELEASED_AFI in afis and not (granted and entry and _has(entry, ReleaseIntended)):
            yield f"{item}: its tag is released and no row grants that (I2)"
    for item, holder in held.holders.items():
        if holder is not None and item not in loans:
            yield f"{item}: is on loan and no entry knows of it (I1)"
    for item in held.said:
        entry = loans.get(item)
        if entry is None or not _has(entry, Released):
            yield f"{item}: was said to be lent and that is not recorded (I1)"
    positions = [entry.position for entry in entries]
    if positions != list(range(1, len(positions) + 1)):
        yield f"the lane is numbered {positions} (I4)"


def _afterwards(journal: Journal, held: Held, *, tags_lie: bool) -> Iterator[str]:
    tags = dict(held.tags)
    library = Library(
        loans={
            ItemId(item): Loan(PatronId(holder), DUE, EntryKey("before", 1, 1, 1))
            for item, holder in held.holders.items()
            if holder is not None
        }
    )
    begun = set(library.loans)
    start_up = StartUp(journal, library)
    for entry in start_up.open_releases:
        start_up.write(_finished(entry, tags) if tags_lie else release_unknown(entry, AT, "left").rows)
    start_up.run()
    executed = [str(key) for key in library.executed]
    if len(executed) != len(set(executed)):
        yield f"executed twice: {executed} (I1)"
    renewed = [item for item in begun if item in library.loans and library.loans[item].due != DUE]
    if renewed:
        yield f"renewed by a repeat: {renewed} (I1)"
    holders = {book: _holder(library, book) for book in BOOKS}
    yield from broken(World(tuple(reversed(journal.entries())), tags, holders, READERS, held.said))


def _finished(entry: Entry, tags: dict[str, tuple[int, ...]]) -> tuple[Row, ...]:
    """The tags lay there: they are released and read back."""
    item = str(entry.promise.item)
    tags[item] = tuple(RELEASED_AFI for _ in tags.get(item, (0,)))
    rows: list[Row] = [Released(entry.key, AT, (TagBits("E004", RELEASED_AFI),))]
    if isinstance(entry.answer, Granted):
        rows.append(Settled(entry.key, AT, Settlement.DONE))
    return tuple(rows)


def _holder(library: Library, item: str) -> str | None:
    loan = library.loans.get(ItemId(item))
    return None if loan is None else loan.patron.reveal()


def _has(entry: Entry, kind: type[Row]) -> bool:
    return any(isinstance(row, kind) for row in entry.rows)


class StartUp:
    """Recovery and the uplink on one journal, cranked by hand, until nothing is left to do."""

    def __init__(self, journal: Journal, library: Library) -> None:
        self._journal = journal
        recovered = recover(journal, AT)
        self.open_releases = recovered.open_releases
        self._open = OpenEntries(recovered.open_entries)
        self._event = 0
        self._clock = VirtualClock()
        self._courier = Courier(library, self._clock, lambda: 0.5)
        self._courier.enter(recovered.in_doubt, is_of_session=False, is_in_doubt=True)
        self._courier.enter(recovered.fresh, is_of_session=False)

    def write(self, rows: Iterable[Row]) -> None:
        """Writes *rows* as the desk does."""
        written = tuple(rows)
        self._journal.append(written)
        self._open.note(written)

    def run(self) -> None:
        """Turns the uplink until its lane is empty."""
        for _ in range(TURNS_MAX):
            turned = self._courier.turn()
            for report in turned.reports:
                self._take(report)
            if turned.wait_seconds is None:
                return
            self._clock.wait(turned.wait_seconds)

    def _take(self, report: Report) -> None:
        match report:
            case Judged(key, outcome) | Carried(key, outcome):
                entry = self._open.get(key)
                if entry is None or (isinstance(report, Judged) and may_be_sent_again(entry, report.verdict)):
                    return
                late = aftermath(entry, outcome, AT, self._new_key, self._open.undone_by(entry))
                self.write(late.rows)
                self._courier.enter(late.entries, is_of_session=False)
            case LeaveAsked(notes):
                self.write((ServerReached(AT),))
                self._courier.give_leave(notes)
            case _:
                return

    def _new_key(self) -> EntryKey:
        self._event += 1
        return EntryKey(self._journal.epoch, self._journal.boot, 10_000 + self._event, 1)
