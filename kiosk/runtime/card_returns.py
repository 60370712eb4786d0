"""Giving back, at a card terminal, what was taken there.

A terminal is told which payment by the number of its receipt alone, and numbers come again after its day was closed.
So only a payment is given back that was taken since the terminal program started and the day was not closed since, or
that the card terminal itself tells of as its last one.  Anything else is for staff.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from drivers.link import Clock
from drivers.payment import (
    Aborted,
    Declined,
    LastPayment,
    PaymentEvent,
    PaymentMark,
    PaymentTerminal,
    Reversed,
)
from kiosk.runtime.card_doubts import amount_of
from kiosk.runtime.payments import ENDS_MAX, RETURN_SECONDS, BackEnd, Memory
from kiosk.workflow.effects import ReversePayment
from kiosk.workflow.events import PaymentGivenBack, PaymentNotGivenBack
from sync.entries import EntryKey


@dataclass(frozen=True, slots=True)
class _Waiting:
    order: ReversePayment
    until: float


class CardReturns:
    """The reversals of a card terminal: each is begun once."""

    def __init__(self, memory: Memory, post: Callable[[BackEnd], None], clock: Clock) -> None:
        self.under_way: ReversePayment | None = None
        self._memory = memory
        self._post = post
        self._clock = clock
        self._waiting: deque[_Waiting] = deque()
        self._marks: dict[EntryKey, PaymentMark] = {}

    @property
    def has_work(self) -> bool:
        """Whether one is under way, or waits."""
        return self.under_way is not None or bool(self._waiting)

    def took(self, key: EntryKey, mark: PaymentMark) -> None:
        """The payment of *key* was taken, as *mark*, since the day was closed."""
        self._marks[key] = mark
        if len(self._marks) > ENDS_MAX:
            del self._marks[next(iter(self._marks))]

    def is_anothers(self, key: EntryKey, mark: PaymentMark) -> bool:
        """Whether *mark* is that of a payment that was taken for another key."""
        return any(other != key and known.is_same(mark) is True for other, known in self._marks.items())

    def forget_day(self) -> None:
        """The card terminal's day was closed, or may have been: its numbers mean nothing any more."""
        self._marks.clear()

    def take(self, order: ReversePayment) -> None:
        """Takes *order*; one that was done already is answered as it went."""
        known = self._memory.back_of(order.key)
        if known is not None:
            self._post(known)
        elif all(order.key != one.order.key for one in self._waiting) and (
            self.under_way is None or self.under_way.key != order.key
        ):
            self._waiting.append(_Waiting(order, self._clock.monotonic() + RETURN_SECONDS))

    def begin_next(self, device: PaymentTerminal, last: LastPayment | None) -> bool:
        """Begins the next one, if one waits; *last* is what the terminal tells of as its last payment."""
        if not self._waiting:
            return False
        order = self._waiting[0].order
        try:
            number = self._number(order, last)
        except ValueError:
            number = "amount"
        if isinstance(number, str):
            self._waiting.popleft()
            self._end(PaymentNotGivenBack(order.key, number))
            return True
        try:
            # Where the line breaks here nothing was sent, and it goes on waiting.
            device.reverse(number, amount_of(order.amount))
        except ValueError:
            self._waiting.popleft()
            self._end(PaymentNotGivenBack(order.key, "no-receipt"))
            return True
        self._waiting.popleft()
        self.under_way = order
        return True

    def ended(self, event: PaymentEvent) -> bool:
        """What was under way ended with *event*; whether the terminal's last payment is still the one known."""
        order, self.under_way = self.under_way, None
        assert order is not None
        match event:
            case Reversed(amount, mark, receipt) if amount == amount_of(order.amount):
                self._marks.pop(order.key, None)
                voucher = "" if mark.receipt is None else str(mark.receipt)
                self._end(PaymentGivenBack(order.key, voucher, receipt))
                return False
            case Declined(why):
                self._end(PaymentNotGivenBack(order.key, why))
                return True
            case Aborted():
                self._end(PaymentNotGivenBack(order.key, "aborted"))
                return True
            case _:
                self._marks.pop(order.key, None)
                self._end(PaymentNotGivenBack(order.key, "unclear"))
                return False

    def lost(self) -> None:
        """Nobody can tell whether what was under way was given back."""
        if self.under_way is not None:
            order, self.under_way = self.under_way, None
            self._marks.pop(order.key, None)
            self._end(PaymentNotGivenBack(order.key, "unclear"))

    def give_up(self) -> None:
        """Ends what has waited too long for the terminal."""
        now = self._clock.monotonic()
        while self._waiting and now >= self._waiting[0].until:
            self._end(PaymentNotGivenBack(self._waiting.popleft().order.key, "device-away"))

    def _number(self, order: ReversePayment, last: LastPayment | None) -> int | str:
        """The receipt that the terminal is told; a word where it may not be told one."""
        mark = self._marks.get(order.key)
        if mark is None and last is not None and last.is_approved and not last.is_reversal:
            is_it = last.amount == amount_of(order.amount)
            mark = last.mark if is_it and not self.is_anothers(order.key, last.mark) else None
        if mark is None:
            return "too-old"
        if mark.receipt is None or str(mark.receipt) != order.voucher:
            return "no-receipt"
        return mark.receipt

    def _end(self, end: BackEnd) -> None:
        self._memory.keep_back(end)
        self._post(end)
