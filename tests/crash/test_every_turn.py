"""The kiosk stops at every turn of a session, one after the other, and comes back each time."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from drivers.sim.shelf import item_tags
from kiosk.runtime.desk import Desk
from kiosk.runtime.recovery import Book, Recovered, recover
from kiosk.workflow.view import Borrowing, Status, Summary, Welcome
from sync.central import demo
from sync.entries import Settled, Settlement
from tests.crash.invariants import World, broken
from tests.kit.rig import Rig

BOOKS = (*demo.ITEMS_FREE[:3], demo.ITEM_REFERENCE)


def witness(rig: Rig) -> World:
    """The rig's three witnesses now."""
    said = {
        str(line.item)
        for shown in rig.shown
        if isinstance(shown.view, Borrowing | Summary)
        for line in shown.view.lines
        if line.status is Status.LENT
    }
    return World(
        rig.entries(),
        {book: tuple(tag.afi for tag in rig.tags[book]) for book in BOOKS},
        {book: rig.server.holder_of(book) for book in BOOKS},
        dict.fromkeys(BOOKS, demo.READER),
        frozenset(said),
    )


def lay_stack(rig: Rig) -> None:
    """The stack lies on the pad of a running session; nothing has turned since."""
    rig.begin()
    for book in BOOKS:
        rig.tags[book] = list(item_tags(book, 1))
        rig.reader.lay(*rig.tags[book])


def come_back(rig: Rig) -> None:
    """Starts again, lets everything in doubt be asked about and undone."""
    rig.restart()
    rig.until(lambda: isinstance(rig.view, Welcome))
    rig.until(lambda: rig.kiosk.uplink_pump.backlog == 0 and not rig.journal.unsettled(), 300)
    rig.turn(5)


def turns_of_a_session(folder: Path, seed: int = 1) -> int:
    """How many single pump turns a whole stack takes, in the order that *seed* gives."""
    folder.mkdir()
    rig = Rig(folder)
    order = random.Random(seed)
    rig.settle()
    lay_stack(rig)
    turns = 0
    while not (isinstance(rig.view, Borrowing) and len(rig.view.lines) == len(BOOKS) and not rig.is_busy):
        order.choice(rig.kiosk.pumps).turn()
        turns += 1
    rig.close()
    return turns


def crash_after(folder: Path, turns: int, seed: int = 1, lift: Callable[[Rig], None] = lambda _: None) -> Rig:
    """A rig that crashed after *turns* single turns in the order of *seed*, and has come back."""
    folder.mkdir()
    rig = Rig(folder)
    rig.settle()
    lay_stack(rig)
    order = random.Random(seed)
    for _ in range(turns):
        order.choice(rig.kiosk.pumps).turn()
    rig.crash()
    lift(rig)
    come_back(rig)
    return rig


@pytest.mark.parametrize(("seed", "step"), [(1, 1), (2, 3), (3, 5)])
def test_a_crash_at_any_turn_loses_nothing_and_doubles_nothing(tmp_path: Path, seed: int, step: int) -> None:
    """Wherever the kiosk stops, and whoever was quicker, journal, tags and server agree once it is back."""
    turns = turns_of_a_session(tmp_path / "whole", seed)
    assert turns > 40
    found: list[str] = []
    for turn in range(0, turns + 1, step):
        rig = crash_after(tmp_path / str(turn), turn, seed)
        found += [f"after {turn} turns: {sentence}" for sentence in broken(witness(rig))]
        rig.close()

    assert found == []


def test_a_crash_at_any_turn_with_the_books_gone_leaves_cases_and_no_lies(tmp_path: Path) -> None:
    """When the reader walked off with the stack meanwhile, what cannot be told any more is a case for staff."""
    turns = turns_of_a_session(tmp_path / "whole")
    found: list[str] = []
    cases = 0

    def walk_off(rig: Rig) -> None:
        for book in BOOKS:
            rig.reader.take(*(tag.uid for tag in rig.tags[book]))

    for turn in range(0, turns + 1, 3):
        rig = crash_after(tmp_path / str(turn), turn, lift=walk_off)
        found += [f"after {turn} turns: {sentence}" for sentence in broken(witness(rig))]
        cases += sum(
            row.how is Settlement.CASE
            for entry in rig.entries()
            for row in entry.rows
            if isinstance(row, Settled)
        )
        rig.close()

    assert found == []
    assert cases > 0


class EagerDesk(Desk):
    """Broken on purpose: does and shows everything at once, whatever the disk has."""

    def _let_go(self) -> None:
        self._outbox.committed(self._turn.number)
        super()._let_go()


def careless(book: Book, at: datetime, seconds: float | None = None) -> Recovered:
    """Broken on purpose: what was perhaps sent is sent again without asking."""
    right = recover(book, at, seconds)
    return replace(right, in_doubt=(), fresh=(*right.in_doubt, *right.fresh))


@pytest.mark.parametrize(
    ("place", "broken_part"),
    [("kiosk.runtime.build.Desk", EagerDesk), ("kiosk.runtime.build.recover", careless)],
    ids=["done before it is written", "sent again without asking"],
)
def test_a_broken_kiosk_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, broken_part: object
) -> None:
    """Negative control: the same crashes and the same checks object to a kiosk that breaks the rules."""
    monkeypatch.setattr(place, broken_part)
    found: list[str] = []
    for turn in range(turns_of_a_session(tmp_path / "whole") + 1):
        rig = crash_after(tmp_path / str(turn), turn)
        found += broken(witness(rig))
        rig.close()
        if found:
            break

    assert found != []


@pytest.mark.parametrize("turn", [30, 60, 90])
def test_after_a_crash_the_same_books_can_be_borrowed(tmp_path: Path, turn: int) -> None:
    """Nothing that a crash left behind keeps the next session from lending the stack."""
    rig = crash_after(tmp_path / "rig", turn)
    for book in BOOKS:
        rig.reader.take(*(tag.uid for tag in rig.tags[book]))
    rig.turn(20)

    rig.begin()
    rig.lay(*BOOKS)

    assert set(demo.ITEMS_FREE[:3]) <= rig.server.loans_of(demo.READER)
    assert rig.released >= set(demo.ITEMS_FREE[:3])
    rig.close()
