"""Keeps the newest snapshot in one file, and never goes back to an older one.

Beside `snapshot.box` lies `snapshot.box.number`: the newest number that was ever accepted.  A copy of an old snapshot
that somebody puts in the file's place is refused by it.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from sync import private_files
from sync.snapshot.box import BOX_BYTES_MAX, Flaw, SnapshotRefused, open_box
from sync.snapshot.content import Snapshot
from sync.snapshot.keys import SnapshotKeys

_NUMBER: Final = re.compile(rb"(\d{1,16})\n")


class SnapshotFile:
    """One terminal's snapshot at *path*.  One owner; every call reads or writes the disk and may take 0.1 s."""

    def __init__(self, path: Path, keys: SnapshotKeys) -> None:
        self._path = path
        self._number_path = path.with_name(path.name + ".number")
        self._keys = keys

    def load(self, now: datetime) -> Snapshot | None:
        """The snapshot in the file, None where there is none yet.

        Raises `SnapshotRefused`; the terminal then does what it does without one.
        """
        try:
            box = private_files.read(self._path, BOX_BYTES_MAX)
        except FileNotFoundError:
            return None
        except OSError:
            raise SnapshotRefused(Flaw.UNREADABLE) from None
        snapshot = self._opened(box, now)
        if snapshot.number > self._newest():
            # Somebody else put it there.  A disk that takes no more writes does not make it worse.
            with suppress(OSError):
                self._remember(snapshot.number)
        return snapshot

    def accept(self, box: bytes, now: datetime) -> Snapshot:
        """Takes *box* as the newest snapshot; it is on the disk when this returns.

        Raises `SnapshotRefused`: then what was in the file stays there.
        """
        snapshot = self._opened(box, now)
        try:
            private_files.replace(self._path, box)
            self._remember(snapshot.number)
        except OSError:
            raise SnapshotRefused(Flaw.NOT_KEPT) from None
        return snapshot

    def _opened(self, box: bytes, now: datetime) -> Snapshot:
        keys = self._keys
        snapshot = open_box(box, keys.terminal, keys.key, keys.issuer, now, self._newest())
        return snapshot.explained_by(keys.pepper)

    def _remember(self, number: int) -> None:
        private_files.replace(self._number_path, b"%d\n" % number)

    def _newest(self) -> int:
        try:
            match = _NUMBER.fullmatch(private_files.read(self._number_path, 32))
        except OSError:
            return 0
        return 0 if match is None else int(match[1])
