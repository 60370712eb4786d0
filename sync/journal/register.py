"""Finds an entry by its key: a table of the file that is written behind, when the journal is opened or idle.

An index of keys would cost every intent a page of the log.  So the keys begun since the table was last written
wait in memory; after a crash they are read from their rows again.  What `verify` finds in the table is what
the rows say, or a fault.
"""

from __future__ import annotations

from typing import Final

from sync.entries import EntryKey
from sync.journal.file import OpenFile

_WRITE: Final = (
    "INSERT INTO keys SELECT number, key FROM rows"
    " WHERE key IS NOT NULL AND number > (SELECT coalesce(max(number), 0) FROM keys)"
)
_FIND: Final = "SELECT number FROM keys WHERE key = ?"


WAITING_MAX: Final = 4_096
"""So many keys wait in memory; then the next commit writes them."""


class Register:
    """The rows that begin the entries of one open file, by key.  Raises what apsw raises."""

    def __init__(self, file: OpenFile) -> None:
        self._file = file
        self._waiting: dict[str, int] = {}
        self._latest_event = -1
        self._written_event = -1
        self._purged_event = -1

    @property
    def is_due(self) -> bool:
        """Whether so many keys wait that the next commit has to write them."""
        return len(self._waiting) >= WAITING_MAX

    def number_of(self, key: str) -> int | None:
        """The number of the row that begins the entry *key*, None when there is none."""
        number = self._waiting.get(key)
        if number is not None:
            return number
        found = self._file.query(_FIND, key)
        return int(found[0][0]) if found else None

    def is_taken(self, key: EntryKey, text: str) -> bool:
        """Whether there is an entry *key*, a key of this boot, or was one; *text* is how it prints."""
        if text in self._waiting or key.event <= self._purged_event:
            return True
        # Events are counted upwards, so that the file is hardly ever asked.
        return key.event <= self._written_event and self.number_of(text) is not None

    def add(self, begun: dict[str, int], latest_event: int) -> None:
        """The rows *begun*, number by key, are committed; none of their events is after *latest_event*."""
        self._waiting.update(begun)
        self._latest_event = max(self._latest_event, latest_event)

    def write(self) -> None:
        """Writes what waits into the file, within the transaction of the caller, who then says `written`."""
        self._file.connection.execute(_WRITE)

    def written(self) -> None:
        """The transaction of `write` is committed."""
        self._waiting.clear()
        self._written_event = self._latest_event

    def purge(self, boot: int, floor: int) -> None:
        """The entries up to row *floor* are forgotten; *boot* is this one, whose keys are not to begin another."""
        for (text,) in self._file.query("SELECT key FROM keys WHERE number <= ?", floor):
            key = EntryKey.parse(text)
            if key.boot == boot:
                self._purged_event = max(self._purged_event, key.event)
