"""The chain that proves what terminals told: how a row is linked to the one before, and whether all still are."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, select

from sync.central.store import event_tables as e


def genesis(terminal: str, epoch: str) -> str:
    """What the first row of a chain follows."""
    return sha256(f"{terminal}\n{epoch}".encode()).hexdigest()


def link(chain: str, row: Any) -> str:
    """What *row* makes of *chain*, the end of the row before it."""
    parts = [
        chain,
        row["terminal"],
        row["epoch"],
        str(row["number"]),
        str(row["through"]),
        row["body"],
        row["patron_mac"],
        _text(row["received_at"]),
        _text(row["at"]),
        str(bool(row["is_clamped"])),
        row["outcome"],
        row["policy"],
        "" if row["offset_seconds"] is None else repr(float(row["offset_seconds"])),
    ]
    return sha256("\n".join(parts).encode()).hexdigest()


def _text(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(UTC).isoformat()


def first_broken(connection: Connection, terminal: str, epoch: str) -> int | None:
    """The first number of a chain that is not as it was written; None when all of it is.

    A chain that lacks rows at its end is told by the `epochs` row: its next number is returned then.
    """
    head = connection.execute(
        select(e.epochs).where(e.epochs.c.terminal == terminal, e.epochs.c.epoch == epoch)
    ).one_or_none()
    chain, expected = genesis(terminal, epoch), 1
    for row in connection.execute(
        select(e.events)
        .where(e.events.c.terminal == terminal, e.events.c.epoch == epoch)
        .order_by(e.events.c.number)
    ).mappings():
        chain = link(chain, row)
        if row["number"] != expected or row["chain"] != chain or not _is_patron_right(row):
            return expected
        expected = row["through"] + 1
    if head is not None and (head.next_number != expected or head.chain != chain):
        return expected
    return None


def _is_patron_right(row: Any) -> bool:
    if row["salt"] is None:
        return row["patron"] is None
    mac = hmac.digest(bytes.fromhex(row["salt"]), (row["patron"] or "").encode(), "sha256").hex()
    return hmac.compare_digest(mac, str(row["patron_mac"]))
