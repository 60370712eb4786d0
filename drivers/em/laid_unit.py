"""What all units share on which an item is laid and treated by command: which item is the one, and when.

The item that lies there when a deed is armed, or the next one that is laid there, is the one.  It has to lie still
before the coil is pulsed, and to lie there afterwards; when it is taken away the deed is over, and no item that is laid
there instead is treated.  Drivers give the bytes or lines as a `Bed`.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from drivers.em import (
    Abilities,
    Deed,
    ItemLifted,
    ItemSensed,
    NotTreated,
    Spoilt,
    StripEvent,
    StripState,
    Treated,
)
from drivers.em.duty import CoilDuty, DutyRules
from drivers.link import Clock, DeviceFault, DeviceLost

__all__ = ["Act", "Bed", "LaidRules", "LaidUnit", "Result", "Sight"]

# A float sum may fall short of the moment it was waited for by less than this.
_CLOCK_GRAIN_SECONDS = 1e-6


@dataclass(frozen=True, slots=True)
class Sight:
    """What a unit tells when it is looked at; *item*: something lies there, always false where it cannot tell."""

    item: bool = False
    is_ready: bool = True
    has_fault: bool = False


class Result(Enum):
    """What came of a command: done, surely nothing, or nobody knows."""

    DONE = "done"
    NOTHING = "nothing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Act:
    """What came of the command that pulses the coil; *why* is one word where it was not simply done."""

    result: Result
    why: str = ""


class Bed(Protocol):
    """The device itself.  Every call raises `DeviceLost` and `DeviceFault` as `StripUnit` does."""

    def look(self) -> Sight:
        """What it tells now."""

    def strip(self) -> StripState:
        """How it reads the strip of what lies there now."""

    def act(self, deed: Deed) -> Act:
        """Pulses the coil once, however that ends; the coil is at rest when this returns or raises."""

    def make_safe(self) -> None:
        """Whatever it is doing, it does nothing to a strip from now on."""

    def close(self) -> None:
        """Makes it safe where it can be reached and frees the line.  Never raises."""


@dataclass(frozen=True, slots=True)
class LaidRules:
    """What the settings of a unit say to this.

    *look_seconds*: how often it is looked at.  *act_seconds*: how long after a pulse its strip is read.
    *settle_seconds*: how long something has to lie, or to be gone, before that counts.  *ready_seconds_max*: how long a
    deed waits for a unit that is not ready.  *believes_unchanged*: a strip that was read as wanted before the pulse
    already counts as verified, as it does where items without strips are common; otherwise a verifier that saw no
    change is not believed, for it may be dead.
    """

    abilities: Abilities
    duty: DutyRules
    look_seconds: float
    act_seconds: float
    settle_seconds: float
    ready_seconds_max: float
    believes_unchanged: bool


class LaidUnit:
    """A `StripUnit` over a bed that is safe; see the front page of the room for what it promises."""

    def __init__(self, rules: LaidRules, bed: Bed, clock: Clock) -> None:
        self._rules = rules
        self._bed = bed
        self._clock = clock
        self._duty = CoilDuty(rules.duty, clock.monotonic())
        self._deed: Deed | None = None
        self._is_chosen = False
        self._is_new = True
        self._lies_there = False
        self._is_told_to_lie = False
        self._differs_since: float | None = None
        self._ready_by: float | None = None

    @property
    def abilities(self) -> Abilities:
        """See `StripUnit.abilities`."""
        return self._rules.abilities

    def poll(self, timeout_seconds: float) -> StripEvent | None:
        """See `StripUnit.poll`."""
        deadline = self._clock.monotonic() + timeout_seconds
        while True:
            sight = self._bed.look()
            self._settle(sight)
            event = self._told() if self._deed is None else self._armed(self._deed, sight)
            remaining = deadline - self._clock.monotonic()
            if event is not None or remaining <= _CLOCK_GRAIN_SECONDS:
                return event
            self._clock.wait(min(self._rules.look_seconds, remaining))

    def arm(self, deed: Deed) -> None:
        """See `StripUnit.arm`: it is done in one of the next calls of `poll`."""
        if self._deed is not None:
            raise ValueError("a deed is armed already")
        self._deed = deed
        self._is_chosen = False
        self._ready_by = None

    def disarm(self) -> StripEvent | None:
        """See `StripUnit.disarm`: a pulse begins and ends within one `poll`, so nothing was done yet."""
        if self._deed is not None:
            self._deed = None
            self._bed.make_safe()
        return None

    def close(self) -> None:
        """See `StripUnit.close`."""
        self._bed.close()

    def _settle(self, sight: Sight) -> None:
        """Takes what came or went for true once it has been so for long enough.

        What the first look shows was there before anybody looked: it is told at once, or it would seem to have come.
        """
        now = self._clock.monotonic()
        if self._is_new:
            self._is_new = False
            self._lies_there = sight.item
        if sight.item is self._lies_there:
            self._differs_since = None
            return
        if self._differs_since is None:
            self._differs_since = now
        if now - self._differs_since + _CLOCK_GRAIN_SECONDS >= self._rules.settle_seconds:
            self._differs_since = None
            self._lies_there = sight.item

    def _told(self) -> ItemSensed | ItemLifted | None:
        """What whoever polls has not heard yet, also of the time in which a deed was armed."""
        if self._lies_there is self._is_told_to_lie:
            return None
        self._is_told_to_lie = self._lies_there
        return ItemSensed(stays=True) if self._lies_there else ItemLifted()

    def _armed(self, deed: Deed, sight: Sight) -> StripEvent | None:
        if self._lies_there and not self._is_told_to_lie:
            # However the deed ends: what lies there then came for it, not for the next.
            return self._told()
        if sight.has_fault:
            return self._ended(NotTreated(deed, "fault"))
        if self._rules.abilities.senses_items:
            if self._is_chosen and not self._lies_there:
                return self._ended(NotTreated(deed, "lifted"))
            self._is_chosen = self._lies_there
            if not (self._is_chosen and sight.item):
                return None
        now = self._clock.monotonic()
        if self._duty.rest_seconds(now) > 0:
            return None
        if not sight.is_ready:
            self._ready_by = self._ready_by or now + self._rules.ready_seconds_max
            return self._ended(NotTreated(deed, "busy")) if now >= self._ready_by else None
        return self._acted(deed)

    def _ended(self, event: StripEvent) -> StripEvent:
        self._deed = None
        return event

    def _acted(self, deed: Deed) -> StripEvent:
        self._deed = None
        try:
            before = self._read()
            act = self._pulsed(deed)
            if act.result is Result.NOTHING:
                return NotTreated(deed, act.why)
            if act.result is Result.UNKNOWN:
                self._bed.make_safe()
                return Spoilt(deed, act.why)
            return self._judged(deed, before)
        except DeviceFault:
            self._bed.make_safe()
            return Spoilt(deed, "fault")
        except DeviceLost:
            with suppress(DeviceLost, DeviceFault):
                self._bed.make_safe()
            raise

    def _pulsed(self, deed: Deed) -> Act:
        try:
            return self._bed.act(deed)
        finally:
            self._duty.pulsed(self._clock.monotonic())

    def _judged(self, deed: Deed, before: StripState) -> Treated | Spoilt:
        """What is known after a pulse that was done: the item is watched until it is read, so that it is that one."""
        stays = self._rules.abilities.senses_items
        until = self._clock.monotonic() + self._rules.act_seconds
        while True:
            sight = self._bed.look()
            if sight.has_fault:
                return Spoilt(deed, "fault")
            if stays and not sight.item:
                return Spoilt(deed, "moved")
            remaining = until - self._clock.monotonic()
            if remaining <= _CLOCK_GRAIN_SECONDS:
                break
            self._clock.wait(min(self._rules.look_seconds, remaining))
        after = self._read()
        if after is before is deed.wanted and not self._rules.believes_unchanged:
            after = StripState.UNVERIFIED
        self._is_told_to_lie = stays
        return Treated(deed, after, stays)

    def _read(self) -> StripState:
        return self._bed.strip() if self._rules.abilities.reads_strips else StripState.UNVERIFIED
