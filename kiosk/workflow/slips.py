"""What is printed for the gate, as values without wording: no name, no card number, nothing that points to a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kiosk.workflow.receipts import Receipt
from kiosk.workflow.view import Language, Trouble
from sync.entries import Due, ItemId
from sync.rules.sorting import Bin, Route


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip that goes with an item whose tag does not say what the loan says.

    *reference* names the case at the desk; *why* what went wrong; *due* until when it is lent, None when it is not.
    *is_provisional*: lent by the terminal's word alone so far, so the library's system may not know it yet.
    """

    reference: str
    item: ItemId
    why: Trouble
    at: datetime
    language: Language
    library: str
    title: str = ""
    due: Due | None = None
    is_provisional: bool = False


@dataclass(frozen=True, slots=True)
class RoutingSlip:
    """A slip for staff that goes into an item that was given back: for somebody's hold, or on its way elsewhere.

    *destination* is where it goes (SIP2 CT), *location* the place it belongs to now (AP), or its home (AQ); *hold*
    stands for the reader who waits, masked, empty where nobody does.
    """

    reference: str
    item: ItemId
    route: Route
    at: datetime
    language: Language
    library: str
    title: str = ""
    destination: str = ""
    location: str = ""
    hold: str = ""
    bin: Bin | None = None


Printable = Slip | RoutingSlip | Receipt
"""All that goes on paper."""
