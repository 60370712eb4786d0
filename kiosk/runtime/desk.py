"""The desk: the one loop that owns the session.

A turn takes all that waits in the inbox, steps the session through it event by event, hands all records of the turn
to the journal at once and puts the rest, effects and view, into the outbox.  The outbox is first in, first out: a
turn leaves it when its own records and those of every earlier turn are on disk.  Nobody is waited for.

When the journal fails, everything in the outbox is dropped: it was said by a session that believed in records that
do not exist.  The session learns of it by `JournalFailed`.

What the server did about an entry that no session waits for any more is written here too, by the rules of
`sync/uplink/aftermath.py`, and takes an event's number for the keys of what follows from it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from drivers.link import Clock
from kiosk.engine.inbox import Inbox
from kiosk.engine.journal_pump import Batch, CommitFailed, Committed
from kiosk.engine.logs import Log
from kiosk.runtime.open_entries import OpenEntries
from kiosk.workflow.effects import Carry, Effect, Record
from kiosk.workflow.events import (
    Carried,
    Event,
    Happened,
    JournalFailed,
    LeftToStaff,
    Moment,
    NotTold,
    PadRead,
    ServerCame,
    ServerWent,
    Tick,
    Told,
)
from kiosk.workflow.patience import next_due
from kiosk.workflow.state import Broken, State, owns
from kiosk.workflow.step import step
from kiosk.workflow.view import Shown
from kiosk.workflow.views import view_of
from sync.entries import Answer, Entry, EntryKey, Row, Silence
from sync.uplink import reports
from sync.uplink.aftermath import aftermath
from sync.uplink.doubt import may_be_sent_again
from sync.uplink.reports import Judged, Link, LinkState, Report, Unclear, Verdict

TICK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class CarryLate:
    """As `Carry`, of an entry that belongs to no session."""

    carry: Carry


Arrival = Event | Committed | CommitFailed | Report
Order = Effect | CarryLate


def replaces(arrival: Arrival) -> str | None:
    """Of the pad's readings only the newest counts; everything else in the inbox is kept."""
    return "pad" if isinstance(arrival, PadRead) else None


class Outlets(Protocol):
    """Where the desk's decisions go once they are on disk."""

    def do(self, order: Order) -> None:
        """Hands *order* to whoever does it; returns at once."""

    def show(self, shown: Shown) -> None:
        """Puts *shown* on the screen; returns at once."""


@dataclass(frozen=True, slots=True)
class _Outgoing:
    turn: int
    has_rows: bool
    orders: tuple[Order, ...]
    shown: Shown


class Desk:
    """Owns the session's state.  A pump like any other: `turn` is one round of the loop."""

    name = "desk"

    def __init__(
        self,
        state: State,
        entries: OpenEntries,
        *,
        inbox: Inbox[Arrival],
        write: Callable[[Batch], None],
        outlets: Outlets,
        clock: Clock,
        log: Log,
        alive: Callable[[float], None] = lambda _: None,
    ) -> None:
        self._state = state
        self._entries = entries
        self._inbox = inbox
        self._write = write
        self._outlets = outlets
        self._clock = clock
        self._log = log
        self._alive = alive
        self._outbox: deque[_Outgoing] = deque()
        self._rows: list[Row] = []
        self._orders: list[Order] = []
        self._turn = 0
        self._event = 0
        self._trust = 0
        self._committed = 0
        self._ticked_at = clock.monotonic()
        self._shown: Shown | None = None
        self._released: Shown | None = None

    @property
    def state(self) -> State:
        """The session as it stands; what it says may not be on disk yet."""
        return self._state

    @property
    def open_count(self) -> int:
        """How many entries are not settled, as far as the desk had it written."""
        return len(self._entries)

    def turn(self) -> None:
        """Serves all that happened; waits for it until the next time limit, a second at most."""
        arrivals = self._inbox.take(self._patience_seconds())
        self._turn += 1
        for arrival in arrivals:
            self._try_to_serve(arrival)
        if self._is_tick_due():
            self._ticked_at = self._clock.monotonic()
            self._try_to_serve(Tick())
        self._put_out()
        self._let_go()
        if not isinstance(self._state.phase, Broken):
            # Without its journal the terminal serves nobody until it is started anew: that is the supervisor's part.
            self._alive(self._clock.monotonic())

    def close(self) -> None:
        """Frees nothing: the state stays what it is."""

    def _try_to_serve(self, arrival: Arrival) -> None:
        try:
            self._serve(arrival)
        except Exception as mistake:
            # The state is as it was before, so the session goes on without this arrival.
            self._log.failure("an event could not be served", mistake, event=type(arrival).__name__)

    def _serve(self, arrival: Arrival) -> None:
        match arrival:
            case Committed(turn):
                self._committed = max(self._committed, turn)
            case CommitFailed(_, trust):
                if trust == self._trust:
                    self._distrust()
            case LinkState(link, backlog):
                self._log.info("the way to the server", link=link.value, backlog=backlog)
                if link is not Link.UNKNOWN:
                    self._step(ServerCame() if link is Link.UP else ServerWent())
            case Judged(key, verdict):
                if not self._will_be_sent_again(key, verdict):
                    self._outcome(key, verdict)
            case reports.Carried(key, answer):
                self._outcome(key, answer)
            case reports.Told(token, facts):
                self._step(Told(token, facts))
            case reports.NotTold(token):
                self._step(NotTold(token))
            case _:
                self._step(arrival)

    def _will_be_sent_again(self, key: EntryKey, verdict: Verdict) -> bool:
        entry = self._entries.get(key)
        return entry is not None and may_be_sent_again(entry.promise, verdict)

    def _outcome(self, key: EntryKey, outcome: Answer | Unclear) -> None:
        """Tells the session, and settles what no session waits for."""
        entry = self._entries.get(key)
        if entry is None:
            self._log.warning(
                "an outcome of an entry that is settled", key=str(key), kind=type(outcome).__name__
            )
            return
        is_late = not owns(self._state, key)
        if not isinstance(outcome, Unclear):
            self._step(Carried(key, outcome))
        else:
            if not is_late:
                self._step(Carried(key, Silence("unclear")))
            self._step(LeftToStaff(key))
        entry = self._entries.get(key)
        is_left = is_late or isinstance(outcome, Unclear)
        if is_left and entry is not None and not isinstance(self._state.phase, Broken):
            self._settle_late(entry, outcome)

    def _settle_late(self, entry: Entry, outcome: Answer | Unclear) -> None:
        self._event += 1
        ordinal = 0

        def new_key() -> EntryKey:
            nonlocal ordinal
            ordinal += 1
            return EntryKey(self._state.epoch, self._state.boot, self._event, ordinal)

        late = aftermath(entry, outcome, self._clock.now(), new_key, self._entries.undone_by(entry))
        self._record(late.rows)
        self._orders.extend(CarryLate(Carry(following)) for following in late.entries)

    def _step(self, event: Event) -> None:
        self._event += 1
        moment = Moment(self._clock.monotonic(), self._clock.now())
        self._state, effects = step(self._state, Happened(event, moment, self._event))
        for effect in effects:
            if isinstance(effect, Record):
                self._record(effect.rows)
            else:
                self._orders.append(effect)

    def _record(self, rows: tuple[Row, ...]) -> None:
        self._rows.extend(rows)
        self._entries.note(rows)

    def _put_out(self) -> None:
        shown = view_of(self._state)
        rows, orders = tuple(self._rows), tuple(self._orders)
        self._rows.clear()
        self._orders.clear()
        if not rows and not orders and shown == self._shown:
            return
        self._shown = shown
        self._outbox.append(_Outgoing(self._turn, bool(rows), orders, shown))
        if rows:
            self._write(Batch(self._turn, self._trust, rows))

    def _let_go(self) -> None:
        while self._outbox and (not self._outbox[0].has_rows or self._outbox[0].turn <= self._committed):
            outgoing = self._outbox.popleft()
            for order in outgoing.orders:
                self._outlets.do(order)
            if outgoing.shown != self._released:
                self._released = outgoing.shown
                self._outlets.show(outgoing.shown)

    def _distrust(self) -> None:
        self._trust += 1
        self._log.error("the journal failed: nothing that built on it is done", turns=len(self._outbox))
        self._outbox.clear()
        self._rows.clear()
        self._orders.clear()
        self._shown = None
        self._step(JournalFailed())

    def _is_tick_due(self) -> bool:
        return self._clock.monotonic() >= self._next_tick()

    def _patience_seconds(self) -> float:
        return max(0.0, self._next_tick() - self._clock.monotonic())

    def _next_tick(self) -> float:
        regular = self._ticked_at + TICK_SECONDS
        due = next_due(self._state)
        # A limit that a tick has seen and that still stands does not make the loop spin.
        return regular if due is None or due <= self._ticked_at else min(regular, due)
