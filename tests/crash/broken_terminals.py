"""Terminals that are broken on purpose, each in one way: what the proofs beside this file have to find.

Every variant is a function that breaks this process; it takes nothing and can be sent to another process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import apsw

from drivers.em import Deed, StripUnit
from drivers.link import DeviceFault, DeviceLost
from drivers.rfid import Pad, TagGone, WriteRefused
from kiosk.engine import journal_pump, uplink_pump
from kiosk.runtime import build, desk, outbox, pads, strips
from kiosk.workflow import borrow
from kiosk.workflow import strips as workflow_strips
from kiosk.workflow.effects import Release, TreatStrip
from kiosk.workflow.events import TagsReleased
from sync.entries import (
    CaseOpened,
    EntryKey,
    Granted,
    Refused,
    ReleaseFailed,
    Row,
    Settled,
    Settlement,
    TagBits,
)
from sync.journal import file
from sync.journal.journal import Journal
from tests.crash.broken_couriers import LetsTheNewestGoFirst, RepeatsWithoutAsking, SendsUnderNewKeys

RELEASED_AFI = 0xC2


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


def has_no_keys() -> None:
    """What is sent once more is sent under another key."""
    vars(uplink_pump)["Courier"] = SendsUnderNewKeys


def lets_the_newest_go_first() -> None:
    """What was done last is told first."""
    vars(uplink_pump)["Courier"] = LetsTheNewestGoFirst


def repeats_without_asking() -> None:
    """What is in doubt is sent again."""
    vars(uplink_pump)["Courier"] = RepeatsWithoutAsking


def does_not_read_back() -> None:
    """A release is called verified, whatever the tag says."""

    def released(_work: pads.PadWork, pad: Pad, order: Release) -> TagsReleased:
        for uid in order.uids:
            try:
                pad.release(uid)
            except (TagGone, WriteRefused):
                continue
        return TagsReleased(order.key, tuple(TagBits(str(uid), RELEASED_AFI) for uid in order.uids))

    pads.PadWork._release = released  # type: ignore[assignment,method-assign]


def deletes_cases() -> None:
    """What staff would have to look at is settled as if all were well."""
    append = Journal.append

    def without_cases(journal: Journal, rows: Sequence[Row]) -> dict[EntryKey, int]:
        kept = [row for row in rows if not isinstance(row, CaseOpened)]
        return append(journal, [_well(journal, row, kept) for row in kept])

    Journal.append = without_cases  # type: ignore[assignment,method-assign]


def treats_strips_first() -> None:
    """The strip unit is armed while the server is still being asked."""
    start = borrow._start

    def started(state: Any, session: Any, line: Any, item: Any, turn: Any) -> Any:
        state, after = start(state, session, line, item, turn)
        if after.key is not None and after.strip is not None:
            turn.do(TreatStrip(after.key, Deed.DESENSITISE))
        return state, after

    vars(borrow)["_start"] = started


def treats_strips_again() -> None:
    """A strip unit that comes back is armed again for what was ordered of it before."""

    class Remembers(strips.StripWork):
        _kept: TreatStrip | None = None

        def turn(self, device: StripUnit) -> None:
            armed = self._armed
            try:
                super().turn(device)
            except (DeviceFault, DeviceLost):
                self._kept = armed
                raise

        def begin(self, device: StripUnit) -> None:
            super().begin(device)
            if self._kept is not None:
                device.arm(self._kept.deed)
                self._armed, self._kept = self._kept, None

    vars(strips)["StripWork"] = Remembers


def takes_tapes_for_books() -> None:
    """Whether an item is a tape is not asked before its strip is treated, and nothing said of it later counts."""
    vars(workflow_strips)["interlock"] = lambda _: None
    vars(workflow_strips)["held_back_since"] = lambda *_: None


def _well(journal: Journal, row: Row, batch: Sequence[Row]) -> Row:
    """*row*, with an end without a case."""
    if not isinstance(row, Settled) or row.how is not Settlement.CASE:
        return row
    entry = journal.entry(row.key)
    if entry is None:
        return row
    told = [*entry.rows, *(one for one in batch if getattr(one, "key", None) == row.key)]
    answers = [one.answer for one in told if hasattr(one, "answer")]
    if any(isinstance(answer, Refused) for answer in answers):
        return Settled(row.key, row.at, Settlement.REFUSED)
    if any(isinstance(answer, Granted) for answer in answers):
        failed = any(isinstance(one, ReleaseFailed) for one in told)
        return Settled(row.key, row.at, Settlement.UNDONE if failed else Settlement.DONE)
    return Settled(row.key, row.at, Settlement.NOT_DONE)


VARIANTS: dict[str, Callable[[], None]] = {
    "acknowledges first": acknowledges_first,
    "syncs seldom": syncs_seldom,
    "releases first": releases_first,
    "does before it is written": does_before_it_is_written,
    "has no keys": has_no_keys,
    "does not read back": does_not_read_back,
    "lets the newest go first": lets_the_newest_go_first,
    "repeats without asking": repeats_without_asking,
    "deletes cases": deletes_cases,
    "treats strips first": treats_strips_first,
    "treats strips again": treats_strips_again,
    "takes tapes for books": takes_tapes_for_books,
}
