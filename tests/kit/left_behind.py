"""What a session writes at start-up about an item whose tags are no longer there, for tests below the session."""

from __future__ import annotations

from datetime import datetime

from sync.entries import (
    CaseOpened,
    CaseReason,
    Entry,
    EntryRow,
    ReleaseFailed,
    SecureFailed,
    Settled,
    Settlement,
)
from sync.uplink.aftermath import Aftermath, case_rows
from sync.uplink.promised import settle_promised, with_rows


def release_unknown(entry: Entry, at: datetime, why: str) -> Aftermath:
    """What is written about an entry at `FinishRelease` whose tags are no longer there; *why* is for staff.

    What the terminal itself granted has a case at once, and stays open until the server has answered.
    """
    key = entry.key
    rows = (
        ReleaseFailed(key, at, (), why, entry.strip_before),
        CaseOpened(key, at, CaseReason.RELEASE_UNKNOWN, why),
    )
    if entry.promised is None:
        return Aftermath((*rows, Settled(key, at, Settlement.CASE)))
    return Aftermath((*rows, *settle_promised(with_rows(entry, *rows), at)))


def return_unknown(entry: Entry, at: datetime, why: str) -> tuple[EntryRow, ...]:
    """What is written about an entry at `FinishSecuring` whose tags are no longer there; *why* is for staff.

    The server was not told of it and never will be: nobody knows who has the item.
    """
    intended = entry.secure_intended
    failed = SecureFailed(entry.key, at, (), why, None if intended is None else intended.strip)
    return failed, *case_rows(entry.key, at, CaseReason.RETURN_UNKNOWN, why)
