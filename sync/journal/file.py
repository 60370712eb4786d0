"""Opens the one file, in the one way in which what was acknowledged survives a power cut.

apsw brings its own SQLite (3.51.3 or later; older ones can corrupt a WAL file).  WAL with
`synchronous=FULL`: a commit returns after the sync of its frames.  `locking_mode=EXCLUSIVE`: the first
reader or writer keeps the file for itself, and no shared memory file is needed.  `secure_delete`: what is
wiped is overwritten.
"""

from __future__ import annotations

import errno
import os
import secrets
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import apsw

from sync.journal.errors import (
    JournalBroken,
    JournalDamaged,
    JournalError,
    JournalFull,
    JournalKeyWrong,
    JournalLocked,
)
from sync.journal.keys import JournalKeys
from sync.journal.seal import Seal

FORMAT: Final = 5
"""The newest format; the migrations are numbered 1 to this."""

APPLICATION_ID: Final = 0x4C4B4A31
"""Marks the file as ours in SQLite's header ("LKJ1")."""

PAGE_BYTES: Final = 1024
"""Of a new file; an older one keeps its own.  A commit writes whole pages, and an intent fills a third of this one."""

LOG_BYTES: Final = 4 * 2**20
"""When the log is as long as this, what it says is taken over into the file."""

EPOCH_BYTES: Final = 8
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A journal's file, opened, of the newest format, and with the right key.

    *origin* is the epoch it was made with, to which seal and chain belong; *epoch* the one new keys are made in.
    """

    connection: apsw.Connection
    origin: str
    epoch: str
    seal: Seal

    def query(self, sql: str, *values: int | str) -> list[tuple[Any, ...]]:
        """Every line that *sql* finds; the tables are STRICT, so that a column's type is the schema's."""
        return self.connection.execute(sql, values).fetchall()


def open_file(path: Path, keys: JournalKeys, now: str) -> OpenFile:
    """Opens *path*, creates it where there is none (mode 0600), leads an older format to the newest.

    Raises `JournalLocked`, `JournalDamaged`, `JournalKeyWrong`, `JournalFull` or `JournalBroken`; then
    nothing stays open.
    """
    if not path.exists():
        _create(path, keys, now)
    connection = _connected(path)
    try:
        _prepare(connection)
        origin, key_check, epoch = _settle_format(connection)
    except (apsw.Error, OSError) as error:
        failure = named(error, connection, path)
        shut(connection)
        raise failure from error
    except JournalError:
        shut(connection)
        raise
    seal = Seal(keys, origin)
    if not secrets.compare_digest(key_check, seal.key_check()):
        shut(connection)
        raise JournalKeyWrong(f"{path}: was written with another key")
    return OpenFile(connection, origin, epoch, seal)


def begin_epoch(file: OpenFile, now: str) -> str:
    """Writes a new epoch into *file*: keys made from the next opening on cannot meet those of any other copy of it.

    Returns the epoch.  Raises what apsw raises; *file* itself goes on in its old epoch and is to be closed.
    """
    epoch = secrets.token_hex(EPOCH_BYTES)
    file.connection.execute(
        "INSERT INTO epochs (epoch, after, at) SELECT ?, coalesce(max(number), 0), ? FROM rows", (epoch, now)
    )
    return epoch


def shut(connection: apsw.Connection) -> None:
    """Lets the file go, whatever its disk says.  May be called twice; never raises."""
    try:
        connection.close()
    except apsw.Error:
        # What was acknowledged lies in the log; the next opening reads it from there.
        connection.close(True)


def named(error: Exception, connection: apsw.Connection, path: Path | str) -> JournalError:
    """What *error*, raised by *connection* or the file system, is called here."""
    what = f"{path}: {type(error).__name__}"
    match error:
        case apsw.BusyError() | apsw.LockedError():
            return JournalLocked(f"{path}: another process has it")
        case apsw.FullError():
            return JournalFull(what)
        case apsw.IOError():
            is_write = getattr(error, "extendedresult", 0) == apsw.SQLITE_IOERR_WRITE
            is_full = is_write and connection.system_errno in _NO_ROOM
            return JournalFull(what) if is_full else JournalBroken(what)
        case OSError():
            return JournalFull(what) if error.errno in _NO_ROOM else JournalBroken(what)
        case apsw.CorruptError() | apsw.NotADBError() | apsw.FormatError() | apsw.SQLError():
            return JournalDamaged(what)
        case apsw.ConstraintError():  # What we write breaks no rule of a whole file.
            return JournalDamaged(what)
        case _:
            return JournalBroken(what)


def _connected(path: Path) -> apsw.Connection:
    try:
        return apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    except apsw.Error as error:
        raise JournalBroken(f"{path}: cannot be opened ({type(error).__name__})") from error


def _create(path: Path, keys: JournalKeys, now: str) -> None:
    """Makes the file under another name and gives it its own at once: a file under its own name is whole."""
    if path.with_name(path.name + "-wal").exists():
        raise JournalDamaged(f"{path}: is gone, and its write-ahead log is still there")
    draft = path.with_name(path.name + ".new")
    try:
        for leftover in (draft, draft.with_name(draft.name + "-journal")):
            leftover.unlink(missing_ok=True)
        os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise JournalBroken(f"{path}: cannot be created ({error.strerror})") from error
    connection = _connected(draft)
    try:
        epoch = secrets.token_hex(EPOCH_BYTES)
        connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        with connection:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {FORMAT}")
            connection.execute(schema())
            line = (epoch, Seal(keys, epoch).key_check(), now)
            connection.execute("INSERT INTO journal VALUES (1, ?, ?, ?)", line)
            connection.execute("INSERT INTO epochs VALUES (1, ?, 0, ?)", (epoch, now))
        connection.close()
        os.link(draft, path)
        draft.unlink()
        _sync_folder(path)
    except FileExistsError:
        return  # Another process was faster: its file counts.
    except (apsw.Error, OSError) as error:
        failure = named(error, connection, path)
        shut(connection)
        raise failure from error


def _sync_folder(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _prepare(connection: apsw.Connection) -> None:
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA mmap_size = 0")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    if connection.pragma("application_id") != APPLICATION_ID:
        raise JournalDamaged("the file is empty or belongs to another program")
    if connection.pragma("journal_mode", "wal") != "wal":
        raise JournalDamaged("the file system cannot hold a write-ahead log")
    connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_BYTES // connection.pragma('page_size')}")


def _settle_format(connection: apsw.Connection) -> tuple[str, bytes, str]:
    """Origin, key check and epoch of the file, led to the newest format in one transaction."""
    with connection:
        version = connection.pragma("user_version")
        if not 1 <= version <= FORMAT:
            raise JournalDamaged(f"the file has format {version}; this program knows 1 to {FORMAT}")
        for number in range(version + 1, FORMAT + 1):
            connection.execute(migration(number))
        if version < FORMAT:
            connection.execute(f"PRAGMA user_version = {FORMAT}")
        rows: list[Any] = connection.execute("SELECT epoch, key_check FROM journal").fetchall()
        epochs: list[Any] = connection.execute("SELECT epoch FROM epochs ORDER BY number").fetchall()
    if len(rows) != 1 or not epochs or epochs[0][0] != rows[0][0]:
        raise JournalDamaged("the file does not say which journal it is")
    origin, key_check = rows[0]
    return str(origin), bytes(key_check), str(epochs[-1][0])


def schema() -> str:
    """The newest format as SQL."""
    return files("sync.journal").joinpath("schema.sql").read_text(encoding="utf-8")


def migration(number: int) -> str:
    """The SQL that leads format *number* - 1 to *number*."""
    path = files("sync.journal").joinpath("migrations", f"{number:04}.sql")
    return path.read_text(encoding="utf-8")
