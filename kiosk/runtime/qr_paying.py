"""One payment at the library's payment back end, from the first word to the last; asks one thing at a time.

The code is shown only once the back end has told of exactly what was ordered.  From then on somebody may have paid, so
nothing but the back end's own word ends it: paid, or withdrawn for good.  A reader who steps back, a code that was
shown long enough, a terminal that was restarted meanwhile: in each case the back end is told to withdraw the payment,
and what it answers counts.  If it does not answer in time, staff find out.
"""

from __future__ import annotations

from enum import Enum
from typing import assert_never

from drivers.payment import Step
from kiosk.runtime.payments import PaymentEnd, TillTimes
from kiosk.workflow.events import (
    PaymentFailure,
    PaymentNotTaken,
    PaymentStepped,
    PaymentTaken,
    PaymentUnclear,
)
from kiosk.workflow.pay_ends import OTHER_AMOUNT
from sync.entries import EntryKey, Money
from sync.servers.pay import (
    LoginRefused,
    PaymentBackend,
    PaymentRefused,
    QrPayment,
    QrState,
    ServerSilent,
)

CREATE_SECONDS = 20.0
"""How long a reader waits for a code."""


class Stage(Enum):
    """What is asked next: for a code, whether it was paid, to withdraw it, or how a payment of before stands."""

    CREATING = "creating"
    SHOWN = "shown"
    ENDING = "ending"
    LOOKING = "looking"


class QrPaying:
    """The payment of *asked* for *key*; *is_found* asks for one of before a restart."""

    def __init__(
        self,
        key: EntryKey,
        asked: Money,
        subject: str,
        times: TillTimes,
        now: float,
        *,
        is_found: bool = False,
    ) -> None:
        self.key = key
        self.asked = asked
        self.due_at = now
        self.is_silent = False
        self._subject = subject
        self._times = times
        self._stage = Stage.LOOKING if is_found else Stage.CREATING
        self._until = now + (times.find_seconds if is_found else CREATE_SECONDS)
        self._failure = PaymentFailure.ABORTED
        self._was_sent = is_found

    @property
    def may_exist(self) -> bool:
        """Whether the back end may know of it."""
        return self._was_sent

    def stop(self, now: float) -> PaymentEnd | PaymentStepped | None:
        """The reader does not want to pay: the end, where no code was shown yet, else the code disappears."""
        if self._stage is Stage.CREATING:
            return PaymentNotTaken(self.key, PaymentFailure.ABORTED)
        if self._stage is Stage.SHOWN:
            self._withdraw(PaymentFailure.ABORTED, now)
            return self._hidden()
        return None

    def ask(self, backend: PaymentBackend, now: float) -> PaymentEnd | PaymentStepped | None:
        """Asks the back end what is to be asked next, and says what comes of it."""
        self.due_at = now + self._times.poll_seconds
        if self._stage is Stage.SHOWN and now >= self._until:
            self._withdraw(PaymentFailure.TIME_OVER, now)
            return self._hidden()
        try:
            told = self._told_by(backend)
        except ServerSilent as silent:
            return self._not_told(str(silent), now)
        except LoginRefused:
            return self._not_told("login", now)
        except PaymentRefused as refusal:
            self.is_silent = False
            if refusal.why == "rejected":
                return PaymentNotTaken(self.key, PaymentFailure.DECLINED, refusal.text)
            return PaymentUnclear(self.key, refusal.why)
        self.is_silent = False
        if told is None:
            return self._unknown(now)
        if told.amount != self.asked:
            return self._of_another_amount(told)
        return self._stands(told, now)

    def _told_by(self, backend: PaymentBackend) -> QrPayment | None:
        key = str(self.key)
        match self._stage:
            case Stage.CREATING:
                self._was_sent = True
                return backend.create(key, self.asked, self._subject, self._times.pay_seconds)
            case Stage.SHOWN | Stage.LOOKING:
                return backend.find(key)
            case Stage.ENDING:
                return backend.cancel(key)
            case _:
                assert_never(self._stage)

    def _stands(self, told: QrPayment, now: float) -> PaymentEnd | PaymentStepped | None:
        match told.state:
            case QrState.PENDING:
                return self._pending(told.code, now)
            case QrState.PAID:
                return PaymentTaken(self.key, told.voucher)
            case QrState.CANCELLED:
                return PaymentNotTaken(self.key, self._failure)
            case QrState.EXPIRED:
                is_ours = self._stage is Stage.ENDING
                return PaymentNotTaken(self.key, self._failure if is_ours else PaymentFailure.TIME_OVER)
            case QrState.REFUNDING | QrState.REFUNDED:
                # It was paid, and somebody has given it back: nobody at the terminal did.
                return PaymentUnclear(self.key, "refunded")
            case _:
                assert_never(told.state)

    def _pending(self, code: str, now: float) -> PaymentEnd | PaymentStepped | None:
        match self._stage:
            case Stage.CREATING:
                self._stage, self._until = Stage.SHOWN, now + self._times.pay_seconds
                return PaymentStepped(self.key, Step.WAIT, code=code)
            case Stage.LOOKING:
                # Whoever began it is gone, or has it on the telephone at this moment: the answer will tell.
                self._withdraw(PaymentFailure.ABORTED, now)
                return None
            case Stage.ENDING:
                return self._not_told("pending", now)
            case Stage.SHOWN:
                return None
            case _:
                assert_never(self._stage)

    def _of_another_amount(self, told: QrPayment) -> PaymentEnd:
        if self._stage is Stage.CREATING and told.state is QrState.PENDING:
            # Its code is shown to nobody.
            return PaymentNotTaken(self.key, PaymentFailure.DECLINED)
        return PaymentUnclear(self.key, OTHER_AMOUNT, told.voucher)

    def _unknown(self, now: float) -> PaymentEnd | None:
        if self._stage is Stage.LOOKING:
            return PaymentNotTaken(self.key, PaymentFailure.NEVER_ASKED)
        # It knew it a moment ago.
        return self._not_told("unknown-there", now)

    def _not_told(self, why: str, now: float) -> PaymentEnd | None:
        self.is_silent = why != "pending"
        if now < self._until:
            return None
        if self._stage is Stage.CREATING:
            # No code was shown, so nobody can have paid.
            return PaymentNotTaken(self.key, PaymentFailure.DEVICE_AWAY)
        if self._stage is Stage.SHOWN:
            return None
        return PaymentUnclear(self.key, why)

    def _withdraw(self, failure: PaymentFailure, now: float) -> None:
        self._stage, self._failure = Stage.ENDING, failure
        self.due_at, self._until = now, now + self._times.settle_seconds

    def _hidden(self) -> PaymentStepped:
        """The code is to be seen no more: what is paid by it from now on may come too late."""
        return PaymentStepped(self.key, Step.WAIT)
