"""The payment that is under way at a card terminal: asked for once, stopped when its reader or its time says so."""

from __future__ import annotations

from drivers.link import Clock, DeviceFault, DeviceLost
from drivers.payment import Aborted, Approved, Declined, PaymentEvent, PaymentTerminal
from drivers.payment import PaymentUnclear as MarkUnknown
from drivers.payment.marks import mark_of
from kiosk.runtime.card_doubts import amount_of
from kiosk.workflow.effects import TakePayment
from kiosk.workflow.events import PaymentFailure, PaymentNotTaken
from sync.entries import EntryKey

_NEVER_SENT = frozenset(("link", "silent", "damaged", "busy", "not-ready"))
"""Why a driver declines what it has not sent to the terminal at all."""


class CardPayment:
    """*order* is under way; None: nothing is.  A reader has *pay_seconds*, then the terminal is told to stop."""

    def __init__(self, pay_seconds: float, clock: Clock) -> None:
        self.order: TakePayment | None = None
        self._pay_seconds = pay_seconds
        self._clock = clock
        self._stop_at = 0.0
        self._is_late = False

    @property
    def key(self) -> EntryKey | None:
        """The entry that is paid now; None when none is."""
        return None if self.order is None else self.order.key

    def begin(self, order: TakePayment, device: PaymentTerminal) -> PaymentNotTaken | None:
        """Asks for the money; the end where it cannot be asked for.

        Raises `DeviceLost` or `DeviceFault` when the terminal went away before anything was sent.  After any other
        exception it is under way.
        """
        never_asked = PaymentNotTaken(order.key, PaymentFailure.NEVER_ASKED)
        try:
            amount, before = amount_of(order.amount), mark_of(order.mark_before)
        except ValueError:
            return never_asked
        self.order = order
        try:
            device.authorise(amount, before)
        except (MarkUnknown, ValueError):
            self.order = None
            return never_asked
        except (DeviceLost, DeviceFault):
            self.order = None
            raise
        self._stop_at, self._is_late = self._clock.monotonic() + self._pay_seconds, False
        return None

    def stop(self, key: EntryKey, device: PaymentTerminal) -> None:
        """The reader of *key* does not want to pay after all; what comes of it is told as it goes."""
        if self.key == key:
            device.abort()

    def look_at_time(self, device: PaymentTerminal) -> None:
        """Tells the terminal to stop, once, when it is time."""
        if self.order is not None and not self._is_late and self._clock.monotonic() >= self._stop_at:
            self._is_late = True
            device.abort()

    def ended(self, event: PaymentEvent) -> Approved | PaymentNotTaken | None:
        """What *event*, which ends it, says; None where nobody can tell: it is under way still, and in doubt."""
        order = self.order
        assert order is not None
        match event:
            case Approved(amount) if amount == amount_of(order.amount):
                self.order = None
                return event
            case Declined(why, _, text):
                self.order = None
                failure = PaymentFailure.DEVICE_AWAY if why in _NEVER_SENT else PaymentFailure.DECLINED
                return PaymentNotTaken(order.key, failure, text)
            case Aborted():
                self.order = None
                failure = PaymentFailure.TIME_OVER if self._is_late else PaymentFailure.ABORTED
                return PaymentNotTaken(order.key, failure)
            case _:
                return None
