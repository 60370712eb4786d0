"""The events, the batch they travel in, and the receipt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sync.entries import Answer, FeePart, Flaw, ItemId, Means, Money, PatronId

BATCH_MAX = 100
PARTS_MAX = 100


@dataclass(frozen=True, slots=True)
class LoanMade:
    """A loan.  *promised_due* is set when the terminal granted it itself: then it is a fact, not a wish."""

    number: int
    key: str
    at: datetime
    offset_seconds: float | None
    item: ItemId
    patron: PatronId
    fee_consented: bool = False
    promised_due: date | None = None


@dataclass(frozen=True, slots=True)
class RenewalMade:
    """A wish to lengthen a loan; *due_before* is the day the reader was shown."""

    number: int
    key: str
    at: datetime
    offset_seconds: float | None
    item: ItemId
    patron: PatronId
    fee_consented: bool = False
    due_before: date | None = None


@dataclass(frozen=True, slots=True)
class LoanUndone:
    """The loan made by the event *undoes* never came about: the item stayed."""

    number: int
    key: str
    at: datetime
    offset_seconds: float | None
    item: ItemId
    patron: PatronId
    undoes: str


@dataclass(frozen=True, slots=True)
class ItemGivenBack:
    """An item was given back; it is in the library, whatever is known of it.

    *was_on_loan* and *due_before* are what the terminal was told of it before; None where it was told nothing.
    """

    number: int
    key: str
    at: datetime
    offset_seconds: float | None
    item: ItemId
    was_on_loan: bool | None = None
    due_before: date | None = None

    @property
    def patron(self) -> PatronId | None:
        """Nobody: who gives something back does not say who they are."""
        return None


@dataclass(frozen=True, slots=True)
class FeesPaid:
    """The money was taken: *amount*, by *means*, for *parts*; *voucher* is what the other side calls the payment."""

    number: int
    key: str
    at: datetime
    offset_seconds: float | None
    patron: PatronId
    amount: Money
    parts: tuple[FeePart, ...]
    means: Means
    voucher: str = ""

    @property
    def item(self) -> ItemId | None:
        """None: a payment touches no item."""
        return None


@dataclass(frozen=True, slots=True)
class CareReported:
    """An item needs care because of *flaws*; *by* is staff's name, or "self" for a reader."""

    number: int
    key: str
    at: datetime
    offset_seconds: float | None
    item: ItemId
    flaws: tuple[Flaw, ...]
    by: str = "self"

    @property
    def patron(self) -> PatronId | None:
        """Nobody: who reports it is not written down."""
        return None


@dataclass(frozen=True, slots=True)
class NeverSent:
    """The numbers from *number* through *through* were settled at the terminal and need nothing of central.

    *was_told*: central has acknowledged them once, and does not have them any more: what they told is lost there.
    """

    number: int
    through: int
    was_told: bool = False


NamedEvent = LoanMade | RenewalMade | LoanUndone | ItemGivenBack | FeesPaid | CareReported
Event = NamedEvent | NeverSent


@dataclass(frozen=True, slots=True)
class Batch:
    """*events* of one *epoch* in order of their numbers, without gaps, `BATCH_MAX` at most."""

    epoch: str
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What central made of event *number*.  *exception* names the case central opened for its staff, if any."""

    number: int
    answer: Answer
    exception: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """*acknowledged*: every number through this one is stored.

    *outcomes* of the batch's events, in order; `NeverSent` has none.
    """

    acknowledged: int
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class GapFound:
    """The batch begins behind what central has: it expects *expected* next, and stored nothing."""

    expected: int
