"""What hangs on digital lines alone: light barriers, flaps, motors, level sensors.

Start with `BookDrop`, an unattended drop behind a flap.  `book_drop.py` is the device: two light barriers, a flap or a
motor, and a sensor for a full bin, each on a line of a GPIO chip (`drivers.link.LineLink`).

A book drop is safe at all times but between `open` and the one event that ends it: the flap shut, the motor at rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

__all__ = [
    "BinLevel",
    "BookDrop",
    "DropEvent",
    "ItemCame",
    "ItemPassed",
    "ItemStuck",
    "ItemTaken",
]


@dataclass(frozen=True, slots=True)
class ItemCame:
    """Something lies in front of the flap.  *was_there*: it lay there when the drop was opened."""

    was_there: bool = False


@dataclass(frozen=True, slots=True)
class ItemTaken:
    """What lay in front of the flap was taken out again, while the flap was shut."""


@dataclass(frozen=True, slots=True)
class ItemPassed:
    """What lay in front of the flap passed the barrier behind it, and the flap is shut again."""


@dataclass(frozen=True, slots=True)
class ItemStuck:
    """After `open` it did not go as it should, and everything is at rest.  *why* is one word.

    "not-passed": it lies there still.  "not-seen": it left, and nothing was seen to pass; somebody may have it.
    "not-clear": it darkens the barrier behind the flap, or something did before.  "not-shut": it passed, and the flap
    did not shut.
    """

    why: str


@dataclass(frozen=True, slots=True)
class BinLevel:
    """Whether the bin is full, once it was so (or was not any more) without a break for long enough."""

    is_full: bool


DropEvent = ItemCame | ItemTaken | ItemPassed | ItemStuck | BinLevel


class BookDrop(Protocol):
    """A drop that takes one item at a time.  Every call may raise `DeviceLost` (the lines are gone: open it again)."""

    def poll(self, timeout_seconds: float) -> DropEvent | None:
        """What happened, at most *timeout_seconds* after the call; None when nothing did.

        The first event after it was opened is a `BinLevel`.  While it is open, its time limits are kept by this call:
        it has to be called at least every 0.1 s.
        """

    def open(self, bin_number: str = "") -> None:
        """Lets the item through, towards bin *bin_number* where a line leads there, else straight down; ends with
        `ItemPassed` or `ItemStuck` by `poll`.

        Raises `ValueError` while it is open already, and when nothing lies there.
        """

    def shut(self) -> None:
        """Makes everything safe now: flap shut, motor at rest.  What was open ends with `ItemStuck` by `poll`."""

    def close(self) -> None:
        """Makes everything safe and gives the lines back.  Never raises."""
