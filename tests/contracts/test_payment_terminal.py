"""What every card terminal promises, over every kind of line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers.link import Clock, DeviceLost
from drivers.link.clock import RealClock
from drivers.link.memory import MemoryLink, VirtualClock
from drivers.link.urls import open_link
from drivers.payment import (
    Aborted,
    Amount,
    Approved,
    Declined,
    Diagnosed,
    IntermediateStatus,
    LastPayment,
    NotPaid,
    PaymentEvent,
    PaymentMark,
    PaymentTerminal,
    PaymentUnclear,
    Reversed,
    Unknown,
    settle,
    zvt_terminal,
)
from drivers.payment.zvt_terminal import Framing, ZvtTerminalSettings
from drivers.sim.serve import Serving, serve_pty, serve_tcp
from drivers.sim.zvt_terminal import CardChoice, ZvtTerminalFarEnd
from tests.kit.payment_bench import password_in

PRICE = Amount(1002, "EUR")
SECONDS_MAX = 60.0
MEMORY = {
    "serial": (Framing.SERIAL, 0),
    "serial byte by byte": (Framing.SERIAL, 1),
    "serial in threes": (Framing.SERIAL, 3),
    "stream": (Framing.TCP, 0),
    "stream byte by byte": (Framing.TCP, 1),
}


@dataclass
class Wired:
    """A terminal, its far end, its clock and what pulls the cable."""

    terminal: PaymentTerminal
    far_end: ZvtTerminalFarEnd
    clock: Clock
    cable: MemoryLink | Serving

    def pay(self) -> PaymentEvent:
        last = self.terminal.last_payment()
        assert not isinstance(last, Unknown)
        self.terminal.authorise(PRICE, None if last is None else last.mark)
        return self.ended()

    def ended(self) -> PaymentEvent:
        deadline = self.clock.monotonic() + SECONDS_MAX
        while self.clock.monotonic() < deadline:
            event = self.terminal.poll(0.1)
            if event is not None and not isinstance(event, IntermediateStatus):
                return event
        raise AssertionError("it does not end")


REAL = ["pty", "tcp"]


# Asks the promise on lines that really take time, too.
every_line = pytest.mark.parametrize("wired", [*MEMORY, *REAL], indirect=True)


@pytest.fixture(params=list(MEMORY))
def wired(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Wired]:
    clock: Clock = VirtualClock() if request.param in MEMORY else RealClock()
    far_end = ZvtTerminalFarEnd(clock)
    far_end.card = CardChoice.APPROVE
    far_end.pace = 1.0 if request.param in MEMORY else 0.1
    framing, piece = MEMORY.get(request.param, (Framing.SERIAL if request.param == "pty" else Framing.TCP, 0))
    settings = ZvtTerminalSettings(password_in(tmp_path), framing)
    if request.param in MEMORY:
        memory = MemoryLink(far_end, clock, chunk_bytes=piece)
        cable: MemoryLink | Serving = memory
        terminal = zvt_terminal.open(settings, memory, clock)
    else:
        cable = serve_pty(far_end, tmp_path / "pin-pad") if request.param == "pty" else serve_tcp(far_end)
        terminal = zvt_terminal.open(settings, open_link(cable.url, clock), clock)
    yield Wired(terminal, far_end, clock, cable)
    terminal.close()
    cable.close()


@every_line
def test_a_payment_is_taken_once_and_told_whole(wired: Wired) -> None:
    """Approved is exactly the amount, with the numbers, the masked card and the lines of the receipt."""
    paid = wired.pay()

    assert isinstance(paid, Approved)
    assert (paid.amount, paid.mark.receipt, paid.card_name) == (PRICE, 1, "girocard")
    assert paid.card == "···40"
    assert "Betrag 10.02" in paid.receipt
    assert [one.minor for one in wired.far_end.authorised] == [1002]

    last = wired.terminal.last_payment()
    assert isinstance(last, LastPayment)
    assert (last.amount, last.is_approved, last.mark.is_same(paid.mark)) == (PRICE, True, True)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (CardChoice.DECLINE, Declined("declined", 0x05)),
        (CardChoice.NO_HOST, Declined("host", 0xA3)),
        (CardChoice.UNREADABLE, Declined("card-unreadable", 0x64)),
        (CardChoice.ABORT, Aborted()),
    ],
)
def test_what_was_not_taken_is_told_as_that(wired: Wired, choice: CardChoice, expected: PaymentEvent) -> None:
    """A declined card, a host that is not there, a reader who stops: nothing is taken, and the next one works."""
    wired.far_end.card = choice

    assert wired.pay() == expected
    assert wired.far_end.authorised == []
    wired.far_end.card = CardChoice.APPROVE
    assert isinstance(wired.pay(), Approved)


@pytest.mark.parametrize("choice", [CardChoice.WRONG_AMOUNT, CardChoice.WRONG_CURRENCY])
def test_another_amount_is_never_an_approval(wired: Wired, choice: CardChoice) -> None:
    """A terminal that took another amount or currency has not taken what was asked, and nobody says it took none."""
    assert isinstance(wired.pay(), Approved)
    before = wired.terminal.last_payment()
    assert isinstance(before, LastPayment)
    wired.far_end.card = choice
    wired.terminal.authorise(PRICE, before.mark)

    assert wired.ended() == Unknown("amount")
    last = wired.terminal.last_payment()
    assert isinstance(last, LastPayment)
    assert settle(PRICE, before.mark, last) == Unknown("amount")


def test_a_payment_goes_out_only_when_the_one_before_is_known(wired: Wired) -> None:
    """A terminal just opened, and a caller who names another payment as the last, get no authorisation."""
    with pytest.raises(PaymentUnclear):
        wired.terminal.authorise(PRICE, None)
    assert isinstance(wired.pay(), Approved)
    with pytest.raises(PaymentUnclear):
        wired.terminal.authorise(PRICE, PaymentMark(1, 1))

    assert len(wired.far_end.authorised) == 1


def test_a_payment_is_given_back_by_its_receipt(wired: Wired) -> None:
    """A reversal gives back that payment, and the terminal's last one is a reversal, not a payment."""
    paid = wired.pay()
    assert isinstance(paid, Approved)
    assert paid.mark.receipt is not None
    wired.terminal.reverse(paid.mark.receipt, PRICE)

    assert isinstance(wired.ended(), Reversed)
    assert wired.far_end.taken_minor == 0
    last = wired.terminal.last_payment()
    assert isinstance(last, LastPayment)
    assert last.is_reversal
    assert settle(PRICE, paid.mark, last) == Unknown("reversal")


def test_a_diagnosis_and_a_status_move_no_money(wired: Wired) -> None:
    """Both tell how the terminal is."""
    assert wired.terminal.status().is_ready
    wired.terminal.diagnose()

    assert wired.ended() == Diagnosed(("Diagnose erfolgreich",))
    assert wired.far_end.authorised == []


@every_line
def test_a_poll_takes_no_longer_than_its_slice(wired: Wired) -> None:
    """However long a poll may take by its caller, it comes back after a tenth of a second, or a little more."""
    wired.far_end.card = None
    wired.terminal.last_payment()
    wired.terminal.authorise(PRICE, None)
    began = wired.clock.monotonic()
    for _ in range(5):
        wired.terminal.poll(30.0)

    assert wired.clock.monotonic() - began < 10.0


@every_line
def test_a_cable_pulled_in_the_middle_is_unknown_and_then_lost(wired: Wired) -> None:
    """What was under way ends as `Unknown`; from then on every call raises `DeviceLost`; closing raises nothing."""
    wired.far_end.card = None
    wired.terminal.last_payment()
    wired.terminal.authorise(PRICE, None)
    while wired.terminal.poll(0.1) is None:
        continue
    wired.cable.unplug()

    assert wired.ended() == Unknown("link")
    for call in (wired.terminal.last_payment, wired.terminal.status, lambda: wired.terminal.poll(0.1)):
        with pytest.raises(DeviceLost):
            call()
    wired.terminal.close()
    wired.terminal.close()


EARLIER = PaymentMark(470001, 1, "52001233", "1123", "090000")
OURS = PaymentMark(470002, 2, "52001233", "1123", "090100")


@pytest.mark.parametrize(
    ("before", "last", "verdict"),
    [
        (EARLIER, LastPayment(PRICE, OURS, True), Approved(PRICE, OURS)),
        (None, LastPayment(PRICE, OURS, True), Approved(PRICE, OURS)),
        (EARLIER, LastPayment(PRICE, EARLIER, True), NotPaid()),
        (EARLIER, LastPayment(PRICE, OURS, False), NotPaid()),
        (EARLIER, None, Unknown("no-receipt")),
        (None, None, Unknown("no-receipt")),
        (EARLIER, LastPayment(Amount(1, "EUR"), OURS, True), Unknown("amount")),
        (EARLIER, LastPayment(Amount(1002, "CHF"), OURS, True), Unknown("amount")),
        (EARLIER, LastPayment(None, OURS, True), Unknown("amount")),
        (EARLIER, LastPayment(PRICE, OURS, True, is_reversal=True), Unknown("reversal")),
        (EARLIER, LastPayment(PRICE, PaymentMark(), True), Unknown("not-telling")),
        (EARLIER, LastPayment(PRICE, PaymentMark(470002, 2, "99999999"), True), Unknown("not-telling")),
        (
            EARLIER,
            LastPayment(PRICE, PaymentMark(470001, 1, "52001233", "1124", "090000"), True),
            Unknown("not-telling"),
        ),
    ],
)
def test_what_the_terminal_remembers_settles_a_payment_in_doubt(
    before: PaymentMark | None, last: LastPayment | None, verdict: object
) -> None:
    """Paid and not paid are said only where the numbers prove it; a counter that starts again proves nothing."""
    assert settle(PRICE, before, last) == verdict


@pytest.mark.parametrize(
    ("minor", "currency"), [(0, "EUR"), (-1, "EUR"), (10**12, "EUR"), (1, "eur"), (1, "€")]
)
def test_an_amount_nobody_can_pay_is_none(minor: int, currency: str) -> None:
    """Nothing, less than nothing, more than a terminal can show, and no currency are refused."""
    with pytest.raises(ValueError, match=r"cannot be paid|ISO 4217"):
        Amount(minor, currency)
