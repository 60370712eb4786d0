"""A card terminal, tried by the installer."""

from __future__ import annotations

from pathlib import Path

from drivers.catalog import Kind
from drivers.link.memory import VirtualClock
from kiosk.devices.trials import tried
from tests.kit.payment_bench import PaymentBench


def test_a_card_terminal_is_tried_without_taking_money(tmp_path: Path) -> None:
    """It says whether it is ready; it is told to take nothing."""
    bench = PaymentBench(tmp_path)
    works = tried("payment", Kind.PAYMENT_TERMINAL, lambda: bench.terminal, VirtualClock())
    bench.far_end.is_busy = True
    bench.open()
    busy = tried("payment", Kind.PAYMENT_TERMINAL, lambda: bench.terminal, VirtualClock())

    assert works.said == "works, and is ready to take money; its software is 1.23.45"
    assert busy.said == "answers, and is not ready (code 9C)"
    assert bench.orders == 0
