"""A card terminal behind its pump: orders go in, events come out, the cable can be cut at any byte."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from drivers.link import DeviceLost
from drivers.link.memory import MemoryLink, VirtualClock
from drivers.payment import PaymentTerminal, zvt_terminal
from drivers.payment.zvt_terminal import Framing, ZvtTerminalSettings
from drivers.sim.zvt_terminal import CardChoice, ZvtTerminalFarEnd
from kiosk.engine.inbox import Inbox
from kiosk.engine.pump import DevicePump
from kiosk.runtime.card_till import CardTill
from kiosk.runtime.payments import PaymentEnd, TillEvent, TillOrder, TillTimes
from kiosk.workflow.effects import FindPayment, TakePayment
from kiosk.workflow.events import Device, DeviceDown, DeviceUp, PaymentReady
from sync.entries import Entry, EntryKey, Intended, Means, Money, PatronId, Pay
from tests.kit.payment_bench import Cable, password_in
from tests.kit.recording import KeptLog

PRICE = Money(100, "EUR")
SETTLE_SECONDS, FIND_SECONDS = 120.0, 200.0
TIMES = TillTimes(pay_seconds=60, settle_seconds=SETTLE_SECONDS, find_seconds=FIND_SECONDS)
ENDS = ("PaymentTaken", "PaymentNotTaken", "PaymentUnclear")
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)

T = TypeVar("T")
Work = Callable[..., CardTill]


def key(event: int, boot: int = 1) -> EntryKey:
    """The key of the entry that event *event* made."""
    return EntryKey("e" * 16, boot, event, 0)


@dataclass
class TillBench:
    """A till in front of a terminal; `restart` is a new process of ours before the same terminal."""

    folder: Path
    framing: Framing = Framing.TCP
    make: Work = CardTill
    clock: VirtualClock = field(default_factory=VirtualClock)

    def __post_init__(self) -> None:
        self.settings = ZvtTerminalSettings(password_in(self.folder), self.framing)
        self.far_end = ZvtTerminalFarEnd(self.clock)
        self.far_end.card = CardChoice.APPROVE
        self.log = KeptLog()
        self.is_plugged = True
        self.cut_after: int | None = None
        self.cable: Cable | None = None
        self.all: list[TillEvent] = []
        self.restart()

    def restart(self) -> None:
        """The terminal program starts anew; nothing is remembered but what a journal would."""
        self.orders: Inbox[TillOrder] = Inbox(idle=self.clock.wait)
        self.events: list[TillEvent] = []
        work = self.make(self.orders, self._post, times=TIMES, clock=self.clock, log=self.log)
        self.till = work
        self.pump: DevicePump[PaymentTerminal] = DevicePump(
            "card terminal",
            self._open,
            work,
            came=lambda: self._post(DeviceUp(Device.PAYMENT_TERMINAL)),
            went=lambda: self._post(DeviceDown(Device.PAYMENT_TERMINAL)),
            clock=self.clock,
            log=self.log,
        )

    def _open(self) -> PaymentTerminal:
        if not self.is_plugged:
            raise DeviceLost("unplugged")
        self.far_end.hang_up()
        self.cable = Cable(MemoryLink(self.far_end, self.clock))
        self.cable.bytes_left, self.cut_after = self.cut_after, None
        return zvt_terminal.open(self.settings, self.cable, self.clock)

    def _post(self, event: TillEvent) -> None:
        self.events.append(event)
        self.all.append(event)

    def order(self, order: TillOrder) -> None:
        """Hands *order* to the till."""
        self.orders.post(order)

    def turn(self, seconds: float) -> None:
        """Lets the pump work for *seconds*."""
        until = self.clock.monotonic() + seconds
        while self.clock.monotonic() < until:
            before = self.clock.monotonic()
            self.pump.turn()
            if self.clock.monotonic() == before:
                self.clock.wait(0.01)

    def until(self, kind: type[T], seconds: float = 300.0) -> T:
        """The first event of *kind* that is there or comes within *seconds*."""
        until = self.clock.monotonic() + seconds
        while self.clock.monotonic() < until:
            for event in self.events:
                if isinstance(event, kind):
                    return event
            before = self.clock.monotonic()
            self.pump.turn()
            if self.clock.monotonic() == before:
                self.clock.wait(0.01)
        raise AssertionError(f"no {kind.__name__} came; there were {self.events}")

    def ready(self) -> str:
        """The mark with which the till is ready by now."""
        self.until(PaymentReady)
        return [one for one in self.events if isinstance(one, PaymentReady)][-1].mark

    def take(self, event: int = 1, mark: str | None = None, price: Money = PRICE) -> None:
        """Orders a payment, with the mark of `PaymentReady` unless another is said."""
        mark = self.ready() if mark is None else mark
        self.events.clear()
        self.order(TakePayment(key(event), Means.CARD, price, mark))

    def end(self, event: int = 1, seconds: float = 600.0) -> PaymentEnd:
        """How the payment of *event* ends."""
        until = self.clock.monotonic() + seconds
        while self.clock.monotonic() < until:
            if ends := self.ends(event):
                return ends[0]
            before = self.clock.monotonic()
            self.pump.turn()
            if self.clock.monotonic() == before:
                self.clock.wait(0.01)
        raise AssertionError(f"it does not end; there were {self.events}")

    def ends(self, event: int = 1) -> list[PaymentEnd]:
        """Every end that was told of the payment of *event*."""
        return [one for one in self.events if isinstance(one, PaymentEnd) and one.key.event == event]

    def pay(self, event: int = 1) -> PaymentEnd:
        """A payment from the order to its end."""
        self.take(event)
        return self.end(event)

    def find(self, event: int, mark: str, price: Money = PRICE) -> FindPayment:
        """The order that a restarted terminal gives for the payment of *event*."""
        pay = Pay(PatronId("21234000000011"), price, (), Means.CARD, AT, mark_before=mark)
        return FindPayment(Entry(key(event), pay, (Intended(key(event), AT, pay),)))

    def let_pass(self, seconds: float) -> None:
        """Time at the terminal while nobody listens to it."""
        until = self.clock.monotonic() + seconds
        while self.clock.monotonic() < until:
            self.clock.wait(1.0)
            self.far_end.receive(b"")

    @property
    def asked_for_money(self) -> int:
        """How often the terminal was told to take money."""
        return sum(message[:2] == b"\x06\x01" for message in self.far_end.heard)

    @property
    def reversals(self) -> int:
        """How often the terminal was told to give money back."""
        return sum(message[:2] == b"\x06\x30" for message in self.far_end.heard)
