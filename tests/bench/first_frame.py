"""From starting the process to the first frame on the screen, ours against a bare Kivy window."""

from __future__ import annotations

import os
import subprocess
import sys
from time import perf_counter

from tests.bench.figures import Figure

OURS = "tests.bench.our_window"
BARE = "tests.bench.bare_window"


def seconds_to_first_frame(module: str) -> float:
    """How long a fresh process of *module* takes from being started to its first frame."""
    started = perf_counter()
    child = subprocess.Popen([sys.executable, "-m", module], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdout is not None
    sign = os.read(child.stdout.fileno(), 1)
    elapsed = perf_counter() - started
    _, complaint = child.communicate()
    if sign != b".":
        raise AssertionError(complaint.decode(errors="replace")[-2000:])
    return elapsed


def figures(pairs: int) -> list[Figure]:
    """The figure of the first frame; one pair first warms the page cache and is not counted."""
    samples = []
    for pair in range(pairs + 1):
        programs = (OURS, BARE) if pair % 2 else (BARE, OURS)
        seconds = {program: seconds_to_first_frame(program) for program in programs}
        if pair:
            samples.append(seconds[OURS] / seconds[BARE])
    return [Figure("first frame", tuple(samples), "times", "a bare Kivy window with the same widgets", 1.3)]
