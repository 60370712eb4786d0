"""Kills whole kiosks, many times, on several benches at once.

A round is a reader with two books and a kill: at a chosen point, at a random moment, and in every third round once
more while the kiosk comes back.  After `ROUNDS_AT_ONCE` rounds all witnesses are asked; then staff take the books
back, and the next readers come.
"""

from __future__ import annotations

import multiprocessing
import random
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from tests.crash.around import READERS, ordinary_books
from tests.crash.invariants import broken
from tests.crash.kill_bench import KillBench
from tests.crash.talking import CLOCK

BOOKS_EACH = 2
ROUNDS_AT_ONCE = 20
BENCHES = 3
"""How many kiosks live at once: most of a kiosk's time is waiting for its devices."""

POINTS: tuple[tuple[str, Callable[[KillBench], bool]], ...] = (
    ("a loan was asked for", lambda bench: "asking" in bench.lines().values()),
    ("a release is under way", lambda bench: "releasing" in bench.lines().values()),
    ("a book is lent", lambda bench: "lent" in bench.lines().values()),
    ("all books are lent", lambda bench: list(bench.lines().values()).count("lent") == BOOKS_EACH),
)


@dataclass(frozen=True, slots=True)
class Kills:
    """How often a kiosk was killed, in what time, and the promises found broken."""

    kills: int
    seconds: float
    found: tuple[str, ...]


def kill_often(kills: int, seed: int) -> Kills:
    """At least *kills* kills, spread over `BENCHES` benches."""
    begun = CLOCK.monotonic()
    each = -(-kills // BENCHES)
    with ProcessPoolExecutor(BENCHES, multiprocessing.get_context("spawn")) as pool:
        parts = list(pool.map(partial(_kill_on_one_bench, each), (seed * 100 + n for n in range(BENCHES))))
    found = tuple(sentence for _, sentences in parts for sentence in sentences)
    return Kills(sum(count for count, _ in parts), CLOCK.monotonic() - begun, found)


def _kill_on_one_bench(kills: int, seed: int) -> tuple[int, list[str]]:
    chance = random.Random(seed)
    done = 0
    found: list[str] = []
    with tempfile.TemporaryDirectory(prefix="kills-") as name:
        bench = KillBench(Path(name))
        try:
            while done < kills and not found:
                books = iter(ordinary_books())
                for number in range(ROUNDS_AT_ONCE):
                    done += _round(bench, number, chance, list(islice(books, BOOKS_EACH)))
                    if done >= kills:
                        break
                found += [f"seed {seed}, kill {done}: {sentence}" for sentence in broken(bench.world())]
                bench.take_back()
        finally:
            bench.close()
    return done, found


def _round(bench: KillBench, number: int, chance: random.Random, stack: list[str]) -> int:
    """One reader; how often the kiosk was killed."""
    bench.begin(READERS[number % len(READERS)], stack)
    if chance.random() < 0.3:
        name, point = chance.choice(POINTS)
        bench.kiosk.until(partial(point, bench), f"it never came to this: {name}")
    else:
        let_run(bench, chance.uniform(0.0, 0.6))
    bench.kill()
    if number % 2:
        bench.clear_pad(stack)
    bench.start_again()
    kills = 1
    if number % 3 == 2:
        let_run(bench, chance.uniform(0.0, 0.4))
        bench.kill()
        bench.start_again()
        kills += 1
    bench.come_back()
    bench.clear_pad(stack)
    return kills


def let_run(bench: KillBench, seconds: float) -> None:
    """Lets the kiosk go on for *seconds*."""
    until = CLOCK.monotonic() + seconds
    while (left := until - CLOCK.monotonic()) > 0:
        bench.kiosk.listen(left)
