"""Every table of central.  Amounts are integers in minor units, moments are UTC, days are days at the
library.

What the tables themselves promise: one open loan per item, one open hold per item and patron, no loan
or hold of somebody or something that is not there.

`marks` are what is known of an item beside its loans: that it was seen in the library when no loan was open, lent
once more to who had it already, or given back at a terminal that told so in its order.

Money is in `ledger_tables.py`.
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
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from sync.central.store.moments import Moment

NUMBER_LENGTH = 64
CODE_LENGTH = 32
TEXT_LENGTH = 500

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite only numbers rows by itself when the key is spelled INTEGER.
RowId = BigInteger().with_variant(Integer(), "sqlite")


def _is_one_of(column: str, *values: str) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


categories = Table(
    "categories",
    metadata,
    Column("code", String(CODE_LENGTH), primary_key=True),
    Column("name", String(TEXT_LENGTH), nullable=False),
    Column("loans_max", Integer, nullable=False),
    Column("holds_max", Integer, nullable=False),
    Column("fees_ceiling_minor", BigInteger),
    Column("overdue_max", Integer),
    Column("age_assumed_years", Integer, nullable=False),
    CheckConstraint("loans_max >= 0 AND holds_max >= 0", name="limits"),
)

item_types = Table(
    "item_types",
    metadata,
    Column("code", String(CODE_LENGTH), primary_key=True),
    Column("name", String(TEXT_LENGTH), nullable=False),
    Column("media_code", String(3), nullable=False),
    Column("checkout_fee_minor", BigInteger, nullable=False),
    Column("is_magnetic", Boolean, nullable=False),
    Column("overdue_per_day_minor", BigInteger, nullable=False),
    Column("overdue_grace_days", Integer, nullable=False),
    Column("overdue_grace", String(CODE_LENGTH), nullable=False),
    Column("overdue_ceiling_minor", BigInteger),
    Column("overdue_capped_at_price", Boolean, nullable=False),
    Column("overdue_closed_days_count", Boolean, nullable=False),
    Column("sort_bin", String(CODE_LENGTH), nullable=False),
    CheckConstraint("checkout_fee_minor >= 0", name="fee"),
    CheckConstraint("overdue_per_day_minor BETWEEN 0 AND 100000000", name="overdue_per_day"),
    CheckConstraint("overdue_grace_days BETWEEN 0 AND 366", name="overdue_grace_days"),
    CheckConstraint(_is_one_of("overdue_grace", "forgives", "delays"), name="overdue_grace"),
    CheckConstraint("overdue_ceiling_minor BETWEEN 0 AND 999999999999", name="overdue_ceiling"),
)

loan_terms = Table(
    "loan_terms",
    metadata,
    Column("category", ForeignKey("categories.code"), primary_key=True),
    Column("item_type", ForeignKey("item_types.code"), primary_key=True),
    Column("loan_days", Integer, nullable=False),
    Column("renewals_max", Integer, nullable=False),
    Column("renewal_days", Integer, nullable=False),
    Column("count_max", Integer),
    CheckConstraint("loan_days >= 0 AND renewals_max >= 0 AND renewal_days >= 0", name="periods"),
)

collections = Table(
    "collections",
    metadata,
    Column("code", String(CODE_LENGTH), primary_key=True),
    Column("name", String(TEXT_LENGTH), nullable=False),
    Column("use", String(CODE_LENGTH), nullable=False),
    Column("sort_bin", String(CODE_LENGTH), nullable=False),
    CheckConstraint(
        _is_one_of("use", "lending", "reference", "special", "large-series", "periodical"), name="use"
    ),
)

items = Table(
    "items",
    metadata,
    Column("number", String(NUMBER_LENGTH), primary_key=True),
    Column("title", String(TEXT_LENGTH), nullable=False),
    Column("author", String(TEXT_LENGTH), nullable=False),
    Column("item_type", ForeignKey("item_types.code"), nullable=False, index=True),
    Column("collection", ForeignKey("collections.code"), nullable=False),
    Column("call_number", String(TEXT_LENGTH), nullable=False),
    Column("location", String(TEXT_LENGTH), nullable=False),
    Column("price_minor", BigInteger),
    Column("parts", Integer, nullable=False),
    Column("lend_incomplete", Boolean, nullable=False),
    Column("condition", String(CODE_LENGTH), nullable=False),
    Column("stays_secured", Boolean, nullable=False),
    Column("age_min_years", Integer, nullable=False),
    Column("is_set_price", Boolean, nullable=False),
    Column("branch", String(CODE_LENGTH), nullable=False),
    Column("new_until", Date),
    CheckConstraint("parts >= 1", name="parts"),
    CheckConstraint("price_minor >= 0", name="price"),
    CheckConstraint(
        _is_one_of(
            "condition", "in-place", "in-process", "in-transit", "lost", "missing", "damaged", "withdrawn"
        ),
        name="condition",
    ),
)

patrons = Table(
    "patrons",
    metadata,
    Column("number", String(NUMBER_LENGTH), primary_key=True),
    Column("name", String(TEXT_LENGTH), nullable=False),
    Column("category", ForeignKey("categories.code"), nullable=False, index=True),
    Column("pin_hash", String(TEXT_LENGTH)),
    Column("card", String(CODE_LENGTH), nullable=False),
    Column("expires_on", Date),
    Column("born_on", Date),
    CheckConstraint(_is_one_of("card", "active", "blocked", "lost"), name="card"),
)

blocks = Table(
    "blocks",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("patron", ForeignKey("patrons.number"), nullable=False, index=True),
    Column("why", String(TEXT_LENGTH), nullable=False),
    Column("set_at", Moment, nullable=False),
    Column("lifted_at", Moment),
)

loans = Table(
    "loans",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("item", ForeignKey("items.number"), nullable=False),
    Column("patron", ForeignKey("patrons.number"), nullable=False),
    Column("lent_at", Moment, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("terminal", String(CODE_LENGTH), nullable=False),
    Column("renewals", Integer, nullable=False),
    Column("renewed_at", Moment),
    Column("closed_at", Moment),
    Column("closed_terminal", String(CODE_LENGTH)),
    Column("closed_how", String(CODE_LENGTH)),
    CheckConstraint("closed_at >= lent_at", name="order"),
    CheckConstraint(_is_one_of("closed_how", "returned", "implied", "undone"), name="closed_how"),
    CheckConstraint("renewals >= 0", name="renewals"),
    Index(
        "uq_loans_open_item",
        "item",
        unique=True,
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index("ix_loans_patron_closed_at", "patron", "closed_at"),
    Index("ix_loans_item_lent_at", "item", "lent_at"),
)

holds = Table(
    "holds",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("item", ForeignKey("items.number"), nullable=False),
    Column("patron", ForeignKey("patrons.number"), nullable=False, index=True),
    Column("placed_at", Moment, nullable=False),
    Column("is_on_shelf", Boolean, nullable=False),
    Column("pickup_location", String(TEXT_LENGTH), nullable=False),
    Column("pickup_branch", String(CODE_LENGTH), nullable=False),
    Column("closed_at", Moment),
    Column("loan", ForeignKey("loans.id")),
    Index(
        "uq_holds_open_item_patron",
        "item",
        "patron",
        unique=True,
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
)

closed_days = Table(
    "closed_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("why", String(TEXT_LENGTH), nullable=False),
)

closed_weekdays = Table(
    "closed_weekdays",
    metadata,
    Column("weekday", Integer, primary_key=True, autoincrement=False),
    CheckConstraint("weekday >= 0 AND weekday <= 6", name="weekday"),
)

terminals = Table(
    "terminals",
    metadata,
    Column("name", String(CODE_LENGTH), primary_key=True),
    Column("secret_hash", String(TEXT_LENGTH), nullable=False),
    Column("is_active", Boolean, nullable=False),
)

replies = Table(
    "replies",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("terminal", String(CODE_LENGTH), nullable=False),
    Column("key", String(128), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("answered_at", Moment, nullable=False),
    UniqueConstraint("terminal", "key"),
)

marks = Table(
    "marks",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("item", ForeignKey("items.number"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("kind", String(CODE_LENGTH), nullable=False),
    Column("patron", ForeignKey("patrons.number")),
    Column("due_on", Date),
    Column("terminal", String(CODE_LENGTH), nullable=False),
    CheckConstraint(_is_one_of("kind", "seen", "lent-again", "given-back"), name="kind"),
    CheckConstraint("kind <> 'lent-again' OR due_on IS NOT NULL", name="due"),
    Index("ix_marks_item_at", "item", "at"),
)
