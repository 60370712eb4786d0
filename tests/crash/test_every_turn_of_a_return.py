"""The kiosk stops at every turn while a stack is given back, one after the other, and comes back each time."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.sim.shelf import SECURED_AFI, item_tags
from kiosk.engine.pump import Pump
from kiosk.runtime.dispatch import Dispatch
from kiosk.runtime.traffic import Order
from kiosk.workflow.effects import Carry
from kiosk.workflow.settings import Service
from kiosk.workflow.view import GIVE_BACK, BackStatus, BackSummary, GivingBack, Welcome
from sync.central import demo
from sync.entries import CaseOpened, Entry, GiveBack, SecureIntended, Settled, Settlement
from sync.entries import CaseReason as Why
from tests.crash.invariants import RELEASED_AFI
from tests.crash.test_every_turn import EagerDesk
from tests.kit.effort import effort
from tests.kit.rig import SETTINGS, Rig

LENT = {demo.ITEMS_FREE[0]: demo.READER, demo.ITEMS_FREE[1]: demo.READER_ENGLISH}
NOT_LENT = demo.ITEMS_FREE[2]
SLOW_TURNS = 80
CRASHES = effort(8, 1_000)
UNKNOWN = "30999000099991"
STACK = (*LENT, NOT_LENT, UNKNOWN)
RETURNS = replace(SETTINGS, services=(Service.BORROW, Service.RETURN))
RID_OF_IT = (BackStatus.BACK, BackStatus.BACK_NO_LOAN, BackStatus.BACK_RECORDED)


def begun(folder: Path) -> Rig:
    """A rig at which a stack has just been laid down to be given back; nothing has turned since."""
    folder.mkdir()
    rig = Rig(folder, RETURNS)
    rig.settle()
    for book, reader in LENT.items():
        rig.server.desk_lends(reader, book)
    rig.choose(GIVE_BACK)
    for book in STACK:
        rig.tags[book] = list(item_tags(book, 1))
        for tag in rig.tags[book]:
            tag.afi = RELEASED_AFI
        rig.reader.lay(*rig.tags[book])
    return rig


def is_through(rig: Rig) -> bool:
    view = rig.view
    return isinstance(view, GivingBack) and len(view.lines) == len(STACK) and not view.is_busy


def turns_of_a_return(folder: Path, seed: int) -> int:
    """How many single pump turns a whole stack takes, in the order that *seed* gives."""
    rig, order, turns = begun(folder), random.Random(seed), 0
    while not is_through(rig):
        order.choice(rig.kiosk.pumps).turn()
        turns += 1
    rig.close()
    return turns


Pumps = Callable[[Rig], Sequence[Pump]]


def all_pumps(rig: Rig) -> Sequence[Pump]:
    return rig.kiosk.pumps


@contextmanager
def crash_after(
    folder: Path,
    turns: int,
    seed: int,
    before: Callable[[Rig], None],
    meanwhile: Callable[[Rig], None],
    pumps: Pumps = all_pumps,
) -> Iterator[Rig]:
    """A rig that crashed after *turns* single turns of *pumps*, *meanwhile* something happened, and that has come
    back.
    """
    rig, order = begun(folder), random.Random(seed)
    before(rig)
    for _ in range(turns):
        order.choice(pumps(rig)).turn()
    rig.crash()
    meanwhile(rig)
    rig.restart()
    rig.until(lambda: isinstance(rig.view, Welcome))
    rig.until(lambda: rig.kiosk.uplink_pump.backlog == 0 and not rig.journal.unsettled(), 400)
    rig.turn(5)
    yield rig
    rig.close()


def nothing(rig: Rig) -> None:
    """Nothing happens."""


def seen(rig: Rig) -> None:
    """The pad has told what lies there, and the server about each item; nothing is written yet."""
    rig.until(lambda: bool(rig.journal.unsettled()))


def walk_off(rig: Rig) -> None:
    """Somebody takes the stack away again."""
    for book in STACK:
        rig.reader.take(*(tag.uid for tag in rig.tags[book]))


def cut_off(rig: Rig) -> None:
    """There is no network; the rig's crash mends it."""
    rig.server.cut(rig.terminal)


# --- What must hold -----------------------------------------------------------------------------------------------


def broken(rig: Rig) -> list[str]:
    """Every promise about returns that does not hold, as a sentence."""
    found: list[str] = []
    entries = [entry for entry in rig.entries() if isinstance(entry.promise, GiveBack)]
    for entry in entries:
        found += _entry(rig, entry)
    for book in STACK:
        mine = [entry for entry in entries if entry.promise.item == book]
        is_changed = any(tag.afi != RELEASED_AFI for tag in rig.tags[book])
        if is_changed and not any(isinstance(row, SecureIntended) for one in mine for row in one.rows):
            found.append(f"{book}: a tag was written and no row says so (I2)")
        told = checked_in(rig, book)
        if told and any(Why.RETURN_UNKNOWN in reasons(one) for one in mine):
            found.append(f"{book}: was told, and nobody has seen it secured (I3)")
        if told > 1 and book != UNKNOWN:
            found.append(f"{book}: was told {told} times (I1)")
        if told and not mine:
            found.append(f"{book}: was told and never recorded (I1)")
    for book in said(rig):
        if rig.server.holder_of(book) is not None and not cases(entries, book):
            found.append(f"{book}: the screen said it is back, and it is on loan (I3)")
        if any(tag.afi != SECURED_AFI for tag in rig.tags[book]) and not cases(entries, book):
            found.append(f"{book}: the screen said it is back, and it passes the gate (I2)")
    return found


def _entry(rig: Rig, entry: Entry) -> Iterator[str]:
    item = str(entry.promise.item)
    end = next((row.how for row in entry.rows if isinstance(row, Settled)), None)
    if end is None:
        yield f"{item}: is not settled"
    if end is Settlement.DONE and rig.server.holder_of(item) is not None:
        yield f"{item}: is done, and on loan (I3)"
    if end is Settlement.DONE and any(tag.afi != SECURED_AFI for tag in rig.tags[item]):
        yield f"{item}: is done, and passes the gate (I2)"
    if end not in (Settlement.DONE, Settlement.CASE) and item in LENT and rig.server.holder_of(item) is None:
        yield f"{item}: ended as {end}, and the server took it back"


def cases(entries: list[Entry], book: str) -> bool:
    """Whether staff have a case about *book*."""
    return any(isinstance(row, CaseOpened) for one in entries if one.promise.item == book for row in one.rows)


def reasons(entry: Entry) -> list[Why]:
    return [row.reason for row in entry.rows if isinstance(row, CaseOpened)]


def checked_in(rig: Rig, book: str) -> int:
    """How many check-ins (SIP2 09) of *book* reached the server."""
    return sum(data.startswith(b"09") and b"AB" + book.encode() in data for data in rig.server.heard)


def said(rig: Rig) -> set[str]:
    """The items of which the screen ever said that the reader is rid of them."""
    return {
        str(line.item)
        for shown in rig.shown
        if isinstance(shown.view, GivingBack | BackSummary)
        for line in shown.view.lines
        if line.status in RID_OF_IT
    }


# --- The proofs ---------------------------------------------------------------------------------------------------


def found_at_every_turn(
    folder: Path,
    seed: int,
    before: Callable[[Rig], None] = nothing,
    meanwhile: Callable[[Rig], None] = nothing,
) -> list[str]:
    """What does not hold after crashes that are spread over all turns."""
    found: list[str] = []
    turns = turns_of_a_return(folder / "whole", seed)
    for turn in range(seed % 2, turns + 1, max(1, turns // CRASHES)):
        with crash_after(folder / str(turn), turn, seed, before, meanwhile) as rig:
            found += [f"after {turn} turns: {sentence}" for sentence in broken(rig)]
    return found


@pytest.mark.parametrize(
    ("seed", "before", "meanwhile"),
    [(1, nothing, nothing), (2, nothing, walk_off), (3, cut_off, nothing), (4, cut_off, walk_off)],
    ids=["it lies there still", "taken away", "no network", "no network, taken away"],
)
def test_a_crash_at_any_turn_of_a_return_loses_nothing(
    tmp_path: Path,
    seed: int,
    before: Callable[[Rig], None],
    meanwhile: Callable[[Rig], None],
) -> None:
    """Wherever the kiosk stops: what the reader was told is back is secured and told once, and nothing else is."""
    assert found_at_every_turn(tmp_path, seed, before, meanwhile) == []


class TellsAtOnce(Dispatch):
    """Broken on purpose: lets what is held go at once."""

    def do(self, order: Order) -> None:
        if isinstance(order, Carry):
            order = replace(order, is_held=False)
        super().do(order)


def all_but(name: str) -> Pumps:
    """All pumps but the one called *name*: it is slow."""
    return lambda rig: [pump for pump in rig.kiosk.pumps if pump.name != name]


@pytest.mark.parametrize(
    ("place", "part", "slow"),
    [
        ("kiosk.runtime.build.Desk", EagerDesk, "journal"),
        ("kiosk.runtime.build.Dispatch", TellsAtOnce, "pad"),
    ],
    ids=["does before it is written", "tells before it is secured"],
)
def test_a_broken_return_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, part: object, slow: str
) -> None:
    """Negative control: a crash while one part is slow hurts a kiosk that breaks the rules, and no other."""

    def found(name: str) -> list[str]:
        with crash_after(tmp_path / name, SLOW_TURNS, 2, seen, walk_off, all_but(slow)) as crashed:
            return broken(crashed)

    assert found("right") == []
    monkeypatch.setattr(place, part)
    assert found("broken") != []
