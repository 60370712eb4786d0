"""Books come back while the server is away, the mains are cut for the night, and in the morning all is there again.

Also where the kiosk stops at any turn of that morning.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

import pytest

from kiosk.runtime.recovery import Book, Recovered, recover
from kiosk.workflow.view import GIVE_BACK, BackStatus
from sync.central import demo
from sync.entries import CaseOpened, EntryKey, GiveBack, Settlement
from tests.crash.test_every_turn import EagerDesk
from tests.crash.test_every_turn_of_a_return import RETURNS, Pumps, all_but, all_pumps, checked_in
from tests.journeys.test_give_back import endings
from tests.kit.effort import effort
from tests.kit.rig import Rig

MANY, STACK, FEW = 100, 20, 3
CRASHES = effort(10, 1_000)
SLOW_TURNS = range(30, 60, 3)
STRANGER = demo.READER_ENGLISH


def after_the_night(folder: Path, count: int) -> tuple[Rig, tuple[str, ...]]:
    """A rig that has just been started again, and the *count* books that came back while the server was away."""
    folder.mkdir(exist_ok=True)
    rig = Rig(folder, RETURNS)
    rig.settle()
    books = tuple(f"3099955{number:07}" for number in range(count))
    rig.server.desk_buys(*books)
    for begins in range(0, count, STACK):
        reader = f"2099955{begins:07}"
        rig.server.desk_enters(reader, "Reader", demo.PIN)
        rig.lend(reader, *books[begins : begins + STACK])
    rig.cut_network()
    rig.pass_time(40)
    for begins in range(0, count, STACK):
        give_back(rig, books[begins : begins + STACK])
    rig.crash()
    rig.restart_at_once()
    return rig, books


def give_back(rig: Rig, stack: Sequence[str]) -> None:
    rig.choose(GIVE_BACK)
    rig.lay(*stack)
    assert set(rig.back_statuses().values()) == {BackStatus.BACK_RECORDED}
    rig.choose("finish")
    rig.reader.take(*(tag.uid for book in stack for tag in rig.tags[book]))
    rig.choose("done")


def come_to_rest(rig: Rig) -> None:
    """Lets the kiosk tell all that waits."""
    rig.until(lambda: rig.kiosk.uplink_pump.backlog == 0 and not rig.journal.unsettled(), 2_000)


def reached(rig: Rig) -> bool:
    """Whether it is on disk that the server was reached."""
    return bool(rig.journal.file.query("SELECT 1 FROM rows WHERE kind = 'server-reached'"))


def cases(rig: Rig) -> set[str]:
    """The items that staff have to look at."""
    return {
        str(entry.promise.item)
        for entry in rig.entries()
        if isinstance(entry.promise, GiveBack) and any(isinstance(row, CaseOpened) for row in entry.rows)
    }


def test_a_hundred_returns_of_an_evening_without_the_server_are_told_in_the_morning(tmp_path: Path) -> None:
    """Each once, without a question to staff, though nobody knew when they were due."""
    rig, books = after_the_night(tmp_path, MANY)

    come_to_rest(rig)

    assert [book for book in books if rig.server.holder_of(book)] == []
    assert {checked_in(rig, book) for book in books} == {1}
    assert endings(rig) == dict.fromkeys(books, Settlement.DONE)
    assert cases(rig) == set()
    rig.close()


def test_a_second_night_changes_nothing(tmp_path: Path) -> None:
    """The server stays away, and the mains are cut once more."""
    rig, books = after_the_night(tmp_path, FEW)
    rig.cut_network()
    rig.pass_time(60)
    rig.crash()
    rig.restart_at_once()

    come_to_rest(rig)

    assert endings(rig) == dict.fromkeys(books, Settlement.DONE)
    rig.close()


# --- Stopped while the way comes back ---------------------------------------------------------------------------------


def turns_of_a_morning(folder: Path, seed: int) -> int:
    """How many single pump turns pass until all is told, in the order that *seed* gives."""
    rig, _ = after_the_night(folder, FEW)
    order, turns = random.Random(seed), 0
    while rig.journal.unsettled():
        order.choice(rig.kiosk.pumps).turn()
        turns += 1
    rig.close()
    return turns


def broken(folder: Path, turns: int, seed: int, pumps: Pumps = all_pumps) -> list[str]:
    """What does not hold after a crash *turns* single turns of *pumps* after the morning's start, and after staff have
    lent to somebody else what was free by then.

    What had leave to be sent by then, and was not, may be a case; nothing else is.
    """
    rig, books = after_the_night(folder, FEW)
    order = random.Random(seed)
    for _ in range(turns):
        order.choice(pumps(rig)).turn()
    was_reached = reached(rig)
    rig.crash()
    lent = [book for book in books if rig.server.holder_of(book) is None]
    for book in lent:
        rig.server.desk_lends(STRANGER, book)
    rig.restart_at_once()
    come_to_rest(rig)
    found = [f"{book}: the newer loan was ended" for book in lent if rig.server.holder_of(book) != STRANGER]
    found += [f"{book}: was told again" for book in books if checked_in(rig, book) > 1]
    left = [book for book in books if rig.server.holder_of(book) not in (None, STRANGER)]
    found += [f"{book}: is not told, and no case" for book in left if book not in cases(rig)]
    found += [f"{book}: was never sent, and is a case" for book in cases(rig) if not was_reached]
    rig.close()
    return [f"after {turns} turns: {sentence}" for sentence in found]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_crash_at_any_turn_of_the_morning_ends_no_newer_loan(tmp_path: Path, seed: int) -> None:
    """Wherever the kiosk stops while the server comes back: no return is told twice, none is lost, and what could not
    have been sent by then is no case."""
    turns = turns_of_a_morning(tmp_path / "whole", seed)
    found: list[str] = []
    for turn in range(seed % 2, turns + 1, max(1, turns // CRASHES)):
        found += broken(tmp_path / str(turn), turn, seed)

    assert found == []


class _Noted:
    """A book that knows what was noted as never sent, and does not look what came later."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def __getattr__(self, name: str) -> object:
        return getattr(self._book, name)

    def never_sent(self) -> Collection[EntryKey]:
        return [entry.key for entry in self._book.unsettled() if entry.is_noted_unsent]


def careless(book: Book, at: datetime, seconds: float | None = None) -> Recovered:
    """Broken on purpose: does not look whether the server was reached since."""
    return recover(_Noted(book), at, seconds)  # type: ignore[arg-type]


ALL_BUT_JOURNAL = all_but("journal")


@pytest.mark.parametrize(
    ("place", "part", "pumps"),
    [
        ("kiosk.runtime.build.Desk", EagerDesk, ALL_BUT_JOURNAL),
        ("kiosk.runtime.build.recover", careless, all_pumps),
    ],
    ids=["sends before the row is on disk", "looks for no later row"],
)
def test_a_broken_morning_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, part: object, pumps: Pumps
) -> None:
    """Negative control: a crash in that morning ends a newer loan where the order is broken, and else never."""

    def found(name: str) -> list[str]:
        every = (broken(tmp_path / f"{name}-{turns}", turns, 1, pumps) for turns in SLOW_TURNS)
        return [sentence for sentences in every for sentence in sentences]

    assert found("right") == []
    monkeypatch.setattr(place, part)
    assert any("newer loan" in sentence for sentence in found("broken"))
