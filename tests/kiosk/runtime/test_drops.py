"""The book drop's pump over the real driver: each order has one answer, whatever happens to the item and the chip."""

from __future__ import annotations

import pytest

from drivers.gpio import book_drop
from drivers.gpio.book_drop import LineBookDrop
from drivers.link import DeviceLost
from drivers.link.memory import VirtualClock
from drivers.link.memory_lines import MemoryLineLink
from drivers.sim.book_drop import DIVERTER, ENTRY, FLAP, INPUTS, PASSED, BookDropFarEnd
from kiosk.engine.inbox import Inbox
from kiosk.runtime.drops import DropWork, DropWorkEvent
from kiosk.workflow.effects import OpenDrop
from kiosk.workflow.events import DropCame, DropEmptied, DropFull, DropPassed, DropStuck
from sync.entries import EntryKey
from tests.kit.recording import KeptLog

SETTINGS = book_drop.BookDropSettings(
    entry=ENTRY, passed=PASSED, flap=FLAP, diverters={"2": DIVERTER}, active_low=INPUTS[:2]
)
KEY = EntryKey("e", 1, 1, 1)
OTHER = EntryKey("e", 1, 2, 1)


class Bench:
    """A pump with its drop and chute; `posted` is what the desk would hear."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.chute = BookDropFarEnd(self.clock)
        self.chip = MemoryLineLink(self.chute, self.clock)
        self.drop: LineBookDrop = book_drop.open(SETTINGS, self.chip, self.clock)
        self.orders: Inbox[OpenDrop] = Inbox()
        self.posted: list[DropWorkEvent] = []
        self.log = KeptLog()
        self.work = DropWork(self.orders, self.posted.append, log=self.log)
        self.work.begin(self.drop)

    def turn(self, seconds: float) -> list[DropWorkEvent]:
        """What is posted within *seconds*."""
        already = len(self.posted)
        until = self.clock.monotonic() + seconds
        while self.clock.monotonic() < until:
            self.work.turn(self.drop)
        return self.posted[already:]


@pytest.fixture
def bench() -> Bench:
    made = Bench()
    assert made.turn(0.3) == [DropFull(is_full=False)]
    return made


def test_an_item_comes_and_goes_through_when_it_is_told_to(bench: Bench) -> None:
    """Nothing moves before the order, and its answer names the entry."""
    bench.chute.insert("10000001")
    assert bench.turn(2.0) == [DropCame()]

    bench.orders.post(OpenDrop(KEY, "2"))

    assert bench.turn(3.0) == [DropPassed(KEY)]
    assert bench.chute.bins == {"2": ["10000001"]}


def test_an_order_for_nothing_is_answered_as_stuck(bench: Bench) -> None:
    """An item that was taken out before the flap opened is in no bin."""
    bench.chute.insert("10000001")
    bench.turn(0.3)
    bench.chute.take_out()
    bench.orders.post(OpenDrop(KEY))

    assert set(bench.turn(2.0)) == {DropEmptied(), DropStuck(KEY, "nothing-there")}


def test_a_jam_is_told_and_logged_without_the_item(bench: Bench) -> None:
    """Staff read that something is stuck; what, and whose, is in no log."""
    bench.chute.is_jammed = True
    bench.chute.insert("10000001")
    bench.turn(0.3)
    bench.orders.post(OpenDrop(KEY))

    assert bench.turn(12.0) == [DropStuck(KEY, "not-passed")]
    assert "10000001" not in str(bench.log.lines)


def test_what_was_ordered_of_a_lost_drop_is_answered_once(bench: Bench) -> None:
    """The item on its way and the order behind it are both told; a drop that comes back does neither."""
    bench.chute.insert("10000001")
    bench.turn(0.3)
    bench.orders.post(OpenDrop(KEY))
    bench.turn(0.1)
    bench.orders.post(OpenDrop(OTHER))
    bench.chip.unplug()
    with pytest.raises(DeviceLost):
        bench.turn(1.0)

    bench.work.lost()
    bench.work.lost()

    assert bench.posted[-2:] == [DropStuck(KEY, "drop-lost"), DropStuck(OTHER, "drop-lost")]
    assert not bench.chute.is_open
