"""What a running terminal answers about its journal: on its control socket, without keeping a reader waiting.

What is short is done by the journal's own thread between two commits.  What is long (verify, backup, export) is done
on a copy: the journal's thread copies it in slices, and a thread for such work reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final, Protocol

from kiosk.engine.errands import Answer, Command, Errand, NotDone, Request
from kiosk.engine.journal_pump import Task
from kiosk.journal_desk import asked
from kiosk.journal_desk.saying import case_said, entry_said, not_done, report_said
from sync.cases import cases_of, closing
from sync.entries import CaseClosed, Entry
from sync.journal.care.backup import Copy
from sync.journal.care.reading_only import reading_only
from sync.journal.journal import Journal
from sync.journal.keys import JournalKeys
from sync.journal.verification import verify

ENTRIES_A_SLICE: Final = 100
"""So many are read between two commits: some milliseconds."""


class Doer(Protocol):
    """The pump of the journal as far as it has to be known here."""

    def do(self, task: Task) -> None:
        """A slice of *task* in every turn."""


class Worker(Protocol):
    """The pump for long work as far as it has to be known here."""

    def do(self, work: Callable[[], None]) -> None:
        """Does *work*, later, in another thread."""


def commands(
    path: Path,
    journal: Journal,
    keys: JournalKeys,
    pump: Doer,
    worker: Worker,
    *,
    now: Callable[[], datetime],
    health: Callable[[], Mapping[str, Any]],
    closed: Callable[[CaseClosed], None] = lambda _: None,
) -> dict[str, Command]:
    """What can be asked, by name, of the terminal that has *journal* open at *path*.

    *health* is asked in the socket's thread and must not wait; *closed* is told of every case that staff closed, in the
    journal's thread, once it is written.
    """
    desk = _Desk(path, journal, keys, pump, worker, now, closed)
    return {
        "health": lambda _: dict(health()),
        "journal.where": lambda _: {"journal": str(path.resolve())},
        "journal.list": desk.entries,
        "journal.verify": desk.verify,
        "journal.backup": desk.back_up,
        "journal.export": desk.export,
        "cases.list": desk.cases,
        "cases.close": desk.close_case,
    }


class _Desk:
    def __init__(
        self,
        path: Path,
        journal: Journal,
        keys: JournalKeys,
        pump: Doer,
        worker: Worker,
        now: Callable[[], datetime],
        closed: Callable[[CaseClosed], None],
    ) -> None:
        self._path = path
        self._journal = journal
        self._keys = keys
        self._pump = pump
        self._worker = worker
        self._now = now
        self._closed = closed

    def entries(self, request: Request) -> Errand:
        errand = Errand()
        self._pump.do(_Listing(self._journal, asked.listing(request), errand))
        return errand

    def cases(self, _: Request) -> Errand:
        return self._at_journal(
            lambda: {"cases": [case_said(case) for case in cases_of(self._journal.open_cases())]}
        )

    def close_case(self, request: Request) -> Errand:
        wanted = asked.closing_of(request)

        def close() -> Answer:
            entry = asked.entry_of(self._journal.open_cases(), wanted.reference)
            row = closing(entry, wanted.how, wanted.by, wanted.note, self._now())
            self._journal.append([row])
            self._closed(row)
            return {"closed": entry.key.reference, "how": row.how.value}

        return self._at_journal(close)

    def verify(self, _: Request) -> Errand:
        target = self._path.with_name(self._path.name + ".verified")

        def verified(copy: Copy) -> Answer:
            try:
                with reading_only(copy.draft, self._keys) as file:
                    return report_said(verify(file))
            finally:
                copy.discard()

        return self._on_copy(target, verified)

    def back_up(self, request: Request) -> Errand:
        target = asked.target(request)
        return self._on_copy(
            target, lambda copy: {**report_said(copy.publish(self._keys)), "to": str(target)}
        )

    def export(self, request: Request) -> Errand:
        target, segments = asked.target(request), asked.segments(request)

        def written(copy: Copy) -> Answer:
            try:
                with reading_only(copy.draft, self._keys) as file:
                    rows = asked.write_export(file, target, segments, self._now())
            finally:
                copy.discard()
            return {"rows": rows, "to": str(target)}

        return self._on_copy(self._path.with_name(self._path.name + ".exported"), written)

    def _at_journal(self, work: Callable[[], Answer]) -> Errand:
        errand = Errand()
        self._pump.do(_Once(work, errand))
        return errand

    def _on_copy(self, target: Path, use: Callable[[Copy], Answer]) -> Errand:
        errand = Errand()

        def used(copy: Copy) -> None:
            self._worker.do(lambda: tell(errand, lambda: use(copy)))

        self._pump.do(_Copying(lambda: Copy(self._journal.file, target), used, errand))
        return errand


class _Once:
    """A task of one slice."""

    def __init__(self, work: Callable[[], Answer], errand: Errand) -> None:
        self._work = work
        self._errand = errand

    def step(self) -> bool:
        tell(self._errand, self._work)
        return False

    def abandon(self) -> None:
        self._errand.fulfil(NotDone("the terminal is stopping"))


class _Listing:
    """A list of entries, some of them a slice: a month without the server is long, and a reader may wait."""

    def __init__(self, journal: Journal, wanted: asked.Listing, errand: Errand) -> None:
        self._journal = journal
        self._wanted = wanted
        self._errand = errand
        self._every: Iterator[Entry] | None = None
        self._found: list[Answer] = []

    def step(self) -> bool:
        try:
            if self._every is None:
                self._every = (
                    self._journal.open_ones() if self._wanted.only_open else self._journal.newest_first()
                )
            slice_ = tuple(islice(self._every, ENTRIES_A_SLICE))
        except Exception as error:
            self._errand.fulfil(not_done(error))
            return False
        since, limit = self._wanted.since, self._wanted.limit
        self._found += [entry_said(e) for e in slice_ if since is None or e.rows[0].at >= since]
        if slice_ and len(self._found) < limit:
            return True
        self._errand.fulfil({"entries": self._found[:limit]})
        return False

    def abandon(self) -> None:
        self._errand.fulfil(NotDone("the terminal is stopping"))


class _Copying:
    """A task that copies the journal; the copy is then used by somebody else."""

    def __init__(self, begin: Callable[[], Copy], done: Callable[[Copy], None], errand: Errand) -> None:
        self._begin = begin
        self._done = done
        self._errand = errand
        self._copy: Copy | None = None

    def step(self) -> bool:
        try:
            if self._copy is None:
                self._copy = self._begin()
            if self._copy.step():
                return True
        except Exception as error:
            self._errand.fulfil(not_done(error))
            return False
        self._done(self._copy)
        return False

    def abandon(self) -> None:
        if self._copy is not None:
            self._copy.discard()
        self._errand.fulfil(NotDone("the terminal is stopping"))


def tell(errand: Errand, work: Callable[[], Answer]) -> None:
    """Does *work* for *errand*.

    Whoever asked hears something whatever happens; a mistake of ours is heard by kind and goes on to the log.
    """
    try:
        errand.fulfil(work())
    except Exception as error:
        told = not_done(error)
        errand.fulfil(told)
        if "mistake of ours" in str(told):
            raise
