"""The four kinds of answers, never mixed, and the reasons of a refusal."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sync.entries.identifiers import Due, Money


class Reason(Enum):
    """Why a server, or the terminal on its behalf, does not do what was asked; each has its own sentence."""

    ITEM_UNKNOWN = "item-unknown"
    ITEM_ON_LOAN_TO_OTHER = "item-on-loan-to-other"
    ITEM_ON_HOLD_FOR_OTHER = "item-on-hold-for-other"
    ITEM_REFERENCE = "item-reference"
    ITEM_SPECIAL_COLLECTION = "item-special-collection"
    ITEM_LARGE_SERIES = "item-large-series"
    ITEM_LOST = "item-lost"
    ITEM_IN_TRANSIT = "item-in-transit"
    ITEM_DAMAGED = "item-damaged"
    ITEM_WITHDRAWN = "item-withdrawn"
    ITEM_INCOMPLETE = "item-incomplete"
    ITEM_AGE_RATING = "item-age-rating"
    ITEM_NOT_FOR_LOAN = "item-not-for-loan"
    ALREADY_YOURS = "already-yours"
    LIMIT_REACHED = "limit-reached"
    RENEWAL_LIMIT = "renewal-limit"
    NOT_ON_LOAN = "not-on-loan"
    FEE_NEEDS_CONSENT = "fee-needs-consent"
    PATRON_UNKNOWN = "patron-unknown"
    PATRON_BLOCKED = "patron-blocked"
    PATRON_EXPIRED = "patron-expired"
    CARD_LOST = "card-lost"
    FEES_OWED = "fees-owed"
    LOANS_OVERDUE = "loans-overdue"
    WRONG_PIN = "wrong-pin"
    NOT_PERMITTED_HERE = "not-permitted-here"
    NOT_WITHOUT_SERVER = "not-without-server"
    OFFLINE_LIMIT = "offline-limit"
    NOT_DONE = "not-done"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Granted:
    """The server did it.

    *release* says whether the item may pass the gate (SIP2 desensitize and CI); *magnetic* whether it holds magnetic
    media, None when not said; *renewed* that the loan already existed; *messages* are the server's, for display.
    """

    due: Due
    title: str = ""
    release: bool = True
    magnetic: bool | None = None
    renewed: bool = False
    fee: Money | None = None
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """The server did not do it, for good.  *fee* goes with FEE_NEEDS_CONSENT and FEES_OWED."""

    reason: Reason
    title: str = ""
    fee: Money | None = None
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """Stored upstream; the decision comes later."""


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer that can be believed: it may have been done or not.  *why* is one word for the log."""

    why: str


Answer = Granted | Refused | Held | Silence
