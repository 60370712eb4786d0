"""Runs the terminal of the demo in this process, in a window that the command line brings."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from drivers.link import Clock
from kiosk.demo.dropping import DropStory
from kiosk.demo.findings import Findings
from kiosk.demo.story import Story
from kiosk.demo.visit import Hand, Steps, Visit
from kiosk.demo.world import TableControl, World
from kiosk.workflow.view import Shown


class Window(Protocol):
    """A window that shows views."""

    def serve(self, post: Callable[[Any], None], started: Callable[[Callable[[Shown], None]], None]) -> int:
        """Opens, calls *started* with the way to show views once the first frame stands, and blocks until closed."""

    def play(
        self, folder: Path, script: Callable[[Hand], Steps], finished: Callable[[BaseException | None], None]
    ) -> None:
        """Drives *script* by touches, once per frame; pictures go to *folder*."""

    def close(self) -> None:
        """Ends `serve`."""


@dataclass(slots=True)
class Outcome:
    """How the demo went.  *problem* is empty when nothing stood still."""

    findings: Findings
    pictures: Sequence[str] = ()
    problem: str = ""
    seconds: float = 0.0
    exit_code: int = field(default=0)

    @property
    def is_good(self) -> bool:
        """Whether the story came to its end and journal, tags and server agree."""
        return not self.problem and not self.findings.disagreements and self.exit_code == 0

    def as_json(self) -> dict[str, Any]:
        """All of it as values that JSON has."""
        return {
            "ok": self.is_good,
            "problem": self.problem,
            "seconds": round(self.seconds, 1),
            "pictures": list(self.pictures),
            **self.findings.as_json(),
        }


def run_demo(world: World, window: Window, clock: Clock, *, plays_itself: bool) -> Outcome:
    """Serves in *window* until it is closed; when it *plays itself*, until its story is told.

    Raises what building the terminal raises, and `OSError` when the table is gone.
    """
    from kiosk.config.loading import load
    from kiosk.engine.logs import adopt_standard_logging, open_log
    from kiosk.runtime.build import Kiosk, Surroundings, build

    table = TableControl(world.control_path)
    story: Visit = (DropStory if world.has_drop else Story)(table, world.folder)
    kiosks: list[Kiosk] = []
    began = clock.monotonic()
    log_file = (world.folder / "kiosk.log").open("w", encoding="utf-8")

    ends: list[BaseException | None] = []

    def finished(problem: BaseException | None) -> None:
        ends.append(problem)
        window.close()

    def started(show: Callable[[Shown], None]) -> None:
        try:
            adopt_standard_logging(log_file)
            around = Surroundings(clock, open_log("kiosk", log_file), show, random.SystemRandom().random)
            kiosks.append(build(load(world.settings_file), around))
            kiosks[0].start()
        except Exception as problem:
            finished(problem)
            return
        if plays_itself:
            window.play(world.folder, story.tell, finished)

    def post(event: Any) -> None:
        if kiosks:
            kiosks[0].post(event)

    try:
        code = window.serve(post, started)
    finally:
        for kiosk in kiosks:
            kiosk.stop()
    findings = _look(world, table, story, clock)
    table.close()
    problem = _said(ends) if ends or not plays_itself else "the window was closed before the story was told"
    return Outcome(findings, story.pictures, problem, clock.monotonic() - began, code)


def _said(ends: Sequence[BaseException | None]) -> str:
    return "; ".join(f"{type(problem).__name__}: {problem}" for problem in ends if problem is not None)


def _look(world: World, table: TableControl, story: Visit, clock: Clock) -> Findings:
    """Asks everybody after the terminal has ended, and compares."""
    from kiosk.demo.findings import look
    from kiosk.demo.witnesses import hear

    return look(hear(world, table, story.cards, clock), story.items)
