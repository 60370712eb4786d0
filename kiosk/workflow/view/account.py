"""What a reader sees of the account: loans, holds, fees, and what is to be renewed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kiosk.workflow.view.session import Refusal
from kiosk.workflow.view.values import Choice, SlipState, Trouble
from sync.entries import Due, FeeKind, ItemId, Money, Reason


class LoanStatus(Enum):
    """How a loan on the account stands here; only RENEWED is a promise, and only once recorded."""

    LENT = "lent"
    RENEWING = "renewing"
    RENEWED = "renewed"
    NOT_RENEWED = "not-renewed"


@dataclass(frozen=True, slots=True)
class LoanLine:
    """One loan; *due* is the new day once it is RENEWED.  *why* it was not renewed.  Choice: "renew:ITEM"."""

    item: ItemId
    status: LoanStatus = LoanStatus.LENT
    title: str = ""
    due: Due | None = None
    is_overdue: bool = False
    days_overdue: int = 0
    why: Reason | Trouble | None = None
    message: str = ""
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class HoldLine:
    """One hold: *is_ready* to be picked up at *pickup* until *until*; else *queue* others come first, if told."""

    title: str
    item: ItemId | None = None
    is_ready: bool = False
    pickup: str = ""
    until: Due | None = None
    queue: int | None = None


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One fee.  *is_chosen* to be paid now; *text* is the server's own, for display.

    *why* it cannot be paid here, whatever the reader chooses: CURRENCY_DIFFERS, or AMOUNT_DIFFERS for a sum that is
    none.
    """

    amount: Money
    kind: FeeKind
    item: ItemId | None = None
    title: str = ""
    text: str = ""
    is_chosen: bool = False
    why: Reason | None = None
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """The account of who is logged in; overdue loans first, then by due date, holds that are ready first.

    *blocks* are why nothing is lent to them, the gravest first; empty: they may borrow.  *quota_left* as in
    `Borrowing`.  *loans*, *holds*, *fees* None: the server does not tell them; *is_loading* while it was not heard yet,
    *why* it could not be heard; "account" asks again.  *is_payment_open*: a payment is not in the library's books yet,
    or staff still find out what became of it; until then nothing more is taken.
    Choices: "renew-all", "pay", "borrow", "finish", and "print", "code" for what was renewed.
    """

    greeting: str
    loans: tuple[LoanLine, ...] | None
    holds: tuple[HoldLine, ...] | None = None
    fees: tuple[FeeLine, ...] | None = None
    owed: Money | None = None
    quota: int | None = None
    quota_left: int | None = None
    blocks: tuple[Reason, ...] = ()
    messages: tuple[str, ...] = ()
    is_loading: bool = False
    is_busy: bool = False
    why: Refusal | None = None
    is_payment_open: bool = False
    receipt: SlipState | None = None
    choices: tuple[Choice, ...] = ()
