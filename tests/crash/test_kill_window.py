"""kill -9 of `kiosk run` with its real window, in the middle of sessions and while the window is being opened."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from sync.entries import Granted, ReleaseIntended
from tests.crash.around import READERS, ordinary_books
from tests.crash.invariants import broken
from tests.crash.talking import CLOCK
from tests.crash.window_bench import WindowBench
from tests.kit.effort import effort
from tests.kit.proofs import note

SEED = 31
KILLS = effort(3, 20)
BOOKS_EACH = 3
OPENING_SECONDS_MAX = 2.5
SESSION_SECONDS_MAX = 2.0


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[WindowBench]:
    bench = WindowBench(tmp_path)
    yield bench
    bench.close()


def until_a_book_is_released(bench: WindowBench, stack: list[str]) -> None:
    bench.until(lambda: bool(bench.released.intersection(stack)), "no book was released", 30.0)


def killed_while_opening(bench: WindowBench, chance: random.Random) -> None:
    """The kiosk is started, and killed at a random moment before or after its window stands."""
    bench.start()
    bench.let_run(chance.uniform(0.1, OPENING_SECONDS_MAX))
    bench.kill()


def killed_in_a_session(
    bench: WindowBench, chance: random.Random, reader: str, stack: list[str], *, is_at_release: bool
) -> None:
    """A reader borrows *stack*; killed as soon as one book is released, or at a random moment."""
    bench.start()
    bench.wait_until_ready()
    bench.bring(reader, stack)
    if is_at_release:
        until_a_book_is_released(bench, stack)
    else:
        bench.let_run(chance.uniform(0.0, SESSION_SECONDS_MAX))
    bench.kill()


@pytest.mark.timeout(0 if KILLS > 3 else 120)
def test_a_kiosk_with_its_window_loses_and_doubles_nothing(bench: WindowBench) -> None:
    """Killed at releases, at random moments and while its window opens: after the restart nothing is open, and
    journal, tags and central agree about every book."""
    chance = random.Random(SEED)
    books = iter(ordinary_books())
    begun = CLOCK.monotonic()
    for number in range(KILLS):
        stack: list[str] = []
        if number % 3 == 2:
            killed_while_opening(bench, chance)
        else:
            stack = list(islice(books, BOOKS_EACH))
            reader = READERS[number % len(READERS)]
            killed_in_a_session(bench, chance, reader, stack, is_at_release=number % 3 == 0)
        if number % 2:
            bench.clear_pad(stack)
        bench.start()
        bench.wait_until_ready()
        bench.clear_pad(stack)
        bench.end()
    world = bench.witnesses()

    note("kills with the window", SEED, {"kills": KILLS, "seconds": CLOCK.monotonic() - begun})
    assert not (found := broken(world)), "\n".join(found)
    assert any(isinstance(entry.answer, Granted) for entry in world.entries)
    assert any(isinstance(row, ReleaseIntended) for entry in world.entries for row in entry.rows)
