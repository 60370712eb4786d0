"""Keeps the snapshot in the terminal's own books the newest one there is.

Looking for it may take long (a file of megabytes, a slow network), so it has a thread of its own, and the books get
what it found whole.  A snapshot that cannot be believed is said to the log, and the one before it stays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from drivers.link import Clock
from kiosk.engine.logs import Log
from kiosk.engine.pump import SLICE_SECONDS
from kiosk.runtime.books_pump import Renewed
from sync.snapshot.box import Flaw, SnapshotRefused
from sync.snapshot.content import Snapshot
from sync.snapshot.keeping import SnapshotFile

LOOK_SECONDS = 10.0
"""How often it is looked whether somebody put a snapshot into the file."""

RETRY_SECONDS = 60.0
"""How soon somebody who could not be reached is asked again."""


class SnapshotUnusable(Exception):
    """What was found is no snapshot for this terminal, or it is given none; the text says why and names nobody."""


class Source(Protocol):
    """Where snapshots come from."""

    def newest(self) -> Snapshot | None:
        """The newest snapshot, None when that was given before or there is none.  Raises `SnapshotUnusable`."""


@dataclass(frozen=True, slots=True)
class Snapshots:
    """Where the terminal's own books come from: *source* is looked into every *look_seconds*."""

    source: Source
    look_seconds: float


class NotFetched(Exception):
    """Nobody who has snapshots could be reached; it is tried again soon."""


class FetchRefused(Exception):
    """Whoever has snapshots gives this terminal none: the installer has to look; the text names nobody."""


@dataclass(frozen=True, slots=True)
class Fetching:
    """*fetch* gives the box of a snapshot with a greater number than it is told, None when there is none newer.

    It may raise `NotFetched` and `FetchRefused`, and is asked every *refresh_seconds*.
    """

    fetch: Callable[[int], bytes | None]
    refresh_seconds: float


class FileSource:
    """`Source` of the snapshot in *file*, at *path*: put there by somebody whenever there is a new one, or fetched."""

    def __init__(
        self, path: Path, file: SnapshotFile, clock: Clock, fetching: Fetching | None = None
    ) -> None:
        self._path = path
        self._file = file
        self._clock = clock
        self._fetching = fetching
        self._fetch_at = clock.monotonic()
        self._is_refusal_told = False
        self._number = 0
        self._seen: tuple[int, int, int] | None = None

    def newest(self) -> Snapshot | None:
        """As promised by `Source`."""
        try:
            found = self._in_file() or self._fetched()
        except SnapshotRefused as refused:
            raise SnapshotUnusable(str(refused)) from None
        if found is not None:
            self._number = found.number
        return found

    def _in_file(self) -> Snapshot | None:
        stamp = self._stamp()
        if stamp == self._seen:
            return None
        self._seen = stamp
        if stamp is None:
            return None
        try:
            return self._file.load(self._clock.now())
        except SnapshotRefused as refused:
            if refused.flaw is Flaw.FUTURE:
                # A clock is wrong and may be set right: then the same file is good.
                self._seen = None
            raise

    def _fetched(self) -> Snapshot | None:
        now = self._clock.monotonic()
        if self._fetching is None or now < self._fetch_at:
            return None
        self._fetch_at = now + min(RETRY_SECONDS, self._fetching.refresh_seconds)
        try:
            box = self._fetching.fetch(self._number)
        except NotFetched:
            return None
        except FetchRefused as refused:
            if self._is_refusal_told:
                return None
            self._is_refusal_told = True
            raise SnapshotUnusable(str(refused)) from None
        self._is_refusal_told = False
        self._fetch_at = now + self._fetching.refresh_seconds
        if box is None:
            return None
        snapshot = self._file.accept(box, self._clock.now())
        self._seen = self._stamp()
        return snapshot

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            state = self._path.stat()
        except OSError:
            return None
        return state.st_ino, state.st_mtime_ns, state.st_size


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
