"""A till for QR payments before the reference back end: the real client and the real far end without a wire."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from drivers.link.memory import VirtualClock
from drivers.sim.http_requests import Request
from drivers.sim.qr_backend import TOKEN, QrBackendFarEnd
from kiosk.engine.inbox import Inbox
from kiosk.runtime.payments import PaymentEnd, TillEvent, TillOrder, TillTimes
from kiosk.runtime.qr_till import QrTill
from kiosk.workflow.effects import FindPayment, TakePayment
from kiosk.workflow.events import PaymentStepped
from sync.entries import Entry, Intended, Means, Money, PatronId, Pay
from sync.servers.central.exchange import Reply
from sync.servers.ils import LoginRefused, ServerSilent
from sync.servers.pay import HttpPaymentBackend
from tests.kit.recording import KeptLog
from tests.kit.till_bench import AT, key

PRICE = Money(250, "CNY")
TIMES = TillTimes(pay_seconds=60, poll_seconds=2.0, settle_seconds=120.0, find_seconds=150.0)
REQUEST_SECONDS = 5.0

T = TypeVar("T")


class MemoryExchange:
    """What `sync.servers.central.exchange.Exchange` promises, straight to the far end's own answers."""

    def __init__(self, far_end: QrBackendFarEnd, clock: VirtualClock, token: str = TOKEN) -> None:
        self._far_end = far_end
        self._token = token
        self._clock = clock
        self._seconds = 0.0

    def begin(self, seconds: float) -> None:
        """As `Exchange.begin`."""
        self._seconds = seconds

    def get(self, path: str) -> Reply:
        """As `Exchange.get`."""
        return self._asked("GET", path, "")

    def put(self, path: str, body: str) -> Reply:
        """As `Exchange.put`."""
        return self._asked("PUT", path, body)

    def post(self, path: str, body: str) -> Reply:
        """As `Exchange.post`."""
        return self._asked("POST", path, body)

    def close(self) -> None:
        """As `Exchange.close`."""

    def _asked(self, method: str, path: str, body: str) -> Reply:
        headers = {"authorization": f"Bearer {self._token}"}
        self._clock.wait(0.05)
        answer = self._far_end.answer(Request(method, path, headers, body.encode()))
        if answer is None:
            self._clock.wait(self._seconds)
            raise ServerSilent("deadline")
        head, _, content = answer.partition(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        if status in (401, 403):
            raise LoginRefused("the token is not good")
        if status >= 500:
            raise ServerSilent("offline")
        if 300 <= status < 400:
            raise ServerSilent("garbled")
        return Reply(status, content)


@dataclass
class QrBench:
    """`restart` is a new process of ours before the same back end."""

    make: Callable[..., QrTill] = QrTill
    clock: VirtualClock = field(default_factory=VirtualClock)

    def __post_init__(self) -> None:
        self.far_end = QrBackendFarEnd(self.clock)
        self.log = KeptLog()
        self.all: list[TillEvent] = []
        self.restart()

    def restart(self) -> None:
        """The terminal program starts anew and remembers nothing."""
        self.orders: Inbox[TillOrder] = Inbox(idle=self.clock.wait)
        self.events: list[TillEvent] = []
        self.till = self.make(
            HttpPaymentBackend(MemoryExchange(self.far_end, self.clock), REQUEST_SECONDS),
            self.orders,
            self._post,
            subject="Example Library",
            currency="CNY",
            times=TIMES,
            clock=self.clock,
            log=self.log,
        )

    def _post(self, event: TillEvent) -> None:
        self.events.append(event)
        self.all.append(event)

    def turn(self, seconds: float) -> None:
        """Lets the pump work for *seconds*."""
        until = self.clock.monotonic() + seconds
        while self.clock.monotonic() < until:
            self.till.turn()

    def until(self, kind: type[T], seconds: float = 300.0) -> T:
        """The first event of *kind* that is there or comes within *seconds*."""
        until = self.clock.monotonic() + seconds
        while self.clock.monotonic() < until:
            for event in self.events:
                if isinstance(event, kind):
                    return event
            self.till.turn()
        raise AssertionError(f"no {kind.__name__} came; there were {self.events}")

    def take(self, event: int = 1, price: Money = PRICE) -> None:
        """Orders a payment."""
        self.orders.post(TakePayment(key(event), Means.QR, price, ""))

    def code(self, event: int = 1) -> str:
        """The code that is shown for the payment of *event*, once it is."""
        self.take(event)
        until = self.clock.monotonic() + 60.0
        while self.clock.monotonic() < until:
            for one in self.events:
                if isinstance(one, PaymentStepped) and one.key == key(event) and one.code:
                    return one.code
            self.till.turn()
        raise AssertionError(f"no code was shown; there were {self.events}")

    def end(self, event: int = 1, seconds: float = 600.0) -> PaymentEnd:
        """How the payment of *event* ends."""
        until = self.clock.monotonic() + seconds
        while self.clock.monotonic() < until:
            if ends := self.ends(event):
                return ends[0]
            self.till.turn()
        raise AssertionError(f"it does not end; there were {self.events}")

    def ends(self, event: int = 1) -> list[PaymentEnd]:
        """Every end that was told of the payment of *event*."""
        return [one for one in self.events if isinstance(one, PaymentEnd) and one.key.event == event]

    def find(self, event: int = 1, price: Money = PRICE) -> None:
        """Orders what a restarted terminal orders for the payment of *event*."""
        pay = Pay(PatronId("21234000000011"), price, (), Means.QR, AT)
        self.orders.post(FindPayment(Entry(key(event), pay, (Intended(key(event), AT, pay),))))

    @property
    def shown(self) -> str:
        """The code on the screen now; empty: none."""
        steps = [one for one in self.events if isinstance(one, PaymentStepped)]
        return steps[-1].code if steps else ""
