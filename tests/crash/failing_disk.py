"""A disk that fails where a test wants it, and one that has only so much room: an apsw VFS above the real files.

A failing disk does the work it was asked for up to the failure and half of the write it fails at, as a real one
may.  A small disk counts the bytes of the files in one folder and refuses what would make them more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path

import apsw

Name = str | apsw.URIFilename | None


class Call(Enum):
    """What a disk can fail at, with the code SQLite has for it."""

    OPEN = apsw.SQLITE_CANTOPEN
    READ = apsw.SQLITE_IOERR_READ
    WRITE = apsw.SQLITE_IOERR_WRITE
    FULL = apsw.SQLITE_FULL
    SYNC = apsw.SQLITE_IOERR_FSYNC
    TRUNCATE = apsw.SQLITE_IOERR_TRUNCATE
    DELETE = apsw.SQLITE_IOERR_DELETE


class Disk(apsw.VFS):
    """Asks *before* ahead of every call; the default of every connection opened while it is `in_use`."""

    def __init__(self, before: Callable[[Call, str, int], None]) -> None:
        self.before = before
        self.below = apsw.vfs_names()[0]
        super().__init__("failing", self.below, makedefault=True)

    def xOpen(self, name: Name, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        self.before(Call.OPEN, _text(name), 0)
        return _File(self, name, flags)

    def xDelete(self, name: str, syncdir: bool) -> None:  # noqa: N802
        self.before(Call.DELETE, name, 0)
        super().xDelete(name, syncdir)


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Name, flags: list[int]) -> None:
        super().__init__(disk.below, name, flags)
        self._disk = disk
        self._name = _text(name)

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        self._disk.before(Call.READ, self._name, amount)
        return super().xRead(amount, offset)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        try:
            self._disk.before(Call.FULL, self._name, offset + len(data))
            self._disk.before(Call.WRITE, self._name, offset + len(data))
        except apsw.Error:
            super().xWrite(data[: len(data) // 2], offset)
            raise
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._disk.before(Call.SYNC, self._name, 0)
        super().xSync(flags)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        self._disk.before(Call.TRUNCATE, self._name, newsize)
        super().xTruncate(newsize)


def _text(name: Name) -> str:
    return "" if name is None else name.filename() if isinstance(name, apsw.URIFilename) else name


def failure(call: Call) -> apsw.Error:
    """What SQLite is told when *call* fails."""
    kinds = {Call.OPEN: apsw.CantOpenError, Call.FULL: apsw.FullError}
    error = kinds.get(call, apsw.IOError)(f"{call.name.lower()} fails as the test wants it")
    vars(error)["extendedresult"] = call.value  # Which apsw hands on to SQLite.
    return error


class FailsAt:
    """Fails at the *count*-th *call* from now on, once or, *for_good*, ever after."""

    def __init__(self, call: Call, count: int, *, for_good: bool) -> None:
        self.calls = 0
        self._call, self._count, self._for_good = call, count, for_good

    @property
    def has_failed(self) -> bool:
        """Whether it came to that."""
        return self.calls >= self._count

    def __call__(self, call: Call, name: str, size: int) -> None:
        if call is not self._call:
            return
        self.calls += 1
        if self.calls == self._count or (self._for_good and self.calls > self._count):
            raise failure(call)


class Holds:
    """Holds at most *bytes_max* in the files of *folder*."""

    def __init__(self, folder: Path, bytes_max: int) -> None:
        self.bytes_max = bytes_max
        self._folder = folder

    def __call__(self, call: Call, name: str, size: int) -> None:
        if call is not Call.FULL:
            return
        held = {str(path): path.stat().st_size for path in self._folder.iterdir()}
        held[name] = max(held.get(name, 0), size)
        if sum(held.values()) > self.bytes_max:
            raise failure(call)


@contextmanager
def in_use(before: Callable[[Call, str, int], None]) -> Iterator[Disk]:
    """Every connection opened meanwhile is on such a disk; close them before the end."""
    disk = Disk(before)
    try:
        yield disk
    finally:
        disk.unregister()
