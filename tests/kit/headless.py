"""The real kiosk without a window, as a process of its own: `python -m tests.kit.headless CONFIGURATION`.

It runs what `kiosk run` runs, threads and devices and all.  What the screen would show is said on standard output, one
JSON object a line; a reader's touches come on standard input: {"pin": "1234"}, {"choose": "finish"}, {"report": 1}.
It ends in order when standard input ends.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from pathlib import Path

from drivers.link.clock import RealClock
from drivers.masked import Secret
from kiosk.config.loading import load
from kiosk.engine.logs import open_log
from kiosk.runtime.build import Kiosk, Surroundings, build
from kiosk.workflow.events import Chosen, PinEntered
from kiosk.workflow.view import Borrowing, Shown, Summary


def say(**told: object) -> None:
    """One line, at once."""
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def show(shown: Shown) -> None:
    """What the screen shows: which view, and how each line of a list stands."""
    view = shown.view
    lines = view.lines if isinstance(view, Borrowing | Summary) else ()
    is_busy = isinstance(view, Borrowing) and view.is_busy
    say(view=type(view).__name__, busy=is_busy, lines={line.id: line.status.value for line in lines})


def serve(configuration: Path, built: Callable[[Kiosk], None] = lambda _: None) -> None:
    """Runs until standard input ends; *built* gets the kiosk before it starts."""
    clock = RealClock()
    around = Surroundings(clock, open_log("kiosk"), show, random.SystemRandom().random)
    kiosk = build(load(configuration), around)
    built(kiosk)
    kiosk.start()
    for line in sys.stdin:
        match json.loads(line):
            case {"pin": str(digits)}:
                kiosk.post(PinEntered(Secret(digits)))
            case {"choose": str(choice)}:
                kiosk.post(Chosen(choice))
            case {"report": number}:
                say(report=number, open=kiosk.desk.open_count, backlog=kiosk.uplink_pump.backlog)
    kiosk.stop()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
