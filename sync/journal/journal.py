"""Writes the terminal's promises down and reads them back.

One journal, one thread: whoever opened it calls it.  `append` is the only way in; what it wrote is on the
disk when it returns.  What may follow what is in `automaton.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Self, TypeVar

import apsw

from sync.entries import Entry, EntryKey, PatronId, Row
from sync.journal.errors import JournalBroken, JournalDamaged, JournalFull
from sync.journal.file import OpenFile, named, open_file, shut
from sync.journal.keys import JournalKeys
from sync.journal.memory import BootClock, Draft, Memory
from sync.journal.reading import Reading
from sync.journal.register import Register
from sync.journal.room import Reserve, RoomLeft
from sync.journal.segments import Segment, floor_of, segments_of
from sync.journal.settings import JournalSettings
from sync.journal.standing import read_standing
from sync.journal.tidying import PIN_REFUSALS_KEPT, Tidying
from sync.journal.verification import ChainReport, verify
from sync.journal.writing import Writing

__all__ = ["PIN_REFUSALS_KEPT", "Journal"]

_Result = TypeVar("_Result")


class Journal:
    """An open journal.  Made by `open`."""

    def __init__(
        self,
        path: Path,
        file: OpenFile,
        boot: int,
        memory: Memory,
        register: Register,
        clock_now: Callable[[], datetime],
        settings: JournalSettings,
        reserve: Reserve,
    ) -> None:
        self._path = path
        self._file = file
        self._connection = file.connection
        self._reading = Reading(file)
        self._boot = boot
        self._memory = memory
        self._register = register
        self._clock_now = clock_now
        self._tidying = Tidying(file, boot, memory, register, settings)
        self._reserve = reserve
        self._recovered: tuple[Entry, ...] | None = None
        self._writing = Writing(path, file, register, reserve)

    @classmethod
    def open(
        cls,
        path: Path,
        keys: JournalKeys,
        clock_now: Callable[[], datetime],
        settings: JournalSettings | None = None,
    ) -> Self:
        """The journal in *path*, made there with a new epoch when there is none; a new boot is committed
        first.

        *clock_now* gives the wall time, aware.  Raises `JournalLocked` when another process has it,
        `JournalDamaged`, `JournalKeyWrong`, `JournalFull` or `JournalBroken`; the file is then closed again.

        On a full disk a start, too, is written in place of the reserve: returns and what was begun wait for it.
        """
        wanted = settings or JournalSettings()
        reserve = Reserve(path, wanted)
        try:
            return cls._opened(path, keys, clock_now, wanted, reserve)
        except JournalFull:
            if not reserve.give_up():
                raise
            return cls._opened(path, keys, clock_now, wanted, reserve)

    @classmethod
    def _opened(
        cls,
        path: Path,
        keys: JournalKeys,
        clock_now: Callable[[], datetime],
        settings: JournalSettings,
        reserve: Reserve,
    ) -> Self:
        now = clock_now().isoformat()
        file = open_file(path, keys, now)
        try:
            memory, unsettled = read_standing(file, floor_of(file))
            ((last,),) = file.query("SELECT coalesce(max(boot), 0) FROM boots")
            register = Register(file)
            with file.connection:
                register.write()
                file.connection.execute("INSERT INTO boots VALUES (?, ?, ?)", (last + 1, now, memory.number))
        except apsw.Error as error:
            failure = named(error, file.connection, path)
            shut(file.connection)
            raise failure from error
        except JournalDamaged:
            shut(file.connection)
            raise
        reserve.make()
        journal = cls(path, file, last + 1, memory, register, clock_now, settings, reserve)
        journal._recovered = unsettled
        return journal

    @property
    def epoch(self) -> str:
        """16 hex digits, new for every file made or restored: the first part of every key made from now on."""
        return self._file.epoch

    @property
    def file(self) -> OpenFile:
        """The open file, for whoever copies it in the journal's own thread; nobody writes by way of it."""
        return self._file

    @property
    def boot(self) -> int:
        """Counts the times the journal was opened, from 1: the second part of every key made since."""
        return self._boot

    def append(self, rows: Sequence[Row]) -> dict[EntryKey, int]:
        """Writes *rows* in one commit, in order; they are on the disk when this returns.

        Returns the positions in their lane of the entries that begin here, counted from 1 without a gap.

        All or none.  Raises `RowRefused` (they contradict what is written) or `BadRow` (they cannot be
        written), by the caller's fault; `JournalFull` when there is no room, after which it may be tried
        again; `JournalBroken` when the disk fails, after which nothing is taken any more until the journal
        is opened again.

        Rows of what was begun, and returns, are written in place of the reserve when the disk is full.  A batch with
        the intent of a new loan is not, and is refused as long as the reserve is gone.
        """
        self._require_usable()
        if not rows:
            return {}
        draft = Draft(self._memory, self._register, self._file.seal, self._file.epoch, self._boot)
        draft.add_all(rows)
        is_registered = self._writing.commit(draft)
        draft.take_effect()
        self._recovered = None
        if is_registered:
            self._register.written()
        return draft.given

    def unsettled(self) -> tuple[Entry, ...]:
        """Every entry that is not settled, in the order in which they entered their lane."""
        self._require_usable()
        if self._recovered is not None:  # Read while opening, and nothing was written since.
            return self._recovered
        every = self._memory.entries.values()
        numbers = sorted(entry.number for entry in every if not entry.state.is_settled)
        return self._read(lambda: tuple(self._reading.entries_at(numbers)))

    def never_sent(self) -> frozenset[EntryKey]:
        """Which of `unsettled` the server surely was not told of; see `Reading.never_sent`."""
        unsettled = {self._memory.entries[entry.key].number: entry for entry in self.unsettled()}
        return self._read(lambda: self._reading.never_sent(unsettled))

    def case_keys(self) -> tuple[EntryKey, ...]:
        """The keys of the entries with an open case, settled or not, in the order in which they began."""
        self._require_usable()
        found = [(e.number, key) for key, e in self._memory.entries.items() if e.state.has_open_case]
        return tuple(key for _, key in sorted(found))

    def open_cases(self) -> tuple[Entry, ...]:
        """The entries with an open case, settled or not, in the order in which they began."""
        numbers = [self._memory.entries[key].number for key in self.case_keys()]
        return self._read(lambda: tuple(self._reading.entries_at(numbers)))

    def clocks(self) -> tuple[BootClock, ...]:
        """The last measure of the server's clock of every boot an open entry is of, and the newest of all.

        Oldest boot first; boots that never heard of the server's clock are missing.
        """
        self._require_usable()
        needed = {key.boot for key in self._memory.entries}
        clocks = sorted((boot, told) for boot, (_, told) in self._memory.clocks.items())
        newest = clocks[-1:]
        return tuple(BootClock(*c) for c in clocks if c[0] in needed or c in newest)

    def segments(self) -> tuple[Segment, ...]:
        """Every segment that was closed, the oldest first, also the purged ones; newer rows are in none yet."""
        return self._read(lambda: segments_of(self._file))

    def entry(self, key: EntryKey) -> Entry | None:
        """The entry *key*, settled or not; None when there is none.

        After its patron was wiped `promise.patron` is `codec.WIPED`.
        """
        return self._read(lambda: self._entry(key))

    def undo_of(self, key: EntryKey) -> Entry | None:
        """The entry that undoes the loan of the unsettled entry *key*; None when none does."""
        undone = self._memory.entries.get(key)
        if undone is None or undone.undone_by is None or undone.state.is_settled:
            return None
        return self.entry(undone.undone_by)

    def entries(self, since: datetime | None = None, limit: int = 1000) -> tuple[Entry, ...]:
        """At most *limit* entries, the one begun last first; with *since* only those begun at or after it."""

        def listed() -> tuple[Entry, ...]:
            every = self._reading.newest_first(floor_of(self._file).number)
            return tuple(islice((e for e in every if since is None or e.rows[0].at >= since), limit))

        return self._read(listed)

    def newest_first(self) -> Iterator[Entry]:
        """Every entry, the one begun last first, read a few at a time: rows may be written between two of them."""
        self._require_usable()
        yield from self._reading.newest_first(floor_of(self._file).number)

    def open_ones(self) -> Iterator[Entry]:
        """The entries that are not settled now, in the order in which they entered their lane; read as the others."""
        self._require_usable()
        every = self._memory.entries.values()
        for number in sorted(entry.number for entry in every if not entry.state.is_settled):
            yield self._reading.entry_at(number)

    def pin_refusals(self, since: datetime) -> tuple[tuple[PatronId, datetime], ...]:
        """Who was refused a PIN, and when, at or after *since*, oldest first; a right PIN clears its patron.

        Remembered across restarts, for `PIN_REFUSALS_KEPT` at most.
        """
        return tuple((r.patron, r.at) for r in self._memory.refusals if r.at >= since)

    def room(self) -> RoomLeft:
        """Whether there is room for something new to begin; asks the file system, so every few seconds at most."""
        pages = self._read(lambda: self._file.query("PRAGMA freelist_count"))
        return self._reserve.left(int(pages[0][0]) * int(self._connection.pragma("page_size")))

    def verify(self) -> ChainReport:
        """Reads the whole file; see `verification.verify`.  Raises `JournalBroken` when the journal broke
        before.
        """
        self._require_usable()
        return verify(self._file)

    def tidy(self) -> int:
        """Wipes what points to a person and is not needed any more, out of the file and its log, closes segments and
        purges old ones; makes the reserve again where there is room; for idle times.

        Returns how many boxes were wiped and rows purged; not 0: there may be more to do.  Raises as `append` does;
        may be called again.
        """
        self._require_usable()
        now = self._clock_now()
        try:
            restated = self._tidying.clock_to_restate(now)
            if restated is not None:
                self.append([restated])
            with self._connection:
                done = self._tidying.wipe(now)
                self._register.write()
                self._tidying.close_segments(now)
                done += self._tidying.purge(now)
            self._register.written()
            self._tidying.wiped()
            if done:
                self._tidying.checkpoint()
            self._reserve.make()
        except apsw.Error as error:
            raise self._writing.failed(error) from error
        return done

    def close(self) -> None:
        """Lets the file go.  May be called twice; never raises."""
        self._writing.is_broken = True
        shut(self._connection)

    def _entry(self, key: EntryKey) -> Entry | None:
        number = self._register.number_of(str(key))
        return None if number is None else self._reading.entry_at(number)

    def _read(self, read: Callable[[], _Result]) -> _Result:
        self._require_usable()
        try:
            return read()
        except apsw.Error as error:
            raise named(error, self._connection, self._path) from error

    def _require_usable(self) -> None:
        if self._writing.is_broken:
            raise JournalBroken(f"{self._path}: failed or was closed; open it again")
