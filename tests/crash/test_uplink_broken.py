"""Couriers that are broken on purpose: the play of `test_promises.py` sees each of them."""

from __future__ import annotations

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from sync.servers.ils import Capabilities
from sync.uplink.courier import Courier
from tests.crash.broken_couriers import IN_ORDER, ONE_BY_ONE
from tests.sync.uplink.test_promises import EFFORT, SERVERS, Promises

PLAYS = [
    *((SERVERS["one by one, as SIP2"], courier) for courier in ONE_BY_ONE),
    *((SERVERS["in order, as central"], courier) for courier in IN_ORDER),
]


@pytest.mark.parametrize(
    ("ways", "broken"),
    PLAYS,
    ids=[f"{courier.__name__}-{ways.entries_per_exchange}" for ways, courier in PLAYS],
)
def test_a_broken_courier_is_caught(ways: Capabilities, broken: type[Courier]) -> None:
    """Negative control: repeating or sending without asking, forgetting, dropping, reordering and dating wrongly each
    break the play."""
    served = ways

    class Broken(Promises):
        courier_type = broken
        ways = served

    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            Broken,
            settings=settings(
                EFFORT,
                max_examples=2000,
                database=None,
                phases=[Phase.generate],
                print_blob=False,
                report_multiple_bugs=False,
            ),
        )
