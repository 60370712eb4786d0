"""What all tills share: the orders that they take, who gets which, and the memory by which nothing is asked for twice.

`card_till.py` works a card terminal, `qr_till.py` the library's payment back end (`qr_paying.py` is one payment there).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from kiosk.engine.errands import Errand, NotDone
from kiosk.engine.inbox import Inbox
from kiosk.runtime.traffic import PaymentOrder
from kiosk.workflow.effects import FindPayment, ReversePayment, StopPayment, TakePayment
from kiosk.workflow.events import (
    DeviceDown,
    DeviceUp,
    PaymentFailure,
    PaymentGivenBack,
    PaymentNotGivenBack,
    PaymentNotTaken,
    PaymentReady,
    PaymentStepped,
    PaymentTaken,
    PaymentUnclear,
)
from sync.entries import EntryKey, Means, Pay

E = TypeVar("E")

RETURN_SECONDS = 60.0
"""How long money that is to go back waits for a card terminal that is away: nobody may hear that it did not go back
while it still can.
"""

REFUND_SECONDS = 200.0
"""The same for a payment back end, which may be asked again and again."""


@dataclass(frozen=True, slots=True)
class TillTimes:
    """How long money is waited for: less than the session waits in all (`kiosk/workflow/pay_ends.py`).

    A reader has *pay_seconds*; a back end is asked every *poll_seconds*.  What is in doubt is asked about for
    *settle_seconds*, after a restart for *find_seconds*: a card terminal may be switched on later than its kiosk.
    """

    pay_seconds: int = 180
    poll_seconds: float = 2.0
    settle_seconds: float = 240.0
    find_seconds: float = 1500.0


ENDS_MAX = 500
"""Of so many payments it is known how they ended, since the terminal started; that older ones were asked for, too."""


@dataclass(frozen=True, slots=True)
class CloseTerminalDay:
    """Staff want the card terminal to hand in its payments; *errand* gets its receipt, or why not."""

    errand: Errand


TillOrder = PaymentOrder | CloseTerminalDay
PaymentEnd = PaymentTaken | PaymentNotTaken | PaymentUnclear
BackEnd = PaymentGivenBack | PaymentNotGivenBack
TillEvent = PaymentReady | PaymentStepped | PaymentEnd | BackEnd | DeviceDown | DeviceUp


class Memory:
    """What was asked of a till since the terminal started, and how it ended."""

    def __init__(self) -> None:
        self._ends: dict[EntryKey, PaymentEnd] = {}
        self._backs: dict[EntryKey, BackEnd] = {}
        self._newest: EntryKey | None = None

    def ask(self, key: EntryKey) -> None:
        """Money is about to be asked for under *key*."""
        self._newest = key if self._newest is None else max(self._newest, key)

    def was_asked(self, key: EntryKey) -> bool:
        """Whether money may have been asked for under *key*; keys of one start only grow."""
        return key in self._ends or (self._newest is not None and key <= self._newest)

    def keep(self, end: PaymentEnd) -> None:
        """A payment ended so; the first end counts."""
        self._ends.setdefault(end.key, end)
        _forget_oldest(self._ends)

    def keep_back(self, end: BackEnd) -> None:
        """Giving back ended so."""
        self._backs[end.key] = end
        _forget_oldest(self._backs)

    def end_of(self, key: EntryKey) -> PaymentEnd | None:
        """How the payment ended; None where that is not known, or not yet."""
        return self._ends.get(key)

    def back_of(self, key: EntryKey) -> BackEnd | None:
        """How giving it back ended; None where that is not known, or not yet."""
        return self._backs.get(key)


def _forget_oldest(ends: dict[EntryKey, E]) -> None:
    if len(ends) > ENDS_MAX:
        del ends[next(iter(ends))]


class Tills:
    """Brings each order to the till it is for; what no till takes is answered at once.

    *orders* are the tills that the terminal has.
    """

    def __init__(
        self, orders: Mapping[Means, Inbox[TillOrder]], post: Callable[[PaymentEnd | BackEnd], None]
    ) -> None:
        self._orders = orders
        self._post = post

    def order(self, order: PaymentOrder) -> None:
        """Hands *order* on; returns at once."""
        match order:
            case StopPayment():
                # It does not say which till; those that do not know its key have nothing to stop.
                for inbox in self._orders.values():
                    inbox.post(order)
            case TakePayment(key, means):
                self._hand(means, order, PaymentNotTaken(key, PaymentFailure.DEVICE_AWAY))
            case ReversePayment(key, means):
                self._hand(means, order, PaymentNotGivenBack(key, "no-device"))
            case FindPayment(entry):
                pay = entry.promise
                by = pay.means if isinstance(pay, Pay) else None
                self._hand(by, order, PaymentUnclear(entry.key, "no-device"))

    def close_day(self) -> Errand:
        """Has the card terminal end its day.  Raises `NotDone` where there is no card terminal."""
        inbox = self._orders.get(Means.CARD)
        if inbox is None:
            raise NotDone("this terminal has no card terminal", is_call_wrong=True)
        errand = Errand()
        inbox.post(CloseTerminalDay(errand))
        return errand

    def _hand(self, means: Means | None, order: PaymentOrder, otherwise: PaymentEnd | BackEnd) -> None:
        inbox = None if means is None else self._orders.get(means)
        if inbox is None:
            self._post(otherwise)
        else:
            inbox.post(order)
