"""Tills that are wrong in one way each are found, and the real ones stand, wherever a payment is interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drivers.payment import PaymentTerminal
from kiosk.runtime.card_doubts import amount_of, written
from kiosk.runtime.card_till import CardTill
from kiosk.runtime.payments import Memory, PaymentEnd, TillOrder, TillTimes
from kiosk.runtime.qr_paying import QrPaying
from kiosk.runtime.qr_till import QrTill
from kiosk.workflow.effects import StopPayment, TakePayment
from kiosk.workflow.events import PaymentFailure, PaymentNotTaken, PaymentTaken
from sync.entries import EntryKey, Money, Pay
from tests.kit.effort import effort
from tests.kit.till_proof import CARD_BYTES, CardPlay, QrPlay


def not_taken(key: EntryKey) -> PaymentNotTaken:
    return PaymentNotTaken(key, PaymentFailure.DEVICE_AWAY)


class NoMemory(Memory):
    """Remembers nothing."""

    def was_asked(self, key: EntryKey) -> bool:
        return False

    def end_of(self, key: EntryKey) -> PaymentEnd | None:
        return None


class HopesItFailed(CardTill):
    """Takes a broken line for a payment that was not made."""

    def _doubt(self) -> None:
        order = self._payment.order
        assert order is not None
        super()._doubt()
        self._doubts.settled(None)
        self._end(not_taken(order.key))


class HopesItWent(CardTill):
    """Takes a broken line for a payment that was made."""

    def _doubt(self) -> None:
        order = self._payment.order
        assert order is not None
        super()._doubt()
        self._doubts.settled(None)
        self._end(PaymentTaken(order.key, "1"))


class Repeats(CardTill):
    """Asks for the money again, with the mark that is right by then."""

    def _doubt(self) -> None:
        order = self._payment.order
        assert order is not None
        super()._doubt()
        self._doubts.settled(None)
        self._memory = NoMemory()
        self._again = order

    def _tell_ready(self) -> None:
        super()._tell_ready()
        order = self.__dict__.pop("_again", None)
        if order is not None:
            self._orders.post(TakePayment(order.key, order.means, order.amount, self._mark()))

    def _mark(self) -> str:
        return written(None if self._last is None else self._last.mark) or ""


class LooksForNothing(CardTill):
    """Takes what a restart interrupted for not made."""

    def _find(self, key: EntryKey, pay: Pay) -> None:
        self._end(not_taken(key))


class LooksWithoutTheMark(CardTill):
    """Takes any last payment of the terminal for the one that is looked for."""

    def _find(self, key: EntryKey, pay: Pay) -> None:
        self._doubts.add(key, amount_of(pay.amount), None, 100.0)
        self._is_asked = False


class HasNoPatience(CardTill):
    """Leaves to staff what the terminal would have told a moment later."""

    def _give_up(self) -> None:
        self._times = TillTimes(settle_seconds=0.0, find_seconds=0.0)
        super()._give_up()


class RemembersNothing(CardTill):
    """Forgets which keys it has asked for."""

    def begin(self, device: PaymentTerminal) -> None:
        super().begin(device)
        self._memory = NoMemory()


CARD_TILLS = [
    HopesItFailed,
    HopesItWent,
    Repeats,
    LooksForNothing,
    LooksWithoutTheMark,
    HasNoPatience,
    RemembersNothing,
]


def card_plays(step: int) -> Iterator[CardPlay]:
    for position in range(0, CARD_BYTES, step):
        yield CardPlay(position, restarts=False)
        yield CardPlay(position, restarts=True)


@pytest.mark.parametrize("restarts", [False, True])
def test_a_card_payment_is_told_truly_wherever_the_cable_breaks(tmp_path: Path, restarts: bool) -> None:
    """Taken or not taken, never both, never a guess, and never twice; also when our side starts anew then."""
    step = max(1, 12 // effort(1))
    ends = {
        CardPlay(position, restarts).run(_folder(tmp_path, position))
        for position in range(0, CARD_BYTES, step)
    }

    assert ends == {False, True}


@pytest.mark.parametrize("make", CARD_TILLS, ids=lambda make: make.__name__)
def test_a_broken_card_till_is_found(tmp_path: Path, make: type[CardTill]) -> None:
    """Each breaks a promise at one of the places, at the latest."""
    assert any(_fails(play, _folder(tmp_path, number), make) for number, play in enumerate(card_plays(12)))


class EndsByItself(QrTill):
    """Takes a reader's step back for the end."""

    def _take(self, order: TillOrder) -> None:
        if isinstance(order, StopPayment) and order.key in self._payments:
            self._end(not_taken(order.key))
            self._afters.clear()
        else:
            super()._take(order)


class TakesSilenceForNo(QrTill):
    """Ends what the back end does not answer."""

    def _pay(self, paying: QrPaying) -> None:
        super()._pay(paying)
        if paying.is_silent and paying.key in self._payments:
            self._end(not_taken(paying.key))
            self._afters.clear()


class TakesPendingForNo(QrTill):
    """Ends as soon as the code has disappeared from the screen."""

    def _pay(self, paying: QrPaying) -> None:
        super()._pay(paying)
        if paying._stage.value == "ending" and paying.key in self._payments:
            self._end(not_taken(paying.key))
            self._afters.clear()


class FindsNothing(QrTill):
    """Takes what a restart interrupted for not paid."""

    def _find(self, key: EntryKey, promise: object, now: float) -> None:
        self._end(not_taken(key))


class NamesPaymentsAnew(QrTill):
    """Orders a second payment when the reader taps again."""

    def _begin(self, key: EntryKey, amount: Money, now: float) -> None:
        if key in self._payments:
            paying = QrPaying(EntryKey(key.epoch, key.boot, key.event, 1), amount, "", self._times, now)
            self._payments[paying.key] = paying
        else:
            super()._begin(key, amount, now)


QR_TILLS = [EndsByItself, TakesSilenceForNo, TakesPendingForNo, FindsNothing, NamesPaymentsAnew]


def test_a_qr_payment_is_told_truly_whatever_happens() -> None:
    """Paid or not paid, never both and never twice, through silence, second thoughts and restarts."""
    ends = {type(QrPlay(seed).run()) for seed in range(effort(150))}

    assert ends == {PaymentTaken, PaymentNotTaken}


@pytest.mark.parametrize("make", QR_TILLS, ids=lambda make: make.__name__)
def test_a_broken_qr_till_is_found(make: type[QrTill]) -> None:
    """Each is caught by one of the plays, at the latest."""
    assert any(_fails_qr(QrPlay(seed), make) for seed in range(150))


def _folder(parent: Path, number: int) -> Path:
    folder = parent / str(number)
    folder.mkdir(exist_ok=True)
    return folder


def _fails(play: CardPlay, folder: Path, make: Callable[..., CardTill]) -> bool:
    folder = folder / ("restarts" if play.restarts else "stays")
    folder.mkdir(exist_ok=True)
    try:
        play.run(folder, make)
    except AssertionError:
        return True
    return False


def _fails_qr(play: QrPlay, make: Callable[..., QrTill]) -> bool:
    try:
        play.run(make)
    except AssertionError:
        return True
    return False
