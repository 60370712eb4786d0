"""Keeps a write from happening twice: its answer is stored under its key, in the transaction that does it.

The key is the terminal's own (header `Idempotency-Key`), kept for ever.  A repeat gets the stored answer;
the same key with another request is refused with 422.  Two at the same moment wait for each other at the
key's row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from sync.central.circulation.library import Library
from sync.central.faces.rest.problems import Refusal
from sync.central.faces.rest.tokens import Asker
from sync.central.store import tables as t
from sync.central.store.store import Store


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it is stored: the status and the JSON."""

    status: int
    body: str


def once(
    store: Store,
    library: Library,
    asker: Asker,
    key: str,
    request: str,
    do: Callable[[Connection], Reply],
) -> Reply:
    """Does *do* under *key*, or gives the answer it got the first time.

    *request* is what was asked, as text that is equal exactly when the request is.  Raises `Refusal` 422
    when the key belongs to another request.
    """
    digest = asker.digest(request)
    with store.writing() as connection:
        insert = insert_postgresql if connection.dialect.name == "postgresql" else insert_sqlite
        is_new = connection.execute(
            insert(t.replies)
            .values(
                terminal=asker.name,
                key=key,
                digest=digest,
                status=0,
                body="",
                answered_at=library.now(),
            )
            .on_conflict_do_nothing()
            .returning(t.replies.c.id)
        ).scalar_one_or_none()
        if is_new is None:
            return _stored(connection, asker, key, digest)
        reply = do(connection)
        connection.execute(
            update(t.replies).where(t.replies.c.id == is_new).values(status=reply.status, body=reply.body)
        )
        return reply


def _stored(connection: Connection, asker: Asker, key: str, digest: str) -> Reply:
    row = connection.execute(
        select(t.replies).where(t.replies.c.terminal == asker.name, t.replies.c.key == key)
    ).one()
    if row.digest != digest:
        raise Refusal(422)
    return Reply(row.status, row.body)
