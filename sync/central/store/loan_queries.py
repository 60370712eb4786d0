"""Reads loans, and what is known of items beside them.  Locks nothing: a loan is held by the lock of its item."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from sync.central.store import tables as t
from sync.central.store.records import CloseHow, LoanRecord, MarkKind, MarkRecord
from sync.entries import ItemId, PatronId

_LOANS = select(t.loans, t.items.c.title, t.items.c.item_type).join(
    t.items, t.loans.c.item == t.items.c.number
)
_IS_OPEN = t.loans.c.closed_at.is_(None)
_BY_ID = _LOANS.where(t.loans.c.id.in_(bindparam("ids", expanding=True)))
_OF_ITEMS = _LOANS.where(t.loans.c.item.in_(bindparam("items", expanding=True))).order_by(t.loans.c.id)
_OPEN_OF_ITEMS = _OF_ITEMS.where(_IS_OPEN)
_OF_ITEMS_SINCE = _OF_ITEMS.where(_IS_OPEN | (t.loans.c.closed_at >= bindparam("since")))
_OPEN_OF_PATRONS = _LOANS.where(
    t.loans.c.patron.in_(bindparam("patrons", expanding=True)), _IS_OPEN
).order_by(t.loans.c.due_on, t.loans.c.id)
_MARKS = (
    select(t.marks)
    .where(t.marks.c.item.in_(bindparam("items", expanding=True)), t.marks.c.at >= bindparam("since"))
    .order_by(t.marks.c.at, t.marks.c.id)
)


def _loan(row: Row[Any]) -> LoanRecord:
    return LoanRecord(
        id=row.id,
        item=ItemId(row.item),
        patron=PatronId(row.patron),
        title=row.title,
        item_type=row.item_type,
        lent_at=row.lent_at,
        due_on=row.due_on,
        terminal=row.terminal,
        renewals=row.renewals,
        closed_at=row.closed_at,
        closed_terminal=row.closed_terminal or "",
        # Loans that ended before endings were told apart had come back.
        closed_how=None if row.closed_at is None else CloseHow(row.closed_how or "returned"),
        renewed_at=row.renewed_at,
    )


def find_loans(connection: Connection, loan_ids: Collection[int]) -> tuple[LoanRecord, ...]:
    """Those of the loans *loan_ids* that there are, open or closed."""
    if not loan_ids:
        return ()
    return tuple(_loan(row) for row in connection.execute(_BY_ID, {"ids": tuple(loan_ids)}))


def loans_of_items(
    connection: Connection, items: Collection[ItemId], since: datetime | None
) -> tuple[LoanRecord, ...]:
    """The open loans of *items*, and those that were still open at *since* or began later."""
    if not items:
        return ()
    asked: dict[str, Any] = {"items": tuple(items)}
    if since is None:
        rows = connection.execute(_OPEN_OF_ITEMS, asked)
    else:
        rows = connection.execute(_OF_ITEMS_SINCE, asked | {"since": since})
    return tuple(_loan(row) for row in rows)


def marks_of_items(
    connection: Connection, items: Collection[ItemId], since: datetime
) -> tuple[MarkRecord, ...]:
    """What is known of *items* beside their loans from *since* on, in the order of time."""
    if not items:
        return ()
    rows = connection.execute(_MARKS, {"items": tuple(items), "since": since})
    return tuple(
        MarkRecord(
            ItemId(row.item),
            row.at,
            MarkKind(row.kind),
            row.terminal,
            None if row.patron is None else PatronId(row.patron),
            row.due_on,
        )
        for row in rows
    )


def find_loan(connection: Connection, loan_id: int) -> LoanRecord | None:
    """The loan *loan_id*, open or closed; None when there never was one."""
    row = connection.execute(_BY_ID, {"ids": (loan_id,)}).one_or_none()
    return None if row is None else _loan(row)


def open_loan_of_item(connection: Connection, item: ItemId) -> LoanRecord | None:
    """The open loan of *item*, None when it is not lent.  There is at most one."""
    row = connection.execute(_OPEN_OF_ITEMS, {"items": (item,)}).one_or_none()
    return None if row is None else _loan(row)


def open_loans_of_patron(connection: Connection, patron: PatronId) -> tuple[LoanRecord, ...]:
    """What *patron* has on loan, soonest due first."""
    return open_loans_of_patrons(connection, (patron,))


def open_loans_of_patrons(connection: Connection, patrons: Collection[PatronId]) -> tuple[LoanRecord, ...]:
    """What *patrons* have on loan, soonest due first."""
    if not patrons:
        return ()
    rows = connection.execute(_OPEN_OF_PATRONS, {"patrons": [patron.reveal() for patron in patrons]})
    return tuple(_loan(row) for row in rows)
