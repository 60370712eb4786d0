"""What a transaction works on: items, patrons and loans read and locked at once, changed as values, written at once.

However many events a batch has, this takes about a dozen statements.  The locks are those of `queries.py`: all
patrons in the order of their numbers, then all items; so two transactions never wait for each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert

from sync.central.store import queries
from sync.central.store import tables as t
from sync.central.store.inserting import insert_all
from sync.central.store.loan_charges import LoanCharge, charge_loans
from sync.central.store.records import (
    CloseHow,
    HoldRecord,
    ItemRecord,
    LoanRecord,
    MarkRecord,
    PatronRecord,
)
from sync.central.store.sheet_rows import (
    CHANGE_CONDITION,
    SERVE_HOLD,
    SHELVE_HOLD,
    UPDATE_LOAN,
    beginning,
    ending,
    mark_row,
)
from sync.entries import FeeKind, ItemId, Money, PatronId
from sync.rules.terms import Calendar, Condition, LoanTerms

_NO_TERMS = LoanTerms(loan_days=0)


@dataclass(frozen=True, slots=True)
class _Charge:
    """A fee for a loan, charged on the library's day *day* by the machine *source*."""

    loan: int
    kind: FeeKind
    amount: Money
    day: date
    source: str


class Sheet:
    """The rows around *items* and *patrons*, under lock.  `write` puts down what was changed since.

    With *since*, the items' loans and marks from that moment on are there too, else only open loans.  *loans* are
    read whatever their time.  Needs a writing transaction.
    """

    def __init__(
        self,
        connection: Connection,
        now: datetime,
        items: Collection[ItemId],
        patrons: Collection[PatronId],
        *,
        since: datetime | None = None,
        loans: Collection[int] = (),
    ) -> None:
        self.connection = connection
        self.now = now
        self.patrons: dict[PatronId, PatronRecord] = queries.find_patrons(connection, patrons, lock=True)
        self.items: dict[ItemId, ItemRecord] = queries.find_items(connection, items, lock=True)
        self.blocks: Counter[PatronId] = queries.open_blocks_of_patrons(connection, patrons, now)
        self.debts: Counter[PatronId] = queries.debts_of_patrons(connection, patrons)
        self._terms = queries.all_loan_terms(
            connection, {patron.category for patron in self.patrons.values()}
        )
        self._calendar: Calendar | None = None
        self._calendar_from = date.max
        self._loans: dict[int, LoanRecord] = {}
        self._of_item: dict[ItemId, list[int]] = {}
        self._of_patron: dict[PatronId, dict[int, None]] = {}
        self._marks: dict[ItemId, list[MarkRecord]] = {}
        self._holds: dict[ItemId, list[HoldRecord]] = {}
        self._changed: dict[int, None] = {}
        self._charges: list[_Charge] = []
        self._served: list[tuple[HoldRecord, int]] = []
        self._new_marks: list[MarkRecord] = []
        self._shelved: list[int] = []
        self._conditions: dict[ItemId, Condition] = {}
        self._ids: dict[int, int] = {}
        self._next_id = -1
        for loan in (
            *queries.loans_of_items(connection, items, since),
            *queries.open_loans_of_patrons(connection, patrons),
            *queries.find_loans(connection, loans),
        ):
            self._keep(loan)
        for hold in queries.open_holds_of_items(connection, items):
            self._holds.setdefault(hold.item, []).append(hold)
        if since is not None:
            for mark in queries.marks_of_items(connection, items, since):
                self._marks.setdefault(mark.item, []).append(mark)

    # --- Reading ----------------------------------------------------------------------------------------------------

    def loan(self, loan_id: int) -> LoanRecord:
        """The loan *loan_id* as it stands on the sheet, also by the id it had before `write`."""
        return self._loans[self._ids.get(loan_id, loan_id)]

    def open_loan(self, item: ItemId) -> LoanRecord | None:
        """The open loan of *item*."""
        return next((loan for loan in self.history(item) if loan.closed_at is None), None)

    def history(self, item: ItemId) -> list[LoanRecord]:
        """The loans of *item* in the order of their beginning."""
        loans = [self._loans[loan_id] for loan_id in self._of_item.get(item, ())]
        loans.sort(key=lambda loan: loan.lent_at)
        return loans

    def marks(self, item: ItemId) -> list[MarkRecord]:
        """What is known of *item* beside its loans, in the order of time."""
        return sorted(self._marks.get(item, ()), key=lambda mark: mark.at)

    def open_loans(self, patron: PatronId) -> tuple[LoanRecord, ...]:
        """What *patron* has on loan."""
        return tuple(self._loans[loan_id] for loan_id in self._of_patron.get(patron, ()))

    def holds(self, item: ItemId) -> tuple[HoldRecord, ...]:
        """Who waits for *item*, next first."""
        return tuple(self._holds.get(item, ()))

    def terms(self, category: str, item_type: str) -> LoanTerms:
        """What *category* is granted for *item_type*; nothing (0 days) where the library has not said."""
        return self._terms.get((category, item_type), _NO_TERMS)

    def calendar(self, first: date) -> Calendar:
        """When the library is closed, at least from *first* on."""
        if self._calendar is None or first < self._calendar_from:
            self._calendar = queries.find_calendar(self.connection, first)
            self._calendar_from = first
        return self._calendar

    # --- Changing ---------------------------------------------------------------------------------------------------

    def lend(
        self, item: ItemRecord, patron: PatronId, lent_at: datetime, due_on: date, terminal: str
    ) -> LoanRecord:
        """A new open loan; its id is below zero until `write`."""
        loan = LoanRecord(
            self._next_id,
            item.number,
            patron,
            item.title,
            item.item_type,
            lent_at,
            due_on,
            terminal,
            renewals=0,
            closed_at=None,
        )
        self._next_id -= 1
        self._keep(loan)
        self._changed[loan.id] = None
        return loan

    def change(self, loan: LoanRecord, **changes: Any) -> LoanRecord:
        """*loan* with *changes*; what it is now counts, not what it was when *loan* was read."""
        changed = replace(self.loan(loan.id), **changes)
        self._loans[changed.id] = changed
        if changed.closed_at is not None:
            self._of_patron.get(changed.patron, {}).pop(changed.id, None)
        self._changed[changed.id] = None
        return changed

    def close(self, loan: LoanRecord, at: datetime, how: CloseHow, terminal: str) -> LoanRecord:
        """*loan* ended at *at*, but never before it began."""
        return self.change(loan, closed_at=max(at, loan.lent_at), closed_how=how, closed_terminal=terminal)

    def charge(self, loan: LoanRecord, kind: FeeKind, amount: Money, day: date, source: str) -> None:
        """*amount* is owed for *loan*, from *day* on; *source* is the machine or desk that charges it."""
        self._charges.append(_Charge(loan.id, kind, amount, day, source))
        self.debts[loan.patron] += amount.minor_units

    def serve_hold(self, loan: LoanRecord) -> None:
        """The hold that the patron of *loan* had on its item is served by it."""
        kept = []
        for hold in self._holds.get(loan.item, ()):
            if hold.patron == loan.patron:
                self._served.append((hold, loan.id))
            else:
                kept.append(hold)
        self._holds[loan.item] = kept

    def shelve(self, hold: HoldRecord) -> HoldRecord:
        """*hold*'s item waits on the shelf for its patron from now on."""
        shelved = replace(hold, is_on_shelf=True)
        self._holds[hold.item] = [shelved if one.id == hold.id else one for one in self.holds(hold.item)]
        self._shelved.append(hold.id)
        return shelved

    def change_item(self, item: ItemRecord, condition: Condition) -> None:
        """*item* is in *condition* from now on."""
        self.items[item.number] = replace(item, condition=condition)
        self._conditions[item.number] = condition

    def mark(self, mark: MarkRecord) -> None:
        """Keeps *mark*."""
        self._marks.setdefault(mark.item, []).append(mark)
        self._new_marks.append(mark)

    def _keep(self, loan: LoanRecord) -> None:
        if loan.id in self._loans:
            return
        self._loans[loan.id] = loan
        self._of_item.setdefault(loan.item, []).append(loan.id)
        if loan.closed_at is None:
            self._of_patron.setdefault(loan.patron, {})[loan.id] = None

    # --- Writing ----------------------------------------------------------------------------------------------------

    def write(self) -> None:
        """Writes what was changed.  New loans have their ids afterwards; `loan` knows both."""
        changed = [self._loans[loan_id] for loan_id in self._changed]
        old = [loan for loan in changed if loan.id > 0]
        new = [loan for loan in changed if loan.id < 0]
        if old:
            # First what ends: the tables allow one open loan for each item.
            self.connection.execute(UPDATE_LOAN, [{"loan_id": loan.id} | ending(loan) for loan in old])
        if new:
            rows = [ending(loan) | beginning(loan) for loan in new]
            ids = insert_all(self.connection, t.loans, rows)
            for loan, loan_id in zip(new, ids, strict=True):
                self._renumber(loan, loan_id)
        if self._served:
            self.connection.execute(
                SERVE_HOLD,
                [
                    {"hold_id": hold.id, "served_at": self.now, "served_by": self.loan(loan_id).id}
                    for hold, loan_id in self._served
                ],
            )
        if self._shelved:
            self.connection.execute(SHELVE_HOLD, [{"hold_id": hold} for hold in self._shelved])
        if self._conditions:
            self.connection.execute(
                CHANGE_CONDITION,
                [{"item_number": item, "found": found.value} for item, found in self._conditions.items()],
            )
        if self._charges:
            charge_loans(self.connection, self.now, [self._loan_charge(charge) for charge in self._charges])
        if self._new_marks:
            self.connection.execute(insert(t.marks), [mark_row(mark) for mark in self._new_marks])
        for written in (self._changed, self._served, self._charges, self._new_marks, self._shelved):
            written.clear()
        self._conditions.clear()

    def _renumber(self, loan: LoanRecord, loan_id: int) -> None:
        del self._loans[loan.id]
        self._loans[loan_id] = replace(loan, id=loan_id)
        self._ids[loan.id] = loan_id
        of_item = self._of_item[loan.item]
        of_item[of_item.index(loan.id)] = loan_id
        of_patron = self._of_patron.get(loan.patron, {})
        if loan.id in of_patron:
            del of_patron[loan.id]
            of_patron[loan_id] = None

    def _loan_charge(self, charge: _Charge) -> LoanCharge:
        return LoanCharge(self.loan(charge.loan), charge.kind, charge.amount, charge.day, charge.source)
