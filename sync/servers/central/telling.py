"""Entries as events, in batches that central takes, and its outcomes as answers; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from sync.entries import Answer, Entry, GiveBack, Lend, Pay, Renew, ReportCare, UndoLoan
from sync.events import (
    BATCH_MAX,
    Batch,
    CareReported,
    Event,
    FeesPaid,
    ItemGivenBack,
    LoanMade,
    LoanUndone,
    NeverSent,
    Receipt,
    RenewalMade,
)
from sync.events.fields import OFFSET_SECONDS_MAX, Fields
from sync.events.reading import BY_LENGTH_MAX, REFERENCE_LENGTH_MAX


@dataclass(frozen=True, slots=True)
class Parcel:
    """Entries that go in one batch: *entries* of one *epoch*, in the order of their positions."""

    epoch: str
    entries: tuple[Entry, ...]

    @property
    def first(self) -> int:
        """The number the batch begins with."""
        return self.entries[0].position

    def batch(self, acknowledged: int = 0) -> Batch:
        """The events, with `NeverSent` for the numbers between that need nothing of central.

        Those up to *acknowledged* it has had: where it has them no more, it learns that.
        """
        events: list[Event] = []
        expected = self.first
        for entry in self.entries:
            events += filling(expected, entry.position - 1, acknowledged)
            events.append(_event(entry))
            expected = entry.position + 1
        return Batch(self.epoch, tuple(events))

    def answers(self, receipt: Receipt) -> tuple[Answer, ...] | None:
        """The answer to each entry; None where *receipt* is not one for this parcel."""
        told = {outcome.number: outcome.answer for outcome in receipt.outcomes}
        numbers = [entry.position for entry in self.entries]
        if receipt.acknowledged < numbers[-1] or set(told) != set(numbers):
            return None
        return tuple(told[number] for number in numbers)


def filling(first: int, last: int, acknowledged: int) -> tuple[NeverSent, ...]:
    """The numbers from *first* through *last*, of which central acknowledged those up to *acknowledged* once."""
    told = min(last, acknowledged)
    had = (NeverSent(first, told, was_told=True),) if first <= told else ()
    rest = max(first, told + 1)
    return (*had, NeverSent(rest, last)) if rest <= last else had


def parcels(entries: Sequence[Entry]) -> tuple[Parcel, ...]:
    """*entries* in as few batches as central takes, in their order.

    Raises `ValueError` for an entry that has no position yet.
    """
    found: list[Parcel] = []
    waiting: list[Entry] = []
    events = 0

    def pack() -> None:
        if waiting:
            found.append(Parcel(waiting[0].key.epoch, tuple(waiting)))
            waiting.clear()

    for entry in entries:
        if entry.position < 1:
            raise ValueError(f"{entry.key} has no position")
        gap = 0
        if waiting:
            last = waiting[-1]
            gap = entry.position - last.position - 1
            # What fills a gap may be two events.
            if entry.key.epoch != last.key.epoch or gap < 0 or events + min(gap, 2) + 1 > BATCH_MAX:
                pack()
        if not waiting:
            events, gap = 0, 0
        waiting.append(entry)
        events += 1 + min(gap, 2)
    pack()
    return tuple(found)


def _event(entry: Entry) -> Event:
    promise, key, offset = entry.promise, str(entry.key), entry.offset_seconds
    if offset is not None and not abs(offset) <= OFFSET_SECONDS_MAX:
        offset = None
    number, at = entry.position, promise.at
    match promise:
        case Lend():
            due = None
            if entry.promised is not None:
                due = entry.promised.due.day or at.date()
            return LoanMade(number, key, at, offset, promise.item, promise.patron, promise.fee_consented, due)
        case Renew():
            due = None if promise.due_before is None else promise.due_before.day
            return RenewalMade(
                number, key, at, offset, promise.item, promise.patron, promise.fee_consented, due
            )
        case UndoLoan():
            undoes = str(promise.undoes)
            return LoanUndone(number, key, at, offset, promise.item, promise.patron, undoes)
        case GiveBack():
            due = None if promise.due_before is None else promise.due_before.day
            return ItemGivenBack(number, key, at, offset, promise.item, promise.was_on_loan, due)
        case Pay():
            voucher = "" if entry.approved is None else _told(entry.approved.voucher, REFERENCE_LENGTH_MAX)
            return FeesPaid(
                number,
                key,
                at,
                offset,
                promise.patron,
                promise.amount,
                promise.parts,
                promise.means,
                voucher,
            )
        case ReportCare():
            by = _told(promise.by, BY_LENGTH_MAX) or "self"
            return CareReported(number, key, at, offset, promise.item, promise.flaws, by)
        case _:
            assert_never(promise)


def _told(text: str, length_max: int) -> str:
    """*text* as central takes it: no name and no receipt number of another machine may keep an entry from it."""
    return Fields.clean(text).strip()[:length_max].strip()
