"""A process that was started for another one does not outlive it."""

from __future__ import annotations

import subprocess
import sys

import pytest

CHILD = (
    "from kiosk.engine.parent import Parent, SetOrOrphaned; import sys;"
    "print('up', flush=True); SetOrOrphaned(Parent(int(sys.argv[1]))).wait(); print('gone', flush=True)"
)
STARTER = (
    "import os, subprocess, sys;"
    f"subprocess.Popen([sys.executable, '-c', {CHILD!r}, str(os.getpid())]); sys.stdin.read()"
)


@pytest.mark.parametrize("is_killed", [True, False])
def test_a_wait_ends_when_the_parent_does(is_killed: bool) -> None:
    """Whether the starter ended in order or was killed, who it started notices within seconds."""
    with subprocess.Popen(
        [sys.executable, "-c", STARTER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as starter:
        assert starter.stdin is not None
        assert starter.stdout is not None
        assert starter.stdout.readline() == b"up\n"
        if is_killed:
            starter.kill()
        starter.stdin.close()

        assert starter.stdout.readline() == b"gone\n"
