"""Databases that hold a library already are brought along with all their rows."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import func, select, text

from drivers.link.memory import VirtualClock
from sync.central.store import tables as t
from sync.central.store.store import Store
from tests.sync.central.conftest import MakeDatabase

ROWS = (
    "INSERT INTO categories VALUES ('c', 'C', 5, 5, NULL, NULL, 0)",
    "INSERT INTO item_types VALUES ('book', 'B', '001', 0, {false})",
    "INSERT INTO collections VALUES ('open', 'O', 'lending')",
    "INSERT INTO patrons VALUES ('2', 'N', 'c', NULL, 'active', NULL, NULL)",
    "INSERT INTO items VALUES ('3', 'T', '', 'book', 'open', '', '', NULL, 1, {false}, 'in-place', {false}, 0)",
    "INSERT INTO loans VALUES (1, '3', '2', '2026-01-01 10:00:00', '2026-02-01', 't', 0, NULL, "
    "'2026-01-05 10:00:00', 't')",
    "INSERT INTO holds VALUES (1, '3', '2', '2026-01-01 09:00:00', {false}, '', '2026-01-01 10:00:00', 1)",
    "INSERT INTO fees VALUES (1, '2', '3', 1, 'checkout', 100, '2026-01-01 10:00:00', NULL)",
)


def test_a_library_of_the_first_version_keeps_its_loans_holds_and_fees(
    make_database: MakeDatabase, clock: VirtualClock
) -> None:
    """What points to a loan still points to it, and the tables still allow one open loan of an item."""
    store = Store(make_database(False))
    with store.writing() as connection:
        config = Config()
        config.set_main_option("script_location", "sync.central:migrations")
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "r0001")
        is_sqlite = connection.dialect.name == "sqlite"
        for row in ROWS:
            connection.execute(text(row.format(false="0" if is_sqlite else "false")))
    store.migrate()
    with store.reading() as connection:
        joined = connection.execute(
            select(t.loans.c.closed_how, t.holds.c.id, t.fees.c.amount_minor)
            .join(t.holds, t.holds.c.loan == t.loans.c.id)
            .join(t.fees, t.fees.c.loan == t.loans.c.id)
        ).all()
        count = connection.execute(select(func.count()).select_from(t.marks)).scalar_one()
    store.close()

    assert [tuple(row) for row in joined] == [(None, 1, 100)]
    assert count == 0
