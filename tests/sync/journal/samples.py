"""What the journal's tests write: keys, a clock that counts, and entries of one plainly invented patron."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sync.entries import (
    Alert,
    Answered,
    Due,
    EntryKey,
    FeeKind,
    FeePart,
    Flaw,
    GiveBack,
    Granted,
    Intended,
    ItemId,
    Lend,
    Means,
    Money,
    PatronId,
    Pay,
    PaymentApproved,
    Released,
    ReleaseIntended,
    ReportCare,
    Secured,
    SecureIntended,
    Settled,
    Settlement,
    TagBits,
    TakenBack,
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


def returning(key: EntryKey, item: str = "10000001") -> Intended:
    return Intended(key, NOON, GiveBack(item_id(item), NOON, True, Due(NOON.date(), "20260512    235900")))


def paying(key: EntryKey, patron: PatronId = PATRON, minor_units: int = 350) -> Intended:
    parts = (
        FeePart("F-1", Money(minor_units - 50, "CNY"), FeeKind.OVERDUE, item_id("10000001")),
        FeePart("F-2", Money(50, "CNY"), FeeKind.CARD),
    )
    owed, amount = Money(1200, "CNY"), Money(minor_units, "CNY")
    return Intended(key, NOON, Pay(patron, amount, parts, Means.CARD, NOON, owed, "TRACE 000041"))


def reporting(key: EntryKey, item: str = "10000001", by: str = "self") -> Intended:
    return Intended(key, NOON, ReportCare(item_id(item), (Flaw.LOOSE_PAGES, Flaw.DAMAGED), NOON, by))


def securing(key: EntryKey) -> SecureIntended:
    return SecureIntended(key, NOON, (TagBits(TAG.uid, 0x07, False),))


def secured(key: EntryKey) -> Secured:
    return Secured(key, NOON, (TAG,))


def taken_back(key: EntryKey, patron: PatronId | None = PATRON) -> Answered:
    back = TakenBack(True, patron, OTHER_PATRON, alert=Alert.HOLD_HERE, sort_bin="3", location="二楼")
    return Answered(key, NOON, Granted(Due(NOON.date()), "活着", fee=Money(50, "CNY"), back=back))


def approved(key: EntryKey) -> PaymentApproved:
    return PaymentApproved(key, NOON, "000042", "TRACE 000042", "************1234", ("BANK 银行", "3.50"))


def posted(key: EntryKey) -> Answered:
    return Answered(key, NOON, Granted(Due(None), reference="BK-7"))


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


def whole_return(journal: Journal, event: int, item: str = "10000001") -> EntryKey:
    """Writes a return from intent to settlement, in the commits it has."""
    key = key_of(journal, event)
    journal.append([returning(key, item), securing(key)])
    journal.append([secured(key)])
    journal.append([taken_back(key), settled(key)])
    return key


def whole_payment(journal: Journal, event: int, patron: PatronId = PATRON) -> EntryKey:
    """Writes a payment from intent to settlement, in the commits it has."""
    key = key_of(journal, event)
    journal.append([paying(key, patron)])
    journal.append([approved(key)])
    journal.append([posted(key), settled(key)])
    return key
