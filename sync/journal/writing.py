"""Commits drafts, all or none, and knows what a failure means: no room, or a disk that cannot be relied on."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import apsw

from sync.journal.errors import JournalBroken, JournalError, JournalFull
from sync.journal.file import OpenFile, named
from sync.journal.memory import Draft
from sync.journal.register import Register
from sync.journal.room import Reserve

_INSERT_ROW: Final = "INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_BOX: Final = "INSERT INTO sealed VALUES (?, ?)"


class Writing:
    """The writing side of one open file.  Once *is_broken* nothing may be written any more."""

    def __init__(self, path: Path, file: OpenFile, register: Register, reserve: Reserve) -> None:
        self.is_broken = False
        self._path = path
        self._connection = file.connection
        self._register = register
        self._reserve = reserve

    def commit(self, draft: Draft) -> bool:
        """Writes *draft*; whether the keys that waited were written too.

        Rows that begin nothing anew are written in place of the reserve when the disk is full.  Raises `JournalFull`
        or `JournalBroken`; then nothing of the draft is there, or nobody can tell.
        """
        if draft.begins_anew and not self._reserve.was_there:
            raise JournalFull(f"{self._path}: what room there is, is for what was begun and for returns")
        try:
            return self._try(draft)
        except JournalFull:
            if draft.begins_anew or self.is_broken or not self._reserve.give_up():
                raise
            return self._try(draft)

    def failed(self, error: apsw.Error) -> JournalError:
        """What *error* is called, after what it left open was taken back."""
        failure = named(error, self._connection, self._path)
        self._roll_back()
        if not isinstance(failure, JournalFull):
            self.is_broken = True
        return failure

    def _try(self, draft: Draft) -> bool:
        try:
            return self._write(draft)
        except apsw.Error as error:
            failure = self.failed(error)
            raise (failure if isinstance(failure, JournalFull) else JournalBroken(str(failure))) from error
        except BaseException:
            # Rows left in an open transaction would let the next ones be taken for written.
            self._roll_back()
            self.is_broken = True
            raise

    def _write(self, draft: Draft) -> bool:
        execute = self._connection.execute
        is_due = self._register.is_due
        if len(draft.records) == 1 and not draft.boxes and not is_due:
            execute(_INSERT_ROW, draft.records[0])
            return False
        execute("BEGIN IMMEDIATE")
        self._connection.executemany(_INSERT_ROW, draft.records)
        self._connection.executemany(_INSERT_BOX, draft.boxes)
        if is_due:
            self._register.write()
        execute("COMMIT")
        return is_due

    def _roll_back(self) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except apsw.Error:
            self.is_broken = True
