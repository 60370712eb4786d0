"""Days of the ledger close by themselves: once a day, and again when it did not come about."""

from __future__ import annotations

from datetime import timedelta

import pytest

from drivers.link.memory import VirtualClock
from kiosk.engine.errands import Answer, Errand, NotDone, Request
from kiosk.runtime.day_closing import AGAIN_SECONDS, SETTLE_SECONDS, DayClosingPump
from tests.kit.recording import KeptLog

DONE: Answer = {"closed": [{"day": "2027-05-11", "number": 7}], "last": None, "wanted": None}
DAY = timedelta(days=1).total_seconds()


class Bench:
    """A pump, and what it asked at which second; *outcomes* are given one after the other, then `DONE`."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.log = KeptLog()
        self.asked: list[float] = []
        self.outcomes: list[Answer | NotDone | None] = []
        self.pump = DayClosingPump(self.close, clock=self.clock, log=self.log)
        self.begun = self.clock.monotonic()

    def close(self, request: Request) -> Errand:
        assert request == {"unattended": True}
        self.asked.append(self.clock.monotonic() - self.begun)
        errand = Errand()
        outcome = self.outcomes.pop(0) if self.outcomes else DONE
        if outcome is not None:
            errand.fulfil(outcome)
        return errand

    def run(self, seconds: float) -> None:
        """Lets *seconds* pass, most of them in one leap, as on a terminal that nobody uses."""
        until = self.clock.monotonic() + seconds
        while self.clock.monotonic() < until:
            self.pump.turn()
            self.clock.wait(min(60.0, max(0.0, until - self.clock.monotonic())))


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_start_closes_what_was_left_open_once(bench: Bench) -> None:
    """Not at once, for payments of before the start come to their end first; and not again on that day."""
    bench.run(SETTLE_SECONDS - 120)
    assert bench.asked == []

    bench.run(3 * 3600)

    assert len(bench.asked) == 1
    assert bench.log.lines == [("info", "a day of the ledger is closed", {"day": "2027-05-11", "number": 7})]


def test_every_midnight_is_followed_by_one_closing(bench: Bench) -> None:
    """A week is seven of them, and the first of the start."""
    bench.run(7 * DAY)

    assert len(bench.asked) == 8
    assert all(
        later - earlier > SETTLE_SECONDS for earlier, later in zip(bench.asked, bench.asked[1:], strict=False)
    )


def test_a_closing_that_did_not_come_about_is_asked_for_again(bench: Bench) -> None:
    """An hour later, and staff find why in the log."""
    bench.outcomes = [NotDone("the key of the earlier closings is missing; bring it back")]

    bench.run(SETTLE_SECONDS + AGAIN_SECONDS + 600)

    assert len(bench.asked) == 2
    assert bench.asked[1] - bench.asked[0] >= AGAIN_SECONDS
    assert [line[0] for line in bench.log.lines] == ["warning", "info"]


def test_an_answer_that_does_not_come_is_not_asked_for_again(bench: Bench) -> None:
    """The journal is busy with it: a second closing beside it helps nobody."""
    bench.outcomes = [None]

    bench.run(3 * DAY)

    assert len(bench.asked) == 1
