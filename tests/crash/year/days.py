"""What happens: readers, staff, cables, clocks and power cuts, as one seed has it.

A day has ten hours and some thirty readers a terminal, with three books each.  They keep them for days or bring them
to the desk within the hour, and another reader takes them at another terminal, whether or not the first one has told
its loans by then.  Some come often and reach their limit; cards are reported lost.  Meanwhile networks go for minutes
or days, what is sent is lost, late, doubled or cut, tags and pads fail, clocks jump, and the power goes at any turn.
In the end everything is mended, all is caught up, and the ledger is held against journals, tags and central.
"""

from __future__ import annotations

import hashlib
import heapq
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sync.rules.terms import CardStatus
from tests.crash.year.audit import Audit, Books
from tests.crash.year.devices import SECURED, Book, Frailty
from tests.crash.year.ledger import Ended, Ledger
from tests.crash.year.library import BOOKS, READERS, TERMINALS, Central, WorldTime
from tests.crash.year.network import Injury
from tests.crash.year.session import Session
from tests.crash.year.terminal import TURN_SECONDS, YEAR_OF_SECONDS, Terminal

DAY_SECONDS = 86_400.0
OPEN_SECONDS = 36_000.0
KEPT_DAYS_MAX = 6
BROUGHT_BACK_SOON = 0.15
BOOKS_EACH = 3
REGULARS = READERS[:12]
REGULAR_CHANCE = 0.1
SPEAK_REST = frozenset({"south", "east"})
CUT_AFTER_TURNS_MAX = 16
CUT_AGAIN_CHANCE = 0.2
CATCH_UP_SECONDS_MAX = 2 * 3600.0
NIGHT_REST_SECONDS = 5.0
OUTAGES_SECONDS = (300.0, 3_600.0, 20_000.0, DAY_SECONDS, 3 * DAY_SECONDS)
SKEWS_SECONDS = (3_600.0, -3_600.0, 7.0, YEAR_OF_SECONDS, -YEAR_OF_SECONDS, 0.0)

Happening = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, how many, and how rough: chances per terminal and day, or per session."""

    days: int
    terminals: int = 3
    sessions: int = 30
    outages: float = 0.25
    clock_jumps: float = 0.03
    power_cuts: float = 0.03
    injuries: float = 0.1
    damaged_tags: float = 0.01
    lost_cards: float = 0.3


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
        self._planned: list[tuple[float, int, Happening]] = []
        self._number = 0
        self.ledger = Ledger()
        self._trace = hashlib.blake2b(digest_size=16)

    def live(self) -> Lived:
        """All the days, and the evening of the last one, when everything is mended."""
        for day in range(self._plan.days):
            self._plan_day(day * DAY_SECONDS)
            while self._planned and self._planned[0][0] < (day + 1) * DAY_SECONDS:
                at, _, happening = heapq.heappop(self._planned)
                self._time.seconds = max(self._time.seconds, at)
                happening()
        self._mend()
        entries = {one.name: list(one.journal.entries(limit=10_000_000)) for one in self._terminals}
        clocks = {
            one.name: {(one.journal.epoch, clock.boot) for clock in one.journal.clocks()}
            for one in self._terminals
        }
        self.ledger.counts["entries"] = sum(len(found) for found in entries.values())
        books = Books(entries, clocks, self._central.store, SPEAK_REST)
        audit = Audit(self.ledger, self._books, books)
        found = (*self.ledger.found, *audit.disagreements(), *self._mistakes())
        for terminal in self._terminals:
            terminal.close()
        self._central.close()
        return Lived(dict(sorted(self.ledger.counts.items())), self._trace.hexdigest(), found)

    def _mistakes(self) -> Iterator[str]:
        known = READERS[0][:10]
        for terminal in self._terminals:
            for level, sentence, facts in terminal.log.lines:
                if level == "failure":
                    yield f"{terminal.name}: a mistake of ours: {sentence}, {facts.get('mistake')!r}"
                if known in f"{sentence} {facts}":
                    yield f"{terminal.name}: a reader's number in the log: {sentence} (I6)"

    # --- The plan of a day

    def _at(self, seconds: float, happening: Happening) -> None:
        self._number += 1
        heapq.heappush(self._planned, (seconds, self._number, happening))

    def _plan_day(self, begin: float) -> None:
        dice, plan = self._dice, self._plan

        def some_time() -> float:
            return begin + dice.uniform(0, OPEN_SECONDS)

        for one in self._terminals:
            for _ in range(plan.sessions):
                self._at(some_time(), lambda one=one: self._session(one))  # type: ignore[misc]
            if dice.random() < plan.outages:
                until = begin + dice.choice(OUTAGES_SECONDS)
                loses = one.network.cut if dice.random() < 0.5 else one.network.silence
                self._at(some_time(), loses)
                self._at(until, lambda one=one: self._reconnect(one))  # type: ignore[misc]
            if dice.random() < plan.clock_jumps:
                skew = dice.choice(SKEWS_SECONDS)
                self._at(some_time(), lambda one=one, skew=skew: one.set_clock(skew))  # type: ignore[misc]
            if one.network.wire.late:
                self._at(some_time(), lambda one=one: self._deliver_late(one))  # type: ignore[misc]
        if dice.random() < plan.lost_cards:
            reader = dice.choice(REGULARS)
            self._at(some_time(), lambda: self._central.mark_card(reader, CardStatus.LOST))
            found_after = dice.uniform(1, 3) * DAY_SECONDS
            self._at(begin + found_after, lambda: self._central.mark_card(reader, CardStatus.ACTIVE))
        self._at(begin + OPEN_SECONDS, self._evening)

    def _deliver_late(self, terminal: Terminal) -> None:
        self.ledger.counts["executed late"] += terminal.network.wire.deliver_late()

    def _reconnect(self, terminal: Terminal) -> None:
        """The network is back; now and then the power goes while the terminal catches up."""
        terminal.network.mend()
        while self._dice.random() < CUT_AGAIN_CHANCE:
            terminal.until(lambda: False, self._dice.uniform(0.0, 5.0))
            terminal.power_cut()
            self.ledger.counts["power cuts"] += 1
        self._catch_up(terminal, 120.0)

    def _evening(self) -> None:
        """The terminals that can catch up do, and get a new snapshot."""
        for terminal in self._terminals:
            if terminal.network.is_up:
                self._catch_up(terminal, 300.0)
                terminal.fetch_snapshot()

    def _catch_up(self, terminal: Terminal, seconds: float) -> bool:
        terminal.rest_seconds = NIGHT_REST_SECONDS
        is_done = terminal.until(
            lambda: (
                terminal.is_idle
                and terminal.kiosk.uplink_pump.backlog == 0
                and not terminal.kiosk.desk.open_count
            ),
            seconds,
        )
        terminal.rest_seconds = TURN_SECONDS
        return is_done

    def _mend(self) -> None:
        for terminal in self._terminals:
            terminal.network.mend()
            terminal.set_clock(0.0)
            self._deliver_late(terminal)
        for terminal in self._terminals:
            if not self._catch_up(terminal, CATCH_UP_SECONDS_MAX):
                self.ledger.found.append(f"{terminal.name}: has not caught up after a whole evening")
            # What the desk handed over last is written now.
            terminal.until(lambda terminal=terminal: not terminal.unsettled(), 60.0)  # type: ignore[misc]

    # --- Readers and staff

    def _bring(self, number: str) -> None:
        """A book is brought to the desk, and stands on its shelf again, secured."""
        book = self._books[number]
        self._central.take_back(number)
        book.afi, book.damage = SECURED, 0
        self.ledger.bring(number)
        self.ledger.counts["returned"] += 1

    def _session(self, terminal: Terminal) -> None:
        dice = self._dice
        at_home = [number for number in BOOKS if number not in self.ledger.with_reader]
        books = [self._books[number] for number in dice.sample(at_home, min(BOOKS_EACH, len(at_home)))]
        reader = dice.choice(REGULARS if dice.random() < REGULAR_CHANCE else READERS)
        self.ledger.counts["sessions"] += 1
        if not books or not terminal.until(lambda: terminal.is_idle, 120.0):
            self.ledger.counts["not ready"] += 1
            return
        if dice.random() < self._plan.injuries:
            terminal.network.injure(dice.choice(list(Injury)), sound_before=dice.randrange(4))
        if dice.random() < self._plan.damaged_tags:
            dice.choice(books).damage = dice.choice([1, 2, 9])
        is_cut = dice.random() < self._plan.power_cuts
        cut_after = dice.randrange(1, CUT_AFTER_TURNS_MAX) if is_cut else None
        session = Session(terminal, reader, books, cut_after, dice=dice, time=self._time, ledger=self.ledger)
        for left in session.pass_by():
            match left.ended:
                case Ended.TAKEN:
                    self._at(self._time.seconds + self._kept(), lambda book=left.book: self._bring(book))  # type: ignore[misc]
                case Ended.LEFT_TO_STAFF:
                    self._bring(left.book)
                case Ended.ON_ITS_SHELF:
                    pass
            afi = self._books[left.book].afi
            self._trace.update(f"{self._time.seconds:.3f} {left.book} {left.status} {afi}\n".encode())
        terminal.until(lambda: terminal.is_idle, 60.0)

    def _kept(self) -> float:
        """How long a reader keeps a book."""
        if self._dice.random() < BROUGHT_BACK_SOON:
            return self._dice.uniform(60.0, 7_200.0)
        return self._dice.randrange(1, KEPT_DAYS_MAX + 1) * DAY_SECONDS
