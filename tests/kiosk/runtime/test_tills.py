"""Which till an order goes to, and what is answered where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.link.memory import MemoryLink, VirtualClock
from drivers.payment import PaymentTerminal, zvt_terminal
from drivers.payment.zvt_terminal import ZvtTerminalSettings
from drivers.sim.qr_backend import QrBackendFarEnd
from drivers.sim.zvt_terminal import CardChoice, ZvtTerminalFarEnd
from kiosk.engine.errands import Errand, NotDone
from kiosk.engine.pump import Pump
from kiosk.runtime.payments import ENDS_MAX, Memory, TillEvent, TillTimes
from kiosk.runtime.tills import TillParts, payment_commands, tills
from kiosk.workflow.effects import FindPayment, ReversePayment, StopPayment, TakePayment
from kiosk.workflow.events import (
    PaymentFailure,
    PaymentGivenBack,
    PaymentNotGivenBack,
    PaymentNotTaken,
    PaymentReady,
    PaymentTaken,
    PaymentUnclear,
)
from sync.entries import Entry, Means, Money, PatronId, Pay
from sync.servers.pay import HttpPaymentBackend
from tests.kit.payment_bench import password_in
from tests.kit.qr_bench import MemoryExchange
from tests.kit.recording import KeptLog
from tests.kit.stage import SETTINGS
from tests.kit.till_bench import AT, key

PRICE = Money(250, "CNY")


class Counter:
    """A terminal's tills, both or none, and all they say."""

    def __init__(self, folder: Path, *, has_tills: bool = True) -> None:
        self.clock = VirtualClock()
        self.card = ZvtTerminalFarEnd(self.clock)
        self.card.card = CardChoice.APPROVE
        self.wallet = QrBackendFarEnd(self.clock)
        self.said: list[TillEvent] = []
        settings = ZvtTerminalSettings(password_in(folder), currency="CNY")

        def terminal() -> PaymentTerminal:
            return zvt_terminal.open(settings, MemoryLink(self.card, self.clock), self.clock)

        backend = HttpPaymentBackend(MemoryExchange(self.wallet, self.clock), 5.0)
        parts = TillParts(terminal, backend, TillTimes()) if has_tills else TillParts()
        self.pumps: tuple[Pump, ...]
        self.tills, self.pumps = tills(
            parts, SETTINGS, self.said.append, clock=self.clock, log=KeptLog(), idle=self.clock.wait
        )

    def turn(self, seconds: float) -> None:
        until = self.clock.monotonic() + seconds
        while self.clock.monotonic() < until:
            before = self.clock.monotonic()
            for pump in self.pumps:
                pump.turn()
            if self.clock.monotonic() == before:
                self.clock.wait(0.01)


def entry(event: int, means: Means) -> Entry:
    return Entry(key(event), Pay(PatronId("21234000000011"), PRICE, (), means, AT))


def test_each_way_to_pay_has_its_own_till(tmp_path: Path) -> None:
    """An order for a card goes to the card terminal, one for a code to the back end; both are given back there."""
    counter = Counter(tmp_path)
    counter.turn(2.0)
    assert {one.means for one in counter.said if isinstance(one, PaymentReady)} == {Means.CARD, Means.QR}

    counter.tills.order(TakePayment(key(1), Means.CARD, PRICE, ""))
    counter.tills.order(TakePayment(key(2), Means.QR, PRICE, ""))
    counter.turn(2.0)
    counter.wallet.pay()
    counter.turn(10.0)
    assert {one.key for one in counter.said if isinstance(one, PaymentTaken)} == {key(1), key(2)}
    assert (counter.card.taken_minor, counter.wallet.taken_minor) == (250, 250)

    counter.tills.order(ReversePayment(key(1), Means.CARD, PRICE, "1"))
    counter.tills.order(ReversePayment(key(2), Means.QR, PRICE, "W000001"))
    counter.turn(20.0)
    assert len([one for one in counter.said if isinstance(one, PaymentGivenBack)]) == 2
    assert (counter.card.taken_minor, counter.wallet.taken_minor) == (0, 0)


def test_a_stop_reaches_the_till_that_has_the_payment(tmp_path: Path) -> None:
    """It does not say which; the other till has nothing to stop."""
    counter = Counter(tmp_path)
    counter.card.card = None
    counter.turn(2.0)
    counter.tills.order(TakePayment(key(1), Means.CARD, PRICE, ""))
    counter.tills.order(TakePayment(key(2), Means.QR, PRICE, ""))
    counter.turn(2.0)
    for event in (1, 2):
        counter.tills.order(StopPayment(key(event)))
    counter.turn(10.0)

    assert {(one.key, one.failure) for one in counter.said if isinstance(one, PaymentNotTaken)} == {
        (key(1), PaymentFailure.ABORTED),
        (key(2), PaymentFailure.ABORTED),
    }
    assert (counter.card.taken_minor, counter.wallet.taken_minor) == (0, 0)


@pytest.mark.parametrize("means", list(Means))
def test_without_a_till_every_order_is_answered_at_once(tmp_path: Path, means: Means) -> None:
    """Nothing is taken or given back; what became of a payment of before nobody can tell."""
    counter = Counter(tmp_path, has_tills=False)
    counter.tills.order(TakePayment(key(1), means, PRICE, ""))
    counter.tills.order(FindPayment(entry(2, means)))
    counter.tills.order(ReversePayment(key(3), means, PRICE, "1"))
    counter.tills.order(StopPayment(key(1)))

    assert counter.pumps == ()
    assert counter.said == [
        PaymentNotTaken(key(1), PaymentFailure.DEVICE_AWAY),
        PaymentUnclear(key(2), "no-device"),
        PaymentNotGivenBack(key(3), "no-device"),
    ]


def test_staff_close_the_day_over_the_control_socket(tmp_path: Path) -> None:
    """The command hands the terminal's receipt out once it is there."""
    counter = Counter(tmp_path)
    counter.turn(2.0)
    errand = payment_commands(counter.tills)["payment.close-day"]({"do": "payment.close-day"})
    assert isinstance(errand, Errand)
    counter.turn(10.0)

    assert errand.outcome == {"receipt": ["Kassenschnitt", "Summe 0.00"]}


def test_without_a_card_terminal_there_is_no_day_to_close(tmp_path: Path) -> None:
    """The call is wrong, and says so."""
    counter = Counter(tmp_path, has_tills=False)

    with pytest.raises(NotDone, match="no card terminal") as refused:
        payment_commands(counter.tills)["payment.close-day"]({"do": "payment.close-day"})
    assert refused.value.is_call_wrong


def test_what_a_till_remembers_is_bounded() -> None:
    """After very many payments the oldest end is forgotten, and still nothing is asked for twice."""
    memory = Memory()
    for event in range(1, ENDS_MAX + 2):
        memory.ask(key(event))
        memory.keep(PaymentTaken(key(event), str(event)))
        memory.keep_back(PaymentGivenBack(key(event), str(event)))

    assert memory.end_of(key(1)) is None
    assert memory.back_of(key(1)) is None
    assert memory.was_asked(key(1))
    assert memory.end_of(key(2)) == PaymentTaken(key(2), "2")
    assert not memory.was_asked(key(ENDS_MAX + 2))


def test_the_first_end_of_a_payment_counts() -> None:
    """A second one that comes late changes nothing."""
    memory = Memory()
    memory.keep(PaymentUnclear(key(1), "link"))
    memory.keep(PaymentTaken(key(1), "1"))

    assert memory.end_of(key(1)) == PaymentUnclear(key(1), "link")
