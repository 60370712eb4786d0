"""Whatever a payment back end answers: a payment that can be, a refusal it has a word for, or silence."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

import pytest

from drivers.link.memory import VirtualClock
from drivers.sim.http_requests import response
from drivers.sim.qr_backend import QrBackendFarEnd
from sync.entries import Money
from sync.servers.ils import ServerSilent
from sync.servers.pay import HttpPaymentBackend, PaymentRefused, QrPayment
from tests.kit.mutation import mutations
from tests.kit.qr_bench import MemoryExchange

PRICE = Money(250, "CNY")
TOLD = {"key": "k1", "amount": 250, "currency": "CNY", "version": 1, "currencies": ["CNY"]}
STATES = {
    "pending": {"code": "https://wallet.example/1"},
    "paid": {"voucher": "W1"},
    "refunded": {"voucher": "W1", "refund_voucher": "R1"},
}
PROBLEM = {"type": "urn:library-kiosk:payment:rejected", "title": "no"}


def answers() -> Iterator[tuple[int, bytes]]:
    """Statuses and bodies: every sound answer with one place changed, under right and wrong statuses."""
    for state, more in STATES.items():
        for told in mutations(TOLD | {"state": state} | more):
            yield 200, json.dumps(told).encode()
    for status in (404, 409, 418, 422):
        for told in mutations(PROBLEM):
            yield status, json.dumps(told).encode()
    for body in (b"", b"[" * 20_000, b"\xff", b"NaN", b'{"amount": 1' + b"0" * 5000 + b"}"):
        yield 200, body


@pytest.mark.parametrize("name", ["create", "find", "cancel", "give_back", "currencies"])
def test_no_answer_breaks_paying_by_code(name: str) -> None:
    """Only `ServerSilent` and `PaymentRefused` come out, and a payment that is believed is one that can be."""
    clock = VirtualClock()
    far_end = QrBackendFarEnd(clock)
    client = HttpPaymentBackend(MemoryExchange(far_end, clock), 5.0)
    calls: dict[str, Callable[[], object]] = {
        "create": partial(client.create, "k1", PRICE, "Library", 60),
        "find": partial(client.find, "k1"),
        "cancel": partial(client.cancel, "k1"),
        "give_back": partial(client.give_back, "k1", PRICE),
        "currencies": client.currencies,
    }
    believed = 0
    for status, body in answers():
        far_end.replaced.append(response(status, body, "application/json"))
        with suppress(ServerSilent, PaymentRefused):
            told = calls[name]()
            believed += 1
            if isinstance(told, QrPayment):
                assert 1 <= told.amount.minor_units <= 999_999_999_999
                assert (told.code + told.voucher + told.refund_voucher).isascii()
    assert believed
