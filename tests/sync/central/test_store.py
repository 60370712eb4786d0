"""What the store promises: one way to the newest tables, whole transactions, no silent settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from drivers.link import SettingsError
from drivers.link.memory import VirtualClock
from sync.central import demo
from sync.central.store import tables as t
from sync.central.store.store import Store

MakeDatabase = Callable[[bool], str]
REVISIONS = [
    path.name for path in files("sync.central.migrations.versions").iterdir() if path.name.startswith("r")
]


def test_migrations_lead_from_nothing_to_the_tables_as_described(make_database: MakeDatabase) -> None:
    """An empty database is brought to exactly what `tables.py` says, and a second time nothing changes."""
    store = Store(make_database(False))
    store.migrate()
    store.migrate()
    with store.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, t.metadata)
        version = context.get_current_revision()
    store.close()

    assert differences == []
    assert version == max(revision.removesuffix(".py")[:5] for revision in REVISIONS)


def test_an_item_is_never_on_loan_twice_whatever_the_program_does(store: Store, clock: VirtualClock) -> None:
    """The database itself refuses a second open loan of an item."""
    loan = {
        "item": demo.ITEM_ON_LOAN,
        "patron": demo.READER,
        "lent_at": clock.now(),
        "due_on": clock.now().date(),
        "terminal": "kiosk1",
        "renewals": 0,
    }
    with pytest.raises(IntegrityError), store.writing() as connection:
        connection.execute(insert(t.loans).values(loan))


def test_a_hold_of_nobody_is_refused_by_the_database(store: Store, clock: VirtualClock) -> None:
    """Foreign keys are enforced on both databases."""
    hold = {"item": demo.ITEM_CD, "patron": "9", "placed_at": clock.now()}
    with pytest.raises(IntegrityError), store.writing() as connection:
        connection.execute(insert(t.holds).values(hold | {"is_on_shelf": False, "pickup_location": ""}))


def test_a_transaction_that_fails_leaves_nothing_behind(store: Store) -> None:
    """What was written before an error is gone after it, and the store serves on."""

    def close_on_wednesdays_and_fail() -> None:
        with store.writing() as connection:
            connection.execute(insert(t.closed_weekdays).values(weekday=3))
            raise LookupError

    with pytest.raises(LookupError):
        close_on_wednesdays_and_fail()
    with store.reading() as connection:
        assert connection.execute(select(t.closed_weekdays.c.weekday)).scalars().all() == [0]


def test_moments_come_back_as_they_went_in_and_never_without_a_zone(
    store: Store, clock: VirtualClock
) -> None:
    """A moment is aware and UTC from either database; one without a zone is refused."""
    row = {"patron": demo.READER, "why": "x", "set_at": clock.now()}
    with store.writing() as connection:
        key = connection.execute(insert(t.blocks).values(row).returning(t.blocks.c.id)).scalar_one()
    with store.reading() as connection:
        assert (
            connection.execute(select(t.blocks.c.set_at).where(t.blocks.c.id == key)).scalar_one()
            == clock.now()
        )
    with pytest.raises(Exception, match="time zone"), store.writing() as connection:
        connection.execute(insert(t.blocks).values(row | {"set_at": datetime(2026, 5, 1)}))


def test_a_failed_statement_names_no_patron(file_store: Store, clock: VirtualClock) -> None:
    """Errors carry no parameters, so no number of a card can reach a log by way of a traceback."""
    block = insert(t.blocks).values(patron="20999777777777", why="x", set_at=clock.now())
    with pytest.raises(IntegrityError) as caught, file_store.writing() as connection:
        connection.execute(block)

    assert "20999777777777" not in str(caught.value)


def test_sqlite_is_kept_safe(file_store: Store) -> None:
    """The file is in WAL mode, every commit is synced, foreign keys count."""
    with file_store.reading() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]

    assert found == ["wal", 2, 1]


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://x/y", "sqlite://", "sqlite:///:memory:", "sqlite:////tmp/x.db?mode=ro"]
)
def test_any_other_database_is_a_settings_error(url: str) -> None:
    """A URL that cannot be served is refused with what is allowed, before anything is opened."""
    with pytest.raises(SettingsError, match=r"SQLite|sqlite"):
        Store(url)


def test_a_database_that_cannot_be_used_is_one_sentence_without_its_address(tmp_path: Path) -> None:
    """It does not answer, or the file is something else: an installer reads what to look at, and no password."""
    (tmp_path / "notes.db").write_bytes(b"these are my notes, and no database\n" * 200)
    for url in ("postgresql://library:hush-hush@127.0.0.1:1/central", f"sqlite:///{tmp_path / 'notes.db'}"):
        store = Store(url)
        with pytest.raises(SettingsError) as error:
            store.migrate()
        store.close()

        assert str(error.value).startswith("the database cannot be used: ")
        assert "hush-hush" not in str(error.value)
