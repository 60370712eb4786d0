"""`make bench`: every figure, as a table and as `build/bench.json`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
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
from tests.bench.figures import Figure, table, write

SUBJECTS: Mapping[str, Callable[[], Iterable[Figure]]] = {
    "sip2-codec": lambda: sip2_codec.figures(pairs=41, repeat=2000),
    "tag-decoding": lambda: tag_decoding.figures(pairs=41, repeat=500),
    "checksums": lambda: checksums.figures(pairs=41, repeat=5000),
    "hf-pads": hf_pads.figures,
    "uhf-identified": uhf_identified.figures,
    "journal-append": lambda: journal_append.figures(pairs=41, repeat=40),
    "first-frame": lambda: first_frame.figures(pairs=11),
    "stack": lambda: stack.figures(rounds=5),
    "central-events": lambda: central_events.figures(events=100_000),
    "start": lambda: start.figures(entries=100_000, rounds=3),
}


def main() -> None:
    """Measures what the command line names, prints, and writes when that is everything."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("subject", nargs="*", help=f"only these, and no file: {', '.join(SUBJECTS)}")
    chosen = parser.parse_args().subject
    for subject in chosen:
        if subject not in SUBJECTS:
            parser.error(f"{subject!r} is not known; allowed: {', '.join(SUBJECTS)}")
    figures = [figure for subject in chosen or SUBJECTS for figure in SUBJECTS[subject]()]
    print(table(figures))
    if not chosen:
        write(figures, Path("build/bench.json"))


main()
