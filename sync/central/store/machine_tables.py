"""The tables of enrolled terminals: codes that are out, tokens, locked keys, and the last snapshot of each."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, String, Table

from sync.central.store.moments import Moment
from sync.central.store.tables import CODE_LENGTH, TEXT_LENGTH, RowId, metadata

enrolment_codes = Table(
    "enrolment_codes",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("terminal", String(CODE_LENGTH), nullable=False),
    Column("code_mark", String(64), nullable=False, unique=True),
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)

enrolled = Table(
    "enrolled",
    metadata,
    Column("terminal", ForeignKey("terminals.name"), primary_key=True),
    Column("token_mark", String(64), nullable=False, unique=True),
    Column("locked_keys", String(TEXT_LENGTH), nullable=False),
    Column("enrolled_at", Moment, nullable=False),
    Column("snapshot_number", BigInteger, nullable=False),
    Column("snapshot_digest", String(64), nullable=False),
    Column("snapshot_issued_at", Moment),
    CheckConstraint("snapshot_number >= 0", name="number"),
)
