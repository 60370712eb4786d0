"""Reads rows, and locks them where asked.

Lock order is patron before item, everywhere, so that two requests never wait for each other.  On SQLite the
transaction itself is the lock.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from sync.central.store import tables as t
from sync.central.store.records import FeeRecord, HoldRecord, ItemRecord, LoanRecord, PatronRecord
from sync.entries import ItemId, PatronId
from sync.rules.terms import Calendar, CardStatus, CategoryTerms, Condition, LoanTerms, Use


def find_item(connection: Connection, number: ItemId, *, lock: bool = False) -> ItemRecord | None:
    """The item *number*, None when there is none; with *lock* nobody else changes it until the end."""
    query: Select[Any] = (
        select(
            t.items,
            t.item_types.c.media_code,
            t.item_types.c.is_magnetic,
            t.item_types.c.checkout_fee_minor,
            t.collections.c.use,
        )
        .join(t.item_types, t.items.c.item_type == t.item_types.c.code)
        .join(t.collections, t.items.c.collection == t.collections.c.code)
        .where(t.items.c.number == number)
    )
    row = connection.execute(query.with_for_update(of=t.items) if lock else query).one_or_none()
    if row is None:
        return None
    return ItemRecord(
        number=ItemId(row.number),
        title=row.title,
        author=row.author,
        item_type=row.item_type,
        media_code=row.media_code,
        collection=row.collection,
        use=Use(row.use),
        call_number=row.call_number,
        location=row.location,
        price_minor=row.price_minor,
        parts=row.parts,
        lend_incomplete=row.lend_incomplete,
        condition=Condition(row.condition),
        stays_secured=row.stays_secured,
        is_magnetic=row.is_magnetic,
        age_min_years=row.age_min_years,
        checkout_fee_minor=row.checkout_fee_minor,
    )


def find_patron(connection: Connection, number: PatronId, *, lock: bool = False) -> PatronRecord | None:
    """The patron *number*, None when there is none; with *lock* nobody else lends to them until the end."""
    query: Select[Any] = (
        select(
            t.patrons,
            t.categories.c.loans_max,
            t.categories.c.holds_max,
            t.categories.c.fees_ceiling_minor,
            t.categories.c.overdue_max,
            t.categories.c.age_assumed_years,
        )
        .join(t.categories, t.patrons.c.category == t.categories.c.code)
        .where(t.patrons.c.number == number.reveal())
    )
    row = connection.execute(query.with_for_update(of=t.patrons) if lock else query).one_or_none()
    if row is None:
        return None
    return PatronRecord(
        number=number,
        name=row.name,
        category=row.category,
        terms=CategoryTerms(
            loans_max=row.loans_max,
            fees_ceiling_minor=row.fees_ceiling_minor,
            overdue_max=row.overdue_max,
            age_assumed_years=row.age_assumed_years,
        ),
        holds_max=row.holds_max,
        pin_hash=row.pin_hash,
        card=CardStatus(row.card),
        expires_on=row.expires_on,
        born_on=row.born_on,
    )


def find_loan_terms(connection: Connection, category: str, item_type: str) -> LoanTerms:
    """What *category* is granted for *item_type*; nothing (0 days) where the library has not said."""
    row = connection.execute(
        select(t.loan_terms).where(t.loan_terms.c.category == category, t.loan_terms.c.item_type == item_type)
    ).one_or_none()
    if row is None:
        return LoanTerms(loan_days=0)
    return LoanTerms(row.loan_days, row.renewals_max, row.renewal_days, row.count_max)


def find_calendar(connection: Connection, first: date) -> Calendar:
    """When the library is closed, from *first* on."""
    days = connection.execute(select(t.closed_days.c.day).where(t.closed_days.c.day >= first))
    weekdays = connection.execute(select(t.closed_weekdays.c.weekday))
    return Calendar(frozenset(weekdays.scalars()), frozenset(days.scalars()))


_LOANS = select(t.loans, t.items.c.title, t.items.c.item_type).join(
    t.items, t.loans.c.item == t.items.c.number
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
    )


def find_loan(connection: Connection, loan_id: int) -> LoanRecord | None:
    """The loan *loan_id*, open or closed; None when there never was one."""
    row = connection.execute(_LOANS.where(t.loans.c.id == loan_id)).one_or_none()
    return None if row is None else _loan(row)


def open_loan_of_item(connection: Connection, item: ItemId) -> LoanRecord | None:
    """The open loan of *item*, None when it is not lent.  There is at most one."""
    row = connection.execute(
        _LOANS.where(t.loans.c.item == item, t.loans.c.closed_at.is_(None))
    ).one_or_none()
    return None if row is None else _loan(row)


def open_loans_of_patron(connection: Connection, patron: PatronId) -> tuple[LoanRecord, ...]:
    """What *patron* has on loan, soonest due first."""
    rows = connection.execute(
        _LOANS.where(t.loans.c.patron == patron.reveal(), t.loans.c.closed_at.is_(None)).order_by(
            t.loans.c.due_on, t.loans.c.id
        )
    )
    return tuple(_loan(row) for row in rows)


_HOLDS = (
    select(t.holds, t.items.c.title)
    .join(t.items, t.holds.c.item == t.items.c.number)
    .where(t.holds.c.closed_at.is_(None))
)


def _hold(row: Row[Any]) -> HoldRecord:
    return HoldRecord(
        id=row.id,
        item=ItemId(row.item),
        patron=PatronId(row.patron),
        title=row.title,
        placed_at=row.placed_at,
        is_on_shelf=row.is_on_shelf,
        pickup_location=row.pickup_location,
    )


def open_holds_of_item(connection: Connection, item: ItemId) -> tuple[HoldRecord, ...]:
    """Who waits for *item*, next first: the one it lies on the shelf for, then in the order they asked."""
    rows = connection.execute(
        _HOLDS.where(t.holds.c.item == item).order_by(
            t.holds.c.is_on_shelf.desc(), t.holds.c.placed_at, t.holds.c.id
        )
    )
    return tuple(_hold(row) for row in rows)


def open_holds_of_patron(connection: Connection, patron: PatronId) -> tuple[HoldRecord, ...]:
    """What *patron* waits for, what can be fetched first."""
    rows = connection.execute(
        _HOLDS.where(t.holds.c.patron == patron.reveal()).order_by(
            t.holds.c.is_on_shelf.desc(), t.holds.c.placed_at, t.holds.c.id
        )
    )
    return tuple(_hold(row) for row in rows)


def open_fees_of_patron(connection: Connection, patron: PatronId) -> tuple[FeeRecord, ...]:
    """What *patron* owes, oldest first."""
    rows = connection.execute(
        select(t.fees)
        .where(t.fees.c.patron == patron.reveal(), t.fees.c.settled_at.is_(None))
        .order_by(t.fees.c.charged_at, t.fees.c.id)
    )
    return tuple(
        FeeRecord(
            row.id, None if row.item is None else ItemId(row.item), row.kind, row.amount_minor, row.charged_at
        )
        for row in rows
    )


def count_open_blocks(connection: Connection, patron: PatronId, now: datetime) -> int:
    """How many blocks on *patron* are in force at *now*."""
    query = (
        select(func.count())
        .select_from(t.blocks)
        .where(
            t.blocks.c.patron == patron.reveal(),
            t.blocks.c.set_at <= now,
            t.blocks.c.lifted_at.is_(None) | (t.blocks.c.lifted_at > now),
        )
    )
    return connection.execute(query).scalar_one()


def count_items(connection: Connection) -> int:
    """How many items the library has."""
    return connection.execute(select(func.count()).select_from(t.items)).scalar_one()
