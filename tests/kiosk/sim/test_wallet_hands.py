"""What a person does with a wallet at a payment back end that is served alone."""

from __future__ import annotations

import pytest

from drivers.link.memory import VirtualClock
from drivers.sim.http_requests import Request
from drivers.sim.qr_backend import TOKEN, QrBackendFarEnd
from kiosk.sim.control import CannotBeDone
from kiosk.sim.hands import Hands

BODY = b'{"amount": 250, "currency": "CNY", "subject": "", "seconds": 60}'


def ordered(far_end: QrBackendFarEnd, key: str) -> None:
    far_end.answer(Request("PUT", f"/payments/{key}", {"authorization": f"Bearer {TOKEN}"}, BODY))


def test_a_code_is_paid_or_declined_by_a_word() -> None:
    """The newest payment, or the one that is named; `look` tells how all of them stand."""
    far_end = QrBackendFarEnd(VirtualClock())
    hands = Hands(far_end)
    assert hands.do("look") == "no payment was asked for"
    for key in ("k1", "k2", "k3"):
        ordered(far_end, key)

    assert hands.do("pay") == "paid: 2.50 CNY paid (k3)"
    assert hands.do("decline k1") == "not paid: 2.50 CNY cancelled (k1)"
    assert hands.do("look") == "2.50 CNY cancelled (k1); 2.50 CNY pending (k2); 2.50 CNY paid (k3)"


@pytest.mark.parametrize("word", ["pay", "pay nothing", "decline k1", "steal"])
def test_what_cannot_be_paid_is_said(word: str) -> None:
    """A word that makes no sense now changes nothing."""
    far_end = QrBackendFarEnd(VirtualClock())
    ordered(far_end, "k1")
    far_end.pay()

    with pytest.raises(CannotBeDone):
        Hands(far_end).do(word)
    assert far_end.taken_minor == 250
