"""Units that switch magnetic security strips (EM, "tattle-tape") off and on.

Start with `StripUnit`.  `bookcheck_unit.py` drives a unit that acts by itself on what crosses it (its bytes are in
`bookcheck.py`, one item on its way in `crossing.py`); `relay_unit.py` and `serial_unit.py` drive units that are told
to (the latter by `serial_table.py`), and share `laid_unit.py`, which knows which item is the one.  `duty.py` keeps
coils from overheating, under every driver.

A strip has no identity: a unit treats whatever lies on it.  So a unit is *safe* at all times but between `arm`
and the event that ends it: at power-up, when it is opened again, when its line was lost, and whatever an item
does meanwhile, no strip is touched.  Whether an item's strip may be touched at all (magnetic media, permanent
strips) is decided above, in `sync/rules/strips.py`; no driver ever acts by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

__all__ = [
    "Abilities",
    "Deed",
    "ItemLifted",
    "ItemSensed",
    "NotTreated",
    "Spoilt",
    "StripEvent",
    "StripState",
    "StripUnit",
    "StripUnitSettings",
    "Treated",
]


class Deed(Enum):
    """What is done to a strip: switched off so that a gate lets it pass, or on again so that a gate stops it."""

    DESENSITISE = "desensitise"
    SENSITISE = "sensitise"

    @property
    def wanted(self) -> StripState:
        """How a strip is to be read after this."""
        return StripState.INACTIVE if self is Deed.DESENSITISE else StripState.ACTIVE


class StripState(Enum):
    """What a gate would find.  UNVERIFIED: the unit cannot read a strip, or read none."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a unit can tell: *senses_items* that an item came, *reads_strips* how its strip is afterwards.

    *treats_lying* false: it treats what crosses it; what lies on it has to be taken off first.
    """

    senses_items: bool
    reads_strips: bool
    treats_lying: bool = True


@dataclass(frozen=True, slots=True)
class ItemSensed:
    """An item came over the sensors while the unit was safe; *stays* when it lies there, false when it passed."""

    stays: bool


@dataclass(frozen=True, slots=True)
class ItemLifted:
    """The item that lay there was taken away while the unit was safe."""


@dataclass(frozen=True, slots=True)
class Treated:
    """The armed deed was done to the one item that was sensed; the unit is safe again.

    *strip* is how the strip was read afterwards: it may differ from what was wanted.  *stays*: the item lies there
    still, so that an `ItemLifted` will follow; false where it is gone, or the unit cannot tell.
    """

    deed: Deed
    strip: StripState
    stays: bool = False


@dataclass(frozen=True, slots=True)
class NotTreated:
    """The unit is safe again and surely did nothing to any strip; *why* is one word ("fault", "busy")."""

    deed: Deed
    why: str


@dataclass(frozen=True, slots=True)
class Spoilt:
    """The unit is safe again, and nobody can tell what it did to which strip; *why* is one word ("second-item")."""

    deed: Deed
    why: str


StripEvent = ItemSensed | ItemLifted | Treated | NotTreated | Spoilt


class StripUnitSettings(Protocol):
    """What the settings of every strip unit's driver tell, before the unit is opened."""

    @property
    def abilities(self) -> Abilities:
        """What the unit can tell, by these settings."""


class StripUnit(Protocol):
    """A unit that switches the strip of one item at a time.

    Every call blocks for a bounded time and may raise `DeviceLost` (silent or gone: open it again; it may have acted if
    it was armed) or `DeviceFault` (it answered that it is broken or wrongly configured).
    """

    @property
    def abilities(self) -> Abilities:
        """What this unit can tell, by model and settings."""

    def poll(self, timeout_seconds: float) -> StripEvent | None:
        """What happened, at most *timeout_seconds* after the call; None when nothing did.

        A pulse that has begun is ended first, which takes a few seconds at most.  While armed it ends with exactly one
        `Treated`, `NotTreated` or `Spoilt`, after which the unit is safe; an item that lies there already when the unit
        is armed is the one that is treated.  One that is laid there later is told first, as when it is safe, so that it
        is known whose it is however the deed ends; its going is told after that.  A unit that acts on what crosses it
        tells of items that come and go before it can act, as when it is safe; what stands on it has to be taken off and
        moved over it once more.

        An armed unit has to be polled without a pause: what happens while nobody looks ends the deed as `Spoilt`.
        """

    def arm(self, deed: Deed) -> None:
        """The next item sensed, or the one that lies there, has *deed* done to it: once.

        Nothing is done before the next `poll`.  A unit that senses nothing does it then, to what somebody laid there;
        one that senses waits.  Where the coil has to rest (`duty.py`) it is done when that is over.  Raises
        `ValueError` when the unit is armed already.
        """

    def disarm(self) -> StripEvent | None:
        """Makes the unit safe, and verifies that where it can; None when nothing was done since `arm`.

        Otherwise the event that ended it.  Does nothing to a unit that is safe.
        """

    def close(self) -> None:
        """Makes the unit safe where it can still be reached and frees the line.  Never raises."""
