"""What happens: readers, staff, cables, clocks and power cuts, as one seed has it.

A day has ten hours and some thirty readers a terminal, with three books each.  They keep them for days and bring them
to the desk; another reader takes them at another terminal.  Meanwhile networks go for minutes or days, answers are
lost, late, doubled or cut, tags and pads fail, clocks jump, and the power goes at any turn.  In the end everything is
mended, all is caught up, and the ledger is held against journals, tags and central.
"""

from __future__ import annotations

import hashlib
import heapq
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kiosk.workflow.view import NotServed, PutBack, Status, Summary
from tests.crash.year.devices import SECURED, Book, Frailty
from tests.crash.year.ledger import Ledger, Taken, disagreements
from tests.crash.year.library import BOOKS, READERS, TERMINALS, Central, WorldTime
from tests.crash.year.network import Injury
from tests.crash.year.terminal import YEAR_OF_SECONDS, Terminal

DAY_SECONDS = 86_400.0
OPEN_SECONDS = 36_000.0
KEPT_DAYS_MAX = 6
BOOKS_EACH = 3
SPEAK_REST = ("south", "east")
CATCH_UP_SECONDS_MAX = 6 * 3600.0


TOLD_LENT = (Status.LENT, Status.LENT_PROVISIONALLY, Status.LENT_NOT_VERIFIED, Status.LENT_STAYS_SECURED)


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, how many, and how rough: chances per terminal and day, or per session."""

    days: int
    terminals: int = 3
    sessions: int = 30
    outages: float = 0.25
    clock_jumps: float = 0.03
    power_cuts: float = 0.02
    injuries: float = 0.04
    damaged_tags: float = 0.01


@dataclass(frozen=True, slots=True)
class Lived:
    """How it went: what was counted, what was found, and *digest*, which the same seed always gives."""

    counts: dict[str, int]
    digest: str
    found: tuple[str, ...]


class Days:
    """The world in *folder*, as *seed* has it."""

    def __init__(self, folder: Path, seed: int, plan: Plan) -> None:
        self._dice = random.Random(seed)
        self._plan = plan
        self._time = WorldTime()
        self._central = Central(folder, self._time)
        frailty = Frailty(gone=0.004, refused=0.004, lost=0.002)
        self._terminals = [
            Terminal(
                name,
                folder / name,
                self._time,
                self._central,
                self._dice,
                frailty,
                speaks_rest=name in SPEAK_REST,
            )
            for name in TERMINALS[: plan.terminals]
        ]
        self._books = {number: Book(number) for number in BOOKS}
        self._due: list[tuple[float, str]] = []
        self._planned: list[tuple[float, int, Callable[[], None]]] = []
        self._number = 0
        self.ledger = Ledger()
        self._trace = hashlib.blake2b(digest_size=16)

    def live(self) -> Lived:
        """All the days, and the evening of the last one, when everything is mended."""
        for day in range(self._plan.days):
            for planned in self._schedule(day):
                heapq.heappush(self._planned, planned)
            while self._planned and self._planned[0][0] < (day + 1) * DAY_SECONDS:
                at, _, happening = heapq.heappop(self._planned)
                self._time.seconds = max(self._time.seconds, at)
                happening()
        self._mend()
        entries = [
            entry
            for terminal in self._terminals
            for entry in reversed(terminal.journal.entries(limit=10_000_000))
        ]
        self.ledger.counts["entries"] = len(entries)
        found = [*disagreements(self.ledger, self._books, entries, self._central.store), *self._mistakes()]
        for terminal in self._terminals:
            terminal.close()
        self._central.close()
        return Lived(dict(sorted(self.ledger.counts.items())), self._trace.hexdigest(), tuple(found))

    def _mistakes(self) -> Iterator[str]:
        for terminal in self._terminals:
            for level, sentence, facts in terminal.log.lines:
                if level == "failure":
                    yield f"{terminal.name}: a mistake of ours: {sentence}, {facts.get('mistake')!r}"

    # --- The plan of a day

    def _schedule(self, day: int) -> Iterator[tuple[float, int, Callable[[], None]]]:
        dice, plan = self._dice, self._plan
        begin = day * DAY_SECONDS

        def planned(
            happening: Callable[[], None], at: float | None = None
        ) -> tuple[float, int, Callable[[], None]]:
            self._number += 1
            return begin + (dice.uniform(0, OPEN_SECONDS) if at is None else at), self._number, happening

        for terminal in self._terminals:
            for _ in range(plan.sessions):
                yield planned(lambda terminal=terminal: self._session(terminal))  # type: ignore[misc]
            if dice.random() < plan.outages:
                until = begin + dice.choice([300.0, 3_600.0, 20_000.0, DAY_SECONDS, 3 * DAY_SECONDS])
                is_cut = dice.random() < 0.5
                yield planned(lambda t=terminal, c=is_cut: t.network.cut() if c else t.network.silence())  # type: ignore[misc]
                yield planned(lambda t=terminal: self._reconnect(t), until - begin)  # type: ignore[misc]
            if dice.random() < plan.clock_jumps:
                skew = dice.choice([3_600.0, -3_600.0, 7.0, YEAR_OF_SECONDS, -YEAR_OF_SECONDS, 0.0])
                yield planned(lambda t=terminal, s=skew: setattr(t.clock, "skew_seconds", s))  # type: ignore[misc]
            if terminal.network.wire.late:
                yield planned(lambda t=terminal: self._deliver_late(t))  # type: ignore[misc]
        yield planned(self._returns, 0.0)
        yield planned(self._evening, OPEN_SECONDS)

    def _deliver_late(self, terminal: Terminal) -> None:
        self.ledger.counts["executed late"] += terminal.network.wire.deliver_late()

    def _reconnect(self, terminal: Terminal) -> None:
        terminal.network.mend()
        self._catch_up(terminal, 120.0)

    def _evening(self) -> None:
        """The terminals that can catch up do, and their journals are tidied."""
        for terminal in self._terminals:
            if terminal.network.is_up:
                self._catch_up(terminal, 300.0)

    def _catch_up(self, terminal: Terminal, seconds: float) -> bool:
        return terminal.until(
            lambda: (
                terminal.is_idle
                and terminal.kiosk.uplink_pump.backlog == 0
                and not terminal.kiosk.desk.open_count
            ),
            seconds,
        )

    def _mend(self) -> None:
        for terminal in self._terminals:
            terminal.network.mend()
            terminal.clock.skew_seconds = 0.0
            self._deliver_late(terminal)
        for terminal in self._terminals:
            if not self._catch_up(terminal, CATCH_UP_SECONDS_MAX):
                self.ledger.counts["not caught up"] += 1
            # What the desk handed over last is written now.
            terminal.until(lambda terminal=terminal: not terminal.unsettled(), 60.0)  # type: ignore[misc]

    # --- Readers and staff

    def _returns(self) -> None:
        """Readers bring to the desk what they had long enough."""
        now = self._time.seconds
        for _, number in sorted(due for due in self._due if due[0] <= now):
            book = self._books[number]
            self._central.take_back(number)
            book.afi, book.damage = SECURED, 0
            self.ledger.bring(number)
            self.ledger.counts["returned"] += 1
        self._due = [due for due in self._due if due[0] > now]

    def _session(self, terminal: Terminal) -> None:
        dice = self._dice
        at_home = [book for book in self._books.values() if book.number not in self.ledger.with_reader]
        books = dice.sample(at_home, min(BOOKS_EACH, len(at_home)))
        reader = dice.choice(READERS)
        self.ledger.counts["sessions"] += 1
        if not books or not terminal.until(lambda: terminal.is_idle, 120.0):
            self.ledger.counts["not ready"] += 1
            return
        self._injure(terminal, books)
        cut_after = dice.randrange(1, 120) if dice.random() < self._plan.power_cuts else None
        told = self._borrow(terminal, reader, books, cut_after)
        if cut_after is not None and terminal.is_idle:
            for book in books:
                terminal.pad.lift(book)
            told |= self._borrow(terminal, reader, books, None)
        self._leave(terminal, reader, books, told, is_back=cut_after is not None)

    def _injure(self, terminal: Terminal, books: list[Book]) -> None:
        dice = self._dice
        if dice.random() < self._plan.injuries:
            terminal.network.injure(dice.choice(list(Injury)))
        if dice.random() < self._plan.damaged_tags:
            dice.choice(books).damage = dice.choice([1, 2, 9])

    def _borrow(
        self, terminal: Terminal, reader: str, books: list[Book], cut_after: int | None
    ) -> dict[str, Status]:
        """A session; how the screen said each book stands.  The power goes after *cut_after* turns."""
        told: dict[str, Status] = {}
        turns = 0

        def is_cut() -> bool:
            nonlocal turns
            turns += 1
            for line in terminal.lines:
                if line.item is not None:
                    told[line.item] = line.status
            return cut_after is not None and turns >= cut_after

        def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
            """Whether the session goes on."""
            terminal.until(lambda: is_cut() or condition(), seconds)
            return cut_after is None or turns < cut_after

        terminal.show_card(reader)
        goes_on = wait_for(lambda: not terminal.is_idle, 5.0)
        for book in books:
            terminal.pad.lay(book)
        goes_on = goes_on and wait_for(lambda: terminal.is_done_with(books), 90.0)
        while goes_on and isinstance(terminal.view, PutBack):
            if self._dice.random() < 0.6:
                for book in books:
                    terminal.pad.lay(book)
                goes_on = wait_for(lambda: not isinstance(terminal.view, PutBack), 10.0)
            else:
                terminal.touch("no")
                goes_on = wait_for(lambda: not isinstance(terminal.view, PutBack), 10.0)
            goes_on = goes_on and wait_for(lambda: terminal.is_done_with(books), 60.0)
        if goes_on and not isinstance(terminal.view, NotServed):
            terminal.touch("finish")
            goes_on = wait_for(lambda: isinstance(terminal.view, Summary) or terminal.is_idle, 60.0)
        if not goes_on:
            self.ledger.counts["power cuts"] += 1
            terminal.power_cut()
            terminal.until(lambda: terminal.is_idle, 60.0)
        else:
            terminal.touch("done")
        return told

    def _leave(
        self, terminal: Terminal, reader: str, books: list[Book], told: dict[str, Status], *, is_back: bool
    ) -> None:
        """The reader goes, with what the screen called theirs; the rest goes back to its shelf.

        *is_back*: the power had gone meanwhile, and what was lent before that is theirs already.
        """
        for book in books:
            terminal.pad.lift(book)
            status = told.get(book.number)
            self.ledger.counts[f"told {status.value if status else 'nothing'}"] += 1
            if status in TOLD_LENT or (is_back and status is Status.ALREADY_YOURS):
                self.ledger.take(Taken(book.number, reader, terminal.name, self._time.now(), True))
                kept = self._dice.randrange(1, KEPT_DAYS_MAX + 1) * DAY_SECONDS
                self._due.append((self._time.seconds + kept, book.number))
            self._trace.update(f"{self._time.seconds:.3f} {book.number} {status} {book.afi}\n".encode())
        terminal.until(lambda: terminal.is_idle, 60.0)
