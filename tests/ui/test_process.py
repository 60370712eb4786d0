"""The window as a process of its own on a real X display, touched and typed at from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drivers.link.clock import RealClock
from tests.ui.rig import display_environment

DEADLINE_SECONDS = 60.0
PROGRAM = """
import sys
from kiosk.workflow.view import *
from ui.app import run
from ui.environment import WindowSettings

shown = Shown(StillThere(20, 20, (Choice("more-time"), Choice("finish"))), Language.ENGLISH)

def post(event):
    print(event, flush=True)

def started(bridge):
    bridge.show(shown)
    print("started", flush=True)

sys.exit(run(post, started, WindowSettings(540, 960)))
"""


@pytest.fixture
def display() -> Iterator[str]:
    """An X display of the window's size."""
    reading, writing = os.pipe()
    command = [
        "Xvfb",
        "-displayfd",
        str(writing),
        "-screen",
        "0",
        "540x960x24",
        "-nolisten",
        "tcp",
        "-noreset",
    ]
    with subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        with os.fdopen(reading) as numbers:
            yield f":{numbers.readline().strip()}"
        server.terminate()


def xdotool(display: str, *arguments: str) -> None:
    """Do what a hand or a keyboard does."""
    subprocess.run(["xdotool", *arguments], env={**os.environ, "DISPLAY": display}, check=True, timeout=20)


def tap_until_chosen(display: str, is_chosen: Callable[[], bool], clock: RealClock) -> None:
    """Tap the large button above the other one until that is heard."""
    deadline = clock.monotonic() + DEADLINE_SECONDS
    while not is_chosen():
        assert clock.monotonic() < deadline
        xdotool(display, "mousemove", "270", "826", "click", "1")
        clock.wait(0.3)


def test_the_kiosk_takes_taps_ignores_keys_and_ends_when_told(display: str, tmp_path: Path) -> None:
    """A tap chooses, Escape, F1 and typing close and change nothing, and SIGTERM ends the program with 0."""
    output = tmp_path / "output"
    clock = RealClock()

    def wait_for(text: str) -> None:
        deadline = clock.monotonic() + DEADLINE_SECONDS
        while text not in output.read_text():
            assert kiosk.poll() is None, output.read_text()
            assert clock.monotonic() < deadline, output.read_text()
            clock.wait(0.05)

    with output.open("w") as file:
        kiosk = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            env=display_environment(display),
            stdout=file,
            stderr=subprocess.STDOUT,
            cwd=Path(__file__).parents[2],
        )
        try:
            wait_for("started")
            xdotool(display, "key", "Escape", "F1")
            xdotool(display, "type", "--delay", "5", "9787000000016")
            xdotool(display, "key", "Return")
            assert "Chosen" not in output.read_text()
            # A touch in the first moments of a screen only says that somebody is there.
            tap_until_chosen(display, lambda: "Chosen" in output.read_text(), clock)
            assert "Chosen(choice='more-time')" in output.read_text()
            kiosk.send_signal(signal.SIGTERM)
            assert kiosk.wait(DEADLINE_SECONDS) == 0
        finally:
            kiosk.kill()
            kiosk.wait()
    assert "Traceback" not in output.read_text()
