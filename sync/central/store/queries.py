"""Reads rows, and locks them where asked.

Statements are built once, here, with places for what is asked for: to build one takes longer than to run it.

Lock order is patron before item, everywhere, so that two requests never wait for each other.  On SQLite the
transaction itself is the lock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from sync.central.store import care_tables as c
from sync.central.store import tables as t
from sync.central.store.ledger_rows import all_debts, debts_of_patrons, open_fees_of_patron
from sync.central.store.loan_queries import (
    find_loan,
    find_loans,
    loans_of_items,
    marks_of_items,
    open_loan_of_item,
    open_loans_of_patron,
    open_loans_of_patrons,
)
from sync.central.store.records import HoldRecord, ItemRecord, PatronRecord
from sync.central.store.term_queries import all_loan_terms, find_calendar
from sync.entries import ItemId, PatronId
from sync.rules.overdue import Grace, OverdueRate
from sync.rules.terms import CardStatus, CategoryTerms, Condition, Use

__all__ = [
    "all_debts",
    "all_loan_terms",
    "branch_of_terminal",
    "count_items",
    "count_open_blocks",
    "debts_of_patrons",
    "find_calendar",
    "find_item",
    "find_items",
    "find_loan",
    "find_loans",
    "find_patron",
    "find_patrons",
    "loans_of_items",
    "marks_of_items",
    "open_blocks_of_patrons",
    "open_fees_of_patron",
    "open_holds_of_item",
    "open_holds_of_items",
    "open_holds_of_patron",
    "open_loan_of_item",
    "open_loans_of_patron",
    "open_loans_of_patrons",
]

_ITEMS = (
    select(
        t.items,
        t.item_types.c.media_code,
        t.item_types.c.is_magnetic,
        t.item_types.c.checkout_fee_minor,
        t.item_types.c.overdue_per_day_minor,
        t.item_types.c.overdue_grace_days,
        t.item_types.c.overdue_grace,
        t.item_types.c.overdue_ceiling_minor,
        t.item_types.c.overdue_capped_at_price,
        t.item_types.c.overdue_closed_days_count,
        t.item_types.c.sort_bin.label("type_bin"),
        t.collections.c.use,
        t.collections.c.sort_bin.label("collection_bin"),
    )
    .join(t.item_types, t.items.c.item_type == t.item_types.c.code)
    .join(t.collections, t.items.c.collection == t.collections.c.code)
    .where(t.items.c.number.in_(bindparam("numbers", expanding=True)))
    .order_by(t.items.c.number)
)
_ITEMS_LOCKED = _ITEMS.with_for_update(of=t.items)

_PATRONS = (
    select(
        t.patrons,
        t.categories.c.loans_max,
        t.categories.c.holds_max,
        t.categories.c.fees_ceiling_minor,
        t.categories.c.overdue_max,
        t.categories.c.age_assumed_years,
    )
    .join(t.categories, t.patrons.c.category == t.categories.c.code)
    .where(t.patrons.c.number.in_(bindparam("numbers", expanding=True)))
    .order_by(t.patrons.c.number)
)
_PATRONS_LOCKED = _PATRONS.with_for_update(of=t.patrons)


def find_items(
    connection: Connection, numbers: Collection[ItemId], *, lock: bool = False
) -> dict[ItemId, ItemRecord]:
    """Those of the items *numbers* that there are; locked in the order of their numbers where asked."""
    if not numbers:
        return {}
    rows = connection.execute(_ITEMS_LOCKED if lock else _ITEMS, {"numbers": tuple(numbers)})
    return {ItemId(row.number): _item(row) for row in rows}


def find_item(connection: Connection, number: ItemId, *, lock: bool = False) -> ItemRecord | None:
    """The item *number*, None when there is none; with *lock* nobody else changes it until the end."""
    return find_items(connection, (number,), lock=lock).get(number)


def _item(row: Row[Any]) -> ItemRecord:
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
        overdue=OverdueRate(
            row.overdue_per_day_minor,
            row.overdue_grace_days,
            Grace(row.overdue_grace),
            row.overdue_ceiling_minor,
            row.overdue_capped_at_price,
        ),
        closed_days_count=row.overdue_closed_days_count,
        is_set_price=row.is_set_price,
        branch=row.branch,
        new_until=row.new_until,
        sort_bin=row.collection_bin or row.type_bin,
    )


def find_patrons(
    connection: Connection, numbers: Collection[PatronId], *, lock: bool = False
) -> dict[PatronId, PatronRecord]:
    """Those of the patrons *numbers* that there are; locked in the order of their numbers where asked."""
    if not numbers:
        return {}
    rows = connection.execute(_PATRONS_LOCKED if lock else _PATRONS, {"numbers": _revealed(numbers)})
    return {PatronId(row.number): _patron(row) for row in rows}


def find_patron(connection: Connection, number: PatronId, *, lock: bool = False) -> PatronRecord | None:
    """The patron *number*, None when there is none; with *lock* nobody else lends to them until the end."""
    return find_patrons(connection, (number,), lock=lock).get(number)


def _revealed(numbers: Collection[PatronId]) -> list[str]:
    return [number.reveal() for number in numbers]


def _patron(row: Row[Any]) -> PatronRecord:
    return PatronRecord(
        number=PatronId(row.number),
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


_HOLDS = (
    select(t.holds, t.items.c.title)
    .join(t.items, t.holds.c.item == t.items.c.number)
    .where(t.holds.c.closed_at.is_(None))
    .order_by(t.holds.c.is_on_shelf.desc(), t.holds.c.placed_at, t.holds.c.id)
)
_HOLDS_OF_ITEMS = _HOLDS.where(t.holds.c.item.in_(bindparam("items", expanding=True)))
_HOLDS_OF_PATRON = _HOLDS.where(t.holds.c.patron == bindparam("patron"))
_BLOCKS = (
    select(t.blocks.c.patron, func.count())
    .where(
        t.blocks.c.patron.in_(bindparam("patrons", expanding=True)),
        t.blocks.c.set_at <= bindparam("now"),
        t.blocks.c.lifted_at.is_(None) | (t.blocks.c.lifted_at > bindparam("now")),
    )
    .group_by(t.blocks.c.patron)
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
        pickup_branch=row.pickup_branch,
    )


def open_holds_of_item(connection: Connection, item: ItemId) -> tuple[HoldRecord, ...]:
    """Who waits for *item*, next first: the one it lies on the shelf for, then in the order they asked."""
    return open_holds_of_items(connection, (item,))


def open_holds_of_items(connection: Connection, items: Collection[ItemId]) -> tuple[HoldRecord, ...]:
    """Who waits for *items*, for each of them next first."""
    if not items:
        return ()
    rows = connection.execute(_HOLDS_OF_ITEMS, {"items": tuple(items)})
    return tuple(_hold(row) for row in rows)


def open_holds_of_patron(connection: Connection, patron: PatronId) -> tuple[HoldRecord, ...]:
    """What *patron* waits for, what can be fetched first."""
    rows = connection.execute(_HOLDS_OF_PATRON, {"patron": patron.reveal()})
    return tuple(_hold(row) for row in rows)


def count_open_blocks(connection: Connection, patron: PatronId, now: datetime) -> int:
    """How many blocks on *patron* are in force at *now*."""
    return open_blocks_of_patrons(connection, (patron,), now)[patron]


def open_blocks_of_patrons(
    connection: Connection, patrons: Collection[PatronId], now: datetime
) -> Counter[PatronId]:
    """How many blocks on each of *patrons* are in force at *now*."""
    rows = connection.execute(_BLOCKS, {"patrons": _revealed(patrons), "now": now}) if patrons else ()
    return Counter({PatronId(number): count for number, count in rows})


_BRANCH = select(c.terminal_branches.c.branch).where(c.terminal_branches.c.terminal == bindparam("terminal"))


def branch_of_terminal(connection: Connection, terminal: str) -> str:
    """The branch that *terminal* stands in, empty where nobody has said."""
    return connection.execute(_BRANCH, {"terminal": terminal}).scalar_one_or_none() or ""


def count_items(connection: Connection) -> int:
    """How many items the library has."""
    return connection.execute(select(func.count()).select_from(t.items)).scalar_one()
