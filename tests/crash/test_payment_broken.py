"""Payment drivers that are broken on purpose: the proof that nobody is charged twice sees each of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from drivers.link import Clock, Link
from drivers.payment import (
    Amount,
    Approved,
    Declined,
    IntermediateStatus,
    LastPayment,
    PaymentEvent,
    PaymentMark,
    Unknown,
)
from drivers.payment.zvt_carriers import TcpCarrier
from drivers.payment.zvt_terminal import Framing, ZvtTerminal, ZvtTerminalSettings
from tests.kit.payment_proof import Play


class Repeating(ZvtTerminal):
    """Takes the money again when it does not know whether it has."""

    in_doubt: Amount | None = None

    def authorise(self, amount: Amount, before: PaymentMark | None) -> None:
        super().authorise(amount, before)
        type(self).in_doubt = amount

    def poll(self, timeout_seconds: float) -> PaymentEvent | None:
        event = super().poll(timeout_seconds)
        if event is not None and not isinstance(event, IntermediateStatus | Unknown):
            type(self).in_doubt = None
        return event

    def last_payment(self) -> LastPayment | Unknown | None:
        last = super().last_payment()
        if self.in_doubt is None or isinstance(last, Unknown):
            return last
        self.authorise(self.in_doubt, None if last is None else last.mark)
        while (event := self.poll(0.1)) is None or isinstance(event, IntermediateStatus):
            continue
        return super().last_payment()


class Hopeful(ZvtTerminal):
    """Thinks that what was not told was not done."""

    def poll(self, timeout_seconds: float) -> PaymentEvent | None:
        event = super().poll(timeout_seconds)
        return Declined("link") if isinstance(event, Unknown) else event


class Trusting(ZvtTerminal):
    """Thinks that what was begun will have been done."""

    def poll(self, timeout_seconds: float) -> PaymentEvent | None:
        event = super().poll(timeout_seconds)
        return Approved(Amount(100, "EUR"), PaymentMark()) if isinstance(event, Unknown) else event


class Hasty(ZvtTerminal):
    """Asks for the last receipt while the terminal may still be at work, and takes "busy" for "none"."""

    def last_payment(self) -> LastPayment | Unknown | None:
        last = super().last_payment()
        if last == Unknown("busy") and self._known is None:
            return self.remembered
        if isinstance(last, LastPayment):
            type(self).remembered = last
        return last

    remembered: LastPayment | None = None


def opener(kind: type[ZvtTerminal]) -> Callable[[ZvtTerminalSettings, Link, Clock], ZvtTerminal]:
    def opened(settings: ZvtTerminalSettings, link: Link, clock: Clock) -> ZvtTerminal:
        terminal = kind(settings, settings.check(), TcpCarrier(link, clock), link, clock)
        terminal.register()
        return terminal

    return opened


@pytest.mark.parametrize("kind", [Repeating, Hopeful, Trusting, Hasty])
def test_a_broken_driver_is_seen(kind: type[ZvtTerminal], tmp_path: Path) -> None:
    """The proof fails for a driver that charges again, or says more than it knows."""
    play = Play(Framing.TCP)
    found = 0
    for position in range(0, play.size(tmp_path), 5):
        try:
            play.cut_at(tmp_path, position, opener(kind))
        except AssertionError:
            found += 1

    assert found > 0


def test_the_same_proof_finds_nothing_in_the_driver_itself(tmp_path: Path) -> None:
    """Built in the same way, the driver that is not broken passes."""
    play = Play(Framing.TCP)

    for position in range(0, play.size(tmp_path), 5):
        play.cut_at(tmp_path, position, opener(ZvtTerminal))
