"""Terminals, readers and central live through days: in the end all books say what happened, once."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from drivers.link.clock import RealClock
from tests.crash.year.days import Plan
from tests.crash.year.run import live_all
from tests.kit.effort import effort
from tests.kit.proofs import ROOT, note

SEED = 2026
SEEDS = range(SEED, SEED + 4)
PLAN = Plan(days=effort(2, 100))
"""In a soak run every seed is a terminal-year: 30 sessions of 3 books at 3 terminals on 100 days, 27,000 loans."""

COUNTED = (
    "power cuts",
    "executed late",
    "told lent-provisionally",
    "explained by a case",
    "explained by central's case",
    "dated by a clock that nobody set",
)


@pytest.mark.timeout(effort(240, 7_200))
def test_after_days_of_faults_every_book_is_where_the_books_say() -> None:
    """Whatever fails, a book is on loan to who has it, once, or a case says what is not so."""
    clock = RealClock()
    begun = clock.monotonic()
    runs = list(live_all(SEEDS, PLAN))
    seconds = clock.monotonic() - begun

    loans = sum(run.loans for run in runs)
    figures = {
        "seeds": len(runs),
        "loans": loans,
        "loans a second": loans / seconds,
        "loans a second of one processor": loans / sum(run.busy_seconds for run in runs),
        "broken promises": sum(len(run.lived.found) for run in runs),
    }
    for name in (
        "power cuts",
        "executed late",
        "told lent-provisionally",
        "explained by a case",
        "explained by central's case",
    ):
        figures[name] = sum(run.lived.counts.get(name, 0) for run in runs)
    note("a year in a minute", SEED, figures)
    found = [f"{run.replay}: {sentence}" for run in runs for sentence in run.lived.found]
    assert not found, "\n".join(found)
    assert loans > len(runs) * PLAN.days * PLAN.terminals * PLAN.sessions * 2


def test_the_same_seed_lives_the_same_days_whatever_the_hash_seed() -> None:
    """What the replay command shows is what was found, bit by bit."""
    lived = [_digest(hash_seed) for hash_seed in ("1", "2")]

    assert lived[0] == lived[1]


def _digest(hash_seed: str) -> str:
    asked = subprocess.run(
        [sys.executable, "-m", "tests.crash.year", "--seed", str(SEED), "--days", "1"],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        cwd=ROOT,
        text=True,
        check=False,
    )
    digest: str = json.loads(asked.stdout)["digest"]
    return digest
