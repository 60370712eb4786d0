"""How a sheet is written: its statements, built once, and the rows that its values become."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, update

from sync.central.store import tables as t
from sync.central.store.records import LoanRecord, MarkRecord

UPDATE_LOAN = update(t.loans).where(t.loans.c.id == bindparam("loan_id"))
SERVE_HOLD = (
    update(t.holds)
    .where(t.holds.c.id == bindparam("hold_id"))
    .values(closed_at=bindparam("served_at"), loan=bindparam("served_by"))
)
SHELVE_HOLD = update(t.holds).where(t.holds.c.id == bindparam("hold_id")).values(is_on_shelf=True)
CHANGE_CONDITION = (
    update(t.items).where(t.items.c.number == bindparam("item_number")).values(condition=bindparam("found"))
)


def ending(loan: LoanRecord) -> dict[str, Any]:
    """What of *loan* changes while it lasts."""
    return {
        "due_on": loan.due_on,
        "renewals": loan.renewals,
        "renewed_at": loan.renewed_at,
        "closed_at": loan.closed_at,
        "closed_terminal": loan.closed_terminal or None,
        "closed_how": None if loan.closed_how is None else loan.closed_how.value,
    }


def beginning(loan: LoanRecord) -> dict[str, Any]:
    """What of *loan* never changes."""
    return {
        "item": loan.item,
        "patron": loan.patron.reveal(),
        "lent_at": loan.lent_at,
        "terminal": loan.terminal,
    }


def mark_row(mark: MarkRecord) -> dict[str, Any]:
    """*mark* as its row."""
    return {
        "item": mark.item,
        "at": mark.at,
        "kind": mark.kind.value,
        "patron": None if mark.patron is None else mark.patron.reveal(),
        "due_on": mark.due_on,
        "terminal": mark.terminal,
    }
