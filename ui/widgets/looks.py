"""How something stands, as a look: shape, text colour and ground; its words always stand beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kiosk.workflow.view import BackStatus, LoanStatus, Status
from ui import style
from ui.style import Colour


@dataclass(frozen=True, slots=True)
class Look:
    """The *icon* is a name of `ICONS`; *tone* is the colour of icon and words, *ground* what the icon stands on."""

    icon: str
    tone: Colour
    ground: Colour


def good(icon: str) -> Look:
    """All is well."""
    return Look(icon, style.GOOD, style.GOOD_TINT)


def waiting(icon: str) -> Look:
    """Somebody else is at work."""
    return Look(icon, style.WAIT, style.WAIT_TINT)


def care(icon: str) -> Look:
    """The reader has something to do."""
    return Look(icon, style.CARE, style.CARE_TINT)


def bad(icon: str) -> Look:
    """Refused, or overdue."""
    return Look(icon, style.BAD, style.BAD_TINT)


# No two that mean something different share a shape.
LINES: Mapping[Status, Look] = {
    Status.WAITING: waiting("hourglass"),
    Status.ASKING: waiting("hourglass"),
    Status.RELEASING: waiting("hourglass"),
    Status.STRIP_WANTED: care("strip"),
    Status.LENT: good("check"),
    Status.LENT_STAYS_SECURED: care("lock"),
    Status.LENT_PROVISIONALLY: good("check-open"),
    Status.LENT_NOT_VERIFIED: care("desk"),
    Status.ALREADY_YOURS: care("card"),
    Status.RENEWING: waiting("hourglass"),
    Status.RENEWED: good("again"),
    Status.NEEDS_CONSENT: care("coin"),
    Status.PUT_BACK: care("return"),
    Status.UNDOING: waiting("hourglass"),
    Status.INCOMPLETE: care("parts"),
    Status.NOT_LENT: bad("cross"),
}

BACKS: Mapping[BackStatus, Look] = {
    BackStatus.WAITING: waiting("hourglass"),
    BackStatus.SECURING: waiting("hourglass"),
    BackStatus.STRIP_WANTED: care("strip"),
    BackStatus.PUT_BACK: care("return"),
    BackStatus.TELLING: waiting("hourglass"),
    BackStatus.BACK: good("check"),
    BackStatus.BACK_NO_LOAN: good("check"),
    BackStatus.BACK_RECORDED: good("check-open"),
    BackStatus.BACK_TO_STAFF: care("desk"),
    BackStatus.HANDED_BACK: care("take"),
    BackStatus.PARTS_MISSING: care("parts"),
    BackStatus.NOT_TAKEN: bad("cross"),
}

LOANS: Mapping[LoanStatus, Look] = {
    LoanStatus.LENT: waiting("book"),
    LoanStatus.RENEWING: waiting("hourglass"),
    LoanStatus.RENEWED: good("again"),
    LoanStatus.NOT_RENEWED: care("cross"),
}

OVERDUE = bad("late")
READY, RESERVED = good("bookmark"), waiting("hourglass")
FEE = care("coin")
