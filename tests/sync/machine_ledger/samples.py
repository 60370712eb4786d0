"""Rows about money as a journal tells them, and a ledger to close."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from sync.entries import (
    DayClosed,
    EntryKey,
    FeeKind,
    FeePart,
    Means,
    Money,
    PatronId,
    Pay,
    PaymentApproved,
    PaymentReversed,
    item_id,
)
from sync.journal.reading import MoneyTold
from sync.machine_ledger import DayWanted, close_days

KEY = bytes(range(32))
SOURCE = "kiosk-1"
ZONE = timezone(timedelta(hours=8))
"""The library's: a day there begins at 16:00 of the day before in the journal's UTC."""

MONDAY = datetime(2026, 5, 11, 2, 0, tzinfo=UTC)
"""Ten in the morning at the library."""


class Book:
    """The rows about money of one journal, one after another."""

    def __init__(self) -> None:
        self.told: list[MoneyTold] = []
        self._number = 0

    def pay(
        self,
        event: int,
        at: datetime = MONDAY,
        units: int = 350,
        *,
        means: Means = Means.CARD,
        currency: str = "CNY",
        parts: tuple[FeePart, ...] | None = None,
        voucher: str = "000042",
        patron: str = "2300000042",
    ) -> EntryKey:
        """A payment was approved."""
        key = EntryKey("3f2a9c0011223344", 1, event, 1)
        if parts is None:
            part = Money(units, currency)
            parts = (FeePart("F-1", part, FeeKind.OVERDUE, item_id("10000001")),)
        promise = Pay(PatronId(patron), Money(units, currency), parts, means, at)
        self._add(PaymentApproved(key, at, voucher, "TRACE"), promise)
        return key

    def reverse(self, key: EntryKey, at: datetime) -> None:
        """The money of *key* was given back."""
        promise = next(one.promise for one in self.told if getattr(one.row, "key", None) == key)
        self._add(PaymentReversed(key, at, "000043"), promise)

    def close(self, now: datetime, wanted: DayWanted | None = None) -> tuple[DayClosed, ...]:
        """Days are closed, and their rows are in the book."""
        made = close_days(self.told, wanted or DayWanted(), now, SOURCE, ZONE, KEY)
        for row in made:
            self._add(row, None)
        return made

    def _add(self, row: PaymentApproved | PaymentReversed | DayClosed, promise: Pay | None) -> None:
        self._number += 3
        self.told.append(MoneyTold(self._number, row, promise))
