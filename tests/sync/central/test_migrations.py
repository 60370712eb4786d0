"""Databases that hold a library already are brought along with all their rows."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from drivers.link.memory import VirtualClock
from sync.central import demo
from sync.central.store import tables as t
from sync.central.store.ledger_rows import debts_of_patrons, open_fees_of_patron, transactions_of
from sync.central.store.loan_charges import LoanCharge, charge_loans
from sync.central.store.records import LoanRecord
from sync.central.store.store import Store
from sync.entries import FeeKind, ItemId, Money, PatronId
from sync.rules.ledger import Kind, Ledger, PatronAccount
from tests.sync.central.conftest import MakeDatabase

DAY = date(2026, 2, 20)
LENT_AT = datetime(2026, 1, 1, 10, tzinfo=UTC)
LOAN = LoanRecord(1, ItemId("3"), PatronId("2"), "T", "book", LENT_AT, DAY, "t", 0, None)

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
    "INSERT INTO fees VALUES (2, '2', '3', 1, 'checkout', 70, '2026-01-02 10:00:00', '2026-01-02 10:01:00')",
    "INSERT INTO fees VALUES (3, '2', NULL, NULL, 'card', 50, '2026-01-03 10:00:00', NULL)",
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
        command.upgrade(config, "r0003")
        connection.execute(
            text("INSERT INTO marks VALUES (1, '3', '2026-01-02 10:00:00', 'seen', NULL, NULL, 't')")
        )
    store.migrate()
    with store.reading() as connection:
        joined = connection.execute(
            select(t.loans.c.closed_how, t.holds.c.id).join(t.holds, t.holds.c.loan == t.loans.c.id)
        ).all()
        (mark,) = connection.execute(select(t.marks)).all()
        fees = open_fees_of_patron(connection, PatronId("2"))
        kept = transactions_of(connection, PatronId("2"), "CNY")
    with store.writing() as connection:
        # The ledger goes on behind what was led over.
        charge_loans(connection, clock.now(), [LoanCharge(LOAN, FeeKind.OVERDUE, Money(20, "CNY"), DAY, "k")])
    with store.reading() as connection:
        debts = debts_of_patrons(connection, [PatronId("2")])
    store.close()

    assert [tuple(row) for row in joined] == [(None, 1)]
    assert (mark.item, mark.kind, mark.at) == ("3", "seen", datetime(2026, 1, 2, 10, tzinfo=UTC))
    assert [(fee.reference, fee.kind, fee.amount_minor, fee.item) for fee in fees] == [
        ("F1", FeeKind.CHECKOUT, 100, "3"),
        ("F3", FeeKind.CARD, 50, None),
    ]
    assert [(one.transaction.reference, one.transaction.kind, one.loan) for one in kept] == [
        ("F1", Kind.CHARGE, 1),
        ("F2", Kind.CHARGE, 1),
        ("F2-settled", Kind.CORRECTION, 1),
        ("F3", Kind.CHARGE, None),
    ]
    assert (
        Ledger.of("CNY", [one.transaction for one in kept]).balance(PatronAccount(PatronId("2"))).minor_units
        == 150
    )
    assert debts[PatronId("2")] == 170


@pytest.mark.parametrize("statement", ["UPDATE {table} SET id = 99", "DELETE FROM {table}"])
@pytest.mark.parametrize("table", ["ledger", "ledger_legs"])
def test_nobody_changes_what_is_booked(store: Store, table: str, statement: str) -> None:
    """Neither a program nor a person with a database shell changes or deletes a row of the ledger."""
    with pytest.raises(DBAPIError, match="only ever added to"), store.writing() as connection:
        connection.exec_driver_sql(statement.format(table=table))

    with store.reading() as connection:
        assert debts_of_patrons(connection, [PatronId(demo.READER_OWES)])[PatronId(demo.READER_OWES)] == 6250
