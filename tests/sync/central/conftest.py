"""A demo library on SQLite and on a PostgreSQL of our own, fresh for every test."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

from drivers.link.memory import VirtualClock
from drivers.masked import Secret
from sync.central import demo
from sync.central.circulation.library import Library
from sync.central.circulation.secrets import CHEAP, SecretJudge
from sync.central.circulation.terminals import enter_terminal
from sync.central.faces.sip2.answers import Counter
from sync.central.importer import import_lists
from sync.central.store.store import Store
from sync.central.store.tables import metadata

MakeDatabase = Callable[[bool], str]


class Postgres:
    """A PostgreSQL server that listens on a socket in its own folder only."""

    def __init__(self, folder: Path) -> None:
        self._binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        self._folder = folder
        self._data = folder / "data"
        self._count = 0
        self._filled = "none"
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        self._run("initdb", "-D", str(self._data), "-U", "library", "-A", "trust", "-E", "UTF8", "--locale=C")
        options = f"-c listen_addresses='' -c fsync=off -c max_connections=200 -k {folder}"
        self._run("pg_ctl", "-D", str(self._data), "-w", "-l", str(folder / "log"), "-o", options, "start")

    def _run(self, program: str, *arguments: str) -> None:
        user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        subprocess.run(
            [*user, str(self._binaries / program), *arguments],
            check=True,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            timeout=60,
        )

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://library@/{database}?host={self._folder}"

    def create(self) -> str:
        """A new empty database; its name."""
        self._count += 1
        name = f"test{self._count}"
        self._execute("postgres", f"CREATE DATABASE {name}")
        return name

    def refilled(self) -> str:
        """A database with the demo library as it was at first; its name.  Emptying is faster than making anew."""
        try:
            tables = ", ".join(table.name for table in metadata.sorted_tables)
            self._execute(self._filled, f"TRUNCATE {tables} RESTART IDENTITY")
        except DBAPIError:
            # There is none yet, or a test has damaged it.
            self._filled = self.create()
        fill(self.url(self._filled))
        return self._filled

    def _execute(self, database: str, statement: str) -> None:
        engine = create_engine(self.url(database), isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql(statement)
        finally:
            engine.dispose()

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "-w", "stop")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    folder = Path(tempfile.mkdtemp(prefix="kiosk-pg-"))
    server = Postgres(folder)
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("central") / "demo.db"
    fill(f"sqlite:///{path}")
    return path


def fill(url: str) -> None:
    store = Store(url)
    store.migrate()
    library = Library(VirtualClock(), demo.CURRENCY, zone=UTC)
    import_lists(store, library, SecretJudge(CHEAP), demo.library())
    enter_terminal(store, SecretJudge(CHEAP), "kiosk1", Secret("open sesame"))
    store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def make_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeDatabase]:
    """Makes databases of one kind; called with True they hold the demo library, with False they are empty."""
    if request.param == "sqlite":

        def make_sqlite(is_filled: bool) -> str:
            path = tmp_path / f"{len(list(tmp_path.iterdir()))}.db"
            if is_filled:
                shutil.copy(request.getfixturevalue("sqlite_template"), path)
            return f"sqlite:///{path}"

        yield make_sqlite
        return
    server: Postgres = request.getfixturevalue("postgres")

    def make_postgres(is_filled: bool) -> str:
        return server.url(server.refilled() if is_filled else server.create())

    yield make_postgres


@pytest.fixture
def store(make_database: MakeDatabase) -> Iterator[Store]:
    """The demo library, on each kind of database."""
    store = Store(make_database(True))
    yield store
    store.close()


@pytest.fixture
def file_store(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    """The demo library in an SQLite file, for what does not depend on the database."""
    shutil.copy(sqlite_template, tmp_path / "demo.db")
    store = Store(f"sqlite:///{tmp_path / 'demo.db'}")
    yield store
    store.close()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def library(clock: VirtualClock) -> Library:
    return Library(clock, demo.CURRENCY, demo.INSTITUTION, demo.NAME, UTC)


@pytest.fixture
def judge() -> SecretJudge:
    return SecretJudge(CHEAP)


@pytest.fixture
def counter(file_store: Store, library: Library, judge: SecretJudge) -> Counter:
    """What the SIP2 face answers from."""
    return Counter(file_store, library, judge)
