"""Money as double entry in place of a list of fees, what returns and sorting have to know, and care of items."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "r0004"
down_revision = "r0003"

CODE = sa.String(32)
NUMBER = sa.String(64)
NAME = sa.String(40)
REFERENCE = sa.String(80)
TEXT = sa.String(500)
MOMENT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# Each with its default, for rows there are already; SQLite adds a column as it is said here, and never rebuilds.
COLUMNS = (
    "item_types ADD COLUMN overdue_per_day_minor BIGINT DEFAULT 0 NOT NULL "
    "CONSTRAINT ck_item_types_overdue_per_day CHECK (overdue_per_day_minor BETWEEN 0 AND 100000000)",
    "item_types ADD COLUMN overdue_grace_days INTEGER DEFAULT 0 NOT NULL "
    "CONSTRAINT ck_item_types_overdue_grace_days CHECK (overdue_grace_days BETWEEN 0 AND 366)",
    "item_types ADD COLUMN overdue_grace VARCHAR(32) DEFAULT 'forgives' NOT NULL "
    "CONSTRAINT ck_item_types_overdue_grace CHECK (overdue_grace IN ('forgives', 'delays'))",
    "item_types ADD COLUMN overdue_ceiling_minor BIGINT "
    "CONSTRAINT ck_item_types_overdue_ceiling CHECK (overdue_ceiling_minor BETWEEN 0 AND 999999999999)",
    "item_types ADD COLUMN overdue_capped_at_price BOOLEAN DEFAULT {false} NOT NULL",
    "item_types ADD COLUMN overdue_closed_days_count BOOLEAN DEFAULT {false} NOT NULL",
    "item_types ADD COLUMN sort_bin VARCHAR(32) DEFAULT '' NOT NULL",
    "collections ADD COLUMN sort_bin VARCHAR(32) DEFAULT '' NOT NULL",
    "items ADD COLUMN is_set_price BOOLEAN DEFAULT {false} NOT NULL",
    "items ADD COLUMN branch VARCHAR(32) DEFAULT '' NOT NULL",
    "items ADD COLUMN new_until DATE",
    "holds ADD COLUMN pickup_branch VARCHAR(32) DEFAULT '' NOT NULL",
    "events ADD COLUMN ended_loan {row_id} CONSTRAINT fk_events_ended_loan_loans REFERENCES loans (id)",
    "events ADD COLUMN hold {row_id} CONSTRAINT fk_events_hold_holds REFERENCES holds (id)",
)


def upgrade() -> None:
    """Adds columns and tables, and leads every fee there is over into the ledger."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for column in COLUMNS:
        words = {"false": "0", "row_id": "INTEGER"} if is_sqlite else {"false": "false", "row_id": "BIGINT"}
        op.execute("ALTER TABLE " + column.format(**words))
    _marks(is_sqlite=is_sqlite)
    _ledger()
    _harms()
    _care()
    _lead_over()
    op.drop_table("fees")
    for table in ("ledger", "ledger_legs"):
        _only_grows(table, is_sqlite=is_sqlite)


def _marks(*, is_sqlite: bool) -> None:
    kinds = "kind IN ('seen', 'lent-again', 'given-back')"
    due = "kind <> 'lent-again' OR due_on IS NOT NULL"
    if not is_sqlite:
        for name, check in (("ck_marks_kind", kinds), ("ck_marks_due", due)):
            op.execute(f"ALTER TABLE marks DROP CONSTRAINT {name}")
            op.execute(f"ALTER TABLE marks ADD CONSTRAINT {name} CHECK ({check})")
        return
    op.execute("DROP INDEX ix_marks_item_at")
    op.execute("ALTER TABLE marks RENAME TO former_marks")
    op.create_table(
        "marks",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("item", NUMBER, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", CODE, nullable=False),
        sa.Column("patron", NUMBER, nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("terminal", CODE, nullable=False),
        sa.CheckConstraint(kinds, name=op.f("ck_marks_kind")),
        sa.CheckConstraint(due, name=op.f("ck_marks_due")),
        sa.ForeignKeyConstraint(["item"], ["items.number"], name=op.f("fk_marks_item_items")),
        sa.ForeignKeyConstraint(["patron"], ["patrons.number"], name=op.f("fk_marks_patron_patrons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marks")),
    )
    op.execute("INSERT INTO marks SELECT id, item, at, kind, patron, due_on, terminal FROM former_marks")
    op.execute("DROP TABLE former_marks")
    op.create_index("ix_marks_item_at", "marks", ["item", "at"], unique=False)


def _ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("reference", REFERENCE, nullable=False),
        sa.Column("kind", CODE, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("booked_at", MOMENT, nullable=False),
        sa.Column("source", NAME, nullable=False),
        sa.Column("operator", NAME, nullable=False),
        sa.Column("voucher", REFERENCE, nullable=False),
        sa.Column("patron", NUMBER, nullable=False),
        sa.Column("counters", REFERENCE, nullable=True),
        sa.Column("counters_kind", CODE, nullable=True),
        sa.Column("loan", ROW_ID, nullable=True),
        sa.Column("note", TEXT, nullable=False),
        sa.CheckConstraint("(counters IS NULL) = (kind <> 'correction')", name=op.f("ck_ledger_counters")),
        sa.ForeignKeyConstraint(["patron"], ["patrons.number"], name=op.f("fk_ledger_patron_patrons")),
        sa.ForeignKeyConstraint(["counters"], ["ledger.reference"], name=op.f("fk_ledger_counters_ledger")),
        sa.ForeignKeyConstraint(["loan"], ["loans.id"], name=op.f("fk_ledger_loan_loans")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
        sa.UniqueConstraint("reference", name=op.f("uq_ledger_reference")),
        sa.UniqueConstraint("counters", name=op.f("uq_ledger_counters")),
    )
    for column in ("booked_on", "patron", "loan"):
        op.create_index(op.f(f"ix_ledger_{column}"), "ledger", [column], unique=False)
    op.create_table(
        "ledger_legs",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("transaction", ROW_ID, nullable=False),
        sa.Column("account", CODE, nullable=False),
        sa.Column("minor_units", sa.BigInteger(), nullable=False),
        sa.Column("fee", REFERENCE, nullable=False),
        sa.Column("item", NUMBER, nullable=True),
        sa.CheckConstraint("minor_units <> 0", name=op.f("ck_ledger_legs_units")),
        sa.ForeignKeyConstraint(
            ["transaction"], ["ledger.id"], name=op.f("fk_ledger_legs_transaction_ledger")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_legs")),
    )
    op.create_index("ix_ledger_legs_transaction", "ledger_legs", ["transaction"], unique=False)


def _harms() -> None:
    op.create_table(
        "harms",
        sa.Column("code", CODE, nullable=False),
        sa.Column("factor", CODE, nullable=False),
        sa.Column("set_factor", CODE, nullable=False),
        sa.Column("may_replace", sa.Boolean(), nullable=False),
        sa.Column("minimum_minor", sa.BigInteger(), nullable=False),
        sa.Column("cap_minor", sa.BigInteger(), nullable=True),
        sa.Column("fee_kind", CODE, nullable=False),
        sa.CheckConstraint("fee_kind IN ('damage', 'loss')", name=op.f("ck_harms_fee_kind")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_harms")),
    )


def _care() -> None:
    op.create_table(
        "terminal_branches",
        sa.Column("terminal", CODE, nullable=False),
        sa.Column("branch", CODE, nullable=False),
        sa.PrimaryKeyConstraint("terminal", name=op.f("pk_terminal_branches")),
    )
    op.create_table(
        "care_reports",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("item", NUMBER, nullable=False),
        sa.Column("flaws", TEXT, nullable=False),
        sa.Column("reported_by", TEXT, nullable=False),
        sa.Column("terminal", CODE, nullable=False),
        sa.Column("reported_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("done_by", CODE, nullable=True),
        sa.Column("note", TEXT, nullable=True),
        sa.ForeignKeyConstraint(["item"], ["items.number"], name=op.f("fk_care_reports_item_items")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_reports")),
    )
    op.create_index("ix_care_reports_done_at", "care_reports", ["done_at", "reported_at"], unique=False)


# --- What there is already ------------------------------------------------------------------------------------------

_FEES = sa.table(
    "fees",
    *(sa.column(name) for name in ("id", "patron", "item", "loan", "kind", "amount_minor")),
    sa.column("charged_at", MOMENT),
    sa.column("settled_at", MOMENT),
)
_LEDGER = sa.table(
    "ledger",
    *(sa.column(name) for name in ("id", "reference", "kind", "currency", "source", "operator")),
    *(sa.column(name) for name in ("voucher", "patron", "counters", "counters_kind", "loan", "note")),
    sa.column("booked_on", sa.Date()),
    sa.column("booked_at", MOMENT),
)
_LEGS = sa.table(
    "ledger_legs",
    *(sa.column(name) for name in ("transaction", "account", "minor_units", "fee", "item")),
)


def _lead_over() -> None:
    """A fee is a charge F<id>; one that was settled is countered, for all that settled a fee was taking a loan back."""
    connection = op.get_bind()
    number = 0
    for fee in connection.execute(sa.select(_FEES).order_by(_FEES.c.id)).all():
        reference, units = f"F{fee.id}", fee.amount_minor
        number = _book(connection, number, fee, reference, "charge", fee.charged_at, units)
        if fee.settled_at is not None:
            kind = "correction"
            number = _book(connection, number, fee, f"{reference}-settled", kind, fee.settled_at, -units)
    if connection.dialect.name == "postgresql":
        connection.execute(
            sa.text("SELECT setval(pg_get_serial_sequence('ledger', 'id'), :next, false)"),
            {"next": number + 1},
        )


def _book(
    connection: sa.Connection, last: int, fee: Any, reference: str, kind: str, at: datetime, units: int
) -> int:
    """The number of the row that was added, the one after *last*."""
    moment = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    is_charge = kind == "charge"
    connection.execute(
        _LEDGER.insert(),
        {
            "id": last + 1,
            "reference": reference,
            "kind": kind,
            "currency": "",
            "booked_on": moment.astimezone(UTC).date(),
            "booked_at": at,
            "source": "central",
            "operator": "migration",
            "voucher": "",
            "patron": fee.patron,
            "counters": None if is_charge else f"F{fee.id}",
            "counters_kind": None if is_charge else "charge",
            "loan": fee.loan,
            "note": "",
        },
    )
    connection.execute(
        _LEGS.insert(),
        [
            {
                "transaction": last + 1,
                "account": "patrons",
                "minor_units": units,
                "fee": f"F{fee.id}",
                "item": fee.item,
            },
            {
                "transaction": last + 1,
                "account": f"income:{fee.kind}",
                "minor_units": -units,
                "fee": "",
                "item": None,
            },
        ],
    )
    return last + 1


# --- Only added to --------------------------------------------------------------------------------------------------


def _only_grows(table: str, *, is_sqlite: bool) -> None:
    why = f"{table} is only ever added to"
    if is_sqlite:
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{why}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{why}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_only_grows()"
    )
