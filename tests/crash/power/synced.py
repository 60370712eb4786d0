"""Nothing is acknowledged that still waits for a sync: read off the recording of a play, without a single cut."""

from __future__ import annotations

from tests.crash.power.disk import Deed
from tests.crash.power.play import Recording

WAL = "journal.db-wal"


def acknowledged_unsynced(recording: Recording) -> list[str]:
    """Each moment at which rows were acknowledged that a power cut could still take away."""
    found: list[str] = []
    is_synced = [True]
    for operation in recording.operations:
        if operation.name == WAL:
            is_synced.append(operation.deed is not Deed.WRITE)
        else:
            is_synced.append(is_synced[-1])
    known = 0
    for cut, held in recording.moments:
        if held.rows > known and not is_synced[cut]:
            found.append(
                f"after {cut} operations {held.rows - known} rows were acknowledged and not synced (I1)"
            )
        known = max(known, held.rows)
    return found
