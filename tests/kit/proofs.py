"""Writes down what a long proof did: `build/soak.json` keeps the last run of each, by name."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

from drivers.link.clock import RealClock
from tests.kit.effort import FACTOR

ROOT = Path(__file__).parents[2]
PLACE = ROOT / "build" / "soak.json"

Figure = int | float | str


def note(name: str, seed: int, figures: Mapping[str, Figure]) -> str:
    """Keeps *figures* of the proof *name*, with its seed, the commit and the moment, and gives them as a line.

    The short form in the tests says its line and keeps nothing.
    """
    line = ", ".join(f"{key} {_said(value)}" for key, value in figures.items())
    print(f"{name}: {line}")
    if FACTOR > 1:
        kept = json.loads(PLACE.read_text(encoding="utf-8")) if PLACE.exists() else {}
        moment = RealClock().now().isoformat(timespec="seconds")
        kept[name] = {"seed": seed, "commit": _commit(), "at": moment, **figures}
        PLACE.parent.mkdir(exist_ok=True)
        PLACE.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return line


def _said(value: Figure) -> str:
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else value


def _commit() -> str:
    asked = subprocess.run(
        ["git", "-C", str(ROOT), "describe", "--always", "--dirty"],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return asked.stdout.strip() or "unknown"
