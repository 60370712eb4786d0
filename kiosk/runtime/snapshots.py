"""Keeps the snapshot in the terminal's own books the newest one there is.

Looking for it may take long (a file of megabytes, a slow network), so it has a thread of its own, and the books get
what it found whole.  A snapshot that cannot be believed is said to the log, and the one before it stays.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from drivers.link import Clock
from kiosk.engine.logs import Log
from kiosk.engine.pump import SLICE_SECONDS
from kiosk.runtime.books_pump import Renewed
from sync.snapshot.content import Snapshot


class SnapshotUnusable(Exception):
    """What was found is no snapshot for this terminal; the text says why and names nobody."""


class Source(Protocol):
    """Where snapshots come from."""

    def newest(self) -> Snapshot | None:
        """The newest snapshot, None when that was given before or there is none.  Raises `SnapshotUnusable`."""


class SnapshotPump:
    """Looks into *source* at once and then every *look_seconds*; *renew* gets what is new."""

    name = "snapshot"

    def __init__(
        self,
        source: Source,
        renew: Callable[[Renewed], None],
        *,
        look_seconds: float,
        clock: Clock,
        log: Log,
    ) -> None:
        self._source = source
        self._renew = renew
        self._look_seconds = look_seconds
        self._clock = clock
        self._log = log
        self._look_at = clock.monotonic()
        self._complaint = ""

    def turn(self) -> None:
        """Looks when it is time to; waits a slice when it is not."""
        remaining = self._look_at - self._clock.monotonic()
        if remaining > 0:
            self._clock.wait(min(SLICE_SECONDS, remaining))
            return
        self._look_at = self._clock.monotonic() + self._look_seconds
        try:
            snapshot = self._source.newest()
        except SnapshotUnusable as refused:
            if str(refused) != self._complaint:
                self._complaint = str(refused)
                self._log.error("a snapshot cannot be used: the one before it stays", why=self._complaint)
            return
        self._complaint = ""
        if snapshot is not None:
            self._log.info("snapshot taken into the books", issued_at=snapshot.issued_at.isoformat())
            self._renew(Renewed(snapshot))

    def close(self) -> None:
        """Frees nothing."""
