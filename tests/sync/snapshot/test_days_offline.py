"""Days without a server, as they may happen: whatever readers bring, nothing is lent that must not be."""

from __future__ import annotations

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.kit.effort import effort
from tests.sync.snapshot.days_offline import DaysOffline


def test_whatever_happens_offline_limits_hold_and_forbidden_items_stay() -> None:
    """Nothing is lent twice, to a stopped card or above a limit, in whatever order readers come."""
    run_state_machine_as_test(
        DaysOffline, settings=settings(max_examples=effort(60), stateful_step_count=30, deadline=None)
    )
