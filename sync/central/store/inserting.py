"""Inserts many rows at once and tells their ids."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Insert, Select, Table, func, insert, select


def insert_all(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> list[int]:
    """The ids of *rows* in *table*, in their order.  Needs a writing transaction.

    SQLite does not say in which order it returns ids, so there they would be asked for row by row, at several times
    the cost.  Its one writer can count for itself.
    """
    if not rows:
        return []
    if connection.dialect.name == "sqlite":
        last: int = connection.execute(_last_id(table)).scalar_one()
        ids = list(range(last + 1, last + 1 + len(rows)))
        connection.execute(
            _insert(table), [row | {"id": row_id} for row, row_id in zip(rows, ids, strict=True)]
        )
        return ids
    returning = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    return list(connection.execute(returning, rows).scalars())


@functools.cache
def _last_id(table: Table) -> Select[int]:
    return select(func.coalesce(func.max(table.c.id), 0))


@functools.cache
def _insert(table: Table) -> Insert:
    return insert(table)
