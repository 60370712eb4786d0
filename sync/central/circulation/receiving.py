"""Takes a batch of events: each exactly once, in the order of its terminal, all of it in one transaction.

What was stored before is answered as it was; what is new is applied behind it.  Locks are taken in this order: the
terminal's epoch, all patrons, all items, each sorted; so batches of many terminals wait for each other and never
stop each other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from sync.central.circulation import event_log
from sync.central.circulation.conflicts import Conflict, Finding, open_exceptions
from sync.central.circulation.event_chain import genesis
from sync.central.circulation.event_log import Stored
from sync.central.circulation.judging import Judging, sheet_around
from sync.central.circulation.library import Library
from sync.central.circulation.policy import DueRule, EventPolicy
from sync.central.store import event_tables as e
from sync.central.store.sheet import Sheet
from sync.central.store.store import Store
from sync.entries import Due, Granted, ItemId
from sync.events import Batch, Event, GapFound, LoanMade, LoanUndone, NeverSent, Outcome, Receipt


class ToldDifferently(Exception):
    """A number or a key that is known comes with another body; nothing of the batch was stored.

    The first argument is the number at which that was seen.
    """


def receive(
    store: Store, library: Library, policy: EventPolicy, terminal: str, batch: Batch
) -> Receipt | GapFound:
    """What became of *batch*, told by *terminal*.  Raises `ToldDifferently`."""
    with store.writing() as connection:
        return _Receiving(connection, library, policy, terminal, batch.epoch).take(batch)


@dataclass(frozen=True, slots=True)
class _Receiving:
    connection: Connection
    library: Library
    policy: EventPolicy
    terminal: str
    epoch: str

    def take(self, batch: Batch) -> Receipt | GapFound:
        head = self._lock_head(batch.events[0].number)
        if isinstance(head, GapFound):
            return head
        expected, chain, last_at = head
        old = [event for event in batch.events if _last(event) < expected]
        new = [_from(event, expected) for event in batch.events if _last(event) >= expected]
        outcomes = self._repeated(old, new)
        if new:
            expected, added = self._new(new, chain, last_at)
            outcomes += added
        return Receipt(expected - 1, tuple(outcomes))

    def _lock_head(self, first: int) -> tuple[int, str, datetime] | GapFound:
        query = (
            select(e.epochs.c.next_number, e.epochs.c.chain, e.epochs.c.last_received_at)
            .where(e.epochs.c.terminal == self.terminal, e.epochs.c.epoch == self.epoch)
            .with_for_update()
        )
        row = self.connection.execute(query).one_or_none()
        if row is None and first == 1:
            postgresql = self.connection.dialect.name == "postgresql"
            insert = insert_postgresql if postgresql else insert_sqlite
            self.connection.execute(
                insert(e.epochs)
                .values(
                    terminal=self.terminal,
                    epoch=self.epoch,
                    next_number=1,
                    chain=genesis(self.terminal, self.epoch),
                    last_received_at=self.library.now(),
                )
                .on_conflict_do_nothing()
            )
            row = self.connection.execute(query).one()
        expected = 1 if row is None else row.next_number
        if row is None or first > expected:
            return GapFound(expected)
        return expected, row.chain, row.last_received_at

    def _repeated(self, events: list[Event], new: list[Event]) -> list[Outcome]:
        """What was answered to *events*, which are all stored.  A `NeverSent` asks for nothing.

        *new* is what comes behind them.
        """
        named = [event for event in (*events, *new) if not isinstance(event, NeverSent)]
        asked = [event for event in events if not isinstance(event, NeverSent)]
        if not asked:
            return []
        rows = event_log.stored_between(
            self.connection, self.terminal, self.epoch, asked[0].number, asked[-1].number
        )
        stored = {row.number: row for row in rows}
        if any(event.number in stored and stored[event.number].is_now_fact(event) for event in asked):
            # Each is judged by itself: the locks of all are taken here, in the order in which everybody takes them.
            judging = Judging(self.connection, self.library, self.policy, self.terminal, {})
            sheet_around(self.connection, self.library.now(), named, since=judging.since(named))
        outcomes = []
        for event in asked:
            row = stored.get(event.number)
            if row is not None and row.is_same(event):
                outcomes.append(row.told_outcome())
            elif row is not None and row.is_now_fact(event):
                outcomes.append(self._now_fact(row, event))
            else:
                raise ToldDifferently(event.number)
        return outcomes

    def _now_fact(self, row: Stored, event: Event) -> Outcome:
        """What becomes of a wish that was told before, and that the terminal has granted itself since."""
        event_log.now_fact(self.connection, row.id, event)
        outcome = row.told_outcome()
        if isinstance(outcome.answer, Granted):
            return self._no_shorter(row, event, outcome, outcome.answer)
        (judged,) = Judging(self.connection, self.library, self.policy, self.terminal, {}).judge([event])
        if judged.told.outcome is None:
            raise AssertionError(f"event {event.number} has no outcome")
        event_log.decide(self.connection, row.id, judged.told.outcome, judged.told.loan)
        findings = [(finding, row.id) for finding in judged.findings]
        open_exceptions(self.connection, self.library.now(), self.terminal, findings)
        return judged.told.outcome

    def _no_shorter(self, row: Stored, event: Event, outcome: Outcome, granted: Granted) -> Outcome:
        """*outcome* of a wish that was granted before the terminal promised another day: a later promise is kept."""
        if not isinstance(event, LoanMade):
            return outcome
        promised, day = event.promised_due, granted.due.day
        if promised is None or day is None or promised <= day or self.policy.due is DueRule.POLICY:
            return outcome
        if row.loan is None:
            return outcome
        sheet = Sheet(self.connection, self.library.now(), (event.item,), (event.patron,), loans=(row.loan,))
        loan = sheet.loan(row.loan)
        if loan.closed_at is not None or loan.due_on >= promised:
            return outcome
        sheet.change(loan, due_on=promised)
        sheet.write()
        longer = replace(outcome, answer=replace(granted, due=Due(promised, promised.isoformat())))
        event_log.decide(self.connection, row.id, longer, row.loan)
        return longer

    def _new(self, events: list[Event], chain: str, last_at: datetime) -> tuple[int, list[Outcome]]:
        """The number that is expected after *events*, and what became of them; *last_at* is when others came last."""
        named = [event for event in events if not isinstance(event, NeverSent)]
        undone = [event.undoes for event in named if isinstance(event, LoanUndone)]
        keys = [event.key for event in named]
        known = event_log.known_keys(self.connection, self.terminal, [*keys, *undone])
        for event in named:
            if event.key in known:
                raise ToldDifferently(event.number)
        judging = Judging(self.connection, self.library, self.policy, self.terminal, known)
        judged = judging.judge(events)
        now, expected = self.library.now(), _last(events[-1]) + 1
        chain, ids = event_log.append(
            self.connection,
            self.terminal,
            self.epoch,
            chain,
            now,
            self.policy.version,
            [one.told for one in judged],
        )
        findings = [(finding, row) for one, row in zip(judged, ids, strict=True) for finding in one.findings]
        findings += [
            (_lost(event, last_at), row) for event, row in zip(events, ids, strict=True) if _is_lost(event)
        ]
        open_exceptions(self.connection, now, self.terminal, findings)
        changes = {"next_number": expected, "chain": chain, "last_received_at": now}
        offsets = [event.offset_seconds for event in named if event.offset_seconds is not None]
        if offsets:
            changes["offset_seconds"] = offsets[-1]
        self.connection.execute(
            update(e.epochs)
            .where(e.epochs.c.terminal == self.terminal, e.epochs.c.epoch == self.epoch)
            .values(changes)
        )
        return expected, [one.told.outcome for one in judged if one.told.outcome is not None]


def _last(event: Event) -> int:
    return event.through if isinstance(event, NeverSent) else event.number


def _is_lost(event: Event) -> bool:
    return isinstance(event, NeverSent) and event.was_told


def _lost(event: Event, last_at: datetime) -> Finding:
    return Finding(Conflict.EVENTS_LOST, ItemId(""), None, last_at, numbers=(event.number, _last(event)))


def _from(event: Event, expected: int) -> Event:
    """*event* without the numbers before *expected*."""
    if isinstance(event, NeverSent) and event.number < expected:
        return replace(event, number=expected)
    return event
