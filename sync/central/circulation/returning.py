"""Checks items in: closes the loan there is, charges what being late costs, and says where the item goes.

A return is never refused, and never ends a loan that began after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from sync.central.circulation.accounts import counter_charges
from sync.central.circulation.conflicts import Conflict, Finding, open_exceptions
from sync.central.circulation.library import Library
from sync.central.circulation.overdue_fees import fee_of, reckon_again
from sync.central.circulation.routing import NOWHERE, Routed, route
from sync.central.circulation.timeline import covering, not_before
from sync.central.store import queries
from sync.central.store import tables as t
from sync.central.store.locking import sheet_of_returns
from sync.central.store.records import (
    CloseHow,
    HoldRecord,
    ItemRecord,
    LoanRecord,
    MarkKind,
    MarkRecord,
)
from sync.central.store.sheet import Sheet
from sync.entries import FeeKind, ItemId, Money

UNDO_WITHIN = timedelta(minutes=5)
"""SIP2 has one message for a return and for a loan taken back; so soon, at the same terminal, it is the
latter.
"""

SHELVED_WITHIN = timedelta(minutes=10)
"""What came back longer ago lies somewhere: it is not said to be on the hold shelf."""


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """An item came back.

    *item* is None when the library has no such item, *closed* is the loan that ended, None when it was
    not on loan; *routed* where the item goes now, *fee* what being late costs.  *is_undone* when the loan was
    taken back: then its checkout fee is no longer owed, and a hold that it had served is open again.
    *reckoned*: the loan was known to have ended later, and what that cost has to be reckoned again.
    """

    item: ItemRecord | None
    closed: LoanRecord | None = None
    is_undone: bool = False
    routed: Routed = NOWHERE
    fee: Money | None = None
    findings: tuple[Finding, ...] = ()
    reckoned: LoanRecord | None = None

    @property
    def hold(self) -> HoldRecord | None:
        """The hold it waits for now, None when nobody does."""
        return self.routed.hold


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
    made at the same terminal and younger than `UNDO_WITHIN` is taken to be undone.  A clock that went
    back never closes a loan before it began.

    *at* is when the item came in, where the terminal told it; what lies ahead of central's clock is now.  A
    return that *is_late* (it happened while the terminal was off-line) never closes a loan that began after
    it: it ends what had the item then, and where that is open to doubt staff see a case.
    """
    now = library.now()
    came_at = now if at is None else min(at, now)
    since = came_at if is_late else now
    sheet = sheet_of_returns(connection, now, (number,), (), (number,), since=since)
    item = sheet.items.get(number)
    if item is None:
        return CheckedIn(None)
    here = queries.branch_of_terminal(connection, terminal)
    loan = sheet.open_loan(number)
    # A clock that is not to be trusted must not turn a return into an undone loan.
    came = came_at if is_late else now
    is_newer = loan is not None and is_late and loan.lent_at > came_at
    if loan is not None and not is_newer and (is_undo or _looks_undone(loan, terminal, came)):
        return _undone(sheet, library, item, loan, came_at, terminal, here)
    found = give_back(sheet, library, item, came_at, terminal, here, is_late=is_late)
    sheet.write()
    if found.reckoned is not None:
        reckon_again(connection, library, item, found.reckoned, terminal)
    open_exceptions(connection, now, terminal, [(finding, None) for finding in found.findings])
    return found


def give_back(
    sheet: Sheet,
    library: Library,
    item: ItemRecord,
    at: datetime,
    terminal: str,
    here: str,
    *,
    is_late: bool,
    in_order: bool = False,
) -> CheckedIn:
    """Takes *item* back on *sheet*, which has to know its history since *at*; nothing is written yet.

    *is_late*: it may have been lent on since; without it whatever loan is open ends.  *in_order*: *terminal* tells
    everything in the order in which it happened there, whatever its clock did meanwhile.
    """
    history, number = sheet.history(item.number), item.number
    if in_order:
        at = not_before(history, at, terminal, sheet.marks(number))
    current = sheet.open_loan(number)
    loan = covering(history, at) if is_late else current
    kind = MarkKind.GIVEN_BACK if in_order else MarkKind.SEEN
    if loan is not None and loan.closed_how is CloseHow.UNDONE:
        loan = None
    if loan is None or in_order:
        sheet.mark(MarkRecord(number, at, kind, terminal))
    closed, fee, reckoned = None, None, None
    if loan is not None:
        was_returned = loan.closed_how is CloseHow.RETURNED
        closed = sheet.close(loan, at, CloseHow.RETURNED, terminal)
        fee = fee_of(sheet, library, item, closed)
        if was_returned:
            reckoned = closed
        elif fee is not None:
            sheet.charge(closed, FeeKind.OVERDUE, fee, library.today(), terminal)
    if current is not None and current.lent_at > at and (loan is None or loan.id != current.id):
        finding = Finding(Conflict.NEWER_LOAN, number, None, at, other=current)
        return CheckedIn(item, closed, fee=fee, findings=(finding,), reckoned=reckoned)
    is_shelved = sheet.now - at <= SHELVED_WITHIN
    routed = route(sheet, item, here, library.today(), is_shelved=is_shelved)
    findings = _findings(item, closed, routed, at, is_shelved=is_shelved)
    return CheckedIn(item, closed, False, routed, fee, findings, reckoned)


def _findings(
    item: ItemRecord, closed: LoanRecord | None, routed: Routed, at: datetime, *, is_shelved: bool
) -> tuple[Finding, ...]:
    found = []
    if routed.is_found:
        patron = None if closed is None else closed.patron
        found.append(Finding(Conflict.ITEM_FOUND, item.number, patron, at, other=closed))
    if routed.hold is not None and not routed.hold.is_on_shelf and not is_shelved:
        found.append(Finding(Conflict.HOLD_WAITS, item.number, routed.hold.patron, at))
    return tuple(found)


def _undone(
    sheet: Sheet, library: Library, item: ItemRecord, loan: LoanRecord, at: datetime, terminal: str, here: str
) -> CheckedIn:
    closed = sheet.close(loan, at, CloseHow.UNDONE, terminal)
    sheet.write()
    take_back(sheet.connection, library, closed, terminal)
    # The hold that the loan had served is open again: who comes next is asked anew.
    again = Sheet(sheet.connection, sheet.now, (item.number,), ())
    routed = route(again, item, here, library.today())
    again.write()
    open_exceptions(
        sheet.connection,
        sheet.now,
        terminal,
        [(finding, None) for finding in _findings(item, closed, routed, at, is_shelved=True)],
    )
    return CheckedIn(item, closed, is_undone=True, routed=routed)


def _looks_undone(loan: LoanRecord, terminal: str, now: datetime) -> bool:
    return loan.terminal == terminal and loan.renewals == 0 and now - loan.lent_at <= UNDO_WITHIN


def take_back(connection: Connection, library: Library, loan: LoanRecord, terminal: str) -> None:
    """*loan* never came about: its checkout fee is not owed, and a hold it had served is open again.

    Its patron has to be locked.
    """
    counter_charges(connection, library, loan, FeeKind.CHECKOUT, terminal)
    asked_again = select(t.holds.c.id).where(
        t.holds.c.item == loan.item,
        t.holds.c.patron == loan.patron.reveal(),
        t.holds.c.closed_at.is_(None),
    )
    if connection.execute(asked_again).first() is None:
        connection.execute(update(t.holds).where(t.holds.c.loan == loan.id).values(closed_at=None, loan=None))
