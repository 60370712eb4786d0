"""Terminals that are broken on purpose, each in one way: what the proofs beside this file have to find.

Every variant is a function that breaks this process; it takes nothing and can be sent to another process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import apsw

from kiosk.engine import journal_pump
from kiosk.runtime import build, desk, outbox
from kiosk.workflow import borrow
from sync.journal import file


def acknowledges_first() -> None:
    """Rows are said to be on disk when they are handed over; a busy disk gets them a little later."""

    class AcknowledgesFirst(journal_pump.JournalPump):
        _turns = 0

        def write(self, batch: journal_pump.Batch) -> None:
            self._post(journal_pump.Committed(batch.turn))
            super().write(batch)

        def turn(self) -> None:
            self._turns += 1
            if self._turns % 16 == 0:
                super().turn()

    vars(build)["JournalPump"] = AcknowledgesFirst


def syncs_seldom() -> None:
    """The journal's file is opened with synchronous=NORMAL."""
    prepare = file._prepare

    def prepared(connection: apsw.Connection) -> None:
        prepare(connection)
        connection.execute("PRAGMA synchronous = NORMAL")

    vars(file)["_prepare"] = prepared


def releases_first() -> None:
    """A tag is released while the server is still being asked."""
    start = borrow._start

    def started(state: Any, session: Any, line: Any, item: Any, turn: Any) -> Any:
        state, after = start(state, session, line, item, turn)
        if after.key is not None and line.uids:
            turn.release(after.key, line.uids)
        return state, after

    vars(borrow)["_start"] = started


def does_before_it_is_written() -> None:
    """The desk does and shows everything at once, whatever the disk has."""

    class EagerOutbox(outbox.Outbox[Any, Any]):
        def leaving(self) -> Iterator[outbox.Turn[Any, Any]]:
            while self._turns:
                yield self._turns.popleft()

    vars(desk)["Outbox"] = EagerOutbox


VARIANTS: dict[str, Callable[[], None]] = {
    "acknowledges first": acknowledges_first,
    "syncs seldom": syncs_seldom,
    "releases first": releases_first,
    "does before it is written": does_before_it_is_written,
}
