"""What goes in and out as JSON.  Amounts are objects with minor units and currency, days YYYY-MM-DD,
moments UTC.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from sync.entries import Alert, BadIdentifier, FeeKind, Money, Reason, item_id, patron_id


def _item(text: str) -> str:
    try:
        return item_id(text)
    except BadIdentifier as error:
        raise ValueError(str(error)) from None


def _patron(text: str) -> str:
    try:
        return patron_id(text).reveal()
    except BadIdentifier as error:
        raise ValueError(str(error)) from None


ItemNumber = Annotated[str, Field(max_length=64, description="The item's number."), AfterValidator(_item)]
PatronNumber = Annotated[str, Field(max_length=64, description="The card's number."), AfterValidator(_patron)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class Amount(_Shape):
    """An amount in the smallest unit of its currency (ISO 4217)."""

    minor_units: int
    currency: str

    @classmethod
    def of(cls, money: Money) -> Amount:
        """*money* as a shape."""
        return cls(minor_units=money.minor_units, currency=money.currency)


class LoanOrder(_Shape):
    """Lend `item` to `patron`.  `fee_consented` once the reader agreed to the fee that was named."""

    item: ItemNumber
    patron: PatronNumber
    fee_consented: bool = False


class RenewalOrder(_Shape):
    """Lengthen a loan.  `fee_consented` once the reader agreed to the fee that was named."""

    fee_consented: bool = False


class ReturnOrder(_Shape):
    """Take `item` back.  `is_undo` when it never left, so that a fee for the loan is taken back too."""

    item: ItemNumber
    is_undo: bool = False


class PinCheck(_Shape):
    """A PIN to be judged."""

    pin: Annotated[str, Field(min_length=1, max_length=128)]


class PinVerdict(_Shape):
    """Whether the PIN is right; never true for a card without one."""

    is_right: bool


class Loan(_Shape):
    """A loan as it stands now.  `release`: the item may pass the gate; `magnetic`: never desensitise it."""

    id: int
    item: str
    title: str
    lent_at: datetime
    due_on: date
    renewals: int
    is_renewed: bool
    release: bool
    magnetic: bool
    fee: Amount | None


class Return(_Shape):
    """What became of an item that came back: the loan that ended, what being late costs, and where the item goes.

    `alert`: why it does not simply go to its shelf.  `sort_bin`: the bin of its kind, where there is no alert.
    """

    item: str
    title: str
    is_known: bool
    closed_loan: int | None
    is_undone: bool
    is_waited_for: bool
    magnetic: bool | None
    due_on: date | None
    fee: Amount | None
    alert: Alert | None
    destination: str
    location: str
    sort_bin: str
    condition: str


class AccountLoan(_Shape):
    """An item on a patron's account."""

    id: int
    item: str
    title: str
    due_on: date
    renewals: int
    is_overdue: bool


class AccountHold(_Shape):
    """An item a patron waits for, or can fetch.  `queue`: how many are served before, and this one."""

    item: str
    title: str
    is_on_shelf: bool
    pickup_location: str
    queue: int


class AccountFee(_Shape):
    """A fee that is open: `id` names it in a payment."""

    id: str
    amount: Amount
    kind: FeeKind
    item: str | None
    title: str
    since: date


class Patron(_Shape):
    """How a patron stands.  `refusals`: why nothing is lent to them, the gravest first; empty means may
    borrow.
    """

    number: str
    name: str
    category: str
    expires_on: date | None
    refusals: tuple[Reason, ...]
    loans_max: int
    loans: tuple[AccountLoan, ...]
    holds: tuple[AccountHold, ...]
    fees: tuple[AccountFee, ...]
    owed: Amount


class Item(_Shape):
    """How an item stands.  `refusal`: why it is not lent to anybody."""

    number: str
    title: str
    author: str
    item_type: str
    collection: str
    call_number: str
    location: str
    price: Amount | None
    parts: int
    lend_incomplete: bool
    magnetic: bool
    stays_secured: bool
    age_min_years: int
    checkout_fee: Amount
    refusal: Reason | None
    due_on: date | None
    holds: int
    is_on_hold_shelf: bool


class Health(_Shape):
    """Central answers and can read its store; `now` is its clock."""

    status: Literal["ok"] = "ok"
    now: datetime


class Terminal(_Shape):
    """The terminal that asks, the library's name, and the clock."""

    name: str
    library: str
    now: datetime


class Flaw(_Shape):
    """One thing that is wrong with a request: where, and what."""

    where: str
    what: str


class Problem(_Shape):
    """Why something was not done (RFC 9457).  `reason` is one of the library's, `fee` goes with those
    about money.
    """

    type: str
    title: str
    status: int
    reason: Reason | None = None
    item_title: str = ""
    fee: Amount | None = None
    flaws: tuple[Flaw, ...] = ()
