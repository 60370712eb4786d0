"""What the pump of the payment back end does: QR payments, each to its end, one question at a time.

A payment that ended without money is looked at again for a while: the interface says that nothing can be paid after
that, and should a back end break its word, the money goes back at once (decision 0712).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from drivers.link import Clock
from kiosk.engine.inbox import Inbox
from kiosk.engine.logs import Log
from kiosk.engine.pump import SLICE_SECONDS
from kiosk.runtime.payments import (
    REFUND_SECONDS,
    BackEnd,
    CloseTerminalDay,
    Memory,
    PaymentEnd,
    TillEvent,
    TillOrder,
    TillTimes,
)
from kiosk.runtime.qr_paying import QrPaying
from kiosk.workflow.effects import FindPayment, ReversePayment, StopPayment, TakePayment
from kiosk.workflow.events import (
    Device,
    DeviceDown,
    DeviceUp,
    PaymentFailure,
    PaymentGivenBack,
    PaymentNotGivenBack,
    PaymentNotTaken,
    PaymentReady,
    PaymentStepped,
    PaymentUnclear,
)
from sync.entries import EntryKey, Means, Money, Pay
from sync.servers.pay import LoginRefused, PaymentBackend, PaymentRefused, QrState, ServerSilent

LOOK_SECONDS = 30.0
"""How often a back end that has nothing to do is asked whether it is there."""

AWAY_SECONDS = 10.0
"""How soon one that was silent is asked for the first time whether it is there again."""

AFTER_SECONDS = 20.0
"""How often a payment that ended without money is looked at again."""

PAYMENTS_MAX = 20
"""So many payments at once: those of readers who have gone, and one of who is there."""


@dataclass(slots=True)
class _Return:
    order: ReversePayment
    until: float
    due_at: float


@dataclass(slots=True)
class _After:
    """A payment that ended without money."""

    key: EntryKey
    amount: Money
    until: float
    due_at: float


class QrTill:
    """The pump of *backend*; *orders* are taken from, *post* gets what comes of them.

    *subject* begins what readers see in their wallets, as the library's name; the reference of the entry follows.
    """

    name = Device.QR_PAYMENT.value

    def __init__(
        self,
        backend: PaymentBackend,
        orders: Inbox[TillOrder],
        post: Callable[[TillEvent], None],
        *,
        subject: str,
        currency: str,
        times: TillTimes,
        clock: Clock,
        log: Log,
    ) -> None:
        self._backend = backend
        self._orders = orders
        self._post = post
        self._subject = subject
        self._currency = currency
        self._times = times
        self._clock = clock
        self._log = log
        self._memory = Memory()
        self._payments: dict[EntryKey, QrPaying] = {}
        self._returns: dict[EntryKey, _Return] = {}
        self._afters: dict[EntryKey, _After] = {}
        self._is_up: bool | None = None
        self._look_at = clock.monotonic()

    def turn(self) -> None:
        """The orders that came, and one question to the back end where one is due; else a slice of waiting."""
        now = self._clock.monotonic()
        for order in self._orders.take(0.0 if self._due(now) else SLICE_SECONDS):
            self._take(order)
        due = self._due(self._clock.monotonic())
        if due is not None:
            due()

    def close(self) -> None:
        """Ends the connection."""
        self._backend.close()

    def _due(self, now: float) -> Callable[[], None] | None:
        """What is to be asked now, what is due longest first."""
        asks: list[tuple[float, Callable[[], None]]] = [(self._look_at, self._look)]
        asks += [(one.due_at, partial(self._pay, one)) for one in self._payments.values()]
        asks += [(one.due_at, partial(self._give_back, one)) for one in self._returns.values()]
        asks += [(one.due_at, partial(self._look_after, one)) for one in self._afters.values()]
        due_at, ask = min(asks, key=lambda pair: pair[0])
        return ask if due_at <= now else None

    # --- Orders ---------------------------------------------------------------------------------------------------

    def _take(self, order: TillOrder) -> None:
        now = self._clock.monotonic()
        match order:
            case TakePayment(key, _, amount):
                self._begin(key, amount, now)
            case StopPayment(key):
                if key in self._payments:
                    self._said(self._payments[key].stop(now))
            case FindPayment(entry):
                self._find(entry.key, entry.promise, now)
            case ReversePayment(key):
                known = self._memory.back_of(key)
                if known is not None:
                    self._post(known)
                else:
                    until = now + REFUND_SECONDS
                    self._returns.setdefault(key, _Return(order, until, now))
            case CloseTerminalDay():
                raise ValueError("a payment back end has no day to close")

    def _begin(self, key: EntryKey, amount: Money, now: float) -> None:
        known = self._memory.end_of(key)
        if known is not None:
            self._post(known)
        elif key in self._payments:
            return  # Its one answer is on its way.
        elif self._memory.was_asked(key):
            self._end(PaymentUnclear(key, "asked-before"))
        elif amount.minor_units < 1 or amount.currency != self._currency:
            self._log.error("a payment was ordered that the payment back end cannot take")
            self._end(PaymentNotTaken(key, PaymentFailure.NEVER_ASKED))
        elif len(self._payments) >= PAYMENTS_MAX:
            self._end(PaymentNotTaken(key, PaymentFailure.DEVICE_AWAY))
        else:
            self._memory.ask(key)
            subject = f"{self._subject} {key.reference}"
            self._payments[key] = QrPaying(key, amount, subject, self._times, now)

    def _find(self, key: EntryKey, promise: object, now: float) -> None:
        known = self._memory.end_of(key)
        if known is not None:
            self._post(known)
        elif isinstance(promise, Pay) and key not in self._payments:
            self._payments[key] = QrPaying(key, promise.amount, "", self._times, now, is_found=True)

    # --- Payments -------------------------------------------------------------------------------------------------

    def _pay(self, paying: QrPaying) -> None:
        said = paying.ask(self._backend, self._clock.monotonic())
        self._stands(not paying.is_silent)
        self._said(said)

    def _said(self, said: PaymentEnd | PaymentStepped | None) -> None:
        if isinstance(said, PaymentStepped):
            self._post(said)
        elif said is not None:
            self._end(said)

    def _end(self, end: PaymentEnd) -> None:
        paying = self._payments.pop(end.key, None)
        if isinstance(end, PaymentNotTaken) and paying is not None and paying.may_exist:
            now = self._clock.monotonic()
            until = now + self._times.settle_seconds
            self._afters[end.key] = _After(end.key, paying.asked, until, now)
        elif isinstance(end, PaymentUnclear):
            self._log.error("nobody can tell whether a QR payment was taken", why=end.why)
        self._memory.keep(end)
        self._post(end)
        if self._is_up and paying is not None:
            self._post(PaymentReady(Means.QR))

    def _look_after(self, after: _After) -> None:
        """A payment that was told as not taken: it must not be taken after all."""
        now = self._clock.monotonic()
        after.due_at = now + AFTER_SECONDS
        try:
            told = self._backend.cancel(str(after.key))
            if told is not None and told.state is QrState.PAID:
                self._log.error("a QR payment was paid after it had ended; it is given back")
                told = self._backend.give_back(str(after.key), told.amount)
            is_over = told is None or told.state is QrState.REFUNDED
        except (ServerSilent, LoginRefused, PaymentRefused):
            is_over = False
        if is_over or now >= after.until:
            del self._afters[after.key]

    # --- Giving back ----------------------------------------------------------------------------------------------

    def _give_back(self, back: _Return) -> None:
        now = self._clock.monotonic()
        back.due_at = now + self._times.poll_seconds
        end = self._given_back(back.order)
        if end is None and now >= back.until:
            end = PaymentNotGivenBack(back.order.key, "unclear")
        if end is not None:
            del self._returns[back.order.key]
            self._memory.keep_back(end)
            self._post(end)

    def _given_back(self, order: ReversePayment) -> BackEnd | None:
        """How it ended; None while that cannot be told."""
        try:
            told = self._backend.give_back(str(order.key), order.amount)
        except (ServerSilent, LoginRefused):
            self._stands(False)
            return None
        except PaymentRefused as refusal:
            return PaymentNotGivenBack(order.key, refusal.why)
        self._stands(True)
        if told is None:
            return PaymentNotGivenBack(order.key, "unknown-there")
        if told.amount != order.amount or told.voucher != order.voucher:
            return PaymentNotGivenBack(order.key, "other-payment")
        if told.state is QrState.REFUNDED:
            return PaymentGivenBack(order.key, told.refund_voucher)
        return None

    # --- Is it there ----------------------------------------------------------------------------------------------

    def _look(self) -> None:
        self._look_at = self._clock.monotonic() + LOOK_SECONDS
        try:
            is_good = self._currency in self._backend.currencies()
        except (ServerSilent, LoginRefused) as error:
            if self._is_up is not False:
                self._log.warning("payment back end away", kind=type(error).__name__, why=str(error))
            is_good = False
        else:
            if not is_good and self._is_up is not False:
                self._log.error("the payment back end does not take this currency", currency=self._currency)
        self._stands(is_good)

    def _stands(self, is_up: bool) -> None:
        if is_up is self._is_up:
            return
        self._is_up = is_up
        if is_up:
            self._post(DeviceUp(Device.QR_PAYMENT))
            self._post(PaymentReady(Means.QR))
        else:
            self._look_at = self._clock.monotonic() + AWAY_SECONDS
            self._post(DeviceDown(Device.QR_PAYMENT))
