"""A pump keeps its device going: lost, away, back, and never silently dead."""

from __future__ import annotations

import threading
from itertools import pairwise

import pytest

from drivers.link import DeviceFault, DeviceLost
from drivers.link.memory import VirtualClock
from kiosk.engine.pump import DevicePump
from kiosk.engine.threads import PumpThreads
from tests.kit.recording import KeptLog, Script, until


class Lamp:
    """A device that can only be closed."""

    def __init__(self) -> None:
        self.is_closed = False

    def close(self) -> None:
        self.is_closed = True


class LampWork:
    """Does with the lamp what its script says, and counts what it was told."""

    def __init__(self, *steps: object) -> None:
        self.slices = Script(*steps)
        self.begun = 0
        self.lost_calls = 0

    def begin(self, device: Lamp) -> None:
        self.begun += 1

    def turn(self, device: Lamp) -> None:
        self.slices()

    def lost(self) -> None:
        self.lost_calls += 1


class Bench:
    """A pump of one lamp after another, with everything it says written down."""

    def __init__(self, opening: Script, work: LampWork) -> None:
        self.clock = VirtualClock()
        self.log = KeptLog()
        self.heard: list[str] = []
        self.lamps: list[Lamp] = []
        self._opening = opening
        self.pump: DevicePump[Lamp] = DevicePump(
            "lamp",
            self._open,
            work,
            came=lambda: self.heard.append("up"),
            went=lambda: self.heard.append("down"),
            clock=self.clock,
            log=self.log,
        )

    def _open(self) -> Lamp:
        self._opening()
        self.lamps.append(Lamp())
        return self.lamps[-1]


@pytest.mark.parametrize("trouble", [DeviceLost("gone"), DeviceFault("antenna")])
def test_a_lost_device_is_closed_reported_and_opened_again(trouble: Exception) -> None:
    """Silence and a device's own complaint end alike: down, a while, up, with a fresh start of the work."""
    work = LampWork(None, trouble, None)
    bench = Bench(Script(), work)
    bench.pump.turn()
    bench.pump.turn()
    bench.pump.turn()
    assert bench.heard == ["up", "down"]
    assert bench.lamps[0].is_closed
    assert work.lost_calls == 1

    while not bench.pump.is_open:
        bench.pump.turn()

    assert bench.heard == ["up", "down", "up"]
    assert work.begun == 2
    assert not bench.lamps[1].is_closed


def test_a_device_that_was_never_there_is_reported_once() -> None:
    """A terminal that starts without its reader says so once, however often it tries."""
    bench = Bench(Script(*[DeviceLost("no such port")] * 5), LampWork())

    while not bench.pump.is_open:
        bench.pump.turn()

    assert bench.heard == ["down", "up"]
    assert bench.log.sentences("warning") == ["device away"]


def test_the_delay_before_opening_again_doubles_up_to_half_a_minute() -> None:
    """A reader that stays away is asked after 0.5, 1, 2 ... and then every 30 seconds."""
    bench = Bench(Script(*[DeviceLost("away")] * 10), LampWork())
    tries: list[float] = []
    seen = 0
    while len(tries) < 9:
        bench.pump.turn()
        if bench._opening.calls > seen:
            seen = bench._opening.calls
            tries.append(bench.clock.monotonic())

    waits = [round(later - earlier, 3) for earlier, later in pairwise(tries)]

    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30]


def test_a_turn_without_a_device_is_a_short_slice() -> None:
    """Stopping and orders are never kept waiting longer than a tenth of a second by a device that is away."""
    bench = Bench(Script(*[DeviceLost("away")] * 10), LampWork())
    for _ in range(50):
        before = bench.clock.monotonic()
        bench.pump.turn()
        assert bench.clock.monotonic() - before <= 0.1 + 1e-9


def test_orders_are_answered_while_the_device_is_away() -> None:
    """The work is asked in every slice without a device, so nobody waits for an answer that cannot come."""
    work = LampWork()
    bench = Bench(Script(*[DeviceLost("away")] * 3), work)
    for _ in range(10):
        bench.pump.turn()

    assert work.lost_calls >= 9


class Faulty:
    """A pump that fails by a mistake of ours as often as told."""

    name = "faulty"

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.turns_after = 0
        self.closed = 0
        self._pause = threading.Event()

    def turn(self) -> None:
        if self.failures:
            self.failures -= 1
            raise ZeroDivisionError("patron 23000042")
        self.turns_after += 1
        self._pause.wait(0.01)

    def close(self) -> None:
        self.closed += 1


def test_a_pump_that_fails_by_a_mistake_is_reported_and_turns_again() -> None:
    """No pump dies silently: its failure is written down, what it held is freed, and it goes on."""
    log = KeptLog()
    threads = PumpThreads(VirtualClock(), log)
    pump = Faulty(failures=1)
    threads.start(pump)

    until(lambda: pump.turns_after > 0, threading.Event().wait)
    stuck = threads.stop(5)

    assert log.sentences("failure") == ["pump failed and starts again"]
    assert pump.closed == 2
    assert stuck == ()


def test_a_pump_that_does_not_end_is_named() -> None:
    """Stopping waits for its time and then says which pump hangs."""

    class Hanging(Faulty):
        name = "hanging"
        release = threading.Event()

        def turn(self) -> None:
            self.release.wait(30)

    log = KeptLog()
    threads = PumpThreads(VirtualClock(), log)
    pump = Hanging(0)
    threads.start(pump)

    stuck = threads.stop(0.05)
    pump.release.set()

    assert stuck == ("hanging",)
    assert log.sentences("error") == ["pumps did not end"]
