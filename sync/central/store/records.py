"""Rows as values: what the rest of central reads of a database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from sync.entries import FeeKind, ItemId, PatronId
from sync.rules.overdue import OverdueRate
from sync.rules.terms import CardStatus, CategoryTerms, Condition, Use


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """An item with what its type and its collection say about it.

    *is_set_price*: its price is that of the set it belongs to.  *branch* is where it is at home, empty where the
    library has no branches.  *new_until* is the last day it counts as new.  *sort_bin* is where its kind is sorted to.
    """

    number: ItemId
    title: str
    author: str
    item_type: str
    media_code: str
    collection: str
    use: Use
    call_number: str
    location: str
    price_minor: int | None
    parts: int
    lend_incomplete: bool
    condition: Condition
    stays_secured: bool
    is_magnetic: bool
    age_min_years: int
    checkout_fee_minor: int
    overdue: OverdueRate
    closed_days_count: bool
    is_set_price: bool
    branch: str
    new_until: date | None
    sort_bin: str


@dataclass(frozen=True, slots=True)
class PatronRecord:
    """A patron with what their category grants.  *name* and *pin_hash* are never printed."""

    number: PatronId
    name: str
    category: str
    terms: CategoryTerms
    holds_max: int
    pin_hash: str | None
    card: CardStatus
    expires_on: date | None
    born_on: date | None

    def __repr__(self) -> str:
        return f"PatronRecord({self.number!r})"


class CloseHow(Enum):
    """How a loan ended: the item was given back; it was lent to somebody else, so it must have come back; it
    never came about.
    """

    RETURNED = "returned"
    IMPLIED = "implied"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class LoanRecord:
    """A loan; *closed_at* None while the item is out.  *id* names it for ever; below zero: not written yet."""

    id: int
    item: ItemId
    patron: PatronId
    title: str
    item_type: str
    lent_at: datetime
    due_on: date
    terminal: str
    renewals: int
    closed_at: datetime | None
    closed_terminal: str = ""
    closed_how: CloseHow | None = None
    renewed_at: datetime | None = None


class MarkKind(Enum):
    """SEEN: the item was in the library and no loan was open.  LENT_AGAIN: lent to who had it already.

    GIVEN_BACK: a terminal took it back and told so in its order; whatever that terminal tells later happened later.
    """

    SEEN = "seen"
    LENT_AGAIN = "lent-again"
    GIVEN_BACK = "given-back"


@dataclass(frozen=True, slots=True)
class MarkRecord:
    """What is known of an item beside its loans; *patron* and *due_on* go with LENT_AGAIN."""

    item: ItemId
    at: datetime
    kind: MarkKind
    terminal: str
    patron: PatronId | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class HoldRecord:
    """An open hold; *is_on_shelf* once the item waits for the patron to fetch it."""

    id: int
    item: ItemId
    patron: PatronId
    title: str
    placed_at: datetime
    is_on_shelf: bool
    pickup_location: str
    pickup_branch: str = ""


@dataclass(frozen=True, slots=True)
class FeeRecord:
    """An open fee: *reference* names it in the ledger, *amount_minor* of it is owed.  *title* is its item's."""

    reference: str
    item: ItemId | None
    kind: FeeKind
    amount_minor: int
    charged_on: date
    title: str = ""
