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
    FeePart,
    Flaw,
    GiveBack,
    Granted,
    IfGrantedLate,
    Intended,
    ItemId,
    Lend,
    Means,
    Money,
    Pay,
    PaymentApproved,
    Promise,
    Promised,
    Reason,
    Refused,
    Renew,
    ReportCare,
    Secured,
    SecureIntended,
    TagBits,
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


LOCKED = (TagBits("E004", 0x07),)


def give_back(
    item: ItemId = BOOK, was_on_loan: bool | None = None, due_before: Due | None = None
) -> GiveBack:
    return GiveBack(item, NOON, was_on_loan, due_before)


def pay(amount: int = 150, owed_before: int | None = 400) -> Pay:
    owed = None if owed_before is None else cny(owed_before)
    return Pay(ANNA, cny(amount), (FeePart("f1", cny(amount)),), Means.CARD, NOON, owed, "0041")


def cny(minor_units: int) -> Money:
    return Money(minor_units, "CNY")


def report_care(item: ItemId = BOOK) -> ReportCare:
    return ReportCare(item, (Flaw.LOOSE_PAGES,), NOON)


def secure_intended(number: int) -> SecureIntended:
    return SecureIntended(key(number), NOON, LOCKED)


def secured(number: int) -> Secured:
    return Secured(key(number), NOON, LOCKED)


def approved(number: int) -> PaymentApproved:
    return PaymentApproved(key(number), NOON, "0042", "0042")
