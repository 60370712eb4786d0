"""The tables of where things are and what they need: the branch of each terminal, and items that need care."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table

from sync.central.store.moments import Moment
from sync.central.store.tables import CODE_LENGTH, TEXT_LENGTH, RowId, metadata

terminal_branches = Table(
    "terminal_branches",
    metadata,
    Column("terminal", String(CODE_LENGTH), primary_key=True),
    Column("branch", String(CODE_LENGTH), nullable=False),
)

care_reports = Table(
    "care_reports",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("item", ForeignKey("items.number"), nullable=False),
    Column("flaws", String(TEXT_LENGTH), nullable=False),
    Column("reported_by", String(TEXT_LENGTH), nullable=False),
    Column("terminal", String(CODE_LENGTH), nullable=False),
    Column("reported_at", Moment, nullable=False),
    Column("done_at", Moment),
    Column("done_by", String(CODE_LENGTH)),
    Column("note", String(TEXT_LENGTH)),
    Index("ix_care_reports_done_at", "done_at", "reported_at"),
)
