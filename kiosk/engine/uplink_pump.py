"""Cranks the courier: one exchange with the server a turn, and a question of our own when all is quiet.

What is ordered is applied between two exchanges, so a question of the running session waits for one exchange at most.
The question of our own ("are you there?") tells how the way to the server stands while nobody uses the terminal; an
hour at the latest after the last one it is asked anyway, for the server's clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from drivers.link import Clock
from kiosk.engine.inbox import Inbox
from kiosk.engine.logs import Log
from kiosk.engine.pump import SLICE_SECONDS
from sync.entries import Entry, EntryKey, Promised, ServerClock
from sync.questions import AboutServer, Question, ServerFacts
from sync.servers.ils import Server
from sync.uplink.courier import Courier
from sync.uplink.reports import Link, LinkState, NotTold, Report, Told, Unanswered

OWN_TOKEN: Final = -1
"""The token of our own question; a session's are positive."""

AWAY_SECONDS: Final = 5.0
"""How often a server that does not answer is asked whether it is back."""

CLOCK_SECONDS: Final = 3600.0
"""How often the server is asked for its time, however busy it is."""


@dataclass(frozen=True, slots=True)
class Enter:
    """*entries*, whose `Intended` rows are on disk, are to be carried; the rest as in `Lane.enter`."""

    entries: tuple[Entry, ...]
    is_of_session: bool
    is_in_doubt: bool = False
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class Proceed:
    """What *entry*, held in its lane, had to wait for has happened, and its rows that say so are on disk."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class Inquire:
    """*question* of the running session; answered by `Told` or `NotTold` with *token*, which is positive."""

    token: int
    question: Question


@dataclass(frozen=True, slots=True)
class GiveUp:
    """No session waits for *key* any more; what the terminal itself granted is taken back by this."""

    key: EntryKey


@dataclass(frozen=True, slots=True)
class Promise:
    """The terminal itself granted *key*, which was ordered before, and *row* is on disk: from here on it is kept, and
    belongs to no session.
    """

    key: EntryKey
    row: Promised


@dataclass(frozen=True, slots=True)
class GiveLeave:
    """A row that says that the server was reached is on disk: what was noted as never sent by then, *notes*, may be
    sent.
    """

    notes: int


Order = Enter | Proceed | Inquire | GiveUp | Promise | GiveLeave


class UplinkPump:
    """Owns the way to the server; *post* gets what the courier reports.

    *epoch*, *boot* and *clocks* are as in `Courier`.
    """

    name = "uplink"

    def __init__(
        self,
        server: Server,
        post: Callable[[Report], None],
        *,
        clock: Clock,
        chance: Callable[[], float],
        log: Log,
        status_seconds: float,
        idle: Callable[[float], None] | None = None,
        epoch: str = "",
        boot: int = 0,
        clocks: Sequence[tuple[int, ServerClock]] = (),
    ) -> None:
        self._server = server
        self._post = post
        self._clock = clock
        self._log = log
        self._status_seconds = status_seconds
        self._orders: Inbox[Order] = Inbox(idle=idle)
        # What was taken and not applied yet outlives a turn that fails.
        self._ordered: deque[Order] = deque()
        self._courier = Courier(server, clock, chance, epoch=epoch, boot=boot, clocks=clocks)
        self._wait_seconds: float | None = 0.0
        self._is_up = False
        self._is_asking = False
        self._ask_at = self._clock_at = clock.monotonic()

    @property
    def backlog(self) -> int:
        """How many entries wait that belong to no running session."""
        return self._courier.lane.backlog

    def order(self, order: Order) -> None:
        """Takes *order*; from any thread, returns at once."""
        self._orders.post(order)

    def turn(self) -> None:
        """Applies what was ordered, then at most one exchange; waits a slice when nothing is due."""
        self._ordered.extend(self._orders.take(0.0 if self._ordered else self._patience_seconds()))
        while self._ordered:
            self._apply(self._ordered.popleft())
        now = self._clock.monotonic()
        if now >= min(self._ask_at, self._clock_at) and not self._is_asking:
            self._is_asking = True
            self._ask_at = now + self._quiet_seconds()
            self._clock_at = now + CLOCK_SECONDS
            self._courier.ask(OWN_TOKEN, AboutServer(), is_of_session=False)
        turned = self._courier.turn()
        self._wait_seconds = turned.wait_seconds
        self._tell_all(turned.reports)

    def close(self) -> None:
        """Ends the connection; whatever may have been under way is in doubt, everything else stays where it was."""
        self._server.close()
        # Whether anything was under way when this pump failed is not known any more.
        self._courier.lose_track()
        # Our own question may have been what failed.
        self._is_asking = False
        self._wait_seconds = 0.0

    def _apply(self, order: Order) -> None:
        match order:
            case Enter(entries):
                self._courier.enter(
                    entries,
                    is_of_session=order.is_of_session,
                    is_in_doubt=order.is_in_doubt,
                    is_held=order.is_held,
                )
            case Proceed(entry):
                self._courier.proceed(entry)
            case Inquire(token, question):
                self._inquire(token, question)
            case GiveUp(key):
                self._tell_all(self._courier.give_up(key))
            case Promise(key, row):
                self._tell_all(self._courier.promise(key, row))
            case GiveLeave(notes):
                self._courier.give_leave(notes)
        self._wait_seconds = 0.0

    def _inquire(self, token: int, question: Question) -> None:
        try:
            self._courier.ask(token, question)
        except ValueError:
            self._log.warning("too many questions wait: one is not asked")
            self._post(NotTold(token, Unanswered.SILENT))

    def _tell_all(self, reports: Sequence[Report]) -> None:
        for report in reports:
            self._tell(report)

    def _tell(self, report: Report) -> None:
        if isinstance(report, Told | NotTold) and report.token == OWN_TOKEN:
            self._is_asking = False
            if (
                isinstance(report, Told)
                and isinstance(report.facts, ServerFacts)
                and not report.facts.is_online
            ):
                self._log.warning("the server answers and says that it is not in service")
            return
        if isinstance(report, LinkState):
            self._is_up = report.link is Link.UP
        # Whatever the server answered, it was there: our own question can wait.
        self._ask_at = self._clock.monotonic() + self._quiet_seconds()
        self._post(report)

    def _quiet_seconds(self) -> float:
        return self._status_seconds if self._is_up else min(AWAY_SECONDS, self._status_seconds)

    def _patience_seconds(self) -> float:
        wait = SLICE_SECONDS if self._wait_seconds is None else min(SLICE_SECONDS, self._wait_seconds)
        return max(0.0, min(wait, self._ask_at - self._clock.monotonic()))
