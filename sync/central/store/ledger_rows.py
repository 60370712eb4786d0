"""Keeps transactions of the ledger as rows, and reads them back.  Nothing here changes a row there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, insert, select

from sync.central.store import ledger_tables as m
from sync.central.store import tables as t
from sync.central.store.inserting import insert_all
from sync.central.store.records import FeeRecord
from sync.entries import FeeKind, ItemId, PatronId
from sync.rules.ledger import (
    Account,
    Allowance,
    Countered,
    DepositAccount,
    Income,
    Kind,
    Leg,
    Origin,
    PatronAccount,
    Till,
    Transaction,
    account_name,
)

_INCOME, _TILL = "income:", "till:"


@dataclass(frozen=True, slots=True)
class Booked:
    """A *transaction* with when it was booked, the *loan* it is about (its id), and staff's *note*."""

    transaction: Transaction
    at: datetime
    loan: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A transaction of the ledger with the number of its row, when it was booked, its loan and staff's note."""

    number: int
    transaction: Transaction
    at: datetime
    loan: int | None
    note: str


def keep(connection: Connection, booked: Sequence[Booked]) -> list[int]:
    """Adds *booked*; the numbers of the rows, in order.  A reference that is there already is an `IntegrityError`."""
    ids = insert_all(connection, m.ledger, [_row(one) for one in booked])
    legs = [
        {
            "transaction": number,
            "account": account_name(leg.account),
            "minor_units": leg.minor_units,
            "fee": leg.fee,
            "item": leg.item,
        }
        for number, one in zip(ids, booked, strict=True)
        for leg in one.transaction.legs
    ]
    if legs:
        connection.execute(insert(m.ledger_legs), legs)
    return ids


def patron_of(transaction: Transaction) -> PatronId:
    """Whose transaction it is: every one is about one patron."""
    for leg in transaction.legs:
        if isinstance(leg.account, PatronAccount | DepositAccount):
            return leg.account.patron
    raise AssertionError(f"{transaction.reference} is about nobody")


def _row(booked: Booked) -> dict[str, Any]:
    made, counters = booked.transaction, booked.transaction.counters
    return {
        "reference": made.reference,
        "kind": made.kind.value,
        "currency": made.currency,
        "booked_on": made.origin.booked_on,
        "booked_at": booked.at,
        "source": made.origin.source,
        "operator": made.origin.operator,
        "voucher": made.origin.voucher,
        "patron": patron_of(made).reveal(),
        "counters": None if counters is None else counters.reference,
        "counters_kind": None if counters is None else counters.kind.value,
        "loan": booked.loan,
        "note": booked.note,
    }


# --- Reading --------------------------------------------------------------------------------------------------------


def transactions_of(connection: Connection, patron: PatronId, currency: str) -> list[Kept]:
    """Every transaction of *patron*, in the order they were booked; *currency* is that of rows that name none."""
    return _kept(connection, m.ledger.c.patron == patron.reveal(), currency)


def transactions_of_day(connection: Connection, day: date, currency: str) -> list[Kept]:
    """Every transaction that was booked on *day*."""
    return _kept(connection, m.ledger.c.booked_on == day, currency)


def transaction_named(connection: Connection, reference: str, currency: str) -> Kept | None:
    """The transaction *reference*, None when there is none."""
    return next(iter(_kept(connection, m.ledger.c.reference == reference, currency)), None)


def charges_of_loans(connection: Connection, loans: Collection[int], currency: str) -> list[Kept]:
    """What was charged for *loans*, countered or not."""
    if not loans:
        return []
    is_charge = m.ledger.c.kind == Kind.CHARGE.value
    return _kept(connection, m.ledger.c.loan.in_(tuple(loans)) & is_charge, currency)


def _kept(connection: Connection, where: ColumnElement[bool], currency: str) -> list[Kept]:
    rows = connection.execute(select(m.ledger).where(where).order_by(m.ledger.c.id)).all()
    legs: dict[int, list[Row[Any]]] = {row.id: [] for row in rows}
    query = select(m.ledger_legs).join(m.ledger, m.ledger_legs.c.transaction == m.ledger.c.id)
    for leg in connection.execute(query.where(where).order_by(m.ledger_legs.c.id)):
        legs[leg.transaction].append(leg)
    return [
        Kept(row.id, _transaction(row, legs[row.id], currency), row.booked_at, row.loan, row.note)
        for row in rows
    ]


def _transaction(row: Row[Any], legs: Iterable[Row[Any]], currency: str) -> Transaction:
    patron = PatronId(row.patron)
    return Transaction(
        Origin(row.reference, row.booked_on, row.source, row.operator, row.voucher),
        Kind(row.kind),
        row.currency or currency,
        tuple(
            Leg(
                _account(leg.account, patron),
                leg.minor_units,
                leg.fee,
                None if leg.item is None else ItemId(leg.item),
            )
            for leg in legs
        ),
        None if row.counters is None else Countered(row.counters, Kind(row.counters_kind)),
    )


def _account(name: str, patron: PatronId) -> Account:
    if name == m.PATRONS:
        return PatronAccount(patron)
    if name == m.DEPOSITS:
        return DepositAccount(patron)
    if name.startswith(_INCOME):
        return Income(FeeKind(name.removeprefix(_INCOME)))
    if name.startswith(_TILL):
        return Till(name.removeprefix(_TILL))
    return Allowance(name)


# --- What is open ---------------------------------------------------------------------------------------------------

_STANDING = (
    select(
        m.ledger.c.patron,
        m.ledger_legs.c.fee,
        m.ledger_legs.c.item,
        func.sum(m.ledger_legs.c.minor_units).label("open_minor"),
        func.min(m.ledger.c.id).label("charge"),
    )
    .join(m.ledger, m.ledger_legs.c.transaction == m.ledger.c.id)
    .where(m.ledger_legs.c.account == m.PATRONS)
    .group_by(m.ledger.c.patron, m.ledger_legs.c.fee, m.ledger_legs.c.item)
    .having(func.sum(m.ledger_legs.c.minor_units) > 0)
)
_STANDING_OF = _STANDING.where(m.ledger.c.patron.in_(bindparam("patrons", expanding=True)))


def _debts(connection: Connection, standing: Any, asked: dict[str, Any]) -> Counter[PatronId]:
    fees = standing.subquery()
    query = select(fees.c.patron, func.sum(fees.c.open_minor)).group_by(fees.c.patron)
    return Counter({PatronId(number): int(amount) for number, amount in connection.execute(query, asked)})


def debts_of_patrons(connection: Connection, patrons: Collection[PatronId]) -> Counter[PatronId]:
    """What each of *patrons* owes, in minor units: the sum of what is open of their fees."""
    if not patrons:
        return Counter()
    return _debts(connection, _STANDING_OF, {"patrons": [number.reveal() for number in patrons]})


def all_debts(connection: Connection) -> Counter[PatronId]:
    """What every patron owes who owes something."""
    return _debts(connection, _STANDING, {})


def open_fees_of_patron(connection: Connection, patron: PatronId) -> tuple[FeeRecord, ...]:
    """What *patron* owes, oldest first."""
    fees = _STANDING_OF.subquery()
    income = m.ledger_legs.alias()
    rows = connection.execute(
        select(fees, m.ledger.c.booked_on, income.c.account, t.items.c.title)
        .join(m.ledger, m.ledger.c.id == fees.c.charge)
        .join(income, (income.c.transaction == fees.c.charge) & income.c.account.startswith(_INCOME))
        .outerjoin(t.items, t.items.c.number == fees.c.item)
        .order_by(m.ledger.c.booked_on, fees.c.charge),
        {"patrons": [patron.reveal()]},
    )
    return tuple(
        FeeRecord(
            row.fee,
            None if row.item is None else ItemId(row.item),
            FeeKind(row.account.removeprefix(_INCOME)),
            int(row.open_minor),
            row.booked_on,
            row.title or "",
        )
        for row in rows
    )
