"""Couriers that are broken on purpose, over systems that behave as real ones: each is found out by its deeds."""

from __future__ import annotations

import pytest

from sync.uplink.courier import Courier
from tests.crash.broken_couriers import RepeatsWithoutAsking, SendsPromisesUnasked, TakesSilenceForRefusal
from tests.kit.sip2_systems import KOHA, PERSONALITIES, Breaks, Deed, Fault, Loan, Personality
from tests.sync.servers.in_doubt import (
    AT,
    BOOK,
    KINDS,
    LENT,
    READER,
    TAKES,
    TAKES_BACK,
    Terminal,
    broken_promises,
)

BLIND = [(RepeatsWithoutAsking, kind) for kind in (LENT, TAKES)] + [
    (TakesSilenceForRefusal, kind) for kind in (LENT, TAKES)
]


@pytest.mark.parametrize("personality", PERSONALITIES, ids=lambda one: one.dialect)
@pytest.mark.parametrize(
    ("courier", "kind"), BLIND, ids=[f"{courier.__name__}-{kind}" for courier, kind in BLIND]
)
def test_a_blind_courier_is_found_out(personality: Personality, courier: type[Courier], kind: str) -> None:
    """Negative control: a courier that repeats without asking, or takes silence for "not done", renews a loan or says
    what is not so, once a reply is lost."""
    ended = Terminal(personality, kind, [Fault(KINDS[kind], Breaks.NO_REPLY)], courier).play()
    assert broken_promises(kind, ended) != []


def test_a_courier_that_does_not_look_first_renews() -> None:
    """Negative control: what the terminal granted itself and staff have entered meanwhile is renewed by it."""
    terminal = Terminal(KOHA, TAKES, [], SendsPromisesUnasked)
    terminal.system.loans[BOOK] = Loan(READER, AT)
    assert terminal.play().done == ((Deed.RENEWED, BOOK, READER),)


def test_an_undoing_may_be_repeated_and_is_not() -> None:
    """A check-in that is repeated blindly does no harm to the loan; ours is asked about all the same, and sent once."""
    terminal = Terminal(KOHA, TAKES_BACK, [Fault("09", Breaks.NO_REPLY)])
    assert broken_promises(TAKES_BACK, terminal.play()) == []
    assert sum(frame.startswith(b"09") for frame in terminal.system.frames) == 1
