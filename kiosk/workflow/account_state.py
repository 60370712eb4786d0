"""What is remembered of an account that is looked at, of fees being chosen, of payments, marks and receipts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from drivers.payment import Step
from kiosk.workflow.receipts import Receipt
from kiosk.workflow.view import LoanStatus, PaymentState, PaymentTrouble, Refusal, SlipState, Trouble
from sync.entries import Due, Entry, EntryKey, FeePart, Flaw, ItemId, Means, Money, Pay, Reason
from sync.questions import AccountFacts


class Page(Enum):
    """Which page of the running session is open.  Things laid down or scanned are only taken on BOOKS."""

    BOOKS = "books"
    ACCOUNT = "account"
    FEES = "fees"
    PAYING = "paying"


@dataclass(frozen=True, slots=True)
class LoanState:
    """One loan on the account; *due_told* is the day of the account, *due* the one that holds now.

    RENEWING without a *key*: it waits until fewer renewals are on their way.  *since* is when that began, *token* the
    question asked about the item, None until it was.
    """

    item: ItemId
    status: LoanStatus = LoanStatus.LENT
    title: str = ""
    due_told: Due | None = None
    due: Due | None = None
    is_overdue: bool = False
    why: Reason | Trouble | None = None
    message: str = ""
    key: EntryKey | None = None
    since: float = 0.0
    token: int | None = None


@dataclass(frozen=True, slots=True)
class AccountState:
    """The account as it was told last.

    *facts* None: not heard yet; *why* it could not be.  *token* is the question under way, waited for until *until*.
    *is_stale* once something was done that changes what it says.  *loans* has what the page knows beyond *facts*.
    """

    facts: AccountFacts | None = None
    loans: tuple[LoanState, ...] | None = None
    token: int = 0
    until: float = 0.0
    why: Refusal | None = None
    is_stale: bool = False


@dataclass(frozen=True, slots=True)
class Choosing:
    """Fees *chosen* by their ids, and what was made of them.

    Once the reader said how to pay, *parts* and *amount* are what is to be paid by *means*, and question *token* asks
    the account anew before money is taken, until *until*.  *why* it was not begun after all.
    """

    chosen: tuple[str, ...] = ()
    means: Means | None = None
    parts: tuple[FeePart, ...] = ()
    amount: Money | None = None
    token: int = 0
    until: float = 0.0
    why: PaymentTrouble | Reason | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment from the moment on in which its intent was written; *since* is when its *state* began.

    *is_found*: it was under way when the terminal stopped; *is_asked* once whoever takes money was asked what became
    of it.  *is_stopping* once the reader wanted it stopped.  *is_left*: posting it is left to the lane, and it is not
    waited for; *is_perhaps_posted* once the server was silent about what may have reached it; *is_over*: nothing more
    happens to it, it is only shown.  *reversal* is the receipt of the money that went back.
    """

    entry: Entry
    state: PaymentState
    since: float
    is_found: bool = False
    is_asked: bool = False
    is_stopping: bool = False
    is_left: bool = False
    is_perhaps_posted: bool = False
    is_over: bool = False
    step: Step | None = None
    text: str = ""
    code: str = ""
    why: PaymentTrouble | Reason | None = None
    reversal: tuple[str, ...] = ()

    @property
    def pay(self) -> Pay:
        """What was promised.  Raises `ValueError` where the entry is no payment."""
        if not isinstance(self.entry.promise, Pay):
            raise ValueError(f"{self.entry.key} is no payment")
        return self.entry.promise

    @property
    def is_under_way(self) -> bool:
        """Whether a reader has to be kept here for it: money is moving, or its posting is waited for."""
        return not (self.is_found or self.is_left or self.is_over)


@dataclass(frozen=True, slots=True)
class CareMark:
    """Somebody marks what is wrong with *item*; *is_reported* once it was written down, thanks are shown *until*."""

    item: ItemId
    title: str = ""
    flaws: tuple[Flaw, ...] = ()
    is_reported: bool = False
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class OnHand:
    """Receipts that can be had: on paper, asked for as *tokens*, of which *slip* tells; as codes until *code_until*."""

    receipts: tuple[Receipt, ...]
    tokens: tuple[int, ...] = ()
    slip: SlipState | None = None
    code_until: float | None = None
