"""The real clock."""

from __future__ import annotations

from datetime import UTC, datetime

from drivers.link.clock import RealClock


def test_the_real_clock_waits_and_tells_utc() -> None:
    """A wait takes its time and no less, none at all for zero; the wall time is aware and in UTC."""
    clock = RealClock()
    begun = clock.monotonic()
    clock.wait(0.02)
    clock.wait(0)
    clock.wait(-10)

    assert 0.02 <= clock.monotonic() - begun < 5
    assert clock.now().tzinfo is UTC
    assert clock.now() > datetime(2026, 1, 1, tzinfo=UTC)
