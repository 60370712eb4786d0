"""Orders for what a terminal does not have are answered at once, as not done."""

from __future__ import annotations

import pytest

from kiosk.engine import uplink_pump
from kiosk.runtime.dispatch import NOT_THERE, Dispatch
from kiosk.runtime.health import OpenCases, OpenPayments, StripCounts
from kiosk.runtime.traffic import Order
from kiosk.workflow.effects import (
    Carry,
    FindPayment,
    OpenDrop,
    Proceed,
    Restore,
    ReversePayment,
    StopPayment,
    TakePayment,
)
from kiosk.workflow.events import (
    DropStuck,
    Event,
    PaymentFailure,
    PaymentNotGivenBack,
    PaymentNotTaken,
    PaymentUnclear,
    TagsRestored,
)
from sync.entries import Means
from tests.sync.uplink.samples import LOCKED, cny, entry, give_back, key, pay, secure_intended

KEY = key(1)


class Bare:
    """A terminal without any device."""

    def __init__(self) -> None:
        self.posted: list[Event] = []
        self.ordered: list[uplink_pump.Order] = []
        cases, counts, payments = OpenCases(()), StripCounts(), OpenPayments()
        self.dispatch = Dispatch(
            self.ordered.append,
            None,
            None,
            None,
            None,
            cases,
            counts,
            payments,
            self.posted.append,
            lambda _: None,
        )


ANSWERS: list[tuple[Order, list[Event]]] = [
    (Restore(KEY, LOCKED), [TagsRestored(KEY, (), False)]),
    (OpenDrop(KEY), [DropStuck(KEY, NOT_THERE)]),
    (TakePayment(KEY, Means.CARD, cny(150), ""), [PaymentNotTaken(KEY, PaymentFailure.NEVER_ASKED)]),
    (FindPayment(entry(1, pay())), [PaymentUnclear(KEY, NOT_THERE)]),
    (ReversePayment(KEY, Means.CARD, cny(150), "0042"), [PaymentNotGivenBack(KEY, NOT_THERE)]),
    (StopPayment(KEY), []),
]


@pytest.mark.parametrize(("order", "answers"), ANSWERS, ids=lambda one: type(one).__name__)
def test_what_is_not_there_says_so(order: Order, answers: list[Event]) -> None:
    """No session waits for a flap, a till or a pad that nobody installed; what became of money when there was a till,
    nobody can tell."""
    bare = Bare()

    bare.dispatch.do(order)

    assert bare.posted == answers


def test_what_is_held_is_entered_held_and_proceeds_with_its_rows() -> None:
    """The uplink gets both words as the session said them."""
    bare = Bare()
    back = entry(1, give_back(), secure_intended(1))

    bare.dispatch.do(Carry(back, is_held=True))
    bare.dispatch.do(Proceed(back))

    assert bare.ordered == [
        uplink_pump.Enter((back,), is_of_session=True, is_held=True),
        uplink_pump.Proceed(back),
    ]
