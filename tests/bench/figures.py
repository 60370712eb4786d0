"""A figure as it is printed and written, and whether it is what was aimed at."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from statistics import quantiles


class Better(Enum):
    """Which side of the goal is the good one."""

    LOWER = "at most"
    HIGHER = "at least"


@dataclass(frozen=True, slots=True)
class Figure:
    """*value* with its quartiles, against *goal* (None: only for comparison); *floor* says what it is divided by.

    *peers* are other people's software measured in the same run, as the same ratio.
    """

    name: str
    samples: tuple[float, ...]
    unit: str
    floor: str
    goal: float | None
    better: Better = Better.LOWER
    peers: Mapping[str, float] = field(default_factory=dict)

    @property
    def quartiles(self) -> tuple[float, float, float]:
        """First quartile, median, third quartile."""
        if len(self.samples) == 1:
            return (self.samples[0],) * 3
        first, median, third = quantiles(self.samples, n=4)
        return first, median, third

    @property
    def value(self) -> float:
        """The median."""
        return self.quartiles[1]

    @property
    def is_met(self) -> bool:
        """Whether the median is on the good side of the goal, or there is none."""
        if self.goal is None:
            return True
        return self.value <= self.goal if self.better is Better.LOWER else self.value >= self.goal

    @property
    def aim(self) -> str:
        """The goal in words."""
        return "for comparison" if self.goal is None else f"goal {self.better.value} {self.goal:g}"

    def as_json(self) -> dict[str, object]:
        """The figure as it stands in `bench.json`."""
        first, median, third = self.quartiles
        return {
            "name": self.name,
            "value": round(median, 4),
            "quartiles": [round(first, 4), round(third, 4)],
            "unit": self.unit,
            "floor": self.floor,
            "peers": {name: round(value, 4) for name, value in self.peers.items()},
            "goal": self.aim,
            "met": self.is_met,
        }


def table(figures: Sequence[Figure]) -> str:
    """The figures for a reader: one line each, the missed goals repeated at the end."""
    width = max(len(figure.name) for figure in figures)
    lines = []
    for figure in figures:
        first, median, third = figure.quartiles
        verdict = "" if figure.is_met else "   GOAL MISSED"
        lines.append(
            f"{figure.name:{width}}  {median:8.3f}  [{first:.3f} .. {third:.3f}]  "
            f"{figure.aim} {figure.unit}{verdict}"
        )
        lines.append(f"{'':{width}}  of {figure.floor}")
        lines += [f"{'':{width}}  {name}: {value:.3f}" for name, value in figure.peers.items()]
    missed = [figure.name for figure in figures if not figure.is_met]
    lines.append("every goal met" if not missed else "GOAL MISSED: " + ", ".join(missed))
    return "\n".join(lines)


def write(figures: Sequence[Figure], path: Path) -> None:
    """Writes all of *figures* to *path* as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([figure.as_json() for figure in figures], indent=2) + "\n")
