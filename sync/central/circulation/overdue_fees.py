"""What a loan costs that ended too late, by the terms of its item type and the library's calendar."""

from __future__ import annotations

from sqlalchemy import Connection

from sync.central.circulation.accounts import counter_charges, standing_charges
from sync.central.circulation.library import Library
from sync.central.store import queries
from sync.central.store.loan_charges import LoanCharge, charge_loans
from sync.central.store.records import ItemRecord, LoanRecord
from sync.central.store.sheet import Sheet
from sync.entries import FeeKind, Money
from sync.rules.overdue import LateLoan, OverdueRule, overdue_fee
from sync.rules.terms import Calendar


def fee_of(sheet: Sheet, library: Library, item: ItemRecord, loan: LoanRecord) -> Money | None:
    """What *loan* of *item* costs, which has ended; None for nothing."""
    if item.overdue.per_day_minor == 0 or not _is_late(library, loan):
        return None
    return _fee(library, item, loan, sheet.calendar(loan.due_on))


def reckon_again(
    connection: Connection, library: Library, item: ItemRecord, loan: LoanRecord, terminal: str
) -> None:
    """*loan* ended earlier than was known when its fee was charged: the former fee is countered, the right one charged.

    A fee that was waived stays as it is, whatever it came to.  The patron has to be locked.
    """
    calendar = queries.find_calendar(connection, loan.due_on)
    right = _fee(library, item, loan, calendar) if _is_late(library, loan) else None
    charged = sum(
        kept.transaction.volume_minor for kept in standing_charges(connection, library, loan, FeeKind.OVERDUE)
    )
    if charged == (0 if right is None else right.minor_units):
        return
    if not counter_charges(connection, library, loan, FeeKind.OVERDUE, terminal) or right is None:
        return
    charge = LoanCharge(loan, FeeKind.OVERDUE, right, library.today(), terminal)
    charge_loans(connection, library.now(), [charge])


def _is_late(library: Library, loan: LoanRecord) -> bool:
    return loan.closed_at is not None and library.local(loan.closed_at).date() > loan.due_on


def _fee(library: Library, item: ItemRecord, loan: LoanRecord, calendar: Calendar) -> Money | None:
    if loan.closed_at is None:
        return None
    rule = OverdueRule(library.currency, otherwise=item.overdue, closed_days_count=item.closed_days_count)
    price = None if item.price_minor is None else library.money(item.price_minor)
    late = LateLoan(item.item_type, loan.due_on, price)
    found = overdue_fee(late, library.local(loan.closed_at).date(), rule, calendar).amount
    return found if found.minor_units > 0 else None
