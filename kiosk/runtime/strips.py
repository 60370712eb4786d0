"""What the strip unit's pump does: tells what is sensed, and has one strip treated when told to.

A strip has no identity, so nothing is kept for later here: an order that came while the unit was away, or in the
second after it was opened, is answered as not done, and a unit that comes back is safe and stays so until it is told
anew.  What lies there in that second is told as nobody's: nobody saw it come.
Every `TreatStrip` has exactly one answer.  Whatever goes wrong from the moment on in which a unit is armed, it may have
acted; only its own word that it did nothing is one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import assert_never

from drivers.em import ItemLifted, ItemSensed, NotTreated, Spoilt, StripEvent, StripUnit, Treated
from drivers.link import DeviceFault
from kiosk.engine.inbox import Inbox
from kiosk.engine.logs import Log
from kiosk.engine.pump import SLICE_SECONDS
from kiosk.workflow.effects import LeaveStrip, TreatStrip
from kiosk.workflow.events import (
    StripLifted,
    StripNotTreated,
    StripSensed,
    StripSpoilt,
    StripTreated,
    StripTrouble,
)

Order = TreatStrip | LeaveStrip
StripAnswer = StripTreated | StripNotTreated | StripSpoilt
StripWorkEvent = StripSensed | StripLifted | StripAnswer

LOST = "unit-lost"
FAULT = "fault"
CONFUSED = "other-deed"

POLLS_NEW = 10
"""For how many polls a unit is new: what it tells of then lay there when it was opened, and no order is taken."""


class StripWork:
    """`Work` for a strip unit; *orders* are taken from, *post* gets what is sensed and done."""

    def __init__(self, orders: Inbox[Order], post: Callable[[StripWorkEvent], None], *, log: Log) -> None:
        self._orders = orders
        self._post = post
        self._log = log
        self._waiting: deque[TreatStrip] = deque()
        self._armed: TreatStrip | None = None
        self._new_polls = 0

    def begin(self, device: StripUnit) -> None:
        """The unit is safe; what was ordered before is answered, not done."""
        self.lost()
        self._new_polls = POLLS_NEW

    def turn(self, device: StripUnit) -> None:
        """The orders that came, and one look at the unit, a slice long."""
        try:
            self._take_orders(device)
            if self._armed is None and self._waiting:
                self._armed = self._waiting.popleft()
                device.arm(self._armed.deed)
            self._happened(device.poll(SLICE_SECONDS))
            self._new_polls = max(0, self._new_polls - 1)
        except DeviceFault:
            self._end_armed(lambda order: StripSpoilt(order.key, FAULT))
            raise

    def lost(self) -> None:
        """Answers every order: what the unit did when it was armed nobody can tell, the others were not begun."""
        self._end_armed(lambda order: StripSpoilt(order.key, LOST))
        self._waiting.extend(order for order in self._orders.take(0) if isinstance(order, TreatStrip))
        while self._waiting:
            self._post(StripNotTreated(self._waiting.popleft().key, StripTrouble.UNIT_LOST))

    def _take_orders(self, device: StripUnit) -> None:
        for order in self._orders.take(0):
            match order:
                case TreatStrip() if self._new_polls:
                    # Whether something lies there that nobody ordered has to be known first.
                    self._post(StripNotTreated(order.key, StripTrouble.UNIT_LOST))
                case TreatStrip():
                    self._waiting.append(order)
                case LeaveStrip():
                    self._leave(device, order)

    def _leave(self, device: StripUnit, order: LeaveStrip) -> None:
        """Ends what was ordered under the key; an order that is answered already is nobody's news."""
        for one in [one for one in self._waiting if one.key == order.key]:
            self._waiting.remove(one)
            self._post(StripNotTreated(one.key, StripTrouble.LEFT))
        if self._armed is None or self._armed.key != order.key:
            return
        ended = device.disarm()
        if ended is None:
            self._end_armed(lambda armed: StripNotTreated(armed.key, StripTrouble.LEFT))
            return
        self._happened(ended)
        # What ends nothing tells nothing of the strip either.
        self._end_armed(lambda armed: StripSpoilt(armed.key, CONFUSED))

    def _happened(self, event: StripEvent | None) -> None:
        match event:
            case None:
                pass
            case ItemSensed(stays):
                self._post(StripSensed(stays, was_there=stays and self._new_polls > 0))
                self._new_polls = 0
            case ItemLifted():
                self._new_polls = 0
                self._post(StripLifted())
            case Treated() | NotTreated() | Spoilt():
                self._ended(event)
            case _:
                assert_never(event)

    def _ended(self, event: Treated | NotTreated | Spoilt) -> None:
        if self._armed is None:
            self._log.error("the strip unit speaks of a deed that nobody ordered", kind=type(event).__name__)
        elif event.deed is not self._armed.deed:
            self._log.error("the strip unit speaks of another deed than was ordered", deed=event.deed.value)
            self._end_armed(lambda order: StripSpoilt(order.key, CONFUSED))
        else:
            self._end_armed(lambda order: _answer(order, event))

    def _end_armed(self, answer: Callable[[TreatStrip], StripAnswer]) -> None:
        order, self._armed = self._armed, None
        if order is not None:
            self._post(answer(order))


def _answer(order: TreatStrip, event: Treated | NotTreated | Spoilt) -> StripAnswer:
    match event:
        case Treated(_, strip, stays):
            return StripTreated(order.key, strip, stays)
        case NotTreated():
            return StripNotTreated(order.key, StripTrouble.FAULT)
        case Spoilt(_, why):
            return StripSpoilt(order.key, why)
