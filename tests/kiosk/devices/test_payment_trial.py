"""A card terminal, tried by the installer."""

from __future__ import annotations

from pathlib import Path

from drivers.catalog import Kind
from drivers.payment import TerminalStatus
from drivers.sim.zvt_terminal import CardChoice
from kiosk.devices.trials import tried
from tests.kit.payment_bench import PaymentBench


def test_a_card_terminal_is_tried_without_taking_money(tmp_path: Path) -> None:
    """It says whether it is ready and whether its host answers; it is told to take nothing."""
    bench = PaymentBench(tmp_path)
    works = tried("payment", Kind.PAYMENT_TERMINAL, lambda: bench.terminal, bench.clock)
    bench.open()
    bench.far_end.card = CardChoice.NO_HOST
    alone = tried("payment", Kind.PAYMENT_TERMINAL, lambda: bench.terminal, bench.clock)
    bench.far_end.is_busy = True
    bench.open()
    busy = tried("payment", Kind.PAYMENT_TERMINAL, lambda: bench.terminal, bench.clock)

    assert works.said == "works, and its host answers; its software is 1.23.45"
    assert alone.said == "is ready, and its host does not answer (host, code A3); its software is 1.23.45"
    assert busy.said == "answers, and is not ready (code 9C)"
    assert bench.orders == 0
    assert bench.far_end.authorised == []


def test_a_terminal_that_says_nothing_of_its_host_is_told_so(tmp_path: Path) -> None:
    """It is not waited for without end."""
    bench = PaymentBench(tmp_path)
    far_end, status = bench.far_end, bench.terminal.status

    def then_slow() -> TerminalStatus:
        told = status()
        far_end.pace = 1000.0
        return told

    bench.terminal.status = then_slow  # type: ignore[method-assign]
    said = tried("payment", Kind.PAYMENT_TERMINAL, lambda: bench.terminal, bench.clock).said

    assert said == "is ready, and does not tell whether its host answers; its software is 1.23.45"
