"""Closes the days of the machine's ledger that are over, by itself: staff find them closed in the morning.

It asks for what `kiosk ledger close` asks for, so a day that staff have closed already is closed once.  Unlike staff it
cannot look at a clock on the wall, so it waits until the server's clock bears the terminal's out.
"""

from __future__ import annotations

from drivers.link import Clock
from kiosk.engine.errands import Command, Errand, NotDone
from kiosk.engine.logs import Log
from kiosk.engine.pump import SLICE_SECONDS

SETTLE_SECONDS = 600.0
"""So long after midnight, or after the start, it waits: payments of the day before come to their end first."""

AGAIN_SECONDS = 3600.0
"""How long after a closing that did not come about it is asked for again."""


class DayClosingPump:
    """Asks *close* once for each day, by the local date of *clock*."""

    name = "day-closing"

    def __init__(self, close: Command, *, clock: Clock, log: Log) -> None:
        self._close = close
        self._clock = clock
        self._log = log
        self._day = clock.now().astimezone().date()
        self._ask_at = clock.monotonic() + SETTLE_SECONDS
        self._is_wanted = True
        self._errand: Errand | None = None

    def turn(self) -> None:
        """Asks where a day is over, hears what became of it, or waits a slice."""
        today = self._clock.now().astimezone().date()
        if today != self._day:
            self._day, self._is_wanted = today, True
            self._ask_at = self._clock.monotonic() + SETTLE_SECONDS
        if self._errand is not None:
            self._hear(self._errand)
        elif self._is_wanted and self._clock.monotonic() >= self._ask_at:
            said = self._close({"unattended": True})
            self._errand = said if isinstance(said, Errand) else None
        self._clock.wait(SLICE_SECONDS)

    def close(self) -> None:
        """Nothing to free."""

    def _hear(self, errand: Errand) -> None:
        outcome = errand.outcome
        if outcome is None:
            return
        self._errand = None
        if isinstance(outcome, NotDone):
            self._log.warning("the days of the ledger could not be closed", why=str(outcome))
            self._ask_at = self._clock.monotonic() + AGAIN_SECONDS
            return
        self._is_wanted = False
        for one in outcome["closed"]:
            self._log.info("a day of the ledger is closed", day=one["day"], number=one["number"])
