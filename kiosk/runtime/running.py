"""Runs the terminal of a configuration file on the real machine, behind a window that somebody else opens."""

from __future__ import annotations

import gc
import os
import random
import sys
from collections.abc import Callable
from pathlib import Path

from drivers.link import SettingsError
from drivers.link.clock import RealClock
from kiosk.config.loading import load
from kiosk.engine.logs import adopt_standard_logging, open_log
from kiosk.engine.notify import Notify
from kiosk.runtime.build import Kiosk, Surroundings, build
from kiosk.workflow.events import Event
from kiosk.workflow.view import Shown
from sync.journal.errors import JournalError

WRONG, UNUSABLE = 1, 2


class Terminal:
    """A terminal that starts once its window stands; *close* ends the window when it cannot."""

    def __init__(self, close: Callable[[], None]) -> None:
        self._close = close
        self._kiosk: Kiosk | None = None
        self._exit_code = 0
        self._notify = Notify(os.environ)

    def start(self, file: Path, show: Callable[[Shown], None]) -> None:
        """Builds and starts everything that *file* describes and tells systemd; what is wrong is said to stderr."""
        clock = RealClock()
        adopt_standard_logging()
        log = open_log("kiosk")
        around = Surroundings(
            clock=clock, log=log, show=show, chance=random.SystemRandom().random, alive=self._notify.alive
        )
        try:
            self._kiosk = build(load(file), around)
        except SettingsError as error:
            self._fail(str(error), UNUSABLE)
        except JournalError as error:
            self._fail(f"the journal cannot be used: {error}", WRONG)
        else:
            # What start-up read of a long outage stays for days: it need not be looked through again and again.
            gc.freeze()
            self._kiosk.start()
            self._notify.ready()

    def post(self, touch: Event) -> None:
        """Hands a touch to the desk; there is none before everything is built."""
        if self._kiosk is not None:
            self._kiosk.post(touch)

    def stop(self, window_code: int) -> int:
        """Ends everything; the exit code, *window_code* when nothing else was wrong."""
        self._notify.stopping()
        is_stuck = self._kiosk is not None and bool(self._kiosk.stop())
        return self._exit_code or window_code or (WRONG if is_stuck else 0)

    def _fail(self, sentence: str, code: int) -> None:
        print(sentence, file=sys.stderr, flush=True)
        self._exit_code = code
        self._close()
