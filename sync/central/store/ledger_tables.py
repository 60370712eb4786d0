"""The tables of money: the ledger, which is only ever added to, and what harm to an item costs.

A transaction of `sync.rules.ledger` is a row of `ledger` and one row of `ledger_legs` for each leg.  What has a
reference is there once, what counters something counters it once, and triggers refuse every update and delete.  An
empty currency is the library's own: such rows are older than the ledger.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    String,
    Table,
)

from sync.central.store.moments import Moment
from sync.central.store.tables import CODE_LENGTH, NUMBER_LENGTH, TEXT_LENGTH, RowId, metadata

REFERENCE_LENGTH = 80
NAME_LENGTH = 40
PATRONS, DEPOSITS = "patrons", "deposits"

ledger = Table(
    "ledger",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("reference", String(REFERENCE_LENGTH), nullable=False, unique=True),
    Column("kind", String(CODE_LENGTH), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("booked_on", Date, nullable=False, index=True),
    Column("booked_at", Moment, nullable=False),
    Column("source", String(NAME_LENGTH), nullable=False),
    Column("operator", String(NAME_LENGTH), nullable=False),
    Column("voucher", String(REFERENCE_LENGTH), nullable=False),
    Column("patron", ForeignKey("patrons.number"), nullable=False, index=True),
    Column("counters", ForeignKey("ledger.reference"), unique=True),
    Column("counters_kind", String(CODE_LENGTH)),
    Column("loan", ForeignKey("loans.id"), index=True),
    Column("note", String(TEXT_LENGTH), nullable=False),
    CheckConstraint("(counters IS NULL) = (kind <> 'correction')", name="counters"),
)

ledger_legs = Table(
    "ledger_legs",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("transaction", ForeignKey("ledger.id"), nullable=False),
    Column("account", String(CODE_LENGTH), nullable=False),
    Column("minor_units", BigInteger, nullable=False),
    Column("fee", String(REFERENCE_LENGTH), nullable=False),
    Column("item", String(NUMBER_LENGTH)),
    CheckConstraint("minor_units <> 0", name="units"),
    Index("ix_ledger_legs_transaction", "transaction"),
)

harms = Table(
    "harms",
    metadata,
    Column("code", String(CODE_LENGTH), primary_key=True),
    Column("factor", String(CODE_LENGTH), nullable=False),
    Column("set_factor", String(CODE_LENGTH), nullable=False),
    Column("may_replace", Boolean, nullable=False),
    Column("minimum_minor", BigInteger, nullable=False),
    Column("cap_minor", BigInteger),
    Column("fee_kind", String(CODE_LENGTH), nullable=False),
    CheckConstraint("fee_kind IN ('damage', 'loss')", name="fee_kind"),
)
