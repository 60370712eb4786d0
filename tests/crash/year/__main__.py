"""Lives through days of one seed and says how it went: `python -m tests.crash.year --seed 7 --days 30`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from drivers.link.clock import RealClock
from tests.crash.broken_terminals import VARIANTS
from tests.crash.power.run import fast_folder
from tests.crash.year.days import Days, Plan


def main() -> int:
    """Prints one line of JSON; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--days", type=int, required=True)
    parser.add_argument("--terminals", type=int, default=3)
    parser.add_argument("--broken", choices=sorted(VARIANTS), help="break the terminal first, in this way")
    chosen = parser.parse_args()
    if chosen.broken:
        VARIANTS[chosen.broken]()
    clock = RealClock()
    with tempfile.TemporaryDirectory(prefix="year-", dir=fast_folder()) as folder:
        begun = clock.monotonic()
        lived = Days(Path(folder), chosen.seed, Plan(chosen.days, chosen.terminals)).live()
        seconds = clock.monotonic() - begun
    said = {
        "seed": chosen.seed,
        "digest": lived.digest,
        "loans_a_second": round(lived.counts.get("taken", 0) / seconds, 1),
        "seconds": round(seconds, 2),
        "counts": lived.counts,
        "found": lived.found,
    }
    print(json.dumps(said))
    return 1 if lived.found else 0


if __name__ == "__main__":
    sys.exit(main())
