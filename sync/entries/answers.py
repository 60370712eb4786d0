"""The four kinds of answers, never mixed, and the reasons of a refusal."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from sync.entries.identifiers import Due, Money, PatronId


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
    FEE_GONE = "fee-gone"
    AMOUNT_DIFFERS = "amount-differs"
    CURRENCY_DIFFERS = "currency-differs"
    NOT_RETURNABLE_HERE = "not-returnable-here"
    OTHER = "other"


class Alert(Enum):
    """Why an item that came back does not simply go to its shelf (SIP2 CV)."""

    HOLD_HERE = "hold-here"
    HOLD_AT_BRANCH = "hold-at-branch"
    HOLD_FOR_ILL = "hold-for-ill"
    OTHER_BRANCH = "other-branch"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What the server said of an item that was given back.

    *was_on_loan* false: no loan was found, so it had been returned before; None: not told.  *patron* is whose loan
    ended, *hold_patron* for whom it is held now.  *secure* false: it is not to be made secure (SIP2 resensitize N).
    *sort_bin* (CL), *destination* (CT), *location* (AP), *home* (AQ), *collection* (CR) and *call_number* (CS) are the
    server's own words, empty where it sent none.  *condition* is "damaged" or "new" where it says so.
    """

    was_on_loan: bool | None = None
    patron: PatronId | None = None
    hold_patron: PatronId | None = None
    secure: bool = True
    alert: Alert | None = None
    sort_bin: str = ""
    destination: str = ""
    location: str = ""
    home: str = ""
    collection: str = ""
    call_number: str = ""
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Granted:
    """The server did it.

    *release* says whether the item may pass the gate (SIP2 desensitize and CI); *magnetic* whether it holds magnetic
    media, None when not said; *renewed* that the loan already existed; *messages* are the server's, for display.

    Of an item that was given back *due* is when it had to be back, *fee* what being late costs, and *back* the rest.
    *reference* is the number the server gave to a payment (SIP2 BK), empty where it gave none.
    """

    due: Due
    title: str = ""
    release: bool = True
    magnetic: bool | None = None
    renewed: bool = False
    fee: Money | None = None
    messages: tuple[str, ...] = ()
    back: TakenBack | None = None
    reference: str = ""


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


NEVER_SENT: Final = "never-sent"
"""Why there is silence where surely nothing was sent so far, nor will be before a `ServerReached` is written."""


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer that can be believed: it may have been done or not.  *why* is one word for the log."""

    why: str

    @property
    def is_unsent(self) -> bool:
        """Whether surely nothing of what was to be carried reached the server: it has not been done."""
        return self.why in ("connect", "login", "offline", NEVER_SENT)


Answer = Granted | Refused | Held | Silence
