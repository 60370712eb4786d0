"""A card terminal on a memory link, with a cable that can be cut at any byte."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from drivers.link import Clock, DeviceLost, Link
from drivers.link.memory import MemoryLink, VirtualClock
from drivers.payment import (
    Amount,
    IntermediateStatus,
    LastPayment,
    PaymentEvent,
    PaymentMark,
    PaymentTerminal,
    Unknown,
    zvt_terminal,
)
from drivers.payment.zvt_terminal import Framing, ZvtTerminalSettings
from drivers.sim.zvt_terminal import CardChoice, ZvtTerminalFarEnd

EURO = Amount(100, "EUR")
SLICE_SECONDS = 0.1
POLLS_MAX = 30_000
ASKED_AGAIN_MAX = 40

Opener = Callable[[ZvtTerminalSettings, Link, Clock], PaymentTerminal]


def password_in(folder: Path, digits: str = "123456") -> str:
    """A private file with the till's password."""
    file = folder / "till.secret"
    file.touch(0o600)
    file.write_text(digits + "\n")
    return str(file)


class Cable:
    """`Link` over *inner* that breaks after *bytes_left* more bytes in both directions together; None: never.

    *passed* counts them.
    """

    def __init__(self, inner: MemoryLink) -> None:
        self.inner = inner
        self.bytes_left: int | None = None
        self.passed = 0

    def read(self, size_max: int, timeout_seconds: float) -> bytes:
        """As promised by `Link`."""
        if self.bytes_left == 0:
            self._break()
        most = size_max if self.bytes_left is None else min(size_max, self.bytes_left)
        data = self.inner.read(most, timeout_seconds)
        self._count(len(data))
        return data

    def write(self, data: bytes, timeout_seconds: float) -> None:
        """As promised by `Link`."""
        sent = data if self.bytes_left is None else data[: self.bytes_left]
        if sent:
            self.inner.write(sent, timeout_seconds)
        self._count(len(sent))
        if len(sent) < len(data):
            self._break()

    def discard_input(self) -> int:
        """As promised by `Link`."""
        return self.inner.discard_input()

    def close(self) -> None:
        """As promised by `Link`."""
        self.inner.close()

    def _count(self, size: int) -> None:
        self.passed += size
        if self.bytes_left is not None:
            self.bytes_left -= size

    def _break(self) -> None:
        self.inner.unplug()
        raise DeviceLost("the cable is cut")


@dataclass
class PaymentBench:
    """A till and a terminal; `open` plugs in a new cable and opens the driver."""

    folder: Path
    framing: Framing = Framing.TCP
    chunk_bytes: int = 0
    opener: Opener = zvt_terminal.open
    clock: VirtualClock = field(default_factory=VirtualClock)

    def __post_init__(self) -> None:
        self.settings = ZvtTerminalSettings(password_in(self.folder), self.framing)
        self.far_end = ZvtTerminalFarEnd(self.clock)
        self.far_end.card = CardChoice.APPROVE
        self.open()

    def open(self) -> None:
        """The driver anew, on a new line."""
        self.far_end.hang_up()
        self.link = MemoryLink(self.far_end, self.clock, chunk_bytes=self.chunk_bytes)
        self.cable = Cable(self.link)
        self.terminal = self.opener(self.settings, self.cable, self.clock)

    def pay(self, amount: Amount = EURO) -> PaymentEvent:
        """A payment to its end, after the last one was asked for."""
        self.terminal.authorise(amount, self.mark())
        return self.ended()

    def mark(self) -> PaymentMark | None:
        """What the terminal marks its last payment with."""
        last = self.terminal.last_payment()
        assert not isinstance(last, Unknown), last
        return None if last is None else last.mark

    def ended(self, steps: list[IntermediateStatus] | None = None) -> PaymentEvent:
        """The event that ends what is under way; the steps before it are put into *steps*."""
        for _ in range(POLLS_MAX):
            event = self.terminal.poll(SLICE_SECONDS)
            if isinstance(event, IntermediateStatus):
                if steps is not None:
                    steps.append(event)
            elif event is not None:
                return event
        raise AssertionError("it does not end")

    def asked_until_told(self) -> LastPayment | Unknown | None:
        """What the terminal says of its last payment, asked again while it is busy or was not understood."""
        for _ in range(ASKED_AGAIN_MAX):
            last = self.terminal.last_payment()
            if not isinstance(last, Unknown):
                return last
            self.let_pass(1.0)
        return last

    def let_pass(self, seconds: float, step_seconds: float = SLICE_SECONDS) -> None:
        """Time at the terminal, while nobody listens to it."""
        until = self.clock.monotonic() + seconds
        while self.clock.monotonic() < until:
            self.clock.wait(step_seconds)
            self.far_end.receive(b"")

    @property
    def orders(self) -> int:
        """How often the terminal was told to take money."""
        return sum(message[:2] == b"\x06\x01" for message in self.far_end.heard)
