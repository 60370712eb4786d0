"""What central's staff have to look at: where what a terminal told and what central knew do not agree.

A case is opened in the transaction that found it, names both sides, and is closed by a person.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from sqlalchemy import Connection, insert, select, update

from sync.central.store import event_tables as e
from sync.central.store.records import LoanRecord
from sync.entries import ItemId, PatronId, Reason


class Conflict(Enum):
    """Why staff have to look, the gravest first."""

    ITEM_UNKNOWN = "item-unknown"
    PATRON_UNKNOWN = "patron-unknown"
    IMPLIED_RETURN = "implied-return"
    LENT_ON = "lent-on"
    NEWER_LOAN = "newer-loan"
    UNDO_UNKNOWN = "undo-unknown"
    EVENTS_LOST = "events-lost"
    CARD_STOPPED = "card-stopped"
    ITEM_NOT_LENT = "item-not-lent"
    LIMIT_REACHED = "limit-reached"
    FEE_NOT_AGREED = "fee-not-agreed"
    ITEM_FOUND = "item-found"
    HOLD_WAITS = "hold-waits"


@dataclass(frozen=True, slots=True)
class Finding:
    """One conflict: what the terminal told (*item*, *patron*, *at*, *due_on*), and what central knew.

    *other* is the loan that stood against it, *reason* why the library's rules would have refused.  EVENTS_LOST is of
    no item (""): of *numbers*, the first and the last, nothing is left here, and *at* is when the terminal told
    something last that is.
    """

    kind: Conflict
    item: ItemId
    patron: PatronId | None
    at: datetime
    due_on: date | None = None
    reason: Reason | None = None
    other: LoanRecord | None = None
    numbers: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class OpenException:
    """A case that waits for staff.  *told* and *known* are the two sides, without patrons."""

    id: int
    kind: Conflict
    terminal: str
    event: int | None
    item: ItemId
    patron: PatronId | None
    other_patron: PatronId | None
    told: dict[str, str]
    known: dict[str, str]
    opened_at: datetime


def open_exceptions(
    connection: Connection, now: datetime, terminal: str, findings: Iterable[tuple[Finding, int | None]]
) -> None:
    """Opens a case for each of *findings*, with the event (its row's id) that brought it."""
    rows = [
        {
            "kind": finding.kind.value,
            "terminal": terminal,
            "event": event,
            "item": finding.item,
            "patron": None if finding.patron is None else finding.patron.reveal(),
            "other_patron": None if finding.other is None else finding.other.patron.reveal(),
            "told": json.dumps(_told(finding)),
            "known": json.dumps(_known(finding)),
            "opened_at": now,
        }
        for finding, event in findings
    ]
    if rows:
        connection.execute(insert(e.exceptions), rows)


def _told(finding: Finding) -> dict[str, str]:
    if finding.numbers is not None:
        first, last = finding.numbers
        return {"first": str(first), "last": str(last)}
    told = {"at": finding.at.isoformat()}
    if finding.due_on is not None:
        told["due_on"] = finding.due_on.isoformat()
    return told


def _known(finding: Finding) -> dict[str, str]:
    known = {}
    if finding.numbers is not None and finding.numbers[0] > 1:
        known["last_told_at"] = finding.at.isoformat()
    if finding.reason is not None:
        known["reason"] = finding.reason.value
    if finding.other is not None:
        known["lent_at"] = finding.other.lent_at.isoformat()
        known["due_on"] = finding.other.due_on.isoformat()
        known["terminal"] = finding.other.terminal
    return known


def list_exceptions(connection: Connection) -> tuple[OpenException, ...]:
    """The cases that nobody has closed yet, the oldest first."""
    rows = connection.execute(
        select(e.exceptions)
        .where(e.exceptions.c.closed_at.is_(None))
        .order_by(e.exceptions.c.opened_at, e.exceptions.c.id)
    )
    return tuple(
        OpenException(
            row.id,
            Conflict(row.kind),
            row.terminal,
            row.event,
            ItemId(row.item),
            None if row.patron is None else PatronId(row.patron),
            None if row.other_patron is None else PatronId(row.other_patron),
            json.loads(row.told),
            json.loads(row.known),
            row.opened_at,
        )
        for row in rows
    )


def close_exception(connection: Connection, number: int, now: datetime, by: str, note: str = "") -> bool:
    """Closes case *number*; *by* is who did, *note* what they did.  False when it is not open."""
    closed = connection.execute(
        update(e.exceptions)
        .where(e.exceptions.c.id == number, e.exceptions.c.closed_at.is_(None))
        .values(closed_at=now, closed_by=by, note=note)
    )
    return closed.rowcount == 1
