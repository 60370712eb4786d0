"""How much room there is on the journal's disk, and a reserve for what must not be refused.

Beside the journal lies a file that is only there to be given up: what was begun before the disk was full, and
every return, is written in its place.  As long as it is gone, or little is free, nothing new is to begin.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sync.journal.settings import JournalSettings

BLOCK_BYTES: Final = 512
"""What `st_blocks` counts in."""


@dataclass(frozen=True, slots=True)
class RoomLeft:
    """*is_low*: nothing new is to begin; *free_bytes* of the file system; *has_reserve* or it had to be given up."""

    is_low: bool
    free_bytes: int
    has_reserve: bool


class Reserve:
    """The reserve of one journal: really allocated bytes in the file `<journal>-reserve`."""

    def __init__(self, journal: Path, settings: JournalSettings) -> None:
        self._path = journal.with_name(journal.name + "-reserve")
        self._bytes = settings.reserve_bytes
        self._margin = settings.margin_bytes
        self._was_low = False
        self.was_there = self.is_there
        """What `is_there` said when the reserve was last looked at, made or given up: for every commit."""

    @property
    def is_there(self) -> bool:
        """Whether the whole reserve lies on the disk; true where none is wanted."""
        if not self._bytes:
            return True
        try:
            status = os.lstat(self._path)
        except OSError:
            return False
        return status.st_size == self._bytes and status.st_blocks * BLOCK_BYTES >= self._bytes

    def left(self, within_bytes: int = 0) -> RoomLeft:
        """What is left; *within_bytes* lie free within the journal's own file.

        Low once less than the margin is free or the reserve is gone; no longer low only with a quarter more, so that
        it does not change with every loan.
        """
        try:
            status = os.statvfs(self._path.parent)
            free = status.f_bavail * status.f_frsize
        except OSError:
            free = 0
        # The log is beside the file: room within the file is only half of what is needed.
        counted = free + min(within_bytes, self._margin // 2)
        wanted = self._margin * 5 // 4 if self._was_low else self._margin
        has_reserve = self.was_there = self.is_there
        self._was_low = counted < wanted or not has_reserve
        return RoomLeft(self._was_low, free, has_reserve)

    def give_up(self) -> bool:
        """Gives the reserve up to whom it is for; whether there was something to give."""
        self.was_there = not self._bytes
        if not self._bytes:
            return False
        try:
            os.unlink(self._path)
        except OSError:
            return False
        return True

    def make(self) -> bool:
        """Makes the reserve where it is missing and there is room; whether it is there."""
        if not self.is_there:
            self._make()
        self.was_there = self.is_there
        return self.was_there

    def _make(self) -> None:
        draft = self._path.with_name(self._path.name + ".new")
        try:
            status = os.statvfs(self._path.parent)
            if status.f_bavail * status.f_frsize < self._bytes + self._margin:
                return
            draft.unlink(missing_ok=True)
            descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, self._bytes)
            finally:
                os.close(descriptor)
            os.replace(draft, self._path)
        except OSError:
            self._clear(draft)

    def _clear(self, draft: Path) -> None:
        try:
            draft.unlink(missing_ok=True)
        except OSError:
            return  # A draft that cannot be removed is tried again with the next one.
