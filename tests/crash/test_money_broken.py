"""Sessions that are broken on purpose where money is concerned: the walks of the real one find each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kiosk.workflow import choosing, pay_ends, paying, payments
from kiosk.workflow.account_state import Payment
from kiosk.workflow.effects import Effect, ReversePayment, TakePayment
from kiosk.workflow.events import PaymentFailure, PaymentNotTaken, PaymentTaken
from kiosk.workflow.state import State
from kiosk.workflow.turn import Turn
from kiosk.workflow.view import PaymentState
from sync.entries import Answer, Silence
from tests.kit.effort import effort
from tests.kit.money_walk import everything_has_an_end, walk

Patch = Callable[[pytest.MonkeyPatch], None]


def asks_twice(patch: pytest.MonkeyPatch) -> None:
    """Asks for the money again, to be sure."""
    do = Turn.do

    def twice(turn: Turn, effect: Effect) -> None:
        do(turn, effect)
        if isinstance(effect, TakePayment):
            do(turn, effect)

    patch.setattr(Turn, "do", twice)


def asks_back_twice(patch: pytest.MonkeyPatch) -> None:
    """Asks for the money to be given back again, to be sure."""
    do = Turn.do

    def twice(turn: Turn, effect: Effect) -> None:
        do(turn, effect)
        if isinstance(effect, ReversePayment):
            do(turn, effect)

    patch.setattr(Turn, "do", twice)


def posts_before_the_money(patch: pytest.MonkeyPatch) -> None:
    """Does not hold the entry in its lane."""
    begin = Turn.begin

    def eager(turn: Turn, *words: Any, is_held: bool = False) -> Any:
        return begin(turn, *words)

    patch.setattr(Turn, "begin", eager)


def thinks_unclear_is_unpaid(patch: pytest.MonkeyPatch) -> None:
    """Takes what nobody can tell for not paid."""

    def hopeful(payment: Payment, why: str, turn: Turn) -> Payment:
        return pay_ends.not_taken(payment, PaymentNotTaken(payment.entry.key, PaymentFailure.TIME_OVER), turn)

    patch.setattr(pay_ends, "unclear", hopeful)


def thinks_silence_is_posted(patch: pytest.MonkeyPatch) -> None:
    """Shows what the server did not answer as done."""
    answered = pay_ends.answered

    def hopeful(payment: Payment, answer: Answer, turn: Turn) -> Payment:
        after = answered(payment, answer, turn)
        if isinstance(answer, Silence) and after.is_left:
            return replace(after, state=PaymentState.POSTED)
        return after

    patch.setattr(pay_ends, "answered", hopeful)


def never_proceeds(patch: pytest.MonkeyPatch) -> None:
    """Takes the money, and forgets to have it posted."""

    def forgetful(payment: Payment, event: PaymentTaken, turn: Turn) -> Payment:
        with pytest.MonkeyPatch.context() as within:
            within.setattr(Turn, "do", lambda turn, effect: None)
            return taken(payment, event, turn)

    taken = pay_ends.taken
    patch.setattr(pay_ends, "taken", forgetful)


def pays_what_was_owed_before(patch: pytest.MonkeyPatch) -> None:
    """Does not look whether the fees are still there."""
    parts_of = choosing.parts_of
    first: dict[tuple[str, ...], Any] = {}

    def stale(facts: Any, chosen: tuple[str, ...], settings: Any) -> Any:
        return first.setdefault(chosen, parts_of(facts, chosen, settings)) or parts_of(
            facts, chosen, settings
        )

    patch.setattr(choosing, "parts_of", stale)


def never_gives_up_waiting(patch: pytest.MonkeyPatch) -> None:
    """Waits for ever for a till that says nothing."""

    def patient(state: State, payment: Payment) -> float | None:
        return None

    patch.setattr(payments, "waits_until", patient)


def lets_go_of_money(patch: pytest.MonkeyPatch) -> None:
    """Ends the session while money is under way, and forgets it."""
    patch.setattr(paying, "is_under_way", lambda state, session: False)
    patch.setattr(payments, "forgotten", lambda state: replace(state, payments=()))


def walk_all(walks: int) -> None:
    """So many readers, each to the very end."""
    for seed in range(walks):
        everything_has_an_end(walk(seed, 90))


@pytest.mark.parametrize(
    "broken",
    [
        asks_twice,
        asks_back_twice,
        posts_before_the_money,
        thinks_unclear_is_unpaid,
        thinks_silence_is_posted,
        never_proceeds,
        pays_what_was_owed_before,
        never_gives_up_waiting,
        lets_go_of_money,
    ],
)
def test_the_walks_find_every_broken_session(broken: Patch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each way to lose or to take money twice is seen by what the walks of the real session look at."""
    broken(monkeypatch)

    with pytest.raises(AssertionError):
        walk_all(effort(120))
