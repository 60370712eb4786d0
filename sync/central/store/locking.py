"""Locks whom a return touches, though nobody has said who that is.

Patrons are locked before items, everywhere.  Whose loans an item has is read without a lock first; where somebody else
has borrowed it by the time it is locked, all locks since then are let go, and it is read again.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from sync.central.store import queries
from sync.central.store.sheet import Sheet
from sync.entries import ItemId, PatronId


def sheet_of_returns(
    connection: Connection,
    now: datetime,
    items: Collection[ItemId],
    patrons: Collection[PatronId],
    given_back: Collection[ItemId],
    *,
    since: datetime | None,
    loans: Collection[int] = (),
) -> Sheet:
    """The sheet of *items* and *patrons*, and of everybody who has had one of *given_back* since *since*."""
    if not given_back:
        return Sheet(connection, now, items, patrons, since=since, loans=loans)
    while True:
        known = {*patrons, *_borrowers(connection, given_back, since)}
        attempt = connection.begin_nested()
        sheet = Sheet(connection, now, items, known, since=since, loans=loans)
        if _borrowers(connection, given_back, since) <= known:
            attempt.commit()
            return sheet
        attempt.rollback()


def _borrowers(connection: Connection, items: Collection[ItemId], since: datetime | None) -> set[PatronId]:
    return {loan.patron for loan in queries.loans_of_items(connection, items, since)}
