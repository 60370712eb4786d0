"""A kiosk as a user starts it, window and all, between a real central and far ends on ptys, to be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kiosk.engine.control_call import NobodyServes, call
from tests.crash.around import SWITCHED_OFF, Around
from tests.crash.talking import CLOCK, ROOT

START_SECONDS_MAX = 60.0
END_SECONDS_MAX = 20.0
LOOK_SECONDS = 0.01
SESSION = '[session]\npin = "off"\n'
"""Nobody touches this screen: the card alone begins, and books taken away or a limit of time end."""


class WindowBench(Around):
    """`kiosk run` in *folder*, drawn into memory, with everything around it; `start` starts it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        text = self.configuration.read_text(encoding="utf-8").replace("[session]\n", SESSION, 1)
        self.configuration.write_text(text, encoding="utf-8")
        self._log = folder / "kiosk.log"
        self._kiosk: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts the kiosk; its window is not there yet."""
        environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
        with self._log.open("ab") as log:
            self._kiosk = subprocess.Popen(
                [sys.executable, "-m", "kiosk", "run", str(self.configuration)],
                cwd=ROOT,
                env={**environment, "SDL_VIDEODRIVER": "offscreen"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def health(self) -> dict[str, Any] | None:
        """What the kiosk says of itself on its control socket; None before it serves one."""
        try:
            return dict(call(self.folder / "service", {"do": "health"}))
        except NobodyServes:
            return None

    def wait_until_ready(self) -> None:
        """Waits until the kiosk serves readers, has everything from central, and nothing is open or untold."""
        self.until(self._is_ready, "the kiosk did not come back with nothing open", START_SECONDS_MAX)

    def _is_ready(self) -> bool:
        said = self.health()
        return said is not None and (
            said["is_in_service"]
            and said["is_current"]
            and (said["open_entries"], said["backlog"]) == (0, 0)
            and SWITCHED_OFF.issuperset(said["devices_down"])
        )

    def until(self, condition: Callable[[], bool], what: str, seconds: float) -> None:
        """Waits until *condition* holds; fails with *what* after *seconds*, or when the kiosk ended by itself."""
        deadline = CLOCK.monotonic() + seconds
        while not condition():
            assert self._running().poll() is None, f"the kiosk ended: {self._tail()}"
            assert CLOCK.monotonic() < deadline, f"{what}; it says {self.health()}; {self._tail()}"
            CLOCK.wait(LOOK_SECONDS)

    def let_run(self, seconds: float) -> None:
        """Lets the kiosk go on for *seconds*."""
        until = CLOCK.monotonic() + seconds
        while CLOCK.monotonic() < until:
            CLOCK.wait(LOOK_SECONDS)

    def kill(self) -> None:
        """SIGKILL, now; the card is taken away."""
        self._running().kill()
        assert self._running().wait(END_SECONDS_MAX) == -signal.SIGKILL, self._tail()
        self.card_place.take()

    def end(self) -> None:
        """Ends the kiosk in order, as systemd does; it says that nothing was wrong."""
        self._running().terminate()
        assert self._running().wait(END_SECONDS_MAX) == 0, self._tail()

    def close(self) -> None:
        """Ends everything that was started here."""
        if self._kiosk is not None and self._kiosk.poll() is None:
            self._kiosk.kill()
            self._kiosk.wait(END_SECONDS_MAX)
        super().close()

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._kiosk is not None, "the kiosk was not started"
        return self._kiosk

    def _tail(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")[-2000:]
