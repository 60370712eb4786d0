"""The desk: the one loop that owns the session.

A turn takes all that waits in the inbox, steps the session through it event by event, hands all records of the turn
to the journal at once and puts the rest, effects and view, into the outbox.  The outbox is first in, first out: a
turn leaves it when its own records and those of every earlier turn are on disk.  Nobody is waited for.

When the journal fails, everything in the outbox is dropped: it was said by a session that believed in records that
do not exist.  The session learns of it by `JournalFailed`.  When there was only no room, the turns in the outbox are
taken back and taken again by a session that knows: it begins nothing new, and what was begun has a reserve.

What the server did about an entry that no session waits for any more is written here too, by the rules of
`sync/uplink/aftermath.py`, and takes an event's number for the keys of what follows from it; what became of its money,
by those of `late_payments.py`.  No money is asked for while `payment_guard.py` has a payment of the same patron.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count

from drivers.link import Clock
from kiosk.engine.inbox import Inbox
from kiosk.engine.journal_pump import Batch, CommitFailed, Committed, Room
from kiosk.engine.logs import Log
from kiosk.runtime.health import Pulse, pulse_of
from kiosk.runtime.late_payments import PaymentEnd, late_payment
from kiosk.runtime.open_entries import OpenEntries
from kiosk.runtime.outbox import Outbox, Turn
from kiosk.runtime.payment_guard import PaymentGuard
from kiosk.runtime.traffic import Arrival, CarryLate, GiveLeave, Order, Outlets, placed
from kiosk.workflow.effects import Carry, Effect, Record, TakePayment
from kiosk.workflow.events import (
    Carried,
    Event,
    Happened,
    JournalFailed,
    LeftOpen,
    LeftToStaff,
    Moment,
    NotTold,
    PaymentFailure,
    PaymentNotTaken,
    RoomChanged,
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
from sync.entries import (
    Answer,
    CaseClosed,
    Entry,
    EntryKey,
    EntryRow,
    Granted,
    Refused,
    Row,
    ServerReached,
    Silence,
)
from sync.uplink import reports
from sync.uplink.aftermath import aftermath
from sync.uplink.doubt import as_carried, may_be_sent_again
from sync.uplink.promised import settle_promised
from sync.uplink.reports import ClockTold, Judged, LeaveAsked, Link, LinkState, Report, Unclear

TICK_SECONDS = 1.0


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
        guard: PaymentGuard | None = None,
    ) -> None:
        self._state = state
        self._entries = entries
        self._guard = guard or PaymentGuard(entries)
        self._inbox = inbox
        self._write = write
        self._outlets = outlets
        self._clock = clock
        self._log = log
        self._alive = alive
        self._outbox: Outbox[Arrival, Order] = Outbox()
        self._event = 0
        self._trust = 0
        self._is_low = False
        self._way: tuple[Link, bool] = (Link.UNKNOWN, False)
        self._ticked_at = clock.monotonic()
        self._shown: Shown | None = None
        self._released: Shown | None = None
        self._turn: Turn[Arrival, Order] = Turn(0, state, False)
        self._pulse = self._felt()

    @property
    def state(self) -> State:
        """The session as it stands; what it says may not be on disk yet."""
        return self._state

    @property
    def pulse(self) -> Pulse:
        """How the terminal stood after the last turn; from any thread."""
        return self._pulse

    @property
    def open_count(self) -> int:
        """How many entries are not settled, as far as the desk had it written."""
        return len(self._entries)

    def turn(self) -> None:
        """Serves all that happened; waits for it until the next time limit, a second at most."""
        arrivals = self._inbox.take(max(0.0, self._next_tick() - self._clock.monotonic()))
        self._turn = Turn(self._turn.number + 1, self._state, self._is_low)
        for arrival in arrivals:
            self._try_to_serve(arrival)
        if self._clock.monotonic() >= self._next_tick():
            self._ticked_at = self._clock.monotonic()
            self._try_to_serve(Tick())
        self._put_out()
        self._let_go()
        self._pulse = self._felt()
        if not isinstance(self._state.phase, Broken):
            # Without its journal the terminal serves nobody until it is started anew: that is the supervisor's part.
            self._alive(self._clock.monotonic())

    def close(self) -> None:
        """Frees nothing: the state stays what it is."""

    def _try_to_serve(self, arrival: Arrival) -> None:
        try:
            match arrival:
                case Committed(number, positions):
                    self._outbox.committed(number)
                    self._entries.place(positions)
                case CommitFailed():
                    if arrival.trust == self._trust:
                        self._failed(arrival)
                case _:
                    self._turn.arrivals.append(arrival)
                    self._serve(arrival)
        except Exception as mistake:
            # The state is as it was before, so the session goes on without this arrival.
            self._log.failure("an event could not be served", mistake, event=type(arrival).__name__)

    def _serve(self, arrival: Event | Report | Room | CaseClosed) -> None:
        match arrival:
            case Room(is_low):
                self._is_low = is_low
                self._step(RoomChanged(is_low))
            case LinkState():
                self._link(arrival)
            case CaseClosed():
                # Staff closed it, and it is written; what settles the entry has to know, and who follows the journal.
                self._guard.follow((arrival,))
                self._turn.entries_before.append(self._entries.note((arrival,)))
                self._turn.orders.append(arrival)
            case ClockTold(clock):
                # It is learnt again at any time; a disk that is nearly full is kept for what was begun.
                if not self._is_low and not isinstance(self._state.phase, Broken):
                    self._record((clock,))
            case LeaveAsked(notes):
                # Written on a disk that is nearly full as well: what was given back is told to the server all the same.
                if not isinstance(self._state.phase, Broken):
                    self._record((ServerReached(self._clock.now()),))
                    self._turn.orders.append(GiveLeave(notes))
            case Judged():
                self._judged(arrival)
            case reports.Carried(key, answer):
                self._outcome(key, as_carried(self._entries.get(key), answer))
            case reports.Told(token, facts):
                self._step(Told(token, facts))
            case reports.NotTold(token):
                self._step(NotTold(token))
            case _:
                self._step(arrival)
                if isinstance(arrival, PaymentEnd):
                    self._payment_ended(arrival)

    def _link(self, link: LinkState) -> None:
        """Tells the session what matters to it; a backlog that shrinks entry by entry is nobody's news."""
        way = (link.link, link.is_current)
        if way == self._way or link.link is Link.UNKNOWN:
            return
        self._way = way
        self._log.info("the way to the server", link=link.link.value, backlog=link.backlog)
        self._step(ServerCame(link.is_current) if link.link is Link.UP else ServerWent())

    def _judged(self, judged: Judged) -> None:
        """What is carried next is no news; what has left its lane and must come true all the same enters it again."""
        if judged.is_carried_next:
            return
        entry = self._entries.get(judged.key)
        if entry is not None and may_be_sent_again(entry, judged.verdict):
            # The terminal promised it while it was asked about.
            self._turn.orders.append(CarryLate(Carry(entry)))
        else:
            self._outcome(judged.key, judged.verdict, is_found=True)

    def _outcome(self, key: EntryKey, outcome: Answer | Unclear, is_found: bool = False) -> None:
        """Tells the session, and settles what no session waits for; *is_found* as in the session's `Carried`."""
        if self._entries.get(key) is None:
            self._log.warning(
                "an outcome of an entry that is settled", key=str(key), kind=type(outcome).__name__
            )
            return
        is_late = not owns(self._state, key)
        if not isinstance(outcome, Unclear):
            self._step(Carried(key, outcome, is_found))
        else:
            if not is_late:
                self._step(Carried(key, Silence("unclear")))
            self._step(LeftToStaff(key))
        entry = self._entries.get(key)
        if entry is None or isinstance(self._state.phase, Broken):
            return
        if isinstance(outcome, Granted | Refused) and isinstance(entry.answer, Granted | Refused):
            return
        # A believed answer that nobody wrote down would be lost: the uplink has let the entry go.
        if is_late or isinstance(outcome, Unclear | Granted | Refused):
            self._settle_late(entry, outcome)

    def _settle_late(self, entry: Entry, outcome: Answer | Unclear) -> None:
        self._event += 1
        first = EntryKey(self._state.epoch, self._state.boot, self._event, 0)
        new_key = (replace(first, ordinal=ordinal) for ordinal in count(1)).__next__
        undone, undo = self._entries.undone_by(entry), self._entries.undo_of(entry)
        seconds = self._clock.monotonic()
        late = aftermath(entry, outcome, self._clock.now(), new_key, undone, undo, seconds)
        self._record(late.rows)
        for following in late.entries:
            self._turn.orders.append(CarryLate(Carry(following)))
            if following.promise.item is not None:
                self._step(LeftOpen(following.key, following.promise.item))

    def _payment_ended(self, end: PaymentEnd) -> None:
        """Writes down what became of money, where no session does."""
        entry = self._entries.get(end.key)
        if entry is None or owns(self._state, end.key) or isinstance(self._state.phase, Broken):
            return
        late = late_payment(entry, end, self._clock.now())
        self._record(late.rows)
        self._turn.orders.extend(late.orders)

    def _step(self, event: Event) -> None:
        self._event += 1
        moment = Moment(self._clock.monotonic(), self._clock.now())
        self._state, effects = step(self._state, Happened(event, moment, self._event))
        rows = tuple(row for effect in effects if isinstance(effect, Record) for row in effect.rows)
        self._record(rows)
        self._order(effects)
        for key in dict.fromkeys(row.key for row in rows if isinstance(row, EntryRow)):
            self._settle_promised(key)

    def _order(self, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            if isinstance(effect, TakePayment) and not self._guard.may_take(effect.key):
                self._step(PaymentNotTaken(effect.key, PaymentFailure.NEVER_ASKED))
            elif not isinstance(effect, Record):
                self._turn.orders.append(effect)

    def _settle_promised(self, key: EntryKey) -> None:
        """Settles a loan of the terminal's own word whose tags' story ended after the server's."""
        entry = self._entries.get(key)
        if entry is None or entry.promised is None or owns(self._state, key):
            return
        if isinstance(entry.answer, Granted | Refused):
            self._record(settle_promised(entry, self._clock.now(), self._entries.undo_of(entry)))

    def _record(self, rows: tuple[Row, ...]) -> None:
        self._turn.rows.extend(rows)
        self._guard.follow(rows)
        self._turn.entries_before.append(self._entries.note(rows))

    def _put_out(self) -> None:
        turn = self._turn
        turn.shown = view_of(self._state)
        if not turn.rows and not turn.orders and turn.shown == self._shown and not self._outbox:
            return
        self._shown = turn.shown
        self._outbox.put(turn)
        if turn.rows:
            self._write(Batch(turn.number, self._trust, tuple(turn.rows)))

    def _let_go(self) -> None:
        for turn in self._outbox.leaving():
            if turn.rows:
                self._outlets.wrote(tuple(turn.rows))
            for order in turn.orders:
                self._outlets.do(placed(order, self._entries))
            if turn.shown is not None and turn.shown != self._released:
                self._released = turn.shown
                self._outlets.show(turn.shown)

    def _failed(self, failed: CommitFailed) -> None:
        self._let_go()
        turns = (*self._outbox.take_back(failed.turn), self._turn)
        self._trust += 1
        self._shown = None
        if not failed.is_full or turns[0].was_low:
            self._log.error("the journal failed: nothing that built on it is done", turns=len(turns))
            self._turn = Turn(self._turn.number, self._state, self._is_low)
            self._step(JournalFailed())
            return
        self._log.error("the journal's disk is full: what was not written is taken back", turns=len(turns))
        for turn in reversed(turns):
            for before in reversed(turn.entries_before):
                self._entries.take_back(before)
        self._state = turns[0].before
        self._way = (Link.UNKNOWN, False)
        self._is_low = True
        self._turn = Turn(self._turn.number, self._state, True)
        self._try_to_serve(Room(True))
        for arrival in (arrival for turn in turns for arrival in turn.arrivals):
            # What was seen of the room before is overtaken; it is looked at again soon.
            if not isinstance(arrival, Room):
                self._try_to_serve(arrival)

    def _felt(self) -> Pulse:
        return pulse_of(self._state, self._way, self._entries, self._is_low)

    def _next_tick(self) -> float:
        regular = self._ticked_at + TICK_SECONDS
        due = next_due(self._state)
        # A limit that a tick has seen and that still stands does not make the loop spin.
        return regular if due is None or due <= self._ticked_at else min(regular, due)
