"""Checks items in: closes the loan there is, and says what becomes of the item.  A return is never
refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from sync.central.circulation.conflicts import Conflict, Finding, open_exceptions
from sync.central.circulation.library import Library
from sync.central.store import queries
from sync.central.store import tables as t
from sync.central.store.records import (
    CloseHow,
    HoldRecord,
    ItemRecord,
    LoanRecord,
    MarkKind,
    MarkRecord,
)
from sync.central.store.sheet import Sheet
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
    connection: Connection,
    library: Library,
    number: ItemId,
    terminal: str,
    *,
    is_undo: bool = False,
    at: datetime | None = None,
    is_late: bool = False,
) -> CheckedIn:
    """Closes the open loan of item *number*, if there is one.  Needs a writing transaction.

    *is_undo* when the terminal says that the item never left; without it, a loan that is never renewed,
    closed by the terminal that made it and within `UNDO_WITHIN` is taken to be undone.  A clock that went
    back never closes a loan before it began.

    *at* is when the item came in, where the terminal told it; what lies ahead of central's clock is now.  A
    return that *is_late* (it happened while the terminal was off-line) never closes a loan that began after
    it: it ends what had the item then, and where that is open to doubt staff see a case.
    """
    now = library.now()
    came_at = now if at is None else min(at, now)
    sheet = Sheet(connection, now, (number,), (), since=came_at if is_late else now)
    item = sheet.items.get(number)
    if item is None:
        return CheckedIn(None)
    loan = sheet.open_loan(number)
    if is_late and loan is not None and loan.lent_at > came_at:
        _late(sheet, number, came_at, terminal)
        finding = Finding(Conflict.NEWER_LOAN, number, None, came_at, other=loan)
        open_exceptions(connection, now, terminal, [(finding, None)])
        return CheckedIn(item, hold=_next_hold(sheet, number))
    if loan is None:
        _late(sheet, number, came_at, terminal)
        return CheckedIn(item, hold=_next_hold(sheet, number))
    # A clock that is not to be trusted must not turn a return into an undone loan.
    is_undone = is_undo or _looks_undone(loan, terminal, came_at if is_late else now)
    how = CloseHow.UNDONE if is_undone else CloseHow.RETURNED
    closed = sheet.close(loan, came_at, how, terminal)
    sheet.write()
    if is_undone:
        take_back(connection, closed, now)
    return CheckedIn(
        item, closed, next(iter(queries.open_holds_of_item(connection, number)), None), is_undone
    )


def _late(sheet: Sheet, number: ItemId, came_at: datetime, terminal: str) -> None:
    """The item was here at *came_at*: a loan that is thought to have gone on beyond ended then."""
    for loan in sheet.history(number):
        if loan.closed_at is not None and loan.lent_at <= came_at < loan.closed_at:
            if loan.closed_how is CloseHow.IMPLIED:
                sheet.close(loan, came_at, CloseHow.RETURNED, terminal)
                sheet.write()
            return
    sheet.mark(MarkRecord(number, came_at, MarkKind.SEEN, terminal))
    sheet.write()


def _looks_undone(loan: LoanRecord, terminal: str, now: datetime) -> bool:
    return loan.terminal == terminal and loan.renewals == 0 and now - loan.lent_at <= UNDO_WITHIN


def take_back(connection: Connection, loan: LoanRecord, now: datetime) -> None:
    """*loan* never came about: its checkout fee is not owed, and a hold it had served is open again."""
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


def _next_hold(sheet: Sheet, number: ItemId) -> HoldRecord | None:
    return next(iter(sheet.holds(number)), None)
