"""What comes to the desk, and where what it decides goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from kiosk.engine.journal_pump import CommitFailed, Committed, Room
from kiosk.runtime.open_entries import OpenEntries
from kiosk.workflow.effects import (
    Carry,
    Effect,
    FindPayment,
    ReversePayment,
    StopPayment,
    TakePayment,
)
from kiosk.workflow.events import Event, PadRead
from kiosk.workflow.view import Shown
from sync.entries import CaseClosed, Row
from sync.uplink.reports import Report


@dataclass(frozen=True, slots=True)
class CarryLate:
    """As `Carry`, of an entry that belongs to no session."""

    carry: Carry


@dataclass(frozen=True, slots=True)
class GiveLeave:
    """`ServerReached` is on disk: what was told as never sent, the first *notes* of it, may be sent."""

    notes: int


Arrival = Event | Committed | CommitFailed | Room | Report | CaseClosed
Order = Effect | CarryLate | CaseClosed | GiveLeave
PaymentOrder = TakePayment | StopPayment | FindPayment | ReversePayment
"""What whoever takes money is told."""


def replaces(arrival: Arrival) -> str | None:
    """Of the pad's readings only the newest counts; everything else in the inbox is kept."""
    return "pad" if isinstance(arrival, PadRead) else None


def placed(order: Order, entries: OpenEntries) -> Order:
    """*order* with the place in the lane that its entry was given, where it carries one."""
    match order:
        case Carry(entry, is_held):
            return Carry(entries.placed(entry), is_held)
        case CarryLate(Carry(entry)):
            return CarryLate(Carry(entries.placed(entry)))
        case _:
            return order


class Outlets(Protocol):
    """Where the desk's decisions go once they are on disk."""

    def wrote(self, rows: tuple[Row, ...]) -> None:
        """Tells whoever follows the journal that *rows* are on disk; returns at once."""

    def do(self, order: Order) -> None:
        """Hands *order* to whoever does it; returns at once."""

    def show(self, shown: Shown) -> None:
        """Puts *shown* on the screen; returns at once."""
