"""`tests.kit.headless` for a process whose wall clock libfaketime sets: time.sleep fails there, so select waits."""

from __future__ import annotations

import select
import sys
import time
from pathlib import Path

from tests.kit import headless


def sleep(seconds: float) -> None:
    """As `time.sleep`."""
    select.select((), (), (), seconds)


if __name__ == "__main__":
    vars(time)["sleep"] = sleep
    headless.serve(Path(sys.argv[1]))
