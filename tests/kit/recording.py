"""A log that keeps what was written, and a device that does what it is told: for tests of the machinery."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable


class NoCards:
    """The card reader: cards are announced by whoever plays."""

    def poll(self, timeout_seconds: float) -> None:
        """Nothing ever changes here."""

    def close(self) -> None:
        """Nothing to free."""


class KeptLog:
    """`Log` in memory: *lines* are the level, the sentence and the facts of each."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, dict[str, object]]] = []

    def info(self, sentence: str, **facts: object) -> None:
        self.lines.append(("info", sentence, facts))

    def warning(self, sentence: str, **facts: object) -> None:
        self.lines.append(("warning", sentence, facts))

    def error(self, sentence: str, **facts: object) -> None:
        self.lines.append(("error", sentence, facts))

    def failure(self, sentence: str, mistake: BaseException, **facts: object) -> None:
        self.lines.append(("failure", sentence, {**facts, "mistake": mistake}))

    def sentences(self, level: str) -> list[str]:
        """What was written at *level*, in order."""
        return [sentence for known, sentence, _ in self.lines if known == level]


class Script:
    """Gives its steps one after the other: a step is returned, or raised when it is an exception."""

    def __init__(self, *steps: object) -> None:
        self._steps = deque(steps)
        self.calls = 0

    def __call__(self) -> object:
        self.calls += 1
        step = self._steps.popleft() if self._steps else None
        if isinstance(step, BaseException):
            raise step
        return step


def until(condition: Callable[[], bool], wait: Callable[[float], object], seconds: float = 10.0) -> None:
    """Waits, with *wait*, until *condition* holds; fails after *seconds* of waiting."""
    for _ in range(int(seconds / 0.01)):
        if condition():
            return
        wait(0.01)
    raise AssertionError(f"did not come true within {seconds} s")
