"""Every single call of the disk fails once, or from then on: the journal says so, and keeps what it acknowledged."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import apsw
import pytest

from sync.entries import (
    Answered,
    CaseClosed,
    CaseEnd,
    CaseOpened,
    CaseReason,
    DayClosed,
    EntryKey,
    PaymentReversed,
    Reason,
    Refused,
    Row,
    Settlement,
)
from sync.journal.errors import JournalBroken, JournalError, JournalFull
from sync.journal.journal import Journal
from sync.journal.settings import JournalSettings
from tests.crash.failing_disk import Call, FailsAt, in_use
from tests.sync.journal.samples import (
    KEYS,
    NOON,
    CountingClock,
    approved,
    granted,
    key_of,
    lending,
    paying,
    released,
    releasing,
    returning,
    secured,
    securing,
    settled,
    taken_back,
)

SETTINGS = JournalSettings(segment_rows=4, reserve_bytes=2**12, margin_bytes=0)


class Teller:
    """Writes a borrowing with all that belongs to it, and remembers what was acknowledged and what is unknown."""

    def __init__(self) -> None:
        self.acknowledged: dict[EntryKey, int] = {}
        self.unknown: dict[EntryKey, int] = {}

    def append(self, journal: Journal, key: EntryKey, rows: Sequence[Row]) -> None:
        """One commit, and what is known after it."""
        before = self.acknowledged.get(key, 0)
        try:
            journal.append(rows)
        except JournalBroken:
            self.unknown[key] = before + len(rows)
            raise
        self.acknowledged[key] = before + len(rows)

    def borrow(self, path: Path) -> None:
        """Opens the journal, lends an item, tidies, closes; ends with the first failure the journal names."""
        journal = Journal.open(path, KEYS, CountingClock().now, SETTINGS)
        try:
            key = key_of(journal, 1)
            self.append(journal, key, [lending(key)])
            self.append(journal, key, [granted(key, "您好"), releasing(key), released(key)])
            self.append(journal, key, [CaseOpened(key, NOON, CaseReason.RELEASE_UNKNOWN, "gone")])
            self.append(journal, key, [settled(key), CaseClosed(key, NOON, "Li", CaseEnd.AS_IT_STANDS)])
            journal.tidy()
        finally:
            journal.close()

    def wrong(self, path: Path) -> list[str]:
        """What the journal in *path*, on a disk that works again, does not hold as it was acknowledged."""
        journal = Journal.open(path, KEYS, CountingClock().now, SETTINGS)
        try:
            wrong = [fault.what for fault in journal.verify().faults]
            there = {entry.key: len(entry.rows) for entry in journal.entries()}
            for key in {*there, *self.acknowledged, *self.unknown}:
                allowed = {
                    self.acknowledged.get(key, 0),
                    self.unknown.get(key, self.acknowledged.get(key, 0)),
                }
                if there.get(key, 0) not in allowed:
                    wrong.append(f"{key}: {there.get(key, 0)} rows, {sorted(allowed)} allowed")
            return wrong
        finally:
            journal.close()


class Counting(Teller):
    """The same at a counter: an item comes back, money is taken and given back, a day is closed."""

    def borrow(self, path: Path) -> None:
        journal = Journal.open(path, KEYS, CountingClock().now, SETTINGS)
        try:
            back, pay = key_of(journal, 1), key_of(journal, 2)
            self.append(journal, back, [returning(back), securing(back)])
            self.append(journal, back, [secured(back)])
            self.append(journal, pay, [paying(pay)])
            self.append(journal, pay, [approved(pay), Answered(pay, NOON, Refused(Reason.FEE_GONE))])
            self.append(journal, back, [taken_back(back), settled(back)])
            reversed_ = PaymentReversed(pay, NOON, "43", ("3.50",))
            self.append(journal, pay, [reversed_, settled(pay, Settlement.UNDONE)])
            journal.append([DayClosed(NOON, NOON.date(), 1, "{}", "00" * 32)])
            journal.tidy()
        finally:
            journal.close()


def outcomes(
    folder: Path, call: Call, *, for_good: bool, teller: Callable[[], Teller] = Teller
) -> list[tuple[int, list[str]]]:
    """For each *call* of a borrowing that fails: how many rows were acknowledged by then, and what is wrong after."""
    found: list[tuple[int, list[str]]] = []
    older = Teller()
    older.borrow(folder / "journal")  # So that opening reads something.
    for count in range(1, 1000):
        path = folder / f"{call.name}-{for_good}-{count}"
        path.mkdir()
        shutil.copy(folder / "journal", path)
        fails, told = FailsAt(call, count, for_good=for_good), teller()
        told.acknowledged |= older.acknowledged
        with in_use(fails):
            try:
                told.borrow(path / "journal")
            except JournalError:
                assert fails.has_failed
        if not fails.has_failed:
            return found
        found.append((sum(told.acknowledged.values()), told.wrong(path / "journal")))
    raise AssertionError("a borrowing has an end")


class Forgetful(Teller):
    """Takes everything for acknowledged that it handed over."""

    def append(self, journal: Journal, key: EntryKey, rows: Sequence[Row]) -> None:
        self.acknowledged[key] = self.acknowledged.get(key, 0) + len(rows)
        journal.append(rows)


AT_LEAST = {Call.OPEN: 2, Call.READ: 3, Call.WRITE: 20, Call.FULL: 20, Call.SYNC: 8, Call.TRUNCATE: 1}


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
@pytest.mark.parametrize("call", AT_LEAST)
def test_whatever_call_fails_the_journal_holds_what_it_acknowledged(
    tmp_path: Path, call: Call, for_good: bool
) -> None:
    """Each open, read, write, sync and truncate of a borrowing in turn fails: afterwards the journal opens, verifies,
    and holds every acknowledged row, no row of a batch refused for want of room, and of a broken one all or none."""
    found = outcomes(tmp_path, call, for_good=for_good)

    assert len(found) >= AT_LEAST[call]
    assert [wrong for _, wrong in found if wrong] == []


@pytest.mark.parametrize("call", [Call.WRITE, Call.SYNC])
def test_whatever_call_fails_returns_and_payments_are_what_was_acknowledged(
    tmp_path: Path, call: Call
) -> None:
    """The same while an item comes back, money is taken and given back and a day is closed."""
    found = outcomes(tmp_path, call, for_good=True, teller=Counting)

    assert len(found) >= AT_LEAST[call]
    assert [wrong for _, wrong in found if wrong] == []


def test_the_test_above_sees_an_acknowledgement_that_came_too_early(tmp_path: Path) -> None:
    """Negative control: who takes rows for written before the journal says so is caught by a failing write."""
    assert any(wrong for _, wrong in outcomes(tmp_path, Call.WRITE, for_good=True, teller=Forgetful))


def test_a_borrowing_on_a_disk_that_works_is_acknowledged_whole(tmp_path: Path) -> None:
    """The borrowing the tests above cut short has one entry of seven rows."""
    told = Teller()
    told.borrow(tmp_path / "journal")

    assert list(told.acknowledged.values()) == [7]
    assert told.wrong(tmp_path / "journal") == []


def test_a_journal_on_a_read_only_file_is_named(tmp_path: Path) -> None:
    """Where nothing can be written the journal does not open, says so by name, and changes nothing."""
    path = tmp_path / "journal"
    Teller().borrow(path)
    before = path.read_bytes()

    def read_only(call: Call, name: str, size: int) -> None:
        if call in (Call.WRITE, Call.TRUNCATE, Call.DELETE):
            raise apsw.ReadOnlyError("attempt to write a read-only file")

    with in_use(read_only), pytest.raises(JournalError) as caught:
        Journal.open(path, KEYS, CountingClock().now, SETTINGS)

    assert not isinstance(caught.value, JournalFull)
    assert path.read_bytes() == before
