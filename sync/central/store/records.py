"""Rows as values: what the rest of central reads of a database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sync.entries import ItemId, PatronId
from sync.rules.terms import CardStatus, CategoryTerms, Condition, Use


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """An item with what its type and its collection say about it."""

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


@dataclass(frozen=True, slots=True)
class LoanRecord:
    """A loan; *closed_at* None while the item is out.  *id* names it for ever."""

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


@dataclass(frozen=True, slots=True)
class FeeRecord:
    """An open fee; *amount_minor* is owed."""

    id: int
    item: ItemId | None
    kind: str
    amount_minor: int
    charged_at: datetime
