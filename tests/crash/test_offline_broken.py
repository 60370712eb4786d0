"""Terminals that lend wrongly without the server, on purpose: days offline find each of them out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from sync.questions import LendingFacts, MayLend
from sync.rules.offline import OfflinePolicy
from sync.rules.terms import Use
from sync.snapshot.content import Snapshot
from sync.snapshot.lending import OwnLoans, may_lend
from tests.sync.snapshot.days_offline import DaysOffline


class ForgetsItsOwnLoans(DaysOffline):
    """Judges each book as if it were the first of the day."""

    @staticmethod
    def decide(
        snapshot: Snapshot, wish: MayLend, own: OwnLoans, now: datetime, policy: OfflinePolicy
    ) -> LendingFacts:
        return may_lend(snapshot, wish, OwnLoans(), now, policy)


class LendsReferenceWorks(DaysOffline):
    """Takes every collection for one that is lent."""

    @staticmethod
    def decide(
        snapshot: Snapshot, wish: MayLend, own: OwnLoans, now: datetime, policy: OfflinePolicy
    ) -> LendingFacts:
        kinds = tuple(replace(kind, use=Use.LENDING) for kind in snapshot.kinds)
        return may_lend(replace(snapshot, kinds=kinds), wish, own, now, policy)


class StopsTheClock(DaysOffline):
    """Goes on as on the day of the snapshot, so that nothing ever becomes overdue."""

    @staticmethod
    def decide(
        snapshot: Snapshot, wish: MayLend, own: OwnLoans, now: datetime, policy: OfflinePolicy
    ) -> LendingFacts:
        return may_lend(snapshot, wish, own, snapshot.issued_at, policy)


class DoesNotReadTheTag(DaysOffline):
    """Ignores the type of usage."""

    @staticmethod
    def decide(
        snapshot: Snapshot, wish: MayLend, own: OwnLoans, now: datetime, policy: OfflinePolicy
    ) -> LendingFacts:
        return may_lend(snapshot, replace(wish, usage=None), own, now, policy)


@pytest.mark.parametrize(
    "broken", [ForgetsItsOwnLoans, LendsReferenceWorks, StopsTheClock, DoesNotReadTheTag]
)
def test_a_terminal_that_lends_wrongly_is_found_out(broken: type[DaysOffline]) -> None:
    """Each of these breaks a promise that days offline check."""
    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            broken,
            settings=settings(
                max_examples=400,
                stateful_step_count=40,
                deadline=None,
                derandomize=True,
                database=None,
                print_blob=False,
                report_multiple_bugs=False,
                phases=(Phase.generate,),
                suppress_health_check=list(HealthCheck),
            ),
        )
