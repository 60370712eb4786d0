"""Lives through days of many seeds, on all processors."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from drivers.link.clock import RealClock
from tests.crash.power.run import fast_folder
from tests.crash.year.days import Days, Lived, Plan


@dataclass(frozen=True, slots=True)
class Run:
    """How the days of *seed* went, and what they took: *seconds* by the clock, *busy_seconds* of one processor."""

    seed: int
    plan: Plan
    lived: Lived
    seconds: float
    busy_seconds: float

    @property
    def loans(self) -> int:
        """How many books left."""
        return self.lived.counts.get("taken", 0)

    @property
    def replay(self) -> str:
        """The command that lives through these days again."""
        return (
            f"python -m tests.crash.year --seed {self.seed} --days {self.plan.days} "
            f"--terminals {self.plan.terminals}"
        )


def live(seed: int, plan: Plan, prepare: Callable[[], None] | None = None) -> Run:
    """The days of *seed*, in this process; *prepare* breaks the terminals on purpose first."""
    if prepare is not None:
        prepare()
    clock = RealClock()
    with tempfile.TemporaryDirectory(prefix="year-", dir=fast_folder()) as folder:
        begun, busy = clock.monotonic(), time.process_time()
        lived = Days(Path(folder), seed, plan).live()
        return Run(seed, plan, lived, clock.monotonic() - begun, time.process_time() - busy)


def live_all(seeds: Sequence[int], plan: Plan, prepare: Callable[[], None] | None = None) -> Iterator[Run]:
    """The days of each of *seeds*, in the order in which they are over."""
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(partial(live, plan=plan, prepare=prepare), seeds)
