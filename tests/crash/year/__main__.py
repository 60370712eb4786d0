"""Lives through days of one seed and says how it went: `python -m tests.crash.year --seed 7 --days 30`."""

from __future__ import annotations

import argparse
import json
import logging
import sys

from tests.crash.broken_terminals import VARIANTS
from tests.crash.year.days import Plan
from tests.crash.year.run import live


def main() -> int:
    """Prints one line of JSON; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--days", type=int, required=True)
    parser.add_argument("--terminals", type=int, default=3)
    parser.add_argument("--broken", choices=sorted(VARIANTS), help="break the terminal first, in this way")
    chosen = parser.parse_args()
    logging.disable(logging.ERROR)
    run = live(chosen.seed, Plan(chosen.days, chosen.terminals), VARIANTS.get(chosen.broken))
    said = {
        "seed": chosen.seed,
        "digest": run.lived.digest,
        "loans_a_second": round(run.loans / run.seconds, 1),
        "loans_a_busy_second": round(run.loans / run.busy_seconds, 1),
        "counts": run.lived.counts,
        "found": run.lived.found,
    }
    print(json.dumps(said))
    return 1 if run.lived.found else 0


if __name__ == "__main__":
    sys.exit(main())
