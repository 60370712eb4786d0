"""A payment back end that somebody writes, tried against what `docs/guides/payments.md` asks of it.

The checks make payments of the smallest amount and withdraw them; only those of `paid_checks` need somebody who pays.
Each check is a sentence that is true of a good back end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from drivers.link import Clock
from sync.entries import Money
from sync.servers.pay import (
    LoginRefused,
    PaymentBackend,
    PaymentRefused,
    QrPayment,
    QrState,
    ServerSilent,
)

SUBJECT = "Library kiosk, trial"
CODE_SECONDS = 60
WAIT_SECONDS = 2.0
SETTLE_SECONDS = 60.0
_FINAL = (QrState.CANCELLED, QrState.EXPIRED)


@dataclass(frozen=True, slots=True)
class Check:
    """*sentence* is what was tried; *why* is empty where it is so."""

    sentence: str
    why: str = ""

    @property
    def is_good(self) -> bool:
        """Whether it is as it should be."""
        return not self.why


class _Broken(Exception):
    """A promise is not kept; the text says what was found."""


def free_checks(
    backend: PaymentBackend, impostor: PaymentBackend, currency: str, name: str, clock: Clock
) -> Iterator[Check]:
    """What can be tried without paying, a check at a time.

    *impostor* speaks to the same back end with a token that is none; *name* (`[0-9a-z]`, up to 40) begins the keys of
    this trial, and was never used for one before.
    """
    trial = _Trial(backend, currency, clock)
    made, missing, nothing = f"{name}-1", f"{name}-2", f"{name}-3"
    yield _check("it takes the currency", lambda: trial.takes_currency())
    yield _check("a token that is not good is refused with 401", lambda: _is_refused(impostor))
    yield _check("a payment that was never made is unknown", lambda: trial.is_unknown(missing))
    yield _check("a payment is made, pending and with a code", lambda: trial.makes(made))
    yield _check("made again it is the same payment", lambda: trial.makes_again(made))
    yield _check("its key is refused for another amount", lambda: trial.refuses_other(made))
    yield _check("it is found by its key", lambda: trial.finds(made, (QrState.PENDING,)))
    yield _check("what was not paid is not given back", lambda: trial.gives_nothing_back(made))
    yield _check("withdrawn, it is cancelled", lambda: trial.withdraws(made))
    yield _check("withdrawn again, it stays so", lambda: trial.withdraws(made))
    yield _check("made once more, it is not opened again", lambda: trial.stays_closed(made))
    yield _check("an amount of nothing is rejected", lambda: trial.rejects(nothing, Money(0, currency)))
    yield _check("an unknown currency is rejected", lambda: trial.rejects(nothing, Money(1, "XXX")))


def paid_checks(
    backend: PaymentBackend, currency: str, name: str, clock: Clock, show: Callable[[str], None]
) -> Iterator[Check]:
    """What can be tried when somebody pays the code that *show* is given, within `CODE_SECONDS`; it is given back."""
    trial = _Trial(backend, currency, clock)
    key = f"{name}-4"
    yield _check("a payment is made, pending and with a code", lambda: trial.makes(key))
    if not trial.code:
        return
    show(trial.code)
    yield _check("paid, it is told as paid, with a voucher", lambda: trial.is_paid(key))
    yield _check("what was paid cannot be withdrawn", lambda: trial.keeps_paid(key))
    yield _check("another amount is not given back", lambda: trial.gives_no_other_back(key))
    yield _check("it is given back", lambda: trial.gives_back(key))
    yield _check("asked again, it was given back once", lambda: trial.gives_back(key))


def _check(sentence: str, tried: Callable[[], None]) -> Check:
    try:
        tried()
    except _Broken as broken:
        return Check(sentence, str(broken))
    except ServerSilent as silent:
        return Check(sentence, f"no answer that fits the interface ({silent})")
    except LoginRefused:
        return Check(sentence, "the token is refused")
    except PaymentRefused as refusal:
        return Check(sentence, f"refused ({refusal.why})")
    return Check(sentence)


def _is_refused(impostor: PaymentBackend) -> None:
    try:
        impostor.currencies()
    except LoginRefused:
        return
    raise _Broken("it was let in")


class _Trial:
    def __init__(self, backend: PaymentBackend, currency: str, clock: Clock) -> None:
        self._backend = backend
        self._amount = Money(1, currency)
        self._clock = clock
        self._voucher = ""
        self._refund = ""
        self.code = ""

    def takes_currency(self) -> None:
        taken = self._backend.currencies()
        if self._amount.currency not in taken:
            raise _Broken(f"it takes {', '.join(taken) or 'none'}")

    def is_unknown(self, key: str) -> None:
        for found in (self._backend.find(key), self._backend.cancel(key)):
            if found is not None:
                raise _Broken(f"it is told as {found.state.value}")

    def makes(self, key: str) -> None:
        self.code = self._stands(self._made(key), QrState.PENDING).code

    def makes_again(self, key: str) -> None:
        if self._stands(self._made(key), QrState.PENDING).code != self.code:
            raise _Broken("it has another code")

    def refuses_other(self, key: str) -> None:
        other = replace(self._amount, minor_units=2)
        try:
            made = self._backend.create(key, other, SUBJECT, CODE_SECONDS)
        except PaymentRefused as refusal:
            if refusal.why == "told-differently":
                return
            raise
        raise _Broken(f"it was taken, as {made.amount.minor_units}")

    def finds(self, key: str, states: tuple[QrState, ...]) -> None:
        self._stands(self._backend.find(key), *states)

    def gives_nothing_back(self, key: str) -> None:
        try:
            told = self._backend.give_back(key, self._amount)
        except PaymentRefused as refusal:
            if refusal.why == "not-paid":
                return
            raise
        raise _Broken("it is unknown" if told is None else f"it is told as {told.state.value}")

    def withdraws(self, key: str) -> None:
        self._stands(self._until(lambda: self._backend.cancel(key), QrState.PENDING), *_FINAL)
        self.finds(key, _FINAL)

    def stays_closed(self, key: str) -> None:
        self._stands(self._made(key), *_FINAL)

    def rejects(self, key: str, amount: Money) -> None:
        try:
            self._backend.create(key, amount, SUBJECT, CODE_SECONDS)
        except PaymentRefused as refusal:
            if refusal.why != "rejected":
                raise
        else:
            raise _Broken("it was taken")
        self.is_unknown(key)

    def is_paid(self, key: str) -> None:
        told = self._until(lambda: self._backend.find(key), QrState.PENDING)
        self._voucher = self._stands(told, QrState.PAID).voucher

    def keeps_paid(self, key: str) -> None:
        if self._stands(self._backend.cancel(key), QrState.PAID).voucher != self._voucher:
            raise _Broken("it has another voucher")

    def gives_no_other_back(self, key: str) -> None:
        try:
            self._backend.give_back(key, replace(self._amount, minor_units=2))
        except PaymentRefused as refusal:
            if refusal.why == "told-differently":
                return
            raise
        raise _Broken("it was taken")

    def gives_back(self, key: str) -> None:
        told = self._until(lambda: self._backend.give_back(key, self._amount), QrState.REFUNDING)
        refund = self._stands(told, QrState.REFUNDED).refund_voucher
        if self._refund and refund != self._refund:
            raise _Broken("it has another voucher")
        self._refund = refund

    def _made(self, key: str) -> QrPayment:
        return self._backend.create(key, self._amount, SUBJECT, CODE_SECONDS)

    def _stands(self, told: QrPayment | None, *states: QrState) -> QrPayment:
        if told is None:
            raise _Broken("it is unknown")
        if told.state not in states:
            raise _Broken(f"it is told as {told.state.value}")
        if told.amount != self._amount:
            raise _Broken(f"it is told as {told.amount.minor_units} {told.amount.currency}")
        return told

    def _until(self, ask: Callable[[], QrPayment | None], state: QrState) -> QrPayment | None:
        """What *ask* tells once it is not *state* any more, or time is over."""
        until = self._clock.monotonic() + SETTLE_SECONDS
        while (told := ask()) is not None and told.state is state and self._clock.monotonic() < until:
            self._clock.wait(WAIT_SECONDS)
        return told
