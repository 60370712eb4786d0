"""The lists that can be imported and their columns: what a library has to write into which CSV file.

Each list is a file `<list>.csv` with a header line; columns may stand in any order.  A column without a
default has to be there and must not be empty.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from sqlalchemy import Table

from sync.central import cells
from sync.central.cells import Cell
from sync.central.store import care_tables as c
from sync.central.store import ledger_tables as m
from sync.central.store import tables as t
from sync.entries import FeeKind
from sync.rules.overdue import Grace
from sync.rules.terms import CardStatus, Condition, Use


class Needed(Enum):
    """Marks a column that has no default."""

    HERE = "here"


@dataclass(frozen=True, slots=True)
class Column:
    """A column *name*, how its cells are read, what an empty cell means, and the list it points into."""

    name: str
    read: Cell
    default: object = Needed.HERE
    points_to: str = ""


@dataclass(frozen=True, slots=True)
class ListForm:
    """A list: its *columns*, which of them are its *key* (a row with a known key replaces the old one;
    without a key every row is new), and the *table* it goes to.
    """

    name: str
    table: Table
    columns: tuple[Column, ...]
    key: tuple[str, ...] = field(default=())


_ITEM = Column("item", cells.item_number, points_to="items")
_PATRON = Column("patron", cells.patron_number, points_to="patrons")

FORMS: dict[str, ListForm] = {
    form.name: form
    for form in (
        ListForm(
            "categories",
            t.categories,
            (
                Column("code", cells.code),
                Column("name", cells.words),
                Column("loans_max", cells.integer),
                Column("holds_max", cells.integer, 0),
                Column("fees_ceiling_minor", cells.amount, None),
                Column("overdue_max", cells.integer, None),
                Column("age_assumed_years", cells.integer, 0),
            ),
            ("code",),
        ),
        ListForm(
            "item_types",
            t.item_types,
            (
                Column("code", cells.code),
                Column("name", cells.words),
                Column("media_code", cells.media, "001"),
                Column("checkout_fee_minor", cells.amount, 0),
                Column("is_magnetic", cells.yes_no, False),
                Column("overdue_per_day_minor", cells.day_rate, 0),
                Column("overdue_grace_days", cells.grace_days, 0),
                Column("overdue_grace", cells.one_of(Grace), "forgives"),
                Column("overdue_ceiling_minor", cells.amount, None),
                Column("overdue_capped_at_price", cells.yes_no, False),
                Column("overdue_closed_days_count", cells.yes_no, False),
                Column("sort_bin", cells.bin_code, ""),
            ),
            ("code",),
        ),
        ListForm(
            "collections",
            t.collections,
            (
                Column("code", cells.code),
                Column("name", cells.words),
                Column("use", cells.one_of(Use), "lending"),
                Column("sort_bin", cells.bin_code, ""),
            ),
            ("code",),
        ),
        ListForm(
            "loan_terms",
            t.loan_terms,
            (
                Column("category", cells.code, points_to="categories"),
                Column("item_type", cells.code, points_to="item_types"),
                Column("loan_days", cells.integer),
                Column("renewals_max", cells.integer, 0),
                Column("renewal_days", cells.integer, 0),
                Column("count_max", cells.integer, None),
            ),
            ("category", "item_type"),
        ),
        ListForm(
            "closed_days",
            t.closed_days,
            (Column("day", cells.day), Column("why", cells.words, "")),
            ("day",),
        ),
        ListForm("closed_weekdays", t.closed_weekdays, (Column("weekday", cells.weekday),), ("weekday",)),
        ListForm(
            "terminal_branches",
            c.terminal_branches,
            (Column("terminal", cells.terminal), Column("branch", cells.code)),
            ("terminal",),
        ),
        ListForm(
            "harms",
            m.harms,
            (
                Column("code", cells.code),
                Column("factor", cells.factor),
                Column("set_factor", cells.factor, "1"),
                Column("may_replace", cells.yes_no, False),
                Column("minimum_minor", cells.amount, 0),
                Column("cap_minor", cells.amount, None),
                Column("fee_kind", cells.harm_kind, "damage"),
            ),
            ("code",),
        ),
        ListForm(
            "items",
            t.items,
            (
                Column("number", cells.item_number),
                Column("title", cells.words),
                Column("author", cells.words, ""),
                Column("item_type", cells.code, points_to="item_types"),
                Column("collection", cells.code, points_to="collections"),
                Column("call_number", cells.words, ""),
                Column("location", cells.words, ""),
                Column("price_minor", cells.amount, None),
                Column("parts", cells.parts, 1),
                Column("lend_incomplete", cells.yes_no, False),
                Column("condition", cells.one_of(Condition), "in-place"),
                Column("stays_secured", cells.yes_no, False),
                Column("age_min_years", cells.integer, 0),
                Column("is_set_price", cells.yes_no, False),
                Column("branch", cells.code, ""),
                Column("new_until", cells.day, None),
            ),
            ("number",),
        ),
        ListForm(
            "patrons",
            t.patrons,
            (
                Column("number", cells.patron_number),
                Column("name", cells.words),
                Column("category", cells.code, points_to="categories"),
                Column("pin_hash", cells.pin, None),
                Column("card", cells.one_of(CardStatus), "active"),
                Column("expires_on", cells.day, None),
                Column("born_on", cells.day, None),
            ),
            ("number",),
        ),
        ListForm(
            "blocks",
            t.blocks,
            (_PATRON, Column("why", cells.words), Column("set_at", cells.moment)),
        ),
        ListForm(
            "loans",
            t.loans,
            (
                _ITEM,
                _PATRON,
                Column("lent_at", cells.moment),
                Column("due_on", cells.day),
                Column("renewals", cells.integer, 0),
                Column("terminal", cells.code, "import"),
            ),
            ("item",),
        ),
        ListForm(
            "holds",
            t.holds,
            (
                _ITEM,
                _PATRON,
                Column("placed_at", cells.moment),
                Column("is_on_shelf", cells.yes_no, False),
                Column("pickup_location", cells.words, ""),
                Column("pickup_branch", cells.code, ""),
            ),
            ("item", "patron"),
        ),
        ListForm(
            "fees",
            m.ledger,
            (
                _PATRON,
                Column("item", cells.item_number, None, points_to="items"),
                Column("kind", cells.one_of(FeeKind)),
                Column("amount_minor", cells.positive_amount),
                Column("charged_at", cells.moment),
            ),
        ),
    )
}
"""Every list by its name, in the order they are written: what is pointed to comes first."""

HEADINGS = {"pin_hash": "pin", "fees_ceiling_minor": "fees_ceiling", "checkout_fee_minor": "checkout_fee"} | {
    "overdue_per_day_minor": "overdue_per_day",
    "overdue_ceiling_minor": "overdue_ceiling",
    "minimum_minor": "minimum",
    "cap_minor": "cap",
    "price_minor": "price",
    "amount_minor": "amount",
    "lent_at": "lent_on",
    "set_at": "set_on",
    "placed_at": "placed_on",
    "charged_at": "charged_on",
}
"""Columns whose heading in the file differs from the name in the table, because the file holds something
simpler.
"""


def heading(column: Column) -> str:
    """What stands above *column* in the file."""
    return HEADINGS.get(column.name, column.name)
