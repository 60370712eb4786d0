"""Entries for tests, as the journal hands them out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from drivers.link.clock import RealClock
from sync.central import demo
from sync.entries import (
    Due,
    Entry,
    EntryKey,
    Intended,
    Lend,
    Promise,
    Promised,
    Renew,
    UndoLoan,
    item_id,
    patron_id,
)

EPOCH = "k7"
SNAPSHOT_AT = datetime(2026, 1, 1, tzinfo=UTC)


def entry(position: int, promise: Promise, *, epoch: str = EPOCH, due: Due | None = None) -> Entry:
    """An entry at *position*; with *due* the terminal granted it itself."""
    key = EntryKey(epoch, 1, position, 1)
    intended = Intended(key, promise.at, promise, 5.0)
    rows = (intended,) if due is None else (intended, Promised(key, promise.at, due, SNAPSHOT_AT))
    return Entry(key, promise, rows, position=position, offset_seconds=0.25)


def lend(
    position: int,
    item: str,
    patron: str = demo.READER,
    *,
    promised_days: int | None = None,
    epoch: str = EPOCH,
    fee_consented: bool = False,
) -> Entry:
    """A loan an hour ago; with *promised_days* the terminal granted it itself, for so long."""
    at = RealClock().now() - timedelta(hours=1) + timedelta(seconds=position)
    promise = Lend(item_id(item), patron_id(patron), at, fee_consented=fee_consented)
    due = None if promised_days is None else Due(at.date() + timedelta(days=promised_days))
    return entry(position, promise, epoch=epoch, due=due)


def renew(position: int, item: str, patron: str = demo.READER) -> Entry:
    """A wish to renew."""
    return entry(position, Renew(item_id(item), patron_id(patron), RealClock().now()))


def undo(position: int, undone: Entry) -> Entry:
    """*undone* never came about."""
    promise = undone.promise
    assert isinstance(promise, Lend)
    at = promise.at + timedelta(seconds=2)
    return entry(position, UndoLoan(promise.item, promise.patron, at, undone.key))


def kept(wish: Entry, days: int = 30) -> Entry:
    """*wish*, which the terminal has granted itself meanwhile."""
    due = Due(wish.promise.at.date() + timedelta(days=days))
    row = Promised(wish.key, wish.promise.at, due, SNAPSHOT_AT)
    return replace(wish, rows=(*wish.rows, row))
