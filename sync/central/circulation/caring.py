"""Items that need care: reported by readers and staff, seen to by staff.  A report changes nothing else."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from sync.central.circulation.library import Library
from sync.central.store import care_tables as c
from sync.central.store import queries
from sync.central.store import tables as t
from sync.central.store.records import ItemRecord
from sync.entries import Flaw, ItemId
from sync.rules.terms import Condition


@dataclass(frozen=True, slots=True)
class CareReport:
    """*item* needs care because of *flaws*; *condition* is the item's as it stands."""

    id: int
    item: ItemId
    title: str
    call_number: str
    condition: Condition
    flaws: tuple[Flaw, ...]
    by: str
    terminal: str
    at: datetime


def report_care(
    connection: Connection,
    library: Library,
    item: ItemId,
    flaws: Collection[Flaw],
    by: str,
    terminal: str,
    at: datetime | None = None,
) -> ItemRecord | None:
    """Puts *item* on the list; None, and no report, where it is unknown.  Needs a writing transaction.

    What stands on the list already, with all of *flaws*, is not put there again.
    """
    found = queries.find_item(connection, item, lock=True)
    if found is None:
        return None
    listed = connection.execute(
        select(c.care_reports.c.flaws).where(
            c.care_reports.c.item == item, c.care_reports.c.done_at.is_(None)
        )
    ).scalars()
    if any(set(flaws) <= set(_flaws(told)) for told in listed):
        return found
    connection.execute(
        insert(c.care_reports).values(
            item=item,
            flaws=" ".join(flaw.value for flaw in Flaw if flaw in flaws),
            reported_by=by,
            terminal=terminal,
            reported_at=at or library.now(),
        )
    )
    return found


def open_care(connection: Connection) -> tuple[CareReport, ...]:
    """What waits for staff, the oldest first."""
    rows = connection.execute(
        select(c.care_reports, t.items.c.title, t.items.c.call_number, t.items.c.condition)
        .join(t.items, t.items.c.number == c.care_reports.c.item)
        .where(c.care_reports.c.done_at.is_(None))
        .order_by(c.care_reports.c.reported_at, c.care_reports.c.id)
    )
    return tuple(
        CareReport(
            row.id,
            ItemId(row.item),
            row.title,
            row.call_number,
            Condition(row.condition),
            _flaws(row.flaws),
            row.reported_by,
            row.terminal,
            row.reported_at,
        )
        for row in rows
    )


def end_care(
    connection: Connection,
    library: Library,
    report: int,
    by: str,
    note: str = "",
    condition: Condition | None = None,
) -> bool:
    """*report* was seen to by *by*; with *condition* the item is in that from now on.  False when it is not open."""
    item = connection.execute(
        update(c.care_reports)
        .where(c.care_reports.c.id == report, c.care_reports.c.done_at.is_(None))
        .values(done_at=library.now(), done_by=by, note=note)
        .returning(c.care_reports.c.item)
    ).scalar_one_or_none()
    if item is None:
        return False
    if condition is not None:
        connection.execute(update(t.items).where(t.items.c.number == item).values(condition=condition.value))
    return True


def _flaws(told: str) -> tuple[Flaw, ...]:
    return tuple(Flaw(one) for one in told.split())
