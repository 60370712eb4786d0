"""The proof that nobody pays twice at a till, and that what is told is true, wherever it is interrupted."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kiosk.runtime.card_till import CardTill
from kiosk.runtime.payments import PaymentEnd
from kiosk.runtime.qr_till import QrTill
from kiosk.workflow.effects import StopPayment, TakePayment
from kiosk.workflow.events import PaymentNotTaken, PaymentTaken
from sync.entries import Means
from tests.kit import qr_bench
from tests.kit.qr_bench import QrBench
from tests.kit.till_bench import PRICE, TillBench, key

CARD_BYTES = 700
"""More than pass over the cable in one payment."""

QR_TURNS = 30


@dataclass(frozen=True)
class CardPlay:
    """A payment after one of the same amount, whose cable breaks after *position* bytes.

    *restarts*: our side starts anew then, and knows what a journal knows; else the reader taps again.
    """

    position: int
    restarts: bool

    def run(self, folder: Path, make: Callable[..., CardTill] = CardTill) -> bool:
        """Plays it and holds what is told against the money; whether the payment was taken.

        Raises `AssertionError` where they differ, somebody pays twice, or nobody can tell.
        """
        bench = TillBench(folder, make=make)
        assert isinstance(bench.pay(1), PaymentTaken)
        mark = bench.ready()
        bench.take(2, mark)
        assert bench.cable is not None
        bench.cable.bytes_left = self.position
        if self.restarts:
            for _ in range(100):
                bench.pump.turn()
            bench.restart()
            bench.order(bench.find(2, mark))
        end = bench.end(2)
        if not self.restarts:
            bench.order(TakePayment(key(2), Means.CARD, PRICE, mark))
            bench.order(TakePayment(key(2), Means.CARD, PRICE, bench.ready()))
            bench.turn(10.0)
        bench.turn(30.0)
        bench.let_pass(200.0)
        taken = bench.far_end.taken_minor - PRICE.minor_units
        assert bench.asked_for_money <= 2, "money was asked for twice"
        _check(bench.ends(2), end, taken, PRICE.minor_units)
        if not taken:
            assert isinstance(bench.pay(3), PaymentTaken), "whoever did not pay cannot pay"
        return bool(taken)


@dataclass(frozen=True)
class QrPlay:
    """A QR payment with chance in it: somebody pays, steps back, the back end is silent, our side starts anew."""

    seed: int

    def run(self, make: Callable[..., QrTill] = QrTill) -> PaymentEnd:
        """Plays it and holds what is told against the money.

        Raises `AssertionError` where they differ, somebody pays twice, or nobody can tell.
        """
        chance = random.Random(self.seed)
        bench = QrBench(make=make)
        bench.far_end.settles_cancel = chance.random() < 0.6
        bench.take()
        pays, stops, restarts, settles = (chance.randrange(QR_TURNS * 2) for _ in range(4))
        for turn in range(QR_TURNS):
            if chance.random() < 0.2:
                bench.far_end.swallows = 1
            if turn == pays:
                _pay(bench)
            if turn == stops:
                bench.orders.post(StopPayment(key(1)))
            if turn == restarts and not bench.ends():
                bench.restart()
                bench.find()
            if turn == settles:
                bench.take()
            bench.till.turn()
        bench.far_end.swallows = 0
        if chance.random() < 0.5:
            _pay(bench)
        bench.turn(20.0)
        bench.far_end.settles_cancel = True
        bench.far_end.settle()
        end = bench.end()
        bench.turn(60.0)
        assert len(bench.far_end.orders) <= 1, "two payments were made for one entry"
        _check(bench.ends(), end, bench.far_end.taken_minor, qr_bench.PRICE.minor_units)
        return end


def _pay(bench: QrBench) -> None:
    """Somebody pays if it can be paid."""
    try:
        bench.far_end.pay()
    except ValueError:
        return


def _check(ends: list[PaymentEnd], end: PaymentEnd, taken: int, price: int) -> None:
    assert all(one == end for one in ends), "one payment was told in two ways"
    match end:
        case PaymentTaken():
            assert taken == price, "told as paid, and was not"
        case PaymentNotTaken():
            assert taken == 0, "told as not paid, and was"
        case _:
            raise AssertionError(f"nobody can tell what could be told: {end}")
