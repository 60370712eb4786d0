"""Opens a database, brings it up to date, and hands out transactions.

SQLite: WAL, `synchronous=FULL`, foreign keys, BEGIN IMMEDIATE for whatever writes.  Only one connection
writes at a time, held off by a lock in this process and a lock file between processes: SQLite before
3.51.3 can damage a WAL database when two connections write and checkpoint at once.  PostgreSQL: READ
COMMITTED with row locks taken by `queries.py`.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from drivers.link import SettingsError

BUSY_SECONDS = 10.0
LOCK_SECONDS = 10
CONNECTIONS_MAX = 16
_IMMEDIATE = {"sqlite_begin": "BEGIN IMMEDIATE"}


class StoreUnusable(SettingsError):
    """The database does not answer, or is none of ours."""


class Store:
    """One database of a library.  Safe for use by several threads; `close` when done."""

    def __init__(self, url: str) -> None:
        """Opens the database at *url* (`sqlite:////path/file.db` or `postgresql://...`); no row is read yet.

        Raises `SettingsError` for any other kind of URL.
        """
        self._url = _parsed(url)
        self._is_sqlite = self._url.get_backend_name() == "sqlite"
        self._engine = _sqlite_engine(self._url) if self._is_sqlite else _postgresql_engine(self._url)
        self._gate = _SqliteGate(Path(f"{self._url.database}.lock")) if self._is_sqlite else None

    def migrate(self) -> None:
        """Brings the tables to what this version needs, from whatever version they are at; several may
        try.

        Raises `StoreUnusable` when there is no such database, it does not answer, or it is none.
        """
        try:
            self._migrate()
        except SQLAlchemyError as error:
            # Its message may hold an address with a password.
            raise StoreUnusable(f"the database cannot be used: {type(error).__name__}") from None

    def _migrate(self) -> None:
        with self.writing() as connection:
            if not self._is_sqlite:
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7211)")
            config = Config()
            config.set_main_option("script_location", "sync.central:migrations")
            config.set_main_option("path_separator", "os")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database and changes nothing."""
        with self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is committed when the block ends, and rolled back when it raises."""
        if self._gate is None:
            with self._engine.begin() as connection:
                yield connection
            return
        with (
            self._gate,
            self._engine.connect().execution_options(**_IMMEDIATE) as connection,
            connection.begin(),
        ):
            yield connection

    def close(self) -> None:
        """Closes every connection.  May be called twice."""
        if self._gate is None:
            self._engine.dispose()
            return
        with self._gate:
            # The last connection to a WAL database checkpoints when it closes.
            self._engine.dispose()
        self._gate.close()


class _SqliteGate:
    """Lets one writer at a time through, in this process and among all that open the same file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._descriptor = -1

    def __enter__(self) -> Self:
        self._lock.acquire()
        try:
            if self._descriptor < 0:
                self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        self._lock.release()

    def close(self) -> None:
        """Lets the lock file go; the next `with` opens it again."""
        with self._lock:
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise SettingsError(
            "the database must be a URL, sqlite:////path/file.db or postgresql://..."
        ) from None
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        if not parsed.database or parsed.database == ":memory:" or parsed.query:
            raise SettingsError("an SQLite database must be a file: sqlite:////path/file.db")
        return parsed
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    raise SettingsError(f"the database must be SQLite or PostgreSQL, not {backend}")


def _sqlite_engine(url: URL) -> Engine:
    engine = create_engine(
        url,
        pool_size=CONNECTIONS_MAX,
        max_overflow=CONNECTIONS_MAX,
        hide_parameters=True,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        # The driver must not begin transactions by itself: it would begin them deferred.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))

    return engine


def _postgresql_engine(url: URL) -> Engine:
    settings = {
        "lock_timeout": f"{LOCK_SECONDS}s",
        "idle_in_transaction_session_timeout": "60s",
        "timezone": "UTC",
    }
    return create_engine(
        url,
        pool_size=CONNECTIONS_MAX,
        max_overflow=CONNECTIONS_MAX,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"options": " ".join(f"-c {name}={value}" for name, value in settings.items())},
    )
