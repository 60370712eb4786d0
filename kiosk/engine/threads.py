"""Gives each pump a thread; one that fails by a mistake of ours is reported and turns again."""

from __future__ import annotations

import threading

from drivers.link import Clock
from kiosk.engine.logs import Log
from kiosk.engine.pump import Pump

RESTART_SECONDS_MIN = 0.5
RESTART_SECONDS_MAX = 60.0


class PumpThreads:
    """The threads of a process: `start` each pump once, `stop` them all together."""

    def __init__(self, clock: Clock, log: Log) -> None:
        self._clock = clock
        self._log = log
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, pump: Pump) -> None:
        """Turns *pump* from a thread of its own from now on."""
        thread = threading.Thread(target=self._run, args=(pump,), name=pump.name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def stop(self, timeout_seconds: float) -> tuple[str, ...]:
        """Ends all after their running turn and closes what they hold; the names of those that did not end in time."""
        self._stopping.set()
        deadline = self._clock.monotonic() + timeout_seconds
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - self._clock.monotonic()))
        stuck = tuple(thread.name for thread in self._threads if thread.is_alive())
        if stuck:
            self._log.error("pumps did not end", pumps=stuck)
        return stuck

    def _run(self, pump: Pump) -> None:
        delay_seconds = RESTART_SECONDS_MIN
        while not self._stopping.is_set():
            started_at = self._clock.monotonic()
            try:
                while not self._stopping.is_set():
                    pump.turn()
            except Exception as mistake:
                if self._clock.monotonic() - started_at > RESTART_SECONDS_MAX:
                    delay_seconds = RESTART_SECONDS_MIN
                self._log.failure(
                    "pump failed and starts again", mistake, pump=pump.name, after_seconds=delay_seconds
                )
                pump.close()
                self._stopping.wait(delay_seconds)
                delay_seconds = min(RESTART_SECONDS_MAX, delay_seconds * 2)
        pump.close()
