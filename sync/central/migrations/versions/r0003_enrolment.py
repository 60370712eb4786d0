"""Terminals that were enrolled: their codes, tokens and keys, and the number of their last snapshot."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0003"
down_revision = "r0002"

CODE = sa.String(32)
MARK = sa.String(64)
MOMENT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes both tables."""
    op.create_table(
        "enrolment_codes",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("terminal", CODE, nullable=False),
        sa.Column("code_mark", MARK, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment_codes")),
        sa.UniqueConstraint("code_mark", name=op.f("uq_enrolment_codes_code_mark")),
    )
    op.create_table(
        "enrolled",
        sa.Column("terminal", CODE, nullable=False),
        sa.Column("token_mark", MARK, nullable=False),
        sa.Column("locked_keys", sa.String(500), nullable=False),
        sa.Column("enrolled_at", MOMENT, nullable=False),
        sa.Column("snapshot_number", sa.BigInteger(), nullable=False),
        sa.Column("snapshot_digest", MARK, nullable=False),
        sa.Column("snapshot_issued_at", MOMENT, nullable=True),
        sa.CheckConstraint("snapshot_number >= 0", name=op.f("ck_enrolled_number")),
        sa.ForeignKeyConstraint(
            ["terminal"], ["terminals.name"], name=op.f("fk_enrolled_terminal_terminals")
        ),
        sa.PrimaryKeyConstraint("terminal", name=op.f("pk_enrolled")),
        sa.UniqueConstraint("token_mark", name=op.f("uq_enrolled_token_mark")),
    )
