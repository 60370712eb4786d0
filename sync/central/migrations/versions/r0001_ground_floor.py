"""The first tables: the library's terms, its stock, its people, loans, holds, blocks and fees."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0001"
down_revision = None

CODE = sa.String(32)
NUMBER = sa.String(64)
TEXT = sa.String(500)
MOMENT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes every table, those that are pointed to first."""
    _library_terms()
    _machines()
    _stock()
    _people()
    _loans()
    _holds()
    _fees()


def _library_terms() -> None:
    op.create_table(
        "categories",
        sa.Column("code", CODE, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("loans_max", sa.Integer(), nullable=False),
        sa.Column("holds_max", sa.Integer(), nullable=False),
        sa.Column("fees_ceiling_minor", sa.BigInteger(), nullable=True),
        sa.Column("overdue_max", sa.Integer(), nullable=True),
        sa.Column("age_assumed_years", sa.Integer(), nullable=False),
        sa.CheckConstraint("loans_max >= 0 AND holds_max >= 0", name=op.f("ck_categories_limits")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_categories")),
    )
    op.create_table(
        "closed_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("why", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_closed_days")),
    )
    op.create_table(
        "closed_weekdays",
        sa.Column("weekday", sa.Integer(), autoincrement=False, nullable=False),
        sa.CheckConstraint("weekday >= 0 AND weekday <= 6", name=op.f("ck_closed_weekdays_weekday")),
        sa.PrimaryKeyConstraint("weekday", name=op.f("pk_closed_weekdays")),
    )
    op.create_table(
        "collections",
        sa.Column("code", CODE, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("use", CODE, nullable=False),
        sa.CheckConstraint(
            "use IN ('lending', 'reference', 'special', 'large-series', 'periodical')",
            name=op.f("ck_collections_use"),
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_collections")),
    )
    op.create_table(
        "item_types",
        sa.Column("code", CODE, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("media_code", sa.String(length=3), nullable=False),
        sa.Column("checkout_fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("is_magnetic", sa.Boolean(), nullable=False),
        sa.CheckConstraint("checkout_fee_minor >= 0", name=op.f("ck_item_types_fee")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_item_types")),
    )
    op.create_table(
        "loan_terms",
        sa.Column("category", CODE, nullable=False),
        sa.Column("item_type", CODE, nullable=False),
        sa.Column("loan_days", sa.Integer(), nullable=False),
        sa.Column("renewals_max", sa.Integer(), nullable=False),
        sa.Column("renewal_days", sa.Integer(), nullable=False),
        sa.Column("count_max", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "loan_days >= 0 AND renewals_max >= 0 AND renewal_days >= 0", name=op.f("ck_loan_terms_periods")
        ),
        sa.ForeignKeyConstraint(
            ["category"], ["categories.code"], name=op.f("fk_loan_terms_category_categories")
        ),
        sa.ForeignKeyConstraint(
            ["item_type"], ["item_types.code"], name=op.f("fk_loan_terms_item_type_item_types")
        ),
        sa.PrimaryKeyConstraint("category", "item_type", name=op.f("pk_loan_terms")),
    )


def _machines() -> None:
    op.create_table(
        "terminals",
        sa.Column("name", CODE, nullable=False),
        sa.Column("secret_hash", TEXT, nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_terminals")),
    )
    op.create_table(
        "replies",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("terminal", CODE, nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("digest", NUMBER, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replies")),
        sa.UniqueConstraint("terminal", "key", name=op.f("uq_replies_terminal_key")),
    )


def _stock() -> None:
    op.create_table(
        "items",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("author", TEXT, nullable=False),
        sa.Column("item_type", CODE, nullable=False),
        sa.Column("collection", CODE, nullable=False),
        sa.Column("call_number", TEXT, nullable=False),
        sa.Column("location", TEXT, nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=True),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("lend_incomplete", sa.Boolean(), nullable=False),
        sa.Column("condition", CODE, nullable=False),
        sa.Column("stays_secured", sa.Boolean(), nullable=False),
        sa.Column("age_min_years", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "condition IN ('in-place', 'in-process', 'in-transit', 'lost', 'missing', 'damaged', "
            "'withdrawn')",
            name=op.f("ck_items_condition"),
        ),
        sa.CheckConstraint("parts >= 1", name=op.f("ck_items_parts")),
        sa.CheckConstraint("price_minor >= 0", name=op.f("ck_items_price")),
        sa.ForeignKeyConstraint(
            ["collection"], ["collections.code"], name=op.f("fk_items_collection_collections")
        ),
        sa.ForeignKeyConstraint(
            ["item_type"], ["item_types.code"], name=op.f("fk_items_item_type_item_types")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_items")),
    )
    op.create_index(op.f("ix_items_item_type"), "items", ["item_type"], unique=False)


def _people() -> None:
    op.create_table(
        "patrons",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("category", CODE, nullable=False),
        sa.Column("pin_hash", TEXT, nullable=True),
        sa.Column("card", CODE, nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.CheckConstraint("card IN ('active', 'blocked', 'lost')", name=op.f("ck_patrons_card")),
        sa.ForeignKeyConstraint(
            ["category"], ["categories.code"], name=op.f("fk_patrons_category_categories")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_patrons")),
    )
    op.create_index(op.f("ix_patrons_category"), "patrons", ["category"], unique=False)
    op.create_table(
        "blocks",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("patron", NUMBER, nullable=False),
        sa.Column("why", TEXT, nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("lifted_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["patron"], ["patrons.number"], name=op.f("fk_blocks_patron_patrons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocks")),
    )
    op.create_index(op.f("ix_blocks_patron"), "blocks", ["patron"], unique=False)


def _loans() -> None:
    op.create_table(
        "loans",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("item", NUMBER, nullable=False),
        sa.Column("patron", NUMBER, nullable=False),
        sa.Column("lent_at", MOMENT, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("terminal", CODE, nullable=False),
        sa.Column("renewals", sa.Integer(), nullable=False),
        sa.Column("renewed_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_terminal", CODE, nullable=True),
        sa.CheckConstraint("closed_at >= lent_at", name=op.f("ck_loans_order")),
        sa.CheckConstraint("renewals >= 0", name=op.f("ck_loans_renewals")),
        sa.ForeignKeyConstraint(["item"], ["items.number"], name=op.f("fk_loans_item_items")),
        sa.ForeignKeyConstraint(["patron"], ["patrons.number"], name=op.f("fk_loans_patron_patrons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loans")),
    )
    op.create_index("ix_loans_patron_closed_at", "loans", ["patron", "closed_at"], unique=False)
    op.create_index(
        "uq_loans_open_item",
        "loans",
        ["item"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def _holds() -> None:
    op.create_table(
        "holds",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("item", NUMBER, nullable=False),
        sa.Column("patron", NUMBER, nullable=False),
        sa.Column("placed_at", MOMENT, nullable=False),
        sa.Column("is_on_shelf", sa.Boolean(), nullable=False),
        sa.Column("pickup_location", TEXT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("loan", ROW_ID, nullable=True),
        sa.ForeignKeyConstraint(["item"], ["items.number"], name=op.f("fk_holds_item_items")),
        sa.ForeignKeyConstraint(["loan"], ["loans.id"], name=op.f("fk_holds_loan_loans")),
        sa.ForeignKeyConstraint(["patron"], ["patrons.number"], name=op.f("fk_holds_patron_patrons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    op.create_index(op.f("ix_holds_patron"), "holds", ["patron"], unique=False)
    op.create_index(
        "uq_holds_open_item_patron",
        "holds",
        ["item", "patron"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def _fees() -> None:
    op.create_table(
        "fees",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("patron", NUMBER, nullable=False),
        sa.Column("item", NUMBER, nullable=True),
        sa.Column("loan", ROW_ID, nullable=True),
        sa.Column("kind", CODE, nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("charged_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "kind IN ('checkout', 'overdue', 'damage', 'loss', 'card', 'other')", name=op.f("ck_fees_kind")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_fees_amount")),
        sa.ForeignKeyConstraint(["item"], ["items.number"], name=op.f("fk_fees_item_items")),
        sa.ForeignKeyConstraint(["loan"], ["loans.id"], name=op.f("fk_fees_loan_loans")),
        sa.ForeignKeyConstraint(["patron"], ["patrons.number"], name=op.f("fk_fees_patron_patrons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fees")),
    )
    op.create_index(op.f("ix_fees_patron"), "fees", ["patron"], unique=False)
