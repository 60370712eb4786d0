"""The line link of the tests: synchronous, on a virtual clock, with faults to inject."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from drivers.link import Clock, DeviceFault, DeviceLost

__all__ = ["LineFarEnd", "MemoryLineLink"]

_STEP_SECONDS = 0.01


class LineFarEnd(Protocol):
    """What hangs on the lines of a chip, by line number; *high* and the level are voltages."""

    def drive(self, line: int, high: bool) -> None:
        """The chip puts *line* to a level."""

    def level(self, line: int) -> bool:
        """Whether *line* is high."""


class MemoryLineLink:
    """`LineLink` to *far_end*; *taken* are lines that somebody else holds.

    *writes* is what was made of which output.  *fails_after* is how many more calls succeed before the chip is gone,
    None: it stays.
    """

    def __init__(self, far_end: LineFarEnd, clock: Clock, taken: Sequence[int] = ()) -> None:
        self.fails_after: int | None = None
        self.writes: list[tuple[int, bool]] = []
        self._far_end = far_end
        self._clock = clock
        self._taken = frozenset(taken)
        self._active_low: frozenset[int] = frozenset()
        self._inputs: tuple[int, ...] = ()
        self._outputs: tuple[int, ...] = ()
        self._seen: tuple[bool, ...] = ()
        self._open = True

    def unplug(self) -> None:
        """The chip goes; what it drove falls off."""
        for line in self._outputs:
            self._far_end.drive(line, line in self._active_low)
        self.fails_after = 0

    def claim(self, inputs: Sequence[int], outputs: Sequence[int], active_low: Sequence[int] = ()) -> None:
        """As promised by `LineLink`."""
        self._check()
        if taken := self._taken & {*inputs, *outputs}:
            raise DeviceFault(f"lines {sorted(taken)} are somebody else's")
        self._active_low = frozenset(active_low)
        self._inputs, self._outputs = tuple(inputs), tuple(outputs)
        for line in self._outputs:
            self._far_end.drive(line, line in self._active_low)
        self._seen = self._now()

    def read(self, line: int) -> bool:
        """As promised by `LineLink`."""
        self._check()
        if line not in self._inputs:
            raise ValueError(f"line {line} was not claimed as an input")
        return self._far_end.level(line) is not (line in self._active_low)

    def write(self, line: int, active: bool) -> None:
        """As promised by `LineLink`."""
        self._check()
        if line not in self._outputs:
            raise ValueError(f"line {line} was not claimed as an output")
        self.writes.append((line, active))
        self._far_end.drive(line, active is not (line in self._active_low))

    def wait_for_edge(self, timeout_seconds: float) -> bool:
        """As promised by `LineLink`."""
        deadline = self._clock.monotonic() + timeout_seconds
        while True:
            self._check()
            now, seen = self._now(), self._seen
            self._seen = now
            remaining = deadline - self._clock.monotonic()
            if now != seen or remaining <= 0:
                return now != seen
            self._clock.wait(min(_STEP_SECONDS, remaining))

    def close(self) -> None:
        """As promised by `LineLink`."""
        for line in self._outputs if self._open else ():
            self._far_end.drive(line, line in self._active_low)
        self._open = False

    def _now(self) -> tuple[bool, ...]:
        return tuple(self._far_end.level(line) is not (line in self._active_low) for line in self._inputs)

    def _check(self) -> None:
        if not self._open:
            raise DeviceLost("the link is closed")
        if self.fails_after is not None:
            if self.fails_after <= 0:
                raise DeviceLost("the chip is gone")
            self.fails_after -= 1
