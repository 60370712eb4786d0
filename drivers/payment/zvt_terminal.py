"""Card terminals that speak ZVT, on a serial line or over TCP.

    models      terminals of German, Austrian and Swiss network operators with a till interface after ZVT: CCV,
                Verifone, Ingenico, Worldline and others
    line        tcp://HOST:20007 with framing = "tcp" (usual)
                serial:/dev/ttyUSB0?baud=9600&stop=2 with framing = "serial" (8N2)
    supported   registration, payment, abort, reversal, end of day, diagnosis, status, the last receipt again,
                intermediate texts, receipts as lines or blocks of text
    wrong       a result for another amount or currency, two results that differ, none, one that is cut off or that was
                told before: all are `Unknown`; behind a field whose length is not known nothing can be read; what a
                terminal that was asked nothing says is acknowledged and not believed; an abort code of a fault (9A,
                FF) is `Unknown` too
    not         payments begun at the terminal, tips, pre-authorisations, refunds without a receipt, vouchers, text on
                its display, change of password or settings
    unverified  everything but the frames marked so in tests/wire/zvt.txt; lengths of fields and the meaning of the
                configuration byte are agreed between public descriptions; that a refused or aborted payment takes
                nothing is ZVT's word, as is that a terminal answers 9C while one still runs
    source      device reference 10.2 and 15; ZVT card terminal interface, PA00P015

A payment is sent once, behind an enquiry whose answer shows that nothing older is on the line.  A link that breaks, a
silence, anything that does not fit ends it as `Unknown`; then, and after every opening, `last_payment` has to be asked
before the next one.  05 01 does not tell the result of a payment, so that is 06 20, and only of a terminal that says
that it is doing nothing; one that still does is told to stop (06 B0) and asked again by the caller.
"""

from __future__ import annotations

from contextlib import suppress

from drivers.link import Clock, DeviceFault, DeviceLost, Link
from drivers.masked import Secret
from drivers.payment import (
    Amount,
    Approved,
    DayClosed,
    LastPayment,
    PaymentEvent,
    PaymentMark,
    PaymentUnclear,
    Reversed,
    TerminalStatus,
    Unknown,
)
from drivers.payment import zvt_commands as commands
from drivers.payment.zvt import Apdu, Control, ZvtError
from drivers.payment.zvt_carriers import Carrier, SerialCarrier, TcpCarrier
from drivers.payment.zvt_exchange import SLICE_SECONDS_MAX, Exchange, ExchangeBroken, Refused
from drivers.payment.zvt_hearing import Hearing, completion_of
from drivers.payment.zvt_settings import Encoding, Framing, ZvtTerminalSettings
from drivers.payment.zvt_task import Order, Task, TaskKind
from drivers.payment.zvt_trace import redact

__all__ = ["Encoding", "Framing", "ZvtTerminal", "ZvtTerminalSettings", "open", "redact"]

_READY = 0x00
_BUSY = 0x9C
_NOT_REGISTERED = 0x6B
# A card is in the terminal: somebody may still be about to pay.
_CARD_INSERTED = 0xDC
_TAKES_TIME = frozenset((_BUSY, _CARD_INSERTED))
_CLOSE_SECONDS_MAX = 1.0
_QUIET_SECONDS = 0.5


def open(settings: ZvtTerminalSettings, link: Link, clock: Clock) -> ZvtTerminal:
    """The terminal on *link*, registered, or busy with what was begun before: that shows when it is asked.

    Raises `SettingsError`, `DeviceFault` when it refuses to be registered, and `DeviceLost`.  The link is closed with
    the terminal, and also when opening fails.
    """
    try:
        password = settings.check()
        carrier: Carrier = (
            TcpCarrier(link, clock)
            if settings.framing is Framing.TCP
            else SerialCarrier(link, clock, settings.answer_seconds_max)
        )
        terminal = ZvtTerminal(settings, password, carrier, link, clock)
        terminal.register()
    except BaseException:
        link.close()
        raise
    return terminal


class ZvtTerminal:
    """A `PaymentTerminal`; see the front page of the room for what it promises."""

    def __init__(
        self, settings: ZvtTerminalSettings, password: Secret, carrier: Carrier, link: Link, clock: Clock
    ) -> None:
        self._settings = settings
        self._password = password
        self._link = link
        self._clock = clock
        self._exchange = Exchange(
            carrier,
            clock,
            answer_seconds_max=settings.answer_seconds_max,
            silence_seconds_max=settings.silence_seconds_max,
        )
        self._task: Task | None = None
        self._lost: DeviceLost | None = None
        self._is_registered = False
        self._is_clear = False
        self._known: PaymentMark | None = None

    def register(self) -> None:
        """Registers the till, if the terminal is not busy.  Raises `DeviceLost` and `DeviceFault`."""
        settings = self._settings
        command = commands.registration(
            self._password, settings.config_byte, settings.currency, settings.container()
        )
        self._exchange.discard()
        try:
            end, _ = self._asked(command)
        except ExchangeBroken as error:
            raise DeviceLost(f"the terminal does not answer ({error})") from error
        except Refused as error:
            if error.code == _BUSY:
                return
            raise DeviceFault(
                f"the terminal refuses to be registered ({error.code:02X}): password, currency?"
            ) from error
        if end.control == Control.ABORTED:
            raise DeviceFault("the terminal has broken its registration off")
        self._is_registered = True

    def authorise(self, amount: Amount, before: PaymentMark | None) -> None:
        """As promised by `PaymentTerminal`; an amount in another currency than the settings' raises `ValueError`."""
        if not self._is_clear or before != self._known:
            raise PaymentUnclear
        if amount.currency != self._settings.currency:
            raise ValueError(f"the terminal takes {self._settings.currency}, not {amount.currency}")
        self._begin(Order(TaskKind.PAYMENT, commands.authorisation(amount), amount, before))

    def reverse(self, receipt: int, amount: Amount) -> None:
        """As promised by `PaymentTerminal`; a receipt number has up to four digits."""
        if not 1 <= receipt <= 9999:
            raise ValueError(f"receipt {receipt}: a number from 1 to 9999")
        self._begin(Order(TaskKind.REVERSAL, commands.reversal(self._password, receipt), amount))

    def close_day(self) -> None:
        """As promised by `PaymentTerminal`."""
        self._begin(Order(TaskKind.END_OF_DAY, commands.end_of_day(self._password)))

    def diagnose(self) -> None:
        """As promised by `PaymentTerminal`."""
        self._begin(Order(TaskKind.DIAGNOSIS, commands.DIAGNOSIS))

    def poll(self, timeout_seconds: float) -> PaymentEvent | None:
        """As promised by `PaymentTerminal`."""
        if self._task is None:
            self._check()
            return None
        event = self._task.poll(timeout_seconds)
        if self._task.is_over:
            self._is_registered &= self._task.is_registered
            self._lost, self._task = self._task.lost, None
        if isinstance(event, Approved):
            self._known = event.mark
        elif isinstance(event, Unknown | Reversed | DayClosed):
            self._is_clear = False
        return event

    def abort(self) -> None:
        """As promised by `PaymentTerminal`."""
        if self._task is not None:
            self._task.abort()

    def last_payment(self) -> LastPayment | Unknown | None:
        """As promised by `PaymentTerminal`."""
        self._check_free()
        self._is_clear = False
        try:
            last = self._last_payment()
        except ExchangeBroken as error:
            return Unknown(str(error))
        if isinstance(last, Unknown):
            return last
        self._known = None if last is None else last.mark
        self._is_clear = True
        return last

    def status(self) -> TerminalStatus:
        """As promised by `PaymentTerminal`."""
        self._check_free()
        try:
            return self._status()
        except ExchangeBroken as error:
            raise DeviceLost(f"the terminal's answer did not come ({error})") from error

    def close(self) -> None:
        """As promised by `PaymentTerminal`; what is under way is asked to stop."""
        with suppress(DeviceLost):
            if self._task is not None:
                self._task.abort()
            elif self._lost is None and self._is_registered:
                self._exchange.begin(commands.LOG_OFF, is_repeatable=True, has_end=False)
                self._tend(_CLOSE_SECONDS_MAX, quiet_seconds=0.0)
        self._link.close()

    def _begin(self, order: Order) -> None:
        self._check_free()
        if not self._is_registered:
            self.register()
        self._task = Task(
            order, self._exchange, self._hearing(), self._clock, self._settings.payment_seconds_max
        )

    def _last_payment(self) -> LastPayment | Unknown | None:
        if not self._is_registered:
            self.register()
        if not self._is_registered or self._status().code in _TAKES_TIME:
            self._stop()
            return Unknown("busy")
        try:
            end, hearing = self._asked(commands.repeat_receipt(self._password))
        except Refused as error:
            if error.code not in _TAKES_TIME:
                return None
            return Unknown("busy")
        if end.control == Control.ABORTED and end.data[:1] == bytes((_BUSY,)):
            return Unknown("busy")
        return hearing.last(self._settings.reversal_words)

    def _status(self) -> TerminalStatus:
        self._exchange.discard()
        try:
            end, _ = self._asked(commands.STATUS_ENQUIRY)
        except Refused as error:
            self._is_registered &= error.code != _NOT_REGISTERED
            return TerminalStatus(False, error.code)
        if end.control == Control.ABORTED:
            return TerminalStatus(False, end.data[0] if end.data else _BUSY)
        try:
            code, version = completion_of(end.data)
        except ZvtError as error:
            raise ExchangeBroken("damaged") from error
        return TerminalStatus(code in (None, _READY), code or _READY, version)

    def _asked(self, command: Apdu) -> tuple[Apdu, Hearing]:
        """The end of *command*, which moves no money, and all that was said before it."""
        hearing = self._hearing()
        deadline = self._clock.monotonic() + self._settings.enquiry_seconds_max
        self._exchange.begin(command, is_repeatable=True)
        while self._clock.monotonic() < deadline:
            apdu = self._exchange.poll(SLICE_SECONDS_MAX)
            if apdu is None:
                continue
            if not self._exchange.is_under_way:
                return apdu, hearing
            hearing.hear(apdu)
        raise ExchangeBroken("silent")

    def _stop(self) -> None:
        """Tells the terminal to stop what an earlier till has begun, and lets it say how that ends."""
        self._exchange.discard()
        self._exchange.begin(commands.ABORT, is_repeatable=True, has_end=False)
        self._tend(self._settings.answer_seconds_max)

    def _tend(self, seconds: float, quiet_seconds: float = _QUIET_SECONDS) -> None:
        """Acknowledges what comes within *seconds*, until the terminal has been quiet for *quiet_seconds*."""
        deadline = self._clock.monotonic() + seconds
        heard_at = self._clock.monotonic()
        while (now := self._clock.monotonic()) < deadline:
            try:
                if self._exchange.poll(SLICE_SECONDS_MAX) is not None or self._exchange.is_under_way:
                    heard_at = now
            except (Refused, ExchangeBroken):
                return
            if not self._exchange.is_under_way and now - heard_at >= quiet_seconds:
                return

    def _hearing(self) -> Hearing:
        return Hearing(self._settings.currency, self._settings.encoding)

    def _check(self) -> None:
        if self._lost is not None:
            raise DeviceLost(f"the line to the terminal broke: {self._lost}")

    def _check_free(self) -> None:
        self._check()
        if self._task is not None:
            raise ValueError("something is under way at the terminal")
