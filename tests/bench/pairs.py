"""Measures by interleaved pairs: ours and the floor by turns, many times, one ratio a pair."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter_ns

Work = Callable[[], object]


def seconds_of(work: Work, repeat: int) -> float:
    """How long *repeat* calls of *work* take, in seconds."""
    started = perf_counter_ns()
    for _ in range(repeat):
        work()
    return (perf_counter_ns() - started) / 1e9


@contextmanager
def without_collector() -> Iterator[None]:
    """Keeps the garbage collector from falling into one side of a pair."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def nothing() -> None:
    """No preparation."""


def ratios(ours: Work, floor: Work, *, pairs: int, repeat: int, prepare: Work = nothing) -> tuple[float, ...]:
    """Time of *ours* over time of *floor*, once for each of *pairs*; each side runs *repeat* times in a pair.

    Who goes first changes with every pair.  *prepare* runs before each pair, and once before all, and is not timed.
    """
    prepare()
    ours()
    floor()
    measured = []
    with without_collector():
        for pair in range(pairs):
            prepare()
            if pair % 2:
                below = seconds_of(floor, repeat)
                above = seconds_of(ours, repeat)
            else:
                above = seconds_of(ours, repeat)
                below = seconds_of(floor, repeat)
            measured.append(above / below)
    return tuple(measured)
