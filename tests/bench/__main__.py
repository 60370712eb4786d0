"""`make bench`: every figure, as a table and as `build/bench.json`."""

from __future__ import annotations

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
from tests.bench.figures import table, write


def main() -> None:
    """Measures, prints, writes."""
    figures = [
        *sip2_codec.figures(pairs=41, repeat=2000),
        *tag_decoding.figures(pairs=41, repeat=500),
        *checksums.figures(pairs=41, repeat=5000),
        *hf_pads.figures(),
        *uhf_identified.figures(),
        *journal_append.figures(pairs=41, repeat=40),
        *first_frame.figures(pairs=11),
        *stack.figures(rounds=5),
        *central_events.figures(events=100_000),
        *start.figures(entries=100_000, rounds=3),
    ]
    print(table(figures))
    write(figures, Path("build/bench.json"))


main()
