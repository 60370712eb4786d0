"""Couriers that are broken on purpose: the play of `test_promises.py` sees each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from sync.entries import Entry, EntryKey
from sync.uplink.courier import Courier
from sync.uplink.lane import LaneState, Stage
from sync.uplink.reports import Report
from tests.sync.uplink.test_promises import EFFORT, Promises


class RepeatsWithoutAsking(Courier):
    """Sends what is in doubt again."""

    def _ask_about(self, entry: Entry) -> tuple[Report, ...]:
        return self._carry(entry, self._clock.monotonic())


class ForgetsDoubt(Courier):
    """Takes silence for "not done"."""

    def _silent(self, key: EntryKey | None) -> None:
        super()._silent(key)
        waiting = tuple(
            replace(w, stage=Stage.FRESH) if w.entry.key == key else w for w in self._lane.waiting
        )
        self._lane = replace(self._lane, waiting=waiting)


class DropsWhatIsGivenUp(Courier):
    """Forgets every entry whose reader has left."""

    def give_up(self, key: EntryKey) -> tuple[Report, ...]:
        waiting = tuple(w for w in self._lane.waiting if w.entry.key != key)
        self._lane = replace(self._lane, waiting=waiting)
        return ()


class LetsTheNewestGoFirst(Courier):
    """Puts each new entry before all others."""

    def enter(self, entries: Sequence[Entry], *, is_of_session: bool, is_in_doubt: bool = False) -> None:
        before = self._lane.waiting
        self._lane = replace(self._lane, waiting=())
        super().enter(entries, is_of_session=is_of_session, is_in_doubt=is_in_doubt)
        self._lane = replace(self._lane, waiting=(*self._lane.waiting, *before))


class StartsWithNothing(Courier):
    """Forgets after a restart what was under way."""

    def enter(self, entries: Sequence[Entry], *, is_of_session: bool, is_in_doubt: bool = False) -> None:
        if is_in_doubt:
            self._lane = LaneState()
        else:
            super().enter(entries, is_of_session=is_of_session)


@pytest.mark.parametrize(
    "broken",
    [RepeatsWithoutAsking, ForgetsDoubt, DropsWhatIsGivenUp, LetsTheNewestGoFirst, StartsWithNothing],
)
def test_a_broken_courier_is_caught(broken: type[Courier]) -> None:
    """Negative control: repeating without asking, forgetting, dropping and reordering each break the play."""

    class Broken(Promises):
        courier_type = broken

    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            Broken,
            settings=settings(
                EFFORT, max_examples=500, database=None, phases=[Phase.generate], print_blob=False
            ),
        )
