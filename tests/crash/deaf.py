"""A kiosk that is broken on purpose: it takes a commit that failed for one that is on disk."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

from kiosk.engine import journal_pump
from kiosk.runtime import build
from sync.journal.errors import JournalError
from tests.crash import fork_server


class Deaf(journal_pump.JournalPump):
    """Hears no error."""

    def _commit(self, batches: list[journal_pump.Batch]) -> None:
        with suppress(JournalError):
            self._journal.append([row for batch in batches for row in batch.rows])
        self._post(journal_pump.Committed(batches[-1].turn))


def break_it() -> None:
    """Breaks this process."""
    vars(build)["JournalPump"] = Deaf


if __name__ == "__main__":
    fork_server.main(Path(sys.argv[1]), break_it)
