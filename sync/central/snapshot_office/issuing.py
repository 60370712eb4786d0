"""Numbers, signs and seals a terminal's snapshot, or says that the one it has still holds."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from sync.central.circulation.library import Library
from sync.central.snapshot_office.extracting import read_extract
from sync.central.store import machine_tables as m
from sync.central.store.store import Store
from sync.snapshot.content import NUMBER_MAX
from sync.snapshot.drawing import draw
from sync.snapshot.issuer import Issuer
from sync.snapshot.keys import KEY_BYTES

STILL_FRESH = timedelta(hours=1)
"""So long nothing is issued anew when nothing has changed; then it is, for a terminal trusts a snapshot by its age."""

log = logging.getLogger(__name__)


class NotEnrolled(Exception):
    """The terminal has no key that a snapshot could be sealed with."""


@dataclass(frozen=True, slots=True)
class Issued:
    """Snapshot *number*; *box* is None when the terminal has it already."""

    number: int
    box: bytes | None


@dataclass(frozen=True, slots=True)
class _Turn:
    number: int
    issued_at: datetime
    locked_keys: str


class SnapshotOffice:
    """Issues one snapshot at a time: a large library's takes a second or two of one core.  Safe for several threads."""

    def __init__(self, store: Store, library: Library, issuer: Issuer) -> None:
        self.issuer = issuer
        self._store = store
        self._library = library
        self._one_at_a_time = threading.Lock()

    def issue(self, terminal: str, have: int) -> Issued:
        """The snapshot of *terminal*, which has number *have*, 0 for none.

        The number rises by one whenever the library has changed, and when nothing was issued for `STILL_FRESH`.  It is
        always above *have* then, also when central's database is an older copy.  Raises `NotEnrolled`, and `NotOurs`
        when the office key is not the one the terminal was enrolled with.
        """
        with self._one_at_a_time:
            now = self._library.now()
            with self._store.reading() as connection:
                extract = read_extract(connection, self._library)
            turn = self._number(terminal, have, extract.digest(), now)
            if turn.number == have:
                return Issued(have, None)
            keys = self.issuer.unlocked(terminal, turn.locked_keys)
            drawn = draw(extract, terminal, turn.number, turn.issued_at, keys[KEY_BYTES:])
            if drawn.pins_left_out:
                log.warning("snapshot: %d PINs have a hash no terminal can judge", drawn.pins_left_out)
            return Issued(turn.number, self.issuer.box(drawn.snapshot, keys[:KEY_BYTES]))

    def _number(self, terminal: str, have: int, digest: str, now: datetime) -> _Turn:
        mine = m.enrolled.c.terminal == terminal
        with self._store.writing() as connection:
            row = connection.execute(select(m.enrolled).where(mine).with_for_update()).one_or_none()
            if row is None:
                raise NotEnrolled(terminal)
            issued_at: datetime | None = row.snapshot_issued_at
            if (
                issued_at is not None
                and row.snapshot_digest == digest
                and have <= row.snapshot_number
                and timedelta(0) <= now - issued_at < STILL_FRESH
            ):
                return _Turn(row.snapshot_number, issued_at, row.locked_keys)
            number = min(max(row.snapshot_number, have) + 1, NUMBER_MAX)
            connection.execute(
                update(m.enrolled)
                .where(mine)
                .values(snapshot_number=number, snapshot_digest=digest, snapshot_issued_at=now)
            )
            return _Turn(number, now, row.locked_keys)
