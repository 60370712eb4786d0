"""Judges new events one after another, on one sheet: wishes by the library's rules, facts by its policy."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from sqlalchemy import Connection

from sync.central.circulation import lending
from sync.central.circulation.accounts import reference_of
from sync.central.circulation.caring import report_care
from sync.central.circulation.conflicts import Conflict, Finding
from sync.central.circulation.event_log import Told
from sync.central.circulation.lending import Lent, NotLent, Wish
from sync.central.circulation.library import Library
from sync.central.circulation.made import LoanFact, Verdict, corrected, record_loan, undo_loan
from sync.central.circulation.overdue_fees import reckon_again
from sync.central.circulation.paying import TILLS, NotPaid, Payment, pay
from sync.central.circulation.policy import EventPolicy
from sync.central.circulation.returning import CheckedIn, give_back, take_back
from sync.central.store import queries
from sync.central.store.locking import sheet_of_returns
from sync.central.store.records import ItemRecord
from sync.central.store.sheet import Sheet
from sync.entries import Due, Granted, Reason, Refused, TakenBack
from sync.events import (
    CareReported,
    Event,
    FeesPaid,
    ItemGivenBack,
    LoanMade,
    LoanUndone,
    NamedEvent,
    NeverSent,
    Outcome,
    RenewalMade,
)

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
            if isinstance(event, FeesPaid):
                # A payment is judged by the ledger: all that comes before it has to be there.
                judged += self._written(sheet, pending)
                judged += self._written(sheet, [(event, self._paid(event), at, is_clamped)])
                sheet, pending = self._sheet(events[place + 1 :]), []
                continue
            verdict = self._verdict(sheet, event, at)
            pending.append((event, verdict, at, is_clamped))
            if not isinstance(event, NeverSent) and verdict is not None:
                self._made[event.key] = verdict.loan
            if verdict is not None and self._changes_more(verdict):
                judged += self._written(sheet, pending)
                self._settle(sheet, verdict)
                # What was taken back frees holds and debts: the rest is judged by a sheet that knows.
                sheet, pending = self._sheet(events[place + 1 :]), []
        return judged + self._written(sheet, pending)

    @staticmethod
    def _changes_more(verdict: Verdict) -> bool:
        return verdict.taken_back is not None or verdict.reckoned is not None

    def _settle(self, sheet: Sheet, verdict: Verdict) -> None:
        """Puts right what rests on a loan that ended otherwise than was known, once it is written."""
        if verdict.taken_back is not None:
            loan = sheet.loan(verdict.taken_back.id)
            take_back(self._connection, self._library, loan, self._terminal)
        if verdict.reckoned is not None:
            loan = sheet.loan(verdict.reckoned.id)
            reckon_again(self._connection, self._library, sheet.items[loan.item], loan, self._terminal)

    def _sheet(self, events: Sequence[Event]) -> Sheet:
        named = [event for event in events if not isinstance(event, NeverSent)]
        undone = [self._made.get(event.undoes) for event in named if isinstance(event, LoanUndone)]
        return sheet_around(
            self._connection,
            self._now,
            named,
            since=self.since(named),
            loans={loan for loan in undone if loan is not None and loan > 0},
        )

    def since(self, events: Iterable[NamedEvent]) -> datetime | None:
        """When the first of *events* happened, by central's clock."""
        return min((self._corrected(event)[0] for event in events), default=None)

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
            case ItemGivenBack():
                return self._given_back(sheet, event, at)
            case CareReported():
                return self._care(event, at)
            case FeesPaid():
                raise AssertionError(f"payment {event.number} is judged by the ledger")
            case _:
                assert_never(event)

    def _given_back(self, sheet: Sheet, event: ItemGivenBack, at: datetime) -> Verdict:
        item = sheet.items.get(event.item)
        if item is None:
            return Verdict(Refused(Reason.ITEM_UNKNOWN))
        here = queries.branch_of_terminal(self._connection, self._terminal)
        found = give_back(sheet, self._library, item, at, self._terminal, here, is_late=True, in_order=True)
        return Verdict(
            taken_back_answer(item, found),
            found.findings,
            reckoned=found.reckoned,
            ended=None if found.closed is None else found.closed.id,
            hold=None if found.hold is None else found.hold.id,
        )

    def _care(self, event: CareReported, at: datetime) -> Verdict:
        found = report_care(
            self._connection, self._library, event.item, event.flaws, event.by, self._terminal, at
        )
        if found is None:
            return Verdict(Refused(Reason.ITEM_UNKNOWN))
        return Verdict(Granted(Due(None), found.title, release=False))

    def _paid(self, event: FeesPaid) -> Verdict:
        reference = reference_of(self._terminal, event.key)
        till, voucher = TILLS[event.means], event.voucher
        told = Payment(
            event.patron, event.amount, event.parts, till, reference, self._terminal, voucher=voucher
        )
        outcome = pay(self._connection, self._library, told)
        if isinstance(outcome, NotPaid):
            return Verdict(Refused(outcome.reason))
        return Verdict(Granted(Due(None), release=False, reference=outcome.number))

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
            ended = None if verdict.ended is None else sheet.loan(verdict.ended).id
            told = Told(event, outcome, at, is_clamped, loan, ended, verdict.hold)
            judged.append(Judged(told, findings))
        return judged


def sheet_around(
    connection: Connection,
    now: datetime,
    events: Iterable[NamedEvent],
    *,
    since: datetime | None,
    loans: Collection[int] = (),
) -> Sheet:
    """The sheet of all that *events* touch, under lock; who gives something back has not said who they are."""
    named = list(events)
    items = {event.item for event in named if event.item is not None}
    patrons = {event.patron for event in named if event.patron is not None}
    given_back = {event.item for event in named if isinstance(event, ItemGivenBack)}
    return sheet_of_returns(connection, now, items, patrons, given_back, since=since, loans=loans)


def taken_back_answer(item: ItemRecord, found: CheckedIn) -> Granted:
    """What is told of *item*, which was given back."""
    closed, routed = found.closed, found.routed
    due = Due(None) if closed is None else Due(closed.due_on, closed.due_on.isoformat())
    back = TakenBack(
        was_on_loan=closed is not None,
        patron=None if closed is None else closed.patron,
        hold_patron=None if routed.hold is None else routed.hold.patron,
        secure=True,
        alert=routed.alert,
        sort_bin=routed.sort_bin,
        destination=routed.destination,
        location=routed.location,
        home=item.branch,
        collection=item.collection,
        call_number=item.call_number,
        condition=routed.condition,
    )
    return Granted(due, item.title, release=False, magnetic=item.is_magnetic, fee=found.fee, back=back)


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
