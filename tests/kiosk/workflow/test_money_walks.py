"""Thousands of readers who pay at random: whatever goes wrong, nobody is charged twice and nothing taken is lost."""

from __future__ import annotations

import random

import pytest

from kiosk.workflow import view
from kiosk.workflow.view import PaymentState
from sync.entries import Settled, Settlement
from tests.kit.effort import effort
from tests.kit.money_walk import Watched, everything_has_an_end, money_is_right, something_happens, walk


@pytest.mark.parametrize("block", range(effort(2)))
def test_random_payments_are_asked_for_once_and_end_as_they_went(block: int) -> None:
    """Every payment is posted, given back, not made, or a case; and the screen says only what is recorded."""
    for seed in range(block * 25, block * 25 + 25):
        walk(seed)


def test_every_payment_has_an_end_once_nothing_happens_any_more() -> None:
    """Left alone, nothing that was begun is nobody's, and the terminal is free again."""
    for seed in range(1000, 1000 + effort(15)):
        till = walk(seed, 60)
        everything_has_an_end(till)
        money_is_right(till)


def test_the_walks_reach_every_state_and_every_end() -> None:
    """The random payments are worth something: they come everywhere, across power cuts too."""
    states: set[PaymentState] = set()
    ends: set[Settlement] = set()
    pages: set[type[view.View]] = set()
    cuts = 0
    for seed in range(60):
        till, dice = Watched(), random.Random(seed)
        for _ in range(90):
            something_happens(till, dice)
            pages.add(type(till.view))
            if isinstance(till.view, view.Paying):
                states.add(till.view.state)
        keys = set(till.entries())
        ends |= {row.how for row in till.rows_of(Settled) if row.key in keys}
        cuts += till.boot - 1

    assert states == set(PaymentState)
    assert ends == {Settlement.DONE, Settlement.UNDONE, Settlement.NOT_DONE, Settlement.CASE}
    assert pages >= {view.Account, view.ChooseFees, view.Paying, view.StillThere, view.OutOfService}
    assert cuts > 20
