"""Checks items in: closes the loan there is, and says what becomes of the item.  A return is never
refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from sync.central.circulation.library import Library
from sync.central.store import queries
from sync.central.store import tables as t
from sync.central.store.records import HoldRecord, ItemRecord, LoanRecord
from sync.entries import ItemId

UNDO_WITHIN = timedelta(minutes=5)
"""SIP2 has one message for a return and for a loan taken back; so soon, at the same terminal, it is the
latter.
"""


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """An item came back.

    *item* is None when the library has no such item, *closed* is the loan that ended, None when it was
    not on loan; *hold* is the one it waits for now, None when nobody does.  *is_undone* when the loan was
    taken back: then its checkout fee is no longer owed, and a hold that it had served is open again.
    """

    item: ItemRecord | None
    closed: LoanRecord | None = None
    hold: HoldRecord | None = None
    is_undone: bool = False


def check_in(
    connection: Connection, library: Library, number: ItemId, terminal: str, *, is_undo: bool = False
) -> CheckedIn:
    """Closes the open loan of item *number*, if there is one.  Needs a writing transaction.

    *is_undo* when the terminal says that the item never left; without it, a loan that is never renewed,
    closed by the terminal that made it and within `UNDO_WITHIN` is taken to be undone.  A clock that went
    back never closes a loan before it began.
    """
    item = queries.find_item(connection, number, lock=True)
    if item is None:
        return CheckedIn(None)
    loan = queries.open_loan_of_item(connection, number)
    if loan is None:
        return CheckedIn(item, hold=_next_hold(connection, number))
    closed_at = max(library.now(), loan.lent_at)
    connection.execute(
        update(t.loans).where(t.loans.c.id == loan.id).values(closed_at=closed_at, closed_terminal=terminal)
    )
    is_undone = is_undo or _looks_undone(loan, terminal, closed_at)
    if is_undone:
        _take_back(connection, loan, closed_at)
    return CheckedIn(item, queries.find_loan(connection, loan.id), _next_hold(connection, number), is_undone)


def _looks_undone(loan: LoanRecord, terminal: str, now: datetime) -> bool:
    return loan.terminal == terminal and loan.renewals == 0 and now - loan.lent_at <= UNDO_WITHIN


def _take_back(connection: Connection, loan: LoanRecord, now: datetime) -> None:
    connection.execute(
        update(t.fees)
        .where(t.fees.c.loan == loan.id, t.fees.c.kind == "checkout", t.fees.c.settled_at.is_(None))
        .values(settled_at=now)
    )
    asked_again = select(t.holds.c.id).where(
        t.holds.c.item == loan.item,
        t.holds.c.patron == loan.patron.reveal(),
        t.holds.c.closed_at.is_(None),
    )
    if connection.execute(asked_again).first() is None:
        connection.execute(update(t.holds).where(t.holds.c.loan == loan.id).values(closed_at=None, loan=None))


def _next_hold(connection: Connection, number: ItemId) -> HoldRecord | None:
    holds = queries.open_holds_of_item(connection, number)
    return holds[0] if holds else None
