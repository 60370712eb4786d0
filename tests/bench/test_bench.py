"""The bench in its short form: every figure is measured once, and a missed goal is said."""

from __future__ import annotations

import json
from pathlib import Path

from tests.bench import (
    central_events,
    checksums,
    first_frame,
    hf_pads,
    journal_append,
    sip2_codec,
    stack,
    start,
    tag_decoding,
    uhf_identified,
)
from tests.bench.figures import Better, Figure, table, write
from tests.bench.pairs import ratios


def test_every_figure_can_be_measured() -> None:
    """Nothing in the bench has gone stale: each side of each pair runs and says what it measured."""
    figures = [
        *sip2_codec.figures(pairs=2, repeat=20),
        *tag_decoding.figures(pairs=2, repeat=5),
        *checksums.figures(pairs=2, repeat=20),
        *hf_pads.figures(),
        *uhf_identified.figures(),
        *journal_append.figures(pairs=2, repeat=5, warming=5),
        *first_frame.figures(pairs=1),
        *stack.figures(rounds=1),
        *central_events.figures(events=500),
        *start.figures(entries=200, rounds=1),
    ]

    assert len({figure.name for figure in figures}) == len(figures)
    assert all(sample > 0 for figure in figures for sample in figure.samples)
    assert sum(figure.goal is None for figure in figures) == 11


def test_a_missed_goal_is_printed_and_written(tmp_path: Path) -> None:
    """A figure on the wrong side of its goal is marked in its line, at the end, and in the file."""
    good = Figure("good", (1.0, 1.1, 1.2), "times", "a floor", 2.0)
    bad = Figure("bad", (0.5, 0.6, 0.7), "of the speed", "a floor", 0.85, Better.HIGHER, {"peer": 0.4})
    written = tmp_path / "build" / "bench.json"

    printed = table([good, bad])
    write([good, bad], written)

    assert printed.count("GOAL MISSED") == 2
    assert printed.splitlines()[-1] == "GOAL MISSED: bad"
    told = {entry["name"]: entry for entry in json.loads(written.read_text())}
    assert told["good"]["met"]
    assert not told["bad"]["met"]
    assert told["bad"]["peers"] == {"peer": 0.4}
    assert set(told["bad"]) == {"name", "value", "quartiles", "unit", "floor", "peers", "goal", "met"}


def test_a_ratio_is_ours_over_the_floor() -> None:
    """A hundred times the work takes longer, on any machine and in every pair."""
    few = range(2_000)
    many = range(200_000)

    measured = ratios(lambda: sum(many), lambda: sum(few), pairs=4, repeat=5)

    assert min(measured) > 1
