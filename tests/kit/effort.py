"""How much a long proof does: its short form in `make test`, many times that in `make soak`."""

from __future__ import annotations

import os

FACTOR = int(os.environ.get("KIOSK_SOAK_FACTOR", "1"))


def effort(short: int) -> int:
    """*short* in the tests, *short* times the factor of a soak run."""
    return short * FACTOR
