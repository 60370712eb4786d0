"""What terminals tell in batches: their epochs, their events, what staff have to settle, and marks on items."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0002"
down_revision = "r0001"

CODE = sa.String(32)
NUMBER = sa.String(64)
TEXT = sa.String(500)
MOMENT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Adds four tables, and to a loan how it ended."""
    _loans()
    _marks()
    _epochs()
    _events()
    _exceptions()


def _loans() -> None:
    # Not as a batch: SQLite would make the table anew, and drop the one that fees and holds point to.
    op.execute(
        "ALTER TABLE loans ADD COLUMN closed_how VARCHAR(32) "
        "CONSTRAINT ck_loans_closed_how CHECK (closed_how IN ('returned', 'implied', 'undone'))"
    )
    op.create_index("ix_loans_item_lent_at", "loans", ["item", "lent_at"], unique=False)


def _marks() -> None:
    op.create_table(
        "marks",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("item", NUMBER, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", CODE, nullable=False),
        sa.Column("patron", NUMBER, nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("terminal", CODE, nullable=False),
        sa.CheckConstraint("kind IN ('seen', 'lent-again')", name=op.f("ck_marks_kind")),
        sa.CheckConstraint("kind = 'seen' OR due_on IS NOT NULL", name=op.f("ck_marks_due")),
        sa.ForeignKeyConstraint(["item"], ["items.number"], name=op.f("fk_marks_item_items")),
        sa.ForeignKeyConstraint(["patron"], ["patrons.number"], name=op.f("fk_marks_patron_patrons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marks")),
    )
    op.create_index("ix_marks_item_at", "marks", ["item", "at"], unique=False)


def _epochs() -> None:
    op.create_table(
        "epochs",
        sa.Column("terminal", CODE, nullable=False),
        sa.Column("epoch", CODE, nullable=False),
        sa.Column("next_number", sa.BigInteger(), nullable=False),
        sa.Column("offset_seconds", sa.Float(), nullable=True),
        sa.Column("chain", NUMBER, nullable=False),
        sa.Column("last_received_at", MOMENT, nullable=False),
        sa.CheckConstraint("next_number >= 1", name=op.f("ck_epochs_number")),
        sa.PrimaryKeyConstraint("terminal", "epoch", name=op.f("pk_epochs")),
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("terminal", CODE, nullable=False),
        sa.Column("epoch", CODE, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("through", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(128), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("fact_body", sa.Text(), nullable=True),
        sa.Column("offset_seconds", sa.Float(), nullable=True),
        sa.Column("patron", NUMBER, nullable=True),
        sa.Column("salt", CODE, nullable=True),
        sa.Column("patron_mac", NUMBER, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("at", MOMENT, nullable=True),
        sa.Column("is_clamped", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("policy", CODE, nullable=False),
        sa.Column("loan", ROW_ID, nullable=True),
        sa.Column("chain", NUMBER, nullable=False),
        sa.CheckConstraint("through >= number AND number >= 1", name=op.f("ck_events_numbers")),
        sa.ForeignKeyConstraint(["loan"], ["loans.id"], name=op.f("fk_events_loan_loans")),
        sa.ForeignKeyConstraint(
            ["terminal", "epoch"],
            ["epochs.terminal", "epochs.epoch"],
            name=op.f("fk_events_terminal_epoch_epochs"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("terminal", "epoch", "number", name=op.f("uq_events_terminal_epoch_number")),
        sa.UniqueConstraint("terminal", "key", name=op.f("uq_events_terminal_key")),
    )


def _exceptions() -> None:
    op.create_table(
        "exceptions",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("kind", CODE, nullable=False),
        sa.Column("terminal", CODE, nullable=False),
        sa.Column("event", ROW_ID, nullable=True),
        sa.Column("item", NUMBER, nullable=False),
        sa.Column("patron", NUMBER, nullable=True),
        sa.Column("other_patron", NUMBER, nullable=True),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("known", sa.Text(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", CODE, nullable=True),
        sa.Column("note", TEXT, nullable=True),
        sa.ForeignKeyConstraint(["event"], ["events.id"], name=op.f("fk_exceptions_event_events")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exceptions")),
    )
    op.create_index("ix_exceptions_closed_at", "exceptions", ["closed_at", "opened_at"], unique=False)
    op.create_index("ix_exceptions_event", "exceptions", ["event"], unique=False)
