"""What the card terminal's pump does: takes money once for an entry, and in doubt asks what became of it.

After every opening, and after everything that leaves it in doubt, the terminal is asked for its last payment; only then
it is told to be ready (`PaymentReady`), with the mark that the next entry writes down before it asks for money.  An
order that is not for that mark is not sent.  A payment that ends in doubt is asked about until the terminal tells, for
a while, also across a lost link and a restart; then nobody can tell, and staff have to.  Money is
asked for once for each key, whatever is ordered.
"""

from __future__ import annotations

from collections.abc import Callable

from drivers.link import Clock, DeviceFault, DeviceLost
from drivers.payment import (
    Approved,
    IntermediateStatus,
    LastPayment,
    NotPaid,
    PaymentEvent,
    PaymentTerminal,
    Unknown,
)
from drivers.payment.marks import mark_of
from kiosk.engine.inbox import Inbox
from kiosk.engine.logs import Log
from kiosk.engine.pump import SLICE_SECONDS
from kiosk.runtime.card_day import CardDay
from kiosk.runtime.card_doubts import CardDoubts, amount_of, voucher_of, written
from kiosk.runtime.card_payment import CardPayment
from kiosk.runtime.card_returns import CardReturns
from kiosk.runtime.payments import (
    CloseTerminalDay,
    Memory,
    PaymentEnd,
    TillEvent,
    TillOrder,
    TillTimes,
)
from kiosk.workflow.effects import FindPayment, ReversePayment, StopPayment, TakePayment
from kiosk.workflow.events import (
    Device,
    DeviceDown,
    DeviceUp,
    PaymentFailure,
    PaymentNotTaken,
    PaymentReady,
    PaymentStepped,
    PaymentTaken,
    PaymentUnclear,
)
from kiosk.workflow.pay_ends import OTHER_AMOUNT
from sync.entries import EntryKey, Means, Pay

ASK_SECONDS = 1.0
"""How often a terminal that is busy, or was not understood, is asked for its last payment."""

LOOK_SECONDS = 30.0
"""How often a terminal that has nothing to do is asked how it is."""


class CardTill:
    """`Work` for a card terminal; *orders* are taken from, *post* gets what comes of them."""

    def __init__(
        self,
        orders: Inbox[TillOrder],
        post: Callable[[TillEvent], None],
        *,
        times: TillTimes,
        clock: Clock,
        log: Log,
    ) -> None:
        self._orders = orders
        self._post = post
        self._times = times
        self._clock = clock
        self._log = log
        self._memory = Memory()
        self._returns = CardReturns(self._memory, post, clock)
        self._payment = CardPayment(times.pay_seconds, clock)
        self._day = CardDay()
        self._doubts = CardDoubts(clock)
        self._last: LastPayment | None = None
        self._is_asked = False
        self._is_down = False
        self._why = "device-away"
        self._ask_at = self._look_at = 0.0

    def begin(self, device: PaymentTerminal) -> None:
        """What was known of the terminal's last payment is void."""
        self._is_asked = self._is_down = False
        self._ask_at = self._clock.monotonic()

    def turn(self, device: PaymentTerminal) -> None:
        """The orders that came, and a slice of what is under way, or one question."""
        for order in self._orders.take(SLICE_SECONDS if self._is_idle() else 0.0):
            self._take(order, device)
        self._give_up()
        if self._is_under_way():
            self._payment.look_at_time(device)
            self._happened(device.poll(SLICE_SECONDS))
        elif not self._is_asked:
            self._ask(device)
        elif self._returns.begin_next(device, self._last):
            self._tell_ready()
        elif self._day.begin_next(device):
            return
        elif self._clock.monotonic() >= self._look_at:
            self._look(device)

    def lost(self) -> None:
        """What was under way is in doubt; what is ordered is answered, or waits to be asked about."""
        self._is_asked = False
        self._why = "device-away"
        if self._payment.order is not None:
            self._doubt()
        self._returns.lost()
        self._day.lost()
        for order in self._orders.take(0.0):
            self._take(order, None)
        self._give_up()

    def _is_idle(self) -> bool:
        """Whether there is nothing to do but to wait for orders, or for the time of the next question."""
        if self._is_under_way():
            return False
        now = self._clock.monotonic()
        return now < self._look_at and self._is_free() if self._is_asked else now < self._ask_at

    def _is_under_way(self) -> bool:
        return bool(self._payment.order or self._day.is_under_way or self._returns.under_way)

    def _take(self, order: TillOrder, device: PaymentTerminal | None) -> None:
        match order:
            case TakePayment():
                self._pay(order, device)
            case StopPayment(key):
                if device is not None:
                    self._payment.stop(key, device)
            case FindPayment(entry):
                if isinstance(entry.promise, Pay):
                    self._find(entry.key, entry.promise)
            case ReversePayment():
                self._returns.take(order)
            case CloseTerminalDay():
                is_busy = self._payment.order is not None or len(self._doubts) > 0 or self._returns.has_work
                busy = "a payment is under way at the card terminal; try again later" if is_busy else ""
                self._day.take(order, "the card terminal is away" if device is None else busy)

    def _pay(self, order: TakePayment, device: PaymentTerminal | None) -> None:
        key = order.key
        known = self._memory.end_of(key)
        if known is not None:
            self._post(known)
        elif key in self._doubts or self._payment.key == key:
            return  # Its one answer is on its way.
        elif self._memory.was_asked(key):
            self._end(PaymentUnclear(key, "asked-before"))
        elif device is None or not self._is_asked or not self._is_free():
            self._end(PaymentNotTaken(key, PaymentFailure.DEVICE_AWAY))
        else:
            self._authorise(order, device)

    def _authorise(self, order: TakePayment, device: PaymentTerminal) -> None:
        self._memory.ask(order.key)
        try:
            end = self._payment.begin(order, device)
        except (DeviceLost, DeviceFault):
            self._end(PaymentNotTaken(order.key, PaymentFailure.DEVICE_AWAY))
            raise
        if end is not None:
            self._log.error("a payment was ordered that the card terminal cannot take")
            self._end(end)
            self._tell_ready()

    def _find(self, key: EntryKey, pay: Pay) -> None:
        known = self._memory.end_of(key)
        if known is not None:
            self._post(known)
            return
        try:
            before = mark_of(pay.mark_before)
            asked = amount_of(pay.amount)
        except ValueError:
            self._end(PaymentUnclear(key, "mark"))
            return
        self._doubts.add(key, asked, before, self._times.find_seconds)
        self._is_asked = False

    def _happened(self, event: PaymentEvent | None) -> None:
        if event is None:
            return
        if isinstance(event, IntermediateStatus):
            if self._payment.order is not None:
                self._post(PaymentStepped(self._payment.order.key, event.step, event.text))
            return
        if self._payment.order is not None:
            self._paid(self._payment.order, event)
        elif self._returns.under_way:
            self._is_asked &= self._returns.ended(event)
            self._tell_ready()
        elif self._day.is_under_way:
            self._is_asked = False
            self._returns.forget_day()
            self._day.ended(event)

    def _paid(self, order: TakePayment, event: PaymentEvent) -> None:
        match self._payment.ended(event):
            case Approved() as paid:
                self._last = LastPayment(
                    paid.amount, paid.mark, True, False, paid.card, paid.card_name, paid.receipt
                )
                self._taken(order.key, paid)
            case PaymentNotTaken() as end:
                self._end(end)
            case None:
                self._log.warning("nobody knows how a payment ended; the terminal is asked")
                self._doubt()
                return
        self._look_at = self._clock.monotonic() + LOOK_SECONDS
        self._tell_ready()

    def _taken(self, key: EntryKey, paid: Approved) -> None:
        mark = written(paid.mark) or ""
        card = f"{paid.card_name} {paid.card}".strip()
        self._returns.took(key, paid.mark)
        self._end(PaymentTaken(key, voucher_of(paid.mark), mark, card, paid.receipt))

    def _doubt(self) -> None:
        """What is under way is asked about from now on."""
        order, self._payment.order = self._payment.order, None
        assert order is not None
        self._is_asked = False
        self._ask_at = self._clock.monotonic()
        asked, before = amount_of(order.amount), mark_of(order.mark_before)
        self._doubts.add(order.key, asked, before, self._times.settle_seconds)

    def _ask(self, device: PaymentTerminal) -> None:
        if self._clock.monotonic() < self._ask_at:
            return
        last = device.last_payment()
        now = self._clock.monotonic()
        self._ask_at, self._look_at = now + ASK_SECONDS, now + LOOK_SECONDS
        if isinstance(last, Unknown):
            self._why = last.why
            return
        self._is_asked, self._last = True, last
        for key, verdict in self._doubts.settled(last):
            self._settled(key, verdict)
        self._tell_ready()

    def _settled(self, key: EntryKey, verdict: Approved | NotPaid | Unknown) -> None:
        match verdict:
            case Approved(mark=mark) if self._returns.is_anothers(key, mark):
                # One payment of the terminal cannot be that of two entries.
                self._end(PaymentUnclear(key, "of-another"))
            case Approved():
                self._taken(key, verdict)
            case NotPaid():
                self._end(PaymentNotTaken(key, PaymentFailure.DEVICE_AWAY))
            case Unknown(why):
                seen = voucher_of(self._last.mark) if why == "amount" and self._last else ""
                self._end(PaymentUnclear(key, OTHER_AMOUNT if why == "amount" else why, seen))

    def _give_up(self) -> None:
        for key in self._doubts.given_up():
            self._log.error("the card terminal did not tell in time how a payment ended", why=self._why)
            self._end(PaymentUnclear(key, self._why))
        self._returns.give_up()

    def _look(self, device: PaymentTerminal) -> None:
        """A terminal that stands about: is it still there, and ready?"""
        self._look_at = self._clock.monotonic() + LOOK_SECONDS
        is_ready = device.status().is_ready
        if is_ready and self._is_down:
            self._is_down, self._is_asked = False, False
            self._post(DeviceUp(Device.PAYMENT_TERMINAL))
        elif not is_ready and not self._is_down:
            self._is_down = True
            self._log.warning("the card terminal is not ready")
            self._post(DeviceDown(Device.PAYMENT_TERMINAL))

    def _is_free(self) -> bool:
        return self._payment.order is None and not self._day.has_work and not self._returns.has_work

    def _tell_ready(self) -> None:
        mark = written(None if self._last is None else self._last.mark)
        if mark is None:
            self._log.error("the card terminal marks its payments in a way that cannot be written down")
        elif self._is_asked and not self._is_under_way():
            self._post(PaymentReady(Means.CARD, mark))

    def _end(self, end: PaymentEnd) -> None:
        self._memory.keep(end)
        self._post(end)
        if isinstance(end, PaymentUnclear):
            # Whoever hears it does not rely on the mark that was told before.
            self._tell_ready()
