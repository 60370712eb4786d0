"""kill -9 for a whole kiosk process, with a real central and devices that speak real bytes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from drivers.link.clock import RealClock
from tests.crash.invariants import broken
from tests.crash.kill_bench import READERS, KillBench, ordinary_books
from tests.kit.effort import effort

SEED = 20
ROUNDS = effort(14)
BOOKS_EACH = 2
POINTS: tuple[tuple[str, Callable[[KillBench], bool]], ...] = (
    ("a loan was asked for", lambda bench: "asking" in bench.lines().values()),
    ("a release is under way", lambda bench: "releasing" in bench.lines().values()),
    ("a book is lent", lambda bench: "lent" in bench.lines().values()),
    ("all books are lent", lambda bench: list(bench.lines().values()).count("lent") == BOOKS_EACH),
)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[KillBench]:
    bench = KillBench(tmp_path)
    yield bench
    bench.close()


def let_run(bench: KillBench, seconds: float) -> None:
    """Lets the kiosk go on for *seconds*."""
    until = RealClock().monotonic() + seconds
    while (left := until - RealClock().monotonic()) > 0:
        bench.kiosk.listen(left)


def test_a_kiosk_killed_at_any_moment_loses_and_doubles_nothing(bench: KillBench) -> None:
    """After kills at chosen points, at random moments and while it came back, all that was said and written agrees."""
    chance, books = random.Random(SEED), iter(ordinary_books())
    for number in range(ROUNDS):
        stack = [next(books) for _ in range(BOOKS_EACH)]
        bench.begin(READERS[number % len(READERS)], stack)
        if number < len(POINTS):
            name, point = POINTS[number]
            bench.kiosk.until(partial(point, bench), f"it never came to this: {name}")
        else:
            let_run(bench, chance.uniform(0.0, 0.6))
        bench.kill()
        if number % 2:
            bench.clear_pad(stack)
        bench.start_again()
        if number % 3 == 2:
            let_run(bench, chance.uniform(0.0, 1.2))
            bench.kill()
            bench.start_again()
        bench.come_back()
        bench.clear_pad(stack)

    found = broken(bench.world())
    assert not found, "\n".join(found)


def test_a_kiosk_that_writes_behind_is_found_out(tmp_path: Path) -> None:
    """Negative control: a kiosk that says "written" before it is, killed once, breaks the same checks."""
    bench = KillBench(tmp_path, "tests.crash.write_behind")
    try:
        stack = ordinary_books()[:BOOKS_EACH]
        bench.begin(READERS[0], stack)
        bench.kiosk.until(lambda: POINTS[3][1](bench), "the books were not lent")
        bench.kill()
        bench.start_again()
        bench.come_back()

        assert broken(bench.world()) != []
    finally:
        bench.close()
