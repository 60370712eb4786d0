"""What the strip unit's pump does: every order has one answer, and nothing is treated that was not ordered just now."""

from __future__ import annotations

import random
from collections import Counter, deque

import pytest

from drivers.em import (
    Abilities,
    Deed,
    ItemLifted,
    ItemSensed,
    NotTreated,
    Spoilt,
    StripEvent,
    StripState,
    Treated,
)
from drivers.link import DeviceFault, DeviceLost
from drivers.link.memory import VirtualClock
from kiosk.engine.inbox import Inbox
from kiosk.engine.pump import SLICE_SECONDS, DevicePump
from kiosk.runtime.strips import POLLS_NEW, Order, StripWork, StripWorkEvent
from kiosk.workflow.effects import LeaveStrip, TreatStrip
from kiosk.workflow.events import (
    Device,
    DeviceDown,
    DeviceUp,
    StripLifted,
    StripNotTreated,
    StripSensed,
    StripSpoilt,
    StripTreated,
    StripTrouble,
)
from sync.entries import EntryKey
from tests.kit.recording import KeptLog
from tests.kit.strip_place import BookCheckPlace, StripPlace

KEY, OTHER = EntryKey("e" * 16, 1, 1, 0), EntryKey("e" * 16, 1, 2, 0)
OFF, ON = Deed.DESENSITISE, Deed.SENSITISE
DONE = Treated(OFF, StripState.INACTIVE)
ANSWERS = (StripTreated, StripNotTreated, StripSpoilt)


class TestUnit:
    """A strip unit as its driver shows it; what happens next is put into *next*, an error is raised."""

    __test__ = False
    abilities = Abilities(senses_items=True, reads_strips=True)

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.next: deque[StripEvent | Exception] = deque()
        self.heard: list[str] = []
        self.waits: list[float] = []
        self.trouble: dict[str, Exception] = {}
        self.disarmed: StripEvent | None = None
        self.is_away = False

    def poll(self, timeout_seconds: float) -> StripEvent | None:
        self.waits.append(timeout_seconds)
        if self.is_away:
            raise DeviceLost("unplugged")
        if not self.next:
            self.clock.wait(timeout_seconds)
            return None
        happened = self.next.popleft()
        if isinstance(happened, Exception):
            raise happened
        return happened

    def arm(self, deed: Deed) -> None:
        self.heard.append(deed.value)
        self._may_fail("arm")

    def disarm(self) -> StripEvent | None:
        self.heard.append("disarm")
        self._may_fail("disarm")
        return self.disarmed

    def close(self) -> None:
        self.heard.append("close")

    def _may_fail(self, call: str) -> None:
        if call in self.trouble:
            raise self.trouble[call]


class Bench:
    """The strip unit's pump, turned by hand."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.unit = TestUnit(self.clock)
        self.told: list[StripWorkEvent | DeviceUp | DeviceDown] = []
        self.orders: Inbox[Order] = Inbox(idle=self.clock.wait)
        self.log = KeptLog()
        work = StripWork(self.orders, self.told.append, log=self.log)
        self.pump = DevicePump(
            "strip-unit",
            self.opened,
            work,
            came=lambda: self.told.append(DeviceUp(Device.STRIP_UNIT)),
            went=lambda: self.told.append(DeviceDown(Device.STRIP_UNIT)),
            clock=self.clock,
            log=self.log,
        )

    def opened(self) -> TestUnit:
        if self.unit.is_away:
            raise DeviceLost("no such device")
        return self.unit

    def started(self) -> Bench:
        self.turn(POLLS_NEW + 1)
        self.told.clear()
        return self

    def order(self, *orders: Order) -> None:
        for order in orders:
            self.orders.post(order)

    def turn(self, times: int = 1) -> None:
        for _ in range(times):
            self.pump.turn()

    @property
    def answers(self) -> list[object]:
        return [event for event in self.told if isinstance(event, ANSWERS)]


@pytest.fixture
def bench() -> Bench:
    """A unit that is there and has nothing to do."""
    return Bench().started()


def test_what_is_sensed_is_told_and_nothing_is_treated(bench: Bench) -> None:
    """Without an order items come and go, and the unit is never armed."""
    bench.unit.next.extend([ItemSensed(True), ItemLifted(), ItemSensed(False)])

    bench.turn(4)

    assert bench.told == [StripSensed(True), StripLifted(), StripSensed(False)]
    assert bench.unit.heard == []


@pytest.mark.parametrize("deed", Deed)
@pytest.mark.parametrize("read", StripState)
@pytest.mark.parametrize("stays", [True, False])
def test_an_order_is_done_once_and_answered_as_the_strip_was_read(
    bench: Bench, deed: Deed, read: StripState, stays: bool
) -> None:
    """The answer is what was read, whatever was wanted, and whether the item lies there; nothing more follows."""
    bench.order(TreatStrip(KEY, deed))
    bench.turn(3)
    assert bench.answers == []
    bench.unit.next.append(Treated(deed, read, stays))

    bench.turn(5)

    assert bench.told == [StripTreated(KEY, read, stays)]
    assert bench.unit.heard == [deed.value]


@pytest.mark.parametrize(
    ("ended", "answer"),
    [
        (NotTreated(OFF, "busy"), StripNotTreated(KEY, StripTrouble.FAULT)),
        (Spoilt(OFF, "second-item"), StripSpoilt(KEY, "second-item")),
        (Treated(ON, StripState.ACTIVE), StripSpoilt(KEY, "other-deed")),
        (NotTreated(ON, "fault"), StripSpoilt(KEY, "other-deed")),
        (DeviceLost("unplugged"), StripSpoilt(KEY, "unit-lost")),
        (DeviceFault("coil"), StripSpoilt(KEY, "fault")),
    ],
)
def test_an_armed_unit_that_fails_is_believed_only_when_it_says_that_it_did_nothing(
    bench: Bench, ended: StripEvent | Exception, answer: object
) -> None:
    """A unit that is lost, broken or talks of another deed may have acted: nobody can tell."""
    bench.order(TreatStrip(KEY, OFF))
    bench.turn()
    bench.unit.next.append(ended)

    bench.turn(20)

    assert bench.answers == [answer]
    assert bench.unit.heard.count(OFF.value) == 1


@pytest.mark.parametrize(
    ("error", "why"), [(DeviceLost("silent"), "unit-lost"), (DeviceFault("refused"), "fault")]
)
def test_a_unit_that_fails_while_it_is_armed_may_have_acted(bench: Bench, error: Exception, why: str) -> None:
    """Nobody knows how far an arming came that was not answered."""
    bench.unit.trouble["arm"] = error
    bench.order(TreatStrip(KEY, OFF))

    bench.turn(20)

    assert bench.answers == [StripSpoilt(KEY, why)]
    assert bench.unit.heard[:2] == [OFF.value, "close"]


def test_a_unit_that_comes_back_does_nothing_of_what_was_ordered_before(bench: Bench) -> None:
    """Unplugged while armed and plugged in again: the unit is not armed, and an order of the time between is void."""
    bench.order(TreatStrip(KEY, OFF))
    bench.turn()
    bench.unit.is_away = True
    bench.turn()
    bench.order(TreatStrip(OTHER, OFF))
    bench.unit.is_away = False
    bench.unit.heard.clear()

    bench.turn(20)

    assert bench.told == [
        StripSpoilt(KEY, "unit-lost"),
        DeviceDown(Device.STRIP_UNIT),
        StripNotTreated(OTHER, StripTrouble.UNIT_LOST),
        DeviceUp(Device.STRIP_UNIT),
    ]
    assert bench.unit.heard == []


def test_a_unit_that_was_just_opened_takes_no_order(bench: Bench) -> None:
    """What lies there has to be known before a coil may be told to treat it: an order of that second is void."""
    bench.unit.is_away = True
    bench.turn()
    bench.unit.is_away = False
    bench.turn(8)
    assert bench.told[-1] == DeviceUp(Device.STRIP_UNIT)
    bench.order(TreatStrip(KEY, OFF))
    bench.turn(POLLS_NEW)
    bench.order(TreatStrip(OTHER, OFF))
    bench.turn()

    assert bench.answers == [StripNotTreated(KEY, StripTrouble.UNIT_LOST)]
    assert bench.unit.heard == ["close", OFF.value]


@pytest.mark.parametrize("polls", [0, 1, POLLS_NEW - 2])
def test_what_lies_there_when_the_unit_is_opened_is_told_as_nobodys(polls: int) -> None:
    """Whose it is nobody saw; what comes after it was lifted, or later than at once, came before somebody's eyes."""
    bench = Bench()
    bench.turn(1 + polls)
    bench.unit.next.extend([ItemSensed(True), ItemLifted(), ItemSensed(True)])
    bench.turn(4)

    sensed = [event for event in bench.told if isinstance(event, StripSensed)]
    assert sensed == [StripSensed(True, was_there=True), StripSensed(True)]


def test_what_passes_a_unit_that_was_just_opened_does_not_lie_there(bench: Bench) -> None:
    """An item that only passes is never told as one that lay there."""
    bench.unit.is_away = True
    bench.turn()
    bench.unit.is_away = False
    bench.turn(10)
    bench.unit.next.append(ItemSensed(False))
    bench.turn(3)

    assert StripSensed(False) in bench.told


def test_an_order_that_waits_when_the_unit_is_opened_is_void() -> None:
    """Nothing at power-up: what was ordered before the unit was there is answered, not done."""
    bench = Bench()
    bench.order(TreatStrip(KEY, OFF))

    bench.turn(5)

    assert bench.told == [StripNotTreated(KEY, StripTrouble.UNIT_LOST), DeviceUp(Device.STRIP_UNIT)]
    assert bench.unit.heard == []


def test_a_unit_that_is_left_says_what_it_did(bench: Bench) -> None:
    """Leaving an armed unit makes it safe: nothing was done, or what it tells was."""
    bench.order(TreatStrip(KEY, OFF))
    bench.turn()
    bench.order(LeaveStrip(KEY))
    bench.turn()
    bench.unit.disarmed = DONE
    bench.order(TreatStrip(OTHER, OFF))
    bench.turn()
    bench.order(LeaveStrip(OTHER))
    bench.turn(2)

    assert bench.told == [
        StripNotTreated(KEY, StripTrouble.LEFT),
        StripTreated(OTHER, StripState.INACTIVE),
    ]
    assert bench.unit.heard == [OFF.value, "disarm"] * 2


def test_an_order_that_is_left_before_it_began_is_never_begun(bench: Bench) -> None:
    """Ordered and left in one breath: the unit hears nothing."""
    bench.order(TreatStrip(KEY, OFF), LeaveStrip(KEY))

    bench.turn(3)

    assert bench.told == [StripNotTreated(KEY, StripTrouble.LEFT)]
    assert bench.unit.heard == []


def test_leaving_what_is_answered_already_is_nobodys_news(bench: Bench) -> None:
    """The answer crossed the order to leave: there is no second one, and another entry's order stays."""
    bench.order(TreatStrip(KEY, OFF))
    bench.unit.next.append(DONE)
    bench.turn()
    bench.order(LeaveStrip(KEY), TreatStrip(OTHER, OFF))
    bench.turn()
    bench.order(LeaveStrip(KEY))
    bench.turn()

    assert bench.told == [StripTreated(KEY, StripState.INACTIVE)]
    assert bench.unit.heard == [OFF.value, OFF.value]


@pytest.mark.parametrize(
    ("error", "why"), [(DeviceLost("silent"), "unit-lost"), (DeviceFault("refused"), "fault")]
)
def test_a_unit_that_cannot_be_made_safe_may_have_acted(bench: Bench, error: Exception, why: str) -> None:
    """An order to leave that the unit does not answer leaves nobody sure."""
    bench.unit.trouble["disarm"] = error
    bench.order(TreatStrip(KEY, OFF))
    bench.turn()
    bench.order(LeaveStrip(KEY))

    bench.turn(10)

    assert bench.answers == [StripSpoilt(KEY, why)]


def test_one_order_is_done_at_a_time(bench: Bench) -> None:
    """The second waits until the unit is safe again."""
    bench.order(TreatStrip(KEY, OFF), TreatStrip(OTHER, ON))
    bench.turn(3)
    assert bench.unit.heard == [OFF.value]
    bench.unit.next.append(DONE)

    bench.turn(2)

    assert bench.unit.heard == [OFF.value, ON.value]
    assert bench.answers == [StripTreated(KEY, StripState.INACTIVE)]


def test_a_unit_that_acts_unbidden_is_not_believed(bench: Bench) -> None:
    """A deed that nobody ordered answers no order; it is said to the log."""
    bench.unit.next.append(DONE)
    bench.turn()
    bench.order(TreatStrip(KEY, OFF))
    bench.turn()

    assert bench.answers == []
    assert [level for level, *_ in bench.log.lines].count("error") == 1


def test_nothing_keeps_an_order_waiting_for_longer_than_a_slice(bench: Bench) -> None:
    """Every look at the unit ends within a slice, armed or not."""
    bench.turn(3)
    bench.order(TreatStrip(KEY, OFF))
    bench.turn(3)

    assert bench.unit.waits
    assert max(bench.unit.waits) <= SLICE_SECONDS <= 0.1


def any_event(dice: random.Random) -> StripEvent | Exception:
    """Anything a unit can say, right or wrong."""
    deed = dice.choice(list(Deed))
    events: list[StripEvent | Exception] = [
        ItemSensed(True),
        ItemLifted(),
        Treated(deed, dice.choice(list(StripState))),
        NotTreated(deed, "fault"),
        Spoilt(deed, "second-item"),
        DeviceLost(),
        DeviceFault(),
    ]
    return dice.choice(events)


@pytest.mark.parametrize("seed", range(20))
def test_whatever_happens_each_order_has_exactly_one_answer(seed: int) -> None:
    """Orders, orders to leave, events, faults and cables at random: as many answers as orders, none for a stranger."""
    dice, bench = random.Random(seed), Bench()
    ordered: list[EntryKey] = []
    for number in range(400):
        match dice.randrange(8):
            case 0 | 1:
                ordered.append(EntryKey("e" * 16, 1, number + 1, 0))
                bench.order(TreatStrip(ordered[-1], dice.choice(list(Deed))))
            case 2 if ordered:
                bench.order(LeaveStrip(dice.choice(ordered[-3:])))
            case 3:
                bench.unit.is_away = not bench.unit.is_away
            case 4:
                bench.unit.trouble = {
                    dice.choice(["arm", "disarm"]): dice.choice([DeviceLost(), DeviceFault()])
                }
            case 5:
                bench.unit.trouble = {}
                bench.unit.disarmed = dice.choice([None, DONE, ItemSensed(True), Spoilt(OFF, "second-item")])
            case _:
                bench.unit.next.append(any_event(dice))
        bench.turn(dice.randint(0, 3))
    bench.unit.is_away = True
    bench.turn(2)

    answered = Counter(event.key for event in bench.told if isinstance(event, ANSWERS))
    assert answered == Counter(ordered)
    assert bench.unit.heard.count(OFF.value) + bench.unit.heard.count(ON.value) <= len(ordered)


def test_a_real_unit_treats_what_crosses_it_after_the_order_and_nothing_before() -> None:
    """The BookCheck's driver over its far end: safe before, live for one crossing, safe again."""
    clock, told = VirtualClock(), list[StripWorkEvent]()
    bench = StripPlace(clock)
    unit = BookCheckPlace(bench)
    orders: Inbox[Order] = Inbox(idle=clock.wait)
    pump = DevicePump(
        "strip-unit",
        unit.open,
        StripWork(orders, told.append, log=KeptLog()),
        came=lambda: None,
        went=lambda: None,
        clock=clock,
        log=KeptLog(),
    )

    def slide(number: str) -> None:
        unit.slide(number)
        for _ in range(20):
            pump.turn()

    for _ in range(POLLS_NEW + 1):
        pump.turn()
    slide("early")
    orders.post(TreatStrip(KEY, OFF))
    for _ in range(60):
        pump.turn()
    slide("one")
    slide("late")

    answers = [event for event in told if isinstance(event, ANSWERS)]
    assert answers == [StripTreated(KEY, StripState.INACTIVE)]
    assert {name for name, item in bench.items.items() if not item.is_active} == {"one"}
    assert [event for event in told if isinstance(event, StripSensed)] == [StripSensed(True)] * 2
