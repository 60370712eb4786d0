"""Who goes next in a lane, and when.

- An entry waits only behind earlier entries that touch the same item or the same patron.
- The session's entries go first, and so does what they wait behind; then the backlog, oldest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sync.entries import Entry, EntryKey, ItemId, PatronId
from sync.uplink.lane import LaneState, Stage, Waiting


@dataclass(frozen=True, slots=True)
class Carry:
    """Send this entry."""

    entry: Entry
    is_of_session: bool


@dataclass(frozen=True, slots=True)
class AskAbout:
    """Find out what became of this entry."""

    entry: Entry
    is_of_session: bool


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing before *until_seconds* (monotonic)."""

    until_seconds: float


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing until something enters, or until the exchange in flight ends."""


Next = Carry | AskAbout | Wait | Idle


def next_of(state: LaneState, now_seconds: float) -> Next:
    """What to do at *now_seconds* (monotonic)."""
    if state.in_flight is not None:
        return Idle()
    urgent = _urgent(state.waiting)
    soonest: float | None = None
    chosen: Waiting | None = None
    for waiting in _free(state.waiting):
        is_urgent = waiting.entry.key in urgent
        begins = waiting.not_before_seconds
        if not is_urgent:
            begins = max(begins, state.not_before_seconds)
        if begins > now_seconds:
            soonest = begins if soonest is None else min(soonest, begins)
        elif is_urgent:
            return _step(waiting, is_urgent=True)
        elif chosen is None:
            chosen = waiting
            if not urgent:
                break
    if chosen is not None:
        return _step(chosen, is_urgent=False)
    return Idle() if soonest is None else Wait(soonest)


def _step(waiting: Waiting, is_urgent: bool) -> Next:
    step = Carry if waiting.stage is Stage.FRESH else AskAbout
    return step(waiting.entry, is_urgent)


def _free(lane: Sequence[Waiting]) -> Iterable[Waiting]:
    """Those that may be tried: no earlier entry touches their item or patron."""
    items: set[ItemId] = set()
    patrons: set[PatronId] = set()
    for waiting in lane:
        promise = waiting.entry.promise
        is_free = promise.item not in items and promise.patron not in patrons
        items.add(promise.item)
        if waiting.stage is not Stage.TO_BE_UNDONE:
            patrons.add(promise.patron)
            if is_free:
                yield waiting


def _urgent(lane: Sequence[Waiting]) -> frozenset[EntryKey]:
    """The session's entries and all they wait behind, directly or not."""
    if not any(waiting.is_of_session for waiting in lane):
        return frozenset()
    items: set[ItemId] = set()
    patrons: set[PatronId] = set()
    keys: list[EntryKey] = []
    for waiting in reversed(lane):
        promise = waiting.entry.promise
        if waiting.is_of_session or promise.item in items or promise.patron in patrons:
            keys.append(waiting.entry.key)
            items.add(promise.item)
            patrons.add(promise.patron)
    return frozenset(keys)
