"""Books what loans cost.  A fee is named by its loan, its kind and a number: L512-overdue-1.

The item's lock keeps two from taking the same number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from sync.central.store.ledger_rows import Booked, charges_of_loans, keep
from sync.central.store.records import LoanRecord
from sync.entries import FeeKind, Money
from sync.rules.ledger import SELF, Origin, charge

_REFERENCE = re.compile(r"L([0-9]+)-([a-z]+)-([0-9]+)")


@dataclass(frozen=True, slots=True)
class LoanCharge:
    """*amount* is owed for *loan*, which has its id, from *day* on; *source* is the machine or desk that charges it."""

    loan: LoanRecord
    kind: FeeKind
    amount: Money
    day: date
    source: str
    operator: str = SELF


def charge_loans(connection: Connection, now: datetime, charges: Sequence[LoanCharge]) -> None:
    """Books *charges*, all in one currency.  Raises `LedgerError` for an amount that cannot be owed."""
    if not charges:
        return
    taken: dict[tuple[int, str], int] = {}
    loans = {one.loan.id for one in charges}
    for kept in charges_of_loans(connection, loans, charges[0].amount.currency):
        named = _REFERENCE.fullmatch(kept.transaction.reference)
        if named is not None:
            key = (int(named[1]), named[2])
            taken[key] = max(taken.get(key, 0), int(named[3]))
    booked = []
    for one in charges:
        key = (one.loan.id, one.kind.value)
        taken[key] = taken.get(key, 0) + 1
        origin = Origin(f"L{key[0]}-{key[1]}-{taken[key]}", one.day, one.source, one.operator)
        made = charge(origin, one.loan.patron, one.kind, one.amount, one.loan.item)
        booked.append(Booked(made, now, one.loan.id))
    keep(connection, booked)
