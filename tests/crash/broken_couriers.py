"""Couriers that are broken on purpose, each in one way: what the proofs have to find.

Each is a `Courier` and takes its place, in a play or in a whole terminal (`kiosk.engine.uplink_pump.Courier`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sync.entries import Answer, Entry, EntryKey
from sync.servers.ils import Capabilities
from sync.uplink import steps
from sync.uplink.courier import Courier
from sync.uplink.lane import Lane
from sync.uplink.reports import Report
from sync.uplink.waiting import Stage


class RepeatsWithoutAsking(Courier):
    """Sends again what is in doubt."""

    def _ask_about(self, step: steps.AskAbout) -> tuple[Report, ...]:
        if not step.was_sent:
            return super()._ask_about(step)
        return self._carry((step.entry,), self._clock.monotonic())


class TakesSilenceForRefusal(Courier):
    """Takes silence for "not done": what was perhaps sent counts as never sent."""

    def _silent(self, keys: Sequence[EntryKey], *, is_unsent: bool = False) -> None:
        super()._silent(keys, is_unsent=is_unsent)
        for waiting in self._lane.waiting:
            if waiting.entry.key in keys:
                waiting.stage = Stage.FRESH
                self._lane._order.changed(waiting)


class LetsTheNewestGoFirst(Courier):
    """Puts each new entry before all others."""

    def enter(
        self,
        entries: Sequence[Entry],
        *,
        is_of_session: bool,
        is_in_doubt: bool = False,
        is_held: bool = False,
    ) -> None:
        before = self._lane.waiting
        self._lane = Lane()
        super().enter(entries, is_of_session=is_of_session, is_in_doubt=is_in_doubt, is_held=is_held)
        for waiting in before:
            if waiting.entry.key not in self._lane:
                self._lane.enter(
                    [waiting.entry],
                    is_of_session=waiting.is_of_session,
                    is_in_doubt=waiting.stage is Stage.DOUBT,
                    is_held=waiting.stage is Stage.HELD,
                )


class SendsUnderNewKeys(Courier):
    """Sends each entry under another key every time."""

    _sendings = 0

    def _answers(self, entries: tuple[Entry, ...], now_seconds: float) -> tuple[Answer, ...]:
        self._sendings += 1
        renamed = tuple(
            replace(entry, key=replace(entry.key, ordinal=1_000 * self._sendings + entry.key.ordinal))
            for entry in entries
        )
        return super()._answers(renamed, now_seconds)


class DropsWhatIsGivenUp(Courier):
    """Forgets every entry whose reader has left."""

    def give_up(self, key: EntryKey) -> tuple[Report, ...]:
        for waiting in self._lane.waiting:
            if waiting.entry.key == key:
                self._lane._remove(waiting)
        return ()


class StartsWithNothing(Courier):
    """Forgets after a restart what was under way."""

    def enter(
        self,
        entries: Sequence[Entry],
        *,
        is_of_session: bool,
        is_in_doubt: bool = False,
        is_held: bool = False,
    ) -> None:
        if not is_in_doubt:
            super().enter(entries, is_of_session=is_of_session, is_held=is_held)


class SendsPromisesUnasked(Courier):
    """Sends what the terminal itself granted without looking whether the server has it already."""

    def _ask_about(self, step: steps.AskAbout) -> tuple[Report, ...]:
        return (
            super()._ask_about(step) if step.was_sent else self._carry((step.entry,), self._clock.monotonic())
        )


class IgnoresPositions(Courier):
    """Sends by item and patron to a server that wants everything in order."""

    def _next(self, now_seconds: float) -> steps.Next:
        super()._next(now_seconds)
        ways = Capabilities(entries_per_exchange=self._ways.entries_per_exchange, repeats_safely=True)
        return self._lane.next_of(now_seconds, ways)


class BelievesTheWallClock(Courier):
    """Dates entries by the difference of the wall clocks, whatever somebody set ours to."""

    def enter(
        self,
        entries: Sequence[Entry],
        *,
        is_of_session: bool,
        is_in_doubt: bool = False,
        is_held: bool = False,
    ) -> None:
        self._times._epoch = "another"
        super().enter(entries, is_of_session=is_of_session, is_in_doubt=is_in_doubt, is_held=is_held)


ONE_BY_ONE = (
    RepeatsWithoutAsking,
    TakesSilenceForRefusal,
    LetsTheNewestGoFirst,
    DropsWhatIsGivenUp,
    StartsWithNothing,
    SendsPromisesUnasked,
    BelievesTheWallClock,
)
"""What a server that takes one entry at a time, and repeats nothing safely, shows to be broken."""

IN_ORDER = (IgnoresPositions, DropsWhatIsGivenUp, StartsWithNothing, BelievesTheWallClock)
"""What a server that keeps order shows to be broken."""


class CarriesWhatIsHeld(Courier):
    """Sends at once what has to wait for its tags or its money."""

    def enter(
        self,
        entries: Sequence[Entry],
        *,
        is_of_session: bool,
        is_in_doubt: bool = False,
        is_held: bool = False,
    ) -> None:
        super().enter(entries, is_of_session=is_of_session, is_in_doubt=is_in_doubt)


class ForgetsWhatIsHeld(Courier):
    """Sends nothing that was held before, whatever has happened."""

    def proceed(self, entry: Entry) -> None:
        self._lane.give_up(entry.key)


class SendsWithoutLeave(Courier):
    """Sends what was told as never sent before it is written that it may have been."""

    def _next(self, now_seconds: float) -> steps.Next:
        self._lane.unsent.give_leave(len(self._lane) + 10_000)
        return super()._next(now_seconds)
