"""Judges new events one after another, on one sheet: wishes by the library's rules, facts by its policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from sqlalchemy import Connection

from sync.central.circulation import lending
from sync.central.circulation.conflicts import Conflict, Finding
from sync.central.circulation.event_log import Told
from sync.central.circulation.lending import Lent, NotLent, Wish
from sync.central.circulation.library import Library
from sync.central.circulation.made import LoanFact, Verdict, corrected, record_loan, undo_loan
from sync.central.circulation.policy import EventPolicy
from sync.central.circulation.returning import take_back
from sync.central.store.sheet import Sheet
from sync.entries import Due, Granted, Refused
from sync.events import Event, LoanMade, LoanUndone, NeverSent, Outcome, RenewalMade

_GRAVITY = {conflict: place for place, conflict in enumerate(Conflict)}


@dataclass(frozen=True, slots=True)
class Judged:
    """An event as it is stored, and what staff have to look at because of it, the gravest first."""

    told: Told
    findings: tuple[Finding, ...] = ()


class Judging:
    """Does what the events of *terminal* say, on *connection*.

    *made* names the loans that earlier events made, by their keys (None: none).
    """

    def __init__(
        self,
        connection: Connection,
        library: Library,
        policy: EventPolicy,
        terminal: str,
        made: Mapping[str, int | None],
    ) -> None:
        self._connection = connection
        self._library = library
        self._policy = policy
        self._terminal = terminal
        self._made = dict(made)
        self._now = library.now()

    def judge(self, events: Sequence[Event]) -> list[Judged]:
        """What became of *events*, in order.  Everything but the events themselves is written then."""
        judged: list[Judged] = []
        sheet = self._sheet(events)
        pending: list[tuple[Event, Verdict | None, datetime, bool]] = []
        for place, event in enumerate(events):
            at, is_clamped = self._corrected(event)
            verdict = self._verdict(sheet, event, at)
            pending.append((event, verdict, at, is_clamped))
            if not isinstance(event, NeverSent) and verdict is not None:
                self._made[event.key] = verdict.loan
            if verdict is not None and verdict.taken_back is not None:
                judged += self._written(sheet, pending)
                take_back(self._connection, sheet.loan(verdict.taken_back.id), self._now)
                # What was taken back frees holds and debts: the rest is judged by a sheet that knows.
                sheet, pending = self._sheet(events[place + 1 :]), []
        return judged + self._written(sheet, pending)

    def _sheet(self, events: Sequence[Event]) -> Sheet:
        named = [event for event in events if not isinstance(event, NeverSent)]
        undone = [self._made.get(event.undoes) for event in named if isinstance(event, LoanUndone)]
        return Sheet(
            self._connection,
            self._now,
            {event.item for event in named},
            {event.patron for event in named},
            since=min((self._corrected(event)[0] for event in named), default=None),
            loans={loan for loan in undone if loan is not None and loan > 0},
        )

    def _corrected(self, event: Event) -> tuple[datetime, bool]:
        if isinstance(event, NeverSent):
            return self._now, False
        return corrected(self._policy, self._now, event.at, event.offset_seconds)

    def _verdict(self, sheet: Sheet, event: Event, at: datetime) -> Verdict | None:
        match event:
            case NeverSent():
                return None
            case LoanMade(promised_due=due) if due is not None:
                fact = LoanFact(event.item, event.patron, at, due, self._terminal, event.fee_consented)
                return record_loan(sheet, self._library, self._policy, fact)
            case LoanMade():
                return _wished(lending.lend_on(sheet, self._library, self._wish(event)))
            case RenewalMade():
                renewed = _wished(lending.renew_on(sheet, self._library, self._wish(event)))
                # The loan is not one that this event made: nothing undoes it.
                return Verdict(renewed.answer)
            case LoanUndone():
                made = self._made.get(event.undoes)
                return undo_loan(sheet, event.item, event.patron, at, self._terminal, made)
            case _:
                assert_never(event)

    def _wish(self, event: LoanMade | RenewalMade) -> Wish:
        return Wish(event.item, event.patron, self._terminal, event.fee_consented)

    def _written(
        self, sheet: Sheet, pending: Sequence[tuple[Event, Verdict | None, datetime, bool]]
    ) -> list[Judged]:
        """Writes *sheet*; *pending* with the ids that loans have from then on."""
        sheet.write()
        judged = []
        for event, verdict, at, is_clamped in pending:
            if isinstance(event, NeverSent) or verdict is None:
                judged.append(Judged(Told(event, None)))
                continue
            loan = None if verdict.loan is None else sheet.loan(verdict.loan).id
            self._made[event.key] = loan
            findings = tuple(sorted(verdict.findings, key=lambda finding: _GRAVITY[finding.kind]))
            exception = findings[0].kind.value if findings else None
            outcome = Outcome(event.number, verdict.answer, exception)
            judged.append(Judged(Told(event, outcome, at, is_clamped, loan), findings))
        return judged


def _wished(outcome: Lent | NotLent) -> Verdict:
    title = "" if outcome.item is None else outcome.item.title
    if isinstance(outcome, NotLent):
        return Verdict(Refused(outcome.reason, title, outcome.fee))
    due_on = outcome.loan.due_on
    granted = Granted(
        Due(due_on, due_on.isoformat()),
        title,
        release=not outcome.item.stays_secured,
        magnetic=outcome.item.is_magnetic,
        renewed=outcome.is_renewed,
        fee=outcome.fee,
    )
    return Verdict(granted, loan=outcome.loan.id)
