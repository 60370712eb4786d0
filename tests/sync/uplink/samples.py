"""Entries for the uplink's tests: plainly invented items and patrons, and keys that count."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sync.entries import (
    Answer,
    Answered,
    Due,
    Entry,
    EntryKey,
    EntryRow,
    Granted,
    IfGrantedLate,
    Intended,
    ItemId,
    Lend,
    Promise,
    Promised,
    Reason,
    Refused,
    Renew,
    UndoLoan,
    item_id,
    patron_id,
)

NOON = datetime(2026, 5, 12, 12, 0, tzinfo=UTC)
ANNA, BORIS = patron_id("2300000042"), patron_id("2300000077")
BOOK, OTHER_BOOK = item_id("10000001"), item_id("10000002")
GRANTED = Granted(Due(date(2026, 6, 9)))
REFUSED = Refused(Reason.ITEM_LOST)
NOT_DONE = Refused(Reason.NOT_DONE)
KEEP, UNDO = IfGrantedLate.KEEP, IfGrantedLate.UNDO


def key(number: int) -> EntryKey:
    return EntryKey("beef", 1, number, 1)


def entry(number: int, promise: Promise, *rows: EntryRow) -> Entry:
    return Entry(key(number), promise, (Intended(key(number), NOON, promise), *rows))


def lend(
    item: ItemId = BOOK, before: tuple[ItemId, ...] | None = (OTHER_BOOK,), late: IfGrantedLate = UNDO
) -> Lend:
    return Lend(item, ANNA, NOON, charged_before=before, if_granted_late=late)


def renew(due: Due | None = None) -> Renew:
    return Renew(BOOK, ANNA, NOON, due)


def undo(number: int = 1, item: ItemId = BOOK) -> UndoLoan:
    return UndoLoan(item, ANNA, NOON, key(number))


def answered(number: int, answer: Answer) -> Answered:
    return Answered(key(number), NOON, answer)


def promised(number: int, day: date = date(2026, 6, 9)) -> Promised:
    return Promised(key(number), NOON, Due(day), NOON)
