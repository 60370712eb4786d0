"""Opens a journal to look at it: nothing in the file or its log changes, not even when it is closed."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import apsw

from sync.journal.errors import JournalDamaged, JournalError, JournalKeyWrong
from sync.journal.file import APPLICATION_ID, FORMAT, OpenFile, named
from sync.journal.keys import JournalKeys
from sync.journal.seal import Seal


class OtherFormat(JournalError):
    """The file has another format than the newest; looking at it would have to change it."""


def log_of(path: Path) -> Path:
    """Where the write-ahead log of the journal *path* lies while there is one."""
    return path.with_name(path.name + "-wal")


@contextmanager
def reading_only(path: Path, keys: JournalKeys) -> Iterator[OpenFile]:
    """The journal *path*, which no other process may have open.

    Raises `FileNotFoundError` when there is none, `JournalLocked`, `JournalDamaged`, `OtherFormat`, `JournalKeyWrong`
    or `JournalBroken`.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there is no such file")
    connection = connection_for_reading(path)
    try:
        try:
            origin, key_check, epoch = _identity(connection, path)
        except apsw.Error as error:
            raise named(error, connection, path) from error
        seal = Seal(keys, origin)
        if not secrets.compare_digest(key_check, seal.key_check()):
            raise JournalKeyWrong(f"{path}: was written with another key")
        try:
            yield OpenFile(connection, origin, epoch, seal)
        except apsw.Error as error:
            raise named(error, connection, path) from error
    finally:
        connection.close()


def connection_for_reading(path: Path) -> apsw.Connection:
    """SQLite's own view of *path*, whatever it is, which changes nothing.  Raises what apsw raises."""
    log = log_of(path)
    if log.exists():
        # What was committed last is in the log alone: it has to be read, and must not be taken over at the end.
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        connection.pragma("locking_mode", "exclusive")
    else:
        # Whoever has a journal open has a log beside it.  Without one even a read-only medium can be read.
        flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
        connection = apsw.Connection(f"file:{quote(str(path))}?immutable=1", flags=flags)
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection


def _identity(connection: apsw.Connection, path: Path) -> tuple[str, bytes, str]:
    if connection.pragma("application_id") != APPLICATION_ID:
        raise JournalDamaged(f"{path}: is empty or belongs to another program")
    version = connection.pragma("user_version")
    if version != FORMAT:
        raise OtherFormat(
            f"{path}: has format {version}; a terminal of this version leads older ones to {FORMAT}"
        )
    found: list[Any] = connection.execute("SELECT epoch, key_check FROM journal").fetchall()
    epochs: list[Any] = connection.execute("SELECT epoch FROM epochs ORDER BY number").fetchall()
    if len(found) != 1 or not epochs:
        raise JournalDamaged(f"{path}: does not say which journal it is")
    return str(found[0][0]), bytes(found[0][1]), str(epochs[-1][0])
