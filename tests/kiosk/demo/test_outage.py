"""The network on the demo's table is cut: the terminal goes on lending, and catches up when it is whole again."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drivers.link.clock import RealClock
from drivers.masked import Secret
from kiosk.config.loading import load
from kiosk.demo.world import TableControl, World
from kiosk.engine.control_call import call
from kiosk.runtime.build import Kiosk, Surroundings, build
from kiosk.workflow.events import PinEntered
from kiosk.workflow.view import Borrowing, EnterPin, Notice, Shown, Status
from sync.central import demo
from tests.kit.recording import KeptLog

SECONDS_MAX = 60.0
BOOKS = demo.ITEMS_FREE[:2]


class Played:
    """The demo's terminal without a window, its real devices on the table and central behind the table's network."""

    def __init__(self, world: World) -> None:
        self.clock = RealClock()
        self.table = TableControl(world.control_path)
        configuration = load(world.settings_file)
        self.control = configuration.control.folder
        self.shown: list[Shown] = []
        around = Surroundings(self.clock, KeptLog(), self.shown.append, random.SystemRandom().random)
        self.kiosk: Kiosk = build(configuration, around)
        self.kiosk.start()

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Waits until *condition* holds."""
        deadline = self.clock.monotonic() + SECONDS_MAX
        while not condition():
            assert self.clock.monotonic() < deadline, f"{what}; shown is {self.shown[-1:]}"
            self.clock.wait(0.05)

    def health(self) -> dict[str, object]:
        return dict(call(self.control, {"do": "health"}))

    def statuses(self) -> set[Status]:
        view = self.shown[-1].view
        return {line.status for line in view.lines} if isinstance(view, Borrowing) else set()


@pytest.fixture
def played(tmp_path: Path) -> Iterator[Played]:
    """The demo's world with its terminal in it."""
    with World(tmp_path, "en", RealClock()) as world:
        played = Played(world)
        yield played
        played.kiosk.stop()
        played.table.close()


def test_cutting_the_network_shows_provisional_loans_that_catch_up(played: Played) -> None:
    """Two books are lent by the snapshot and stand in the health as a backlog, until central has them."""
    played.until(lambda: played.health()["is_current"], "central was never there")
    played.until(lambda: played.health()["snapshot_age_minutes"] == 0, "no snapshot came")
    played.table.ask("network", how="cut")
    played.until(lambda: Notice.LENDING_PROVISIONALLY in played.shown[-1].notices, "the cut was not noticed")
    for book in BOOKS:
        played.table.ask("put", thing=book)
    played.table.ask("show", thing=demo.READER)
    played.until(lambda: isinstance(played.shown[-1].view, EnterPin), "the card was not recognised")
    played.kiosk.post(PinEntered(Secret(demo.PIN)))
    played.until(lambda: played.statuses() == {Status.LENT_PROVISIONALLY}, "nothing was lent")
    told = played.health()
    assert (told["is_current"], told["backlog"], told["open_entries"]) == (False, len(BOOKS), len(BOOKS))

    played.table.ask("network", how="whole")

    played.until(lambda: played.health()["is_current"], "nothing was caught up")
    told = played.health()
    assert (told["backlog"], told["open_entries"], told["open_cases"]) == (0, 0, 0)
