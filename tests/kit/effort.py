"""How much a long proof does: its short form in `make test`, many times that in `make soak`."""

from __future__ import annotations

import os

FACTOR = int(os.environ.get("KIOSK_SOAK_FACTOR", "1"))


def effort(short: int, long: int | None = None) -> int:
    """*short* in the tests; in a soak run *long*, or *short* times the run's factor where no *long* is given."""
    if FACTOR == 1 or long is None:
        return short * FACTOR
    return long
