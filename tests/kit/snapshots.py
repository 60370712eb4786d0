"""The terminal's source of snapshots, without a file or a network in between."""

from __future__ import annotations

from datetime import datetime

from sync.central.circulation.library import Library
from sync.central.snapshot_office.extracting import read_extract
from sync.central.store.store import Store
from sync.snapshot.content import Snapshot
from sync.snapshot.drawing import draw

PEPPER = bytes(range(32))


def drawn(store: Store, library: Library, terminal: str, number: int, now: datetime) -> Snapshot:
    """Snapshot *number* that central, over *store*, would issue to *terminal* at *now*."""
    with store.reading() as connection:
        extract = read_extract(connection, library)
    return draw(extract, terminal, number, now, PEPPER).snapshot


class OneSnapshot:
    """`Source` of *snapshot*: given once to every start."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot: Snapshot | None = snapshot

    def newest(self) -> Snapshot | None:
        """As promised by `Source`."""
        given, self._snapshot = self._snapshot, None
        return given
