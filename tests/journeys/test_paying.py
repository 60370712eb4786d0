"""A reader pays fees at the terminal, by card and by code, through interruptions: paid and posted, not paid, or a case.

Session, journal, uplink, SIP2 and drivers are real; central, the card terminal and the payment back end are far ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.link.memory import MemoryLink
from drivers.payment import Amount, Approved, zvt_terminal
from drivers.payment.zvt_terminal import ZvtTerminalSettings
from drivers.sim.zvt_terminal import CardChoice
from kiosk.workflow.settings import Service
from kiosk.workflow.view import ChooseFees, Paying, PaymentState, Status
from sync.central import demo
from sync.entries import Entry, Means, Pay, PaymentNotMade, Settled, Settlement
from tests.kit.payment_bench import password_in
from tests.kit.rig import Rig, with_settings

PAYS = with_settings(
    services=(Service.BORROW, Service.RETURN, Service.ACCOUNT, Service.PAY), means=(Means.CARD, Means.QR)
)


EARLIER = Amount(100, "CNY")


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A terminal whose card terminal has taken a payment before: it remembers one, as any that is in use."""
    rig = Rig(tmp_path, PAYS)
    settings = ZvtTerminalSettings(password_in(tmp_path), currency="CNY")
    terminal = zvt_terminal.open(settings, MemoryLink(rig.card_terminal, rig.clock), rig.clock)
    assert terminal.last_payment() is None
    terminal.authorise(EARLIER, None)
    while not isinstance(terminal.poll(0.1), Approved):
        pass
    terminal.close()
    rig.settle()
    yield rig
    rig.close()


def taken_by_card(rig: Rig) -> int:
    """How much was paid by card, without what was paid before."""
    return rig.card_terminal.taken_minor - EARLIER.minor


def owes(rig: Rig) -> int:
    """From the first screen to the fees; how much they are."""
    rig.turn(200)
    rig.choose("account")
    rig.show_card(demo.READER_OWES_LITTLE)
    rig.pin()
    rig.until(lambda: any(choice.id == "pay" and choice.enabled for choice in rig.choices))
    rig.choose("pay")
    rig.until(lambda: isinstance(rig.view, ChooseFees))
    return rig.seen(ChooseFees).total.minor_units


def payment(rig: Rig) -> Entry:
    """The one payment in the journal."""
    [entry] = [entry for entry in rig.entries() if isinstance(entry.promise, Pay)]
    return entry


def settled(rig: Rig) -> Settlement:
    """How the payment ended."""
    rig.until(lambda: payment(rig).is_settled, 900.0)
    [row] = [row for row in payment(rig).rows if isinstance(row, Settled)]
    return row.how


def test_fees_are_paid_by_card_and_posted(rig: Rig) -> None:
    """The card terminal takes exactly what is owed, and the library's books say that it was paid."""
    total = owes(rig)
    rig.choose("pay-by:card")
    rig.until(lambda: isinstance(rig.view, Paying) and rig.seen(Paying).state is PaymentState.POSTED)

    assert taken_by_card(rig) == total
    assert settled(rig) is Settlement.DONE


def test_fees_are_paid_by_code_and_posted(rig: Rig) -> None:
    """The code is shown, somebody pays it, and the library's books say so."""
    total = owes(rig)
    rig.choose("pay-by:qr")
    rig.until(lambda: isinstance(rig.view, Paying) and bool(rig.seen(Paying).code))
    rig.wallet.pay()
    rig.until(lambda: rig.seen(Paying).state is PaymentState.POSTED)

    assert rig.wallet.taken_minor == total
    assert settled(rig) is Settlement.DONE


def test_a_declined_card_changes_nothing(rig: Rig) -> None:
    """Nothing is taken, nothing is posted, and it can be tried again."""
    total = owes(rig)
    rig.card_terminal.card = CardChoice.DECLINE
    rig.choose("pay-by:card")
    rig.until(lambda: isinstance(rig.view, Paying) and rig.seen(Paying).state is PaymentState.NOT_PAID)
    assert settled(rig) is Settlement.NOT_DONE
    rig.choose("done")
    rig.until(lambda: isinstance(rig.view, ChooseFees))

    assert rig.seen(ChooseFees).total.minor_units == total
    assert taken_by_card(rig) == 0


def test_a_withdrawn_code_is_not_paid(rig: Rig) -> None:
    """The reader steps back; the code is gone, and the back end has withdrawn it."""
    owes(rig)
    rig.choose("pay-by:qr")
    rig.until(lambda: isinstance(rig.view, Paying) and bool(rig.seen(Paying).code))
    rig.choose("cancel")
    rig.until(lambda: rig.seen(Paying).state is PaymentState.NOT_PAID)

    assert settled(rig) is Settlement.NOT_DONE
    assert {order.state for order in rig.wallet.orders.values()} == {"cancelled"}


@pytest.mark.parametrize("turns", [1, 2, 3, 4, 6, 16])
def test_a_power_cut_in_a_card_payment_ends_in_one_way(rig: Rig, turns: int) -> None:
    """Paid and posted once, or surely not paid: the terminal is asked after the restart, and never paid twice."""
    total = owes(rig)
    rig.choose("pay-by:card")
    rig.turn(turns)
    rig.crash()
    rig.restart_at_once()
    how = settled(rig)
    rig.pass_time(60)

    taken = taken_by_card(rig)
    assert (taken, how) in ((total, Settlement.DONE), (0, Settlement.NOT_DONE))
    assert len(rig.card_terminal.authorised) <= 2
    assert any(isinstance(row, PaymentNotMade) for row in payment(rig).rows) == (taken == 0)


@pytest.mark.parametrize("turns", [1, 2, 4, 5, 8, 12])
def test_a_power_cut_in_a_code_payment_ends_in_one_way(rig: Rig, turns: int) -> None:
    """Whoever had the code on the telephone and paid has paid, and it is posted; else it is withdrawn."""
    total = owes(rig)
    rig.choose("pay-by:qr")
    rig.turn(turns)
    rig.crash()
    is_paid = bool(rig.wallet.orders) and turns % 3 != 0
    if is_paid:
        rig.wallet.pay()
    rig.restart_at_once()
    how = settled(rig)

    assert how is (Settlement.DONE if is_paid else Settlement.NOT_DONE)
    assert rig.wallet.taken_minor == (total if is_paid else 0)


@pytest.mark.parametrize("who", [demo.READER_OWES_LITTLE, demo.READER])
def test_a_payment_nobody_can_ask_about_yet_keeps_nobody_from_borrowing(rig: Rig, who: str) -> None:
    """The card terminal is still off after a power cut: its payment is open, and its reader borrows, as others do."""
    owes(rig)
    rig.choose("pay-by:card")
    rig.turn(4)
    rig.crash()
    rig.terminal_plug.is_in = False
    rig.restart_at_once()
    rig.turn(200)
    rig.begin(who)
    rig.lay(demo.ITEMS_FREE[0])
    rig.settle()

    assert payment(rig).is_payment_open
    assert rig.statuses() == {demo.ITEMS_FREE[0]: Status.LENT}
    assert rig.server.holder_of(demo.ITEMS_FREE[0]) == who


def test_fees_that_the_desk_took_meanwhile_are_not_taken_for_posted(rig: Rig) -> None:
    """What is owed is less by exactly what was paid here; central knows the payment by its number, so it is a case."""
    owes(rig)
    rig.choose("pay-by:card")
    rig.until(lambda: payment(rig).approved is not None)
    rig.server.desk_takes_fees(demo.READER_OWES_LITTLE)
    rig.crash()
    rig.restart_at_once()

    assert settled(rig) is Settlement.CASE


def test_a_payment_whose_answer_was_lost_is_posted_once(rig: Rig) -> None:
    """Told again under its number central answers as the first time."""
    total = owes(rig)
    rig.choose("pay-by:card")
    rig.until(lambda: rig.server.owed_by(demo.READER_OWES_LITTLE) == 0)
    rig.crash()
    rig.restart_at_once()

    assert settled(rig) is Settlement.DONE
    assert (rig.server.owed_by(demo.READER_OWES_LITTLE), taken_by_card(rig)) == (0, total)
