"""Card terminals on both kinds of line."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.payment.zvt_terminal import Framing
from tests.kit.payment_bench import PaymentBench


@pytest.fixture(params=list(Framing), ids=lambda framing: framing.value)
def framing(request: pytest.FixtureRequest) -> Framing:
    found: Framing = request.param
    return found


@pytest.fixture
def bench(framing: Framing, tmp_path: Path) -> PaymentBench:
    return PaymentBench(tmp_path, framing)
