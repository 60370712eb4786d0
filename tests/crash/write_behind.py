"""A kiosk that is broken on purpose: it says that rows are on disk and writes them half a minute later."""

from __future__ import annotations

import sys
from pathlib import Path

from kiosk.engine import journal_pump
from kiosk.runtime import build
from tests.kit import headless


class WriteBehind(journal_pump.JournalPump):
    """Acknowledges first."""

    def write(self, batch: journal_pump.Batch) -> None:
        self._post(journal_pump.Committed(batch.turn))
        super().write(batch)

    def turn(self) -> None:
        if self._monotonic() > self._tidy_at - 30:
            super().turn()


if __name__ == "__main__":
    vars(build)["JournalPump"] = WriteBehind
    headless.serve(Path(sys.argv[1]))
