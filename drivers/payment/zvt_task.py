"""Something a terminal was told to do, from the question whether it is ready to the one event that ends it.

Before a command that may move money goes out, the terminal is asked for its status: its answer shows that nothing
older is on the line any more.  Until then surely nothing was taken; from the first byte of the command on, whatever is
not told clearly is `Unknown`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from drivers.link import Clock, DeviceLost
from drivers.payment import (
    Aborted,
    Amount,
    DayClosed,
    Declined,
    Diagnosed,
    PaymentEvent,
    PaymentMark,
    Unknown,
)
from drivers.payment.zvt import Apdu, Control, ZvtError
from drivers.payment.zvt_commands import STATUS_ENQUIRY
from drivers.payment.zvt_exchange import Exchange, ExchangeBroken, Refused
from drivers.payment.zvt_hearing import Hearing, completion_of

__all__ = ["Order", "Task", "TaskKind"]

_BUSY = 0x9C
_ABORT_SECONDS_MAX = 15.0


class TaskKind(Enum):
    """What is to be done."""

    PAYMENT = "payment"
    REVERSAL = "reversal"
    END_OF_DAY = "end of day"
    DIAGNOSIS = "diagnosis"


@dataclass(frozen=True, slots=True)
class Order:
    """What the terminal is told; *asked* is the amount that it is about, *before* the mark of the payment before."""

    kind: TaskKind
    command: Apdu
    asked: Amount | None = None
    before: PaymentMark | None = None


class Task:
    """*order* on its way over *exchange*, in at most *seconds_max*.  Making it sends the enquiry: `DeviceLost`."""

    def __init__(
        self, order: Order, exchange: Exchange, hearing: Hearing, clock: Clock, seconds_max: float
    ) -> None:
        self.is_over = False
        self.is_registered = True
        self.lost: DeviceLost | None = None
        self._order = order
        self._exchange = exchange
        self._hearing = hearing
        self._clock = clock
        self._deadline = clock.monotonic() + seconds_max
        self._is_sent = False
        self._is_unwanted = False
        exchange.discard()
        exchange.begin(STATUS_ENQUIRY, is_repeatable=True)

    def poll(self, timeout_seconds: float) -> PaymentEvent | None:
        """What happened, after at most a slice; the event that sets *is_over* is the last.

        Raises nothing: a line that is lost ends it, and stands in *lost*.
        """
        try:
            event = self._worked(timeout_seconds) if self._is_sent else self._asked_first(timeout_seconds)
        except Refused as error:
            self.is_registered = error.code != 0x6B
            event = self._ended(
                self._hearing.refused(error.code) if self._is_sent else _not_begun(error.code)
            )
        except ExchangeBroken as error:
            event = self._ended(Unknown(str(error)) if self._is_sent else Declined("silent"))
        except DeviceLost as error:
            self.lost = error
            event = self._ended(Unknown("link") if self._is_sent else Declined("link"))
        return event

    def abort(self) -> None:
        """Wants it to end; what was not sent yet is not sent any more."""
        self._is_unwanted = True
        if self._is_sent and not self.is_over:
            try:
                self._exchange.abort()
            except DeviceLost:
                # The next poll meets the same line.
                return

    def _asked_first(self, timeout_seconds: float) -> PaymentEvent | None:
        apdu = self._exchange.poll(timeout_seconds)
        if apdu is None or self._exchange.is_under_way:
            return None
        try:
            code, _ = completion_of(apdu.data) if apdu.control == Control.COMPLETION else (None, "")
        except ZvtError:
            return self._ended(Declined("damaged"))
        if code == _BUSY or apdu.control == Control.ABORTED:
            return self._ended(_not_begun(code))
        if self._is_unwanted:
            return self._ended(Aborted())
        self._is_sent = True
        self._exchange.begin(self._order.command, is_repeatable=False)
        return None

    def _worked(self, timeout_seconds: float) -> PaymentEvent | None:
        late = self._clock.monotonic() - self._deadline
        if late >= 0 and not self._is_unwanted:
            self.abort()
        if late >= _ABORT_SECONDS_MAX:
            return self._ended(Unknown("time"))
        apdu = self._exchange.poll(timeout_seconds)
        if apdu is None:
            return None
        if self._exchange.is_under_way:
            return self._hearing.hear(apdu)
        return self._ended(self._verdict(apdu))

    def _verdict(self, end: Apdu) -> PaymentEvent:
        order = self._order
        match order.kind:
            case TaskKind.PAYMENT:
                assert order.asked is not None
                return self._hearing.paid(order.asked, order.before, end)
            case TaskKind.REVERSAL:
                assert order.asked is not None
                return self._hearing.reversed(order.asked, end)
            case TaskKind.END_OF_DAY | TaskKind.DIAGNOSIS:
                if end.control == Control.ABORTED:
                    return self._hearing.refused(end.data[0] if end.data else None)
                receipt = self._hearing.receipt
                return DayClosed(receipt) if order.kind is TaskKind.END_OF_DAY else Diagnosed(receipt)
            case _:
                assert_never(order.kind)

    def _ended(self, event: PaymentEvent) -> PaymentEvent:
        self.is_over = True
        return event


def _not_begun(code: int | None) -> Declined:
    return Declined("busy" if code == _BUSY else "not-ready", code)
