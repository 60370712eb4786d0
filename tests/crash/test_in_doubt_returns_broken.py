"""Couriers that are broken on purpose, with returns and payments: each is found out by its deeds."""

from __future__ import annotations

import pytest

from sync.uplink.courier import Courier
from tests.crash.broken_couriers import RepeatsWithoutAsking, TakesSilenceForRefusal
from tests.kit.sip2_personalities import EVERGREEN, KOHA, SIPSERVER, Personality
from tests.kit.sip2_systems import Breaks, Fault, Fee, Loan
from tests.sync.servers.in_doubt import AT, BOOK, READER, STRANGER
from tests.sync.servers.in_doubt_returns import PAID, Terminal, broken_payment, give_back, pay


@pytest.mark.parametrize("courier", [RepeatsWithoutAsking, TakesSilenceForRefusal])
@pytest.mark.parametrize("personality", [KOHA, SIPSERVER, EVERGREEN], ids=lambda one: one.dialect)
def test_a_courier_that_repeats_payments_is_found_out(
    personality: Personality, courier: type[Courier]
) -> None:
    """Negative control: where enough is owed, a payment that is repeated without asking, or taken for one that was
    never sent, is posted twice."""
    promise = pay(personality)
    terminal = Terminal(personality, promise, [Fault("37", Breaks.NO_REPLY)], courier)
    terminal.system.fees.append(Fee("F3", READER, 5 * PAID, BOOK))
    assert broken_payment(terminal.play(), terminal.system, promise)
    assert len(terminal.system.payments) > 1


def test_a_courier_that_repeats_returns_ends_a_newer_loan() -> None:
    """Negative control: a check-in that is repeated without asking takes the item from whoever has it by then."""
    terminal = Terminal(KOHA, give_back(), [Fault("09", Breaks.NO_REPLY)], RepeatsWithoutAsking)
    terminal.courier.enter([terminal.entry], is_of_session=False)
    terminal.courier.turn()
    terminal.system.loans[BOOK] = Loan(STRANGER, AT)
    for _ in range(20):
        turned = terminal.courier.turn()
        if turned.wait_seconds is None:
            break
        terminal.clock.wait(turned.wait_seconds)
    assert terminal.system.loans == {}
