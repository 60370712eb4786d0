"""What the journal's tests write: keys, a clock that counts, and entries of one plainly invented patron."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sync.entries import (
    Answered,
    Due,
    EntryKey,
    Granted,
    Intended,
    ItemId,
    Lend,
    PatronId,
    Released,
    ReleaseIntended,
    Settled,
    Settlement,
    TagBits,
    UndoLoan,
    item_id,
    patron_id,
)
from sync.journal.journal import Journal
from sync.journal.keys import JournalKeys
from sync.journal.settings import JournalSettings

KEYS = JournalKeys.from_secret(bytes(range(32)))
OTHER_KEYS = JournalKeys.from_secret(bytes(range(1, 33)))
PATRON = patron_id("2300000042")
OTHER_PATRON = patron_id("2300000077")
NOON = datetime(2026, 5, 12, 12, 0, tzinfo=UTC)
TAG = TagBits("E0040150ABCDEF01", 0xC2, True)
SETTINGS = JournalSettings(reserve_bytes=2**16, margin_bytes=2**20)


class CountingClock:
    """A wall clock that moves on a second whenever it is read, and can be set."""

    def __init__(self) -> None:
        self.moment = NOON

    def now(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment


def key_of(journal: Journal, event: int, ordinal: int = 1) -> EntryKey:
    return EntryKey(journal.epoch, journal.boot, event, ordinal)


def lending(key: EntryKey, item: str = "10000001", patron: PatronId = PATRON) -> Intended:
    return Intended(key, NOON, Lend(item_id(item), patron, NOON, charged_before=(ItemId("10000099"),)))


def undoing(key: EntryKey, undoes: EntryKey, item: str = "10000001") -> Intended:
    return Intended(key, NOON, UndoLoan(item_id(item), PATRON, NOON, undoes))


def granted(key: EntryKey, *messages: str) -> Answered:
    return Answered(key, NOON, Granted(Due(NOON.date(), "20260609    235900"), "活着", messages=messages))


def releasing(key: EntryKey) -> ReleaseIntended:
    return ReleaseIntended(key, NOON, (TAG,))


def released(key: EntryKey) -> Released:
    return Released(key, NOON, (TagBits(TAG.uid, 0x07, False),))


def settled(key: EntryKey, how: Settlement = Settlement.DONE) -> Settled:
    return Settled(key, NOON, how)


def whole_loan(journal: Journal, event: int, item: str = "10000001", patron: PatronId = PATRON) -> EntryKey:
    """Writes a loan from intent to settlement, in the commits the path of a barcode has."""
    key = key_of(journal, event)
    journal.append([lending(key, item, patron)])
    journal.append([granted(key), releasing(key)])
    journal.append([released(key), settled(key)])
    return key
