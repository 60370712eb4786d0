"""A kiosk that is broken on purpose: it says that rows are on disk and writes them half a minute later."""

from __future__ import annotations

import sys
from pathlib import Path

from kiosk.engine import journal_pump
from kiosk.runtime import build
from tests.crash import fork_server


class WriteBehind(journal_pump.JournalPump):
    """Acknowledges first."""

    def write(self, batch: journal_pump.Batch) -> None:
        self._post(journal_pump.Committed(batch.turn))
        super().write(batch)

    def turn(self) -> None:
        if self._monotonic() > self._tidy_at - 30:
            super().turn()

    def shut(self) -> None:
        self._tidy_at = 0.0
        super().shut()


def break_it() -> None:
    """Breaks this process."""
    vars(build)["JournalPump"] = WriteBehind


if __name__ == "__main__":
    fork_server.main(Path(sys.argv[1]), break_it)
