"""The real clock: the one place of the product that asks the machine for the time or sleeps."""

from __future__ import annotations

import time
from datetime import UTC, datetime

__all__ = ["RealClock"]


class RealClock:
    """`Clock` on the machine's own clocks; may be shared by threads."""

    __slots__ = ()

    def now(self) -> datetime:
        """Wall time, aware, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """Returns after *seconds*; zero or less returns at once."""
        if seconds > 0:
            time.sleep(seconds)
