"""A copy of a journal that is in use, made in slices: between two of them the journal is written on.

SQLite's own way (sqlite.org/backup.html): pages are copied through the journal's connection, and what that connection
writes meanwhile goes into the copy too, so that it is the journal as it is when the last slice is done.  Only then the
copy is read whole, and only a whole one gets its name.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import apsw

from sync.journal.care.publishing import draft_of, private_file, publish, require_free
from sync.journal.care.reading_only import reading_only
from sync.journal.errors import JournalBroken, JournalDamaged, JournalFull
from sync.journal.file import OpenFile, named
from sync.journal.keys import JournalKeys
from sync.journal.verification import ChainReport, verify

STEP_BYTES: Final = 256 * 1024
"""So much is copied in a slice: some milliseconds."""

FREE_SHARE_MIN: Final = 1.2
"""The disk must have room for the copy and a fifth more: a full disk would stop the terminal."""


class Copy:
    """A copy of the open *file* on its way to a draft beside *target*.

    `step` belongs to the thread of the journal; everything else may happen in any other, but not at the same time.
    Raises `CareRefused` when *target* exists or has no folder, `JournalFull` for want of room, `JournalBroken`.
    """

    def __init__(self, file: OpenFile, target: Path) -> None:
        require_free(target)
        self._file = file
        self._target = target
        self._draft = draft_of(target)
        self._copy: apsw.Connection | None = None
        self._backup: apsw.Backup | None = None
        self._pages = max(1, STEP_BYTES // int(file.connection.pragma("page_size")))

    @property
    def draft(self) -> Path:
        """Where the copy lies until it is published."""
        return self._draft

    def step(self) -> bool:
        """Copies a slice; whether there is more.  Raises as the class; then nothing is left behind."""
        try:
            if self._backup is None:
                self._begin()
            assert self._backup is not None
            self._backup.step(self._pages)
            if not self._backup.done:
                return True
            self._finish()
        except (apsw.Error, OSError) as error:
            self.discard()
            raise named(error, self._copy or self._file.connection, self._target) from error
        return False

    def discard(self) -> None:
        """Gives the copy up.  May be called twice; never raises."""
        try:
            self._finish()
        except (apsw.Error, OSError):
            pass
        finally:
            self._draft.unlink(missing_ok=True)

    def publish(self, keys: JournalKeys) -> ChainReport:
        """Reads the whole copy; a whole one is *target* from now on.  Reads for seconds where the journal is long.

        Raises `JournalDamaged` when the journal itself is not what was written: there is no backup then, and the copy
        is gone.
        """
        try:
            with reading_only(self._draft, keys) as file:
                report = verify(file)
            if not report.is_whole:
                fault = report.faults[0]
                raise JournalDamaged(f"the journal is damaged at row {fault.number}: {fault.what}")
            publish(self._draft, self._target)
        except OSError as error:
            raise JournalBroken(f"{self._target}: {error.strerror}") from error
        finally:
            self.discard()
        return report

    def _begin(self) -> None:
        length = self._file.connection.pragma("page_count") * self._file.connection.pragma("page_size")
        if _free_bytes(self._target.parent) < length * FREE_SHARE_MIN:
            raise JournalFull(
                f"{self._target.parent}: a copy needs {length // 2**20 + 1} MiB and some room beside"
            )
        with private_file(self._draft):
            pass
        self._copy = apsw.Connection(str(self._draft), flags=apsw.SQLITE_OPEN_READWRITE)
        # The draft is synced as a whole before it gets its name.
        self._copy.pragma("synchronous", "off")
        self._backup = self._copy.backup("main", self._file.connection, "main")

    def _finish(self) -> None:
        backup, self._backup = self._backup, None
        if backup is not None:
            backup.finish()
        copy, self._copy = self._copy, None
        if copy is not None:
            copy.close()


def back_up(file: OpenFile, target: Path, keys: JournalKeys) -> ChainReport:
    """Copies *file*, which nobody else uses, to *target* and says what is in it.  Raises as `Copy` does."""
    copy = Copy(file, target)
    while copy.step():
        pass
    return copy.publish(keys)


def _free_bytes(folder: Path) -> int:
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize
