"""The kiosk stops, or loses its strip unit, at every turn of a session with strips, and comes back each time."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from drivers.sim.strip import tape
from kiosk.workflow.settings import ScannedItem, Strips
from kiosk.workflow.view import Borrowing, Status, StripStep, Summary, UseStripUnit, Welcome
from sync.central import demo
from tests.crash.invariants import World, broken
from tests.kit.effort import FACTOR
from tests.kit.rig import Rig, with_settings

SETTINGS = with_settings(
    strips=Strips.UNTAGGED,
    scanned_item=ScannedItem.LEND,
    needs_pin=False,
    strip_seconds=10,
    idle_seconds=5,
    warning_seconds=2,
    summary_seconds=2,
)
BOOKS = (demo.ITEM_REFERENCE, *demo.ITEMS_FREE[:2], demo.ITEM_MAGNETIC)
STRANGER = demo.ITEMS_FREE[5]
TURNS_MAX = 3000
LOOKS = 12

Disaster = Callable[[Rig], None]


class Visit:
    """A session with strips, turned one pump at a time in the order of *seed*; the reader does what the screen asks.

    A reference work lies on the unit when it is scanned, one book is slid over it, one is laid there; then a tape.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        folder.mkdir()
        self.rig = Rig(folder, SETTINGS)
        self.rig.strips.items[demo.ITEM_MAGNETIC] = tape(demo.ITEM_MAGNETIC)
        self.dice = random.Random(seed)
        self.looked = 0
        self.rig.settle()
        self.rig.begin()
        self.rig.strips.lay(BOOKS[0])
        for book in BOOKS:
            self.rig.scanner.scan(book, "F0")

    def turn(self) -> None:
        """One pump; then the reader, who takes a while to do what the screen asks."""
        self.dice.choice(self.rig.kiosk.pumps).turn()
        view = self.rig.view
        if not isinstance(view, UseStripUnit) or view.is_working:
            self.looked = 0
            return
        self.looked += 1
        if self.looked % LOOKS == 0:
            match view.step:
                case StripStep.SCAN_AGAIN:
                    self.rig.scanner.scan(view.line.id, "F0")
                case StripStep.TAKE_AWAY:
                    self.rig.strips.lift()
                case _ if view.line.id == demo.ITEMS_FREE[0]:
                    self.rig.strips.slide(view.line.id)
                case _ if not self.rig.strips.lying:
                    self.rig.strips.lay(view.line.id)

    @property
    def is_over(self) -> bool:
        view = self.rig.view
        return isinstance(view, Borrowing) and len(view.lines) == len(BOOKS) and not view.is_busy

    def witness(self) -> World:
        """The witnesses now."""
        lists = (shown.view for shown in self.rig.shown if isinstance(shown.view, Borrowing | Summary))
        said = {str(line.item) for view in lists for line in view.lines if line.status is Status.LENT}
        items = (*BOOKS, STRANGER)
        return World(
            self.rig.entries(),
            dict.fromkeys(items, ()),
            {item: self.rig.server.holder_of(item) for item in items},
            dict.fromkeys(items, demo.READER),
            frozenset(said),
            frozenset(self.rig.inactive),
            frozenset(number for number, item in self.rig.strips.items.items() if item.is_erased),
        )


def turns_of_a_visit(folder: Path, seed: int = 1) -> int:
    """How many single turns a whole visit takes."""
    visit = Visit(folder, seed)
    turns = 0
    while not visit.is_over:
        assert turns < TURNS_MAX, visit.rig.view
        visit.turn()
        turns += 1
    visit.rig.close()
    return turns


def power_cut(rig: Rig) -> None:
    """The power is gone and comes back, and another item lies on the unit by then."""
    rig.crash()
    rig.strips.lift()
    rig.strips.lay(STRANGER)
    rig.restart()


def unplugged(rig: Rig) -> None:
    """The strip unit's cable is pulled and put back; then somebody passes an item over it that nobody asked for."""
    rig.unplug_strips()
    rig.pass_time(1)
    rig.plug_strips()
    pass_stranger(rig)


def broken_down(rig: Rig) -> None:
    """The strip unit says that it is broken, and works again when it is opened anew; then the same."""
    rig.strips.breakdowns = 1
    rig.pass_time(2)
    pass_stranger(rig)


def pass_stranger(rig: Rig) -> None:
    """Something passes over the unit that it was not told to treat."""
    rig.settle()
    if not isinstance(rig.view, UseStripUnit):
        rig.slide(STRANGER)


def found_after(folder: Path, turns: int, disaster: Disaster, seed: int = 1) -> list[str]:
    """What is broken when *disaster* comes after *turns* turns, once all is quiet again."""
    visit = Visit(folder, seed)
    rig = visit.rig
    for _ in range(turns):
        visit.turn()
    disaster(rig)
    rig.card_link.take()
    rig.until(lambda: isinstance(rig.view, Welcome), 600)
    rig.until(lambda: rig.kiosk.uplink_pump.backlog == 0 and not rig.journal.unsettled(), 300)
    rig.turn(5)
    found = broken(visit.witness())
    rig.close()
    return [f"after {turns} turns: {sentence}" for sentence in found]


def found_at_every_turn(
    folder: Path, disaster: Disaster, step: int, *, first_only: bool = False
) -> list[str]:
    """What is broken after *disaster* at every turn of a visit, or every *step*th where that is too long."""
    found: list[str] = []
    for turn in range(0, turns_of_a_visit(folder / "whole") + 1, step):
        found += found_after(folder / str(turn), turn, disaster)
        if found and first_only:
            break
    return found


@pytest.mark.parametrize("seed", [1, 3])
def test_a_whole_visit_treats_two_books_and_no_tape(tmp_path: Path, seed: int) -> None:
    """Without a disaster, whichever pump is quicker, the books are lent and their strips are off."""
    visit = Visit(tmp_path / "visit", seed)
    while not visit.is_over:
        visit.turn()

    assert visit.rig.inactive == set(demo.ITEMS_FREE[:2])
    assert broken(visit.witness()) == []
    visit.rig.close()


@pytest.mark.parametrize("disaster", [power_cut, unplugged, broken_down], ids=lambda one: str(one.__name__))
def test_wherever_it_stops_no_strip_is_inactive_without_a_row(tmp_path: Path, disaster: Disaster) -> None:
    """Granted and written before the pulse, nothing after the return, no tape ever: a loan, or a case for staff."""
    assert found_at_every_turn(tmp_path, disaster, max(1, 15 // FACTOR)) == []
