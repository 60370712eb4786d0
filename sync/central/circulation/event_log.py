"""Keeps what terminals told, as it was told, with what central made of it; rows are only ever added.

Each (terminal, epoch) is a chain: a row's *chain* is SHA-256 over the one before and over everything in the row, with
the patron replaced by HMAC(salt, patron).  After the library's retention `pseudonymise` wipes patron and salt: then
nobody can find the patron again, and the chain still holds.  What is added later stands beside the row, outside the
chain: what staff decide about a held event, and the body of a wish that the terminal then granted itself.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from sync.central.circulation.event_chain import link
from sync.central.store import event_tables as e
from sync.central.store import tables as t
from sync.central.store.inserting import insert_all
from sync.entries import Granted, PatronId
from sync.events import Batch, Event, LoanMade, NeverSent, Outcome, event_object, from_json, to_json

SALT_SIZE = 16


@dataclass(frozen=True, slots=True)
class Told:
    """An event with what became of it.  *at* is its time by central's clock, *loan* the id of the loan it made.

    *ended_loan* is the loan that a return ended, *hold* the one that the item waits for: whose they are is told with
    the outcome and not kept in it.
    """

    event: Event
    outcome: Outcome | None
    at: datetime | None = None
    is_clamped: bool = False
    loan: int | None = None
    ended_loan: int | None = None
    hold: int | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """What is kept under a number: it can be compared with what is told again."""

    id: int
    number: int
    body: str
    fact_body: str | None
    patron: str | None
    outcome: str
    loan: int | None
    ended_patron: str | None = None
    hold_patron: str | None = None

    def is_same(self, event: Event) -> bool:
        """Whether *event* is what was told; once pseudonymised, all but the patron is compared."""
        return body_of(event) in (self.body, self.fact_body) and self._is_patron(event)

    def is_now_fact(self, event: Event) -> bool:
        """Whether *event* is the wish that was told, which the terminal has granted itself since."""
        if not isinstance(event, LoanMade) or event.promised_due is None or self.fact_body is not None:
            return False
        return body_of(replace(event, promised_due=None)) == self.body and self._is_patron(event)

    def _is_patron(self, event: Event) -> bool:
        if isinstance(event, NeverSent):
            return False
        return self.patron is None or (event.patron is not None and self.patron == event.patron.reveal())

    def told_outcome(self) -> Outcome:
        """What is answered now: what staff decided since, or what was answered at first."""
        outcome = from_json(Outcome, self.outcome)
        ended = None if self.ended_patron is None else PatronId(self.ended_patron)
        hold = None if self.hold_patron is None else PatronId(self.hold_patron)
        return _naming(outcome, ended, hold)


def _naming(outcome: Outcome, ended: PatronId | None, hold: PatronId | None) -> Outcome:
    """*outcome* of a return with whose loan it ended and who waits for the item now."""
    answer = outcome.answer
    if not isinstance(answer, Granted) or answer.back is None:
        return outcome
    back = replace(answer.back, patron=ended, hold_patron=hold)
    return replace(outcome, answer=replace(answer, back=back))


def body_of(event: Event) -> str:
    """*event* as JSON, always the same text for the same event.

    Without its patron, who must not stay for ever, and without its offset, which a terminal may know better when it
    tells the same event again.
    """
    told = event_object(event)
    told.pop("patron", None)
    told.pop("offset_seconds", None)
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def told_event(row: Any) -> Event | None:
    """The event that *row* keeps, with what it was told as last; None where its patron is wiped, or it had none."""
    if row.patron is None:
        return None
    told = json.loads(row.fact_body or row.body)
    told |= {"patron": row.patron, "offset_seconds": row.offset_seconds}
    (event,) = from_json(Batch, json.dumps({"epoch": row.epoch, "events": [told]})).events
    return event


def append(
    connection: Connection,
    terminal: str,
    epoch: str,
    chain: str,
    received_at: datetime,
    policy: str,
    told: Sequence[Told],
) -> tuple[str, list[int]]:
    """Adds *told* behind *chain*; the chain's new end, and the ids of the rows."""
    rows = []
    for one in told:
        event = one.event
        is_never = isinstance(event, NeverSent)
        named = None if isinstance(event, NeverSent) else event.patron
        patron = None if named is None else named.reveal()
        salt = None if patron is None else os.urandom(SALT_SIZE)
        row: dict[str, Any] = {
            "terminal": terminal,
            "epoch": epoch,
            "number": event.number,
            "through": event.through if isinstance(event, NeverSent) else event.number,
            "key": None if isinstance(event, NeverSent) else event.key,
            "body": body_of(event),
            "offset_seconds": None if isinstance(event, NeverSent) else event.offset_seconds,
            "patron": patron,
            "salt": None if salt is None else salt.hex(),
            "patron_mac": "" if salt is None else hmac.digest(salt, (patron or "").encode(), "sha256").hex(),
            "received_at": received_at,
            "at": None if is_never else one.at,
            "is_clamped": one.is_clamped,
            "outcome": "" if one.outcome is None else to_json(_naming(one.outcome, None, None)),
            "policy": policy,
            "loan": one.loan,
            "ended_loan": one.ended_loan,
            "hold": one.hold,
        }
        chain = row["chain"] = link(chain, row)
        rows.append(row)
    return chain, insert_all(connection, e.events, rows)


def stored_between(connection: Connection, terminal: str, epoch: str, first: int, last: int) -> list[Stored]:
    """The rows that hold the numbers from *first* to *last*, in order."""
    rows = connection.execute(
        select(e.events, t.loans.c.patron.label("ended_patron"), t.holds.c.patron.label("hold_patron"))
        .outerjoin(t.loans, t.loans.c.id == e.events.c.ended_loan)
        .outerjoin(t.holds, t.holds.c.id == e.events.c.hold)
        .where(
            e.events.c.terminal == terminal,
            e.events.c.epoch == epoch,
            e.events.c.number <= last,
            e.events.c.through >= first,
        )
        .order_by(e.events.c.number)
    )
    return [
        Stored(
            row.id,
            row.number,
            row.body,
            row.fact_body,
            row.patron,
            row.decision or row.outcome,
            row.loan,
            row.ended_patron,
            row.hold_patron,
        )
        for row in rows
    ]


def decide(connection: Connection, row: int, outcome: Outcome, loan: int | None) -> None:
    """From now on *outcome* is what the event in *row* is answered with, and *loan* the one that it made."""
    connection.execute(
        update(e.events).where(e.events.c.id == row).values(decision=to_json(outcome), loan=loan)
    )


def now_fact(connection: Connection, row: int, event: Event) -> None:
    """Keeps that the wish in *row* was told as a fact since."""
    connection.execute(update(e.events).where(e.events.c.id == row).values(fact_body=body_of(event)))


def known_keys(connection: Connection, terminal: str, keys: Iterable[str]) -> dict[str, int | None]:
    """Those of *keys* that *terminal* has used, with the id of the loan each event made."""
    wanted = tuple(keys)
    if not wanted:
        return {}
    rows = connection.execute(
        select(e.events.c.key, e.events.c.loan).where(
            e.events.c.terminal == terminal, e.events.c.key.in_(wanted)
        )
    )
    return {row.key: row.loan for row in rows}


def is_undone(connection: Connection, row: Any) -> bool:
    """Whether its terminal has told since that the loan in *row* never came about."""
    later = connection.execute(
        select(e.events.c.body).where(
            e.events.c.terminal == row.terminal,
            e.events.c.id > row.id,
            e.events.c.body.contains('"kind":"loan-undone"', autoescape=True),
        )
    ).scalars()
    return any(json.loads(body).get("undoes") == row.key for body in later)


def pseudonymise(connection: Connection, before: datetime) -> int:
    """Wipes the patrons from events received before *before* whose cases are closed; how many events that were.

    Closed cases of that time lose their patrons too.  Loans are not touched: they are the library's record.
    """
    waiting = select(e.exceptions.c.event).where(
        e.exceptions.c.closed_at.is_(None), e.exceptions.c.event.is_not(None)
    )
    wiped = connection.execute(
        update(e.events)
        .where(e.events.c.received_at < before, e.events.c.patron.is_not(None), e.events.c.id.not_in(waiting))
        .values(patron=None, salt=None)
    )
    connection.execute(
        update(e.exceptions)
        .where(e.exceptions.c.opened_at < before, e.exceptions.c.closed_at.is_not(None))
        .values(patron=None, other_patron=None)
    )
    return wiped.rowcount
