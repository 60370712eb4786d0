"""The tables of what terminals tell: their epochs, their events, and the exceptions, central's cases, for its staff.

One event under a terminal's number, and one under its key: the tables themselves promise it.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from sync.central.store import tables as t
from sync.central.store.moments import Moment

epochs = Table(
    "epochs",
    t.metadata,
    Column("terminal", String(t.CODE_LENGTH), primary_key=True),
    Column("epoch", String(t.CODE_LENGTH), primary_key=True),
    Column("next_number", BigInteger, nullable=False),
    Column("offset_seconds", Float),
    Column("chain", String(64), nullable=False),
    Column("last_received_at", Moment, nullable=False),
    CheckConstraint("next_number >= 1", name="number"),
)

events = Table(
    "events",
    t.metadata,
    Column("id", t.RowId, primary_key=True),
    Column("terminal", String(t.CODE_LENGTH), nullable=False),
    Column("epoch", String(t.CODE_LENGTH), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("through", BigInteger, nullable=False),
    Column("key", String(128)),
    Column("body", Text, nullable=False),
    Column("fact_body", Text),
    Column("offset_seconds", Float),
    Column("patron", String(t.NUMBER_LENGTH)),
    Column("salt", String(32)),
    Column("patron_mac", String(64), nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("at", Moment),
    Column("is_clamped", Boolean, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("decision", Text),
    Column("policy", String(t.CODE_LENGTH), nullable=False),
    Column("loan", ForeignKey("loans.id")),
    Column("ended_loan", ForeignKey("loans.id")),
    Column("hold", ForeignKey("holds.id")),
    Column("chain", String(64), nullable=False),
    ForeignKeyConstraint(["terminal", "epoch"], ["epochs.terminal", "epochs.epoch"]),
    UniqueConstraint("terminal", "epoch", "number"),
    UniqueConstraint("terminal", "key"),
    CheckConstraint("through >= number AND number >= 1", name="numbers"),
)

exceptions = Table(
    "exceptions",
    t.metadata,
    Column("id", t.RowId, primary_key=True),
    Column("kind", String(t.CODE_LENGTH), nullable=False),
    Column("terminal", String(t.CODE_LENGTH), nullable=False),
    Column("event", ForeignKey("events.id")),
    Column("item", String(t.NUMBER_LENGTH), nullable=False),
    Column("patron", String(t.NUMBER_LENGTH)),
    Column("other_patron", String(t.NUMBER_LENGTH)),
    Column("told", Text, nullable=False),
    Column("known", Text, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("closed_by", String(t.CODE_LENGTH)),
    Column("note", String(t.TEXT_LENGTH)),
    Index("ix_exceptions_closed_at", "closed_at", "opened_at"),
    Index("ix_exceptions_event", "event"),
)
