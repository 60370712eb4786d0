"""Receipts, as values without wording: what a reader may take home.  Nobody is named, and no card number is in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sync.entries import Due, ItemId, Means, Money


class ReceiptKind(Enum):
    """What a receipt is about."""

    LOANS = "loans"
    RETURNS = "returns"
    PAYMENT = "payment"


class ReceiptWord(Enum):
    """What is said of one line of a receipt.

    PAID_BACK: the money that had been taken for it was given back.  PAYMENT_UNKNOWN: nobody can tell yet whether money
    was taken for it; staff find out.
    """

    LENT = "lent"
    LENT_PROVISIONALLY = "lent-provisionally"
    RENEWED = "renewed"
    BACK = "back"
    BACK_NO_LOAN = "back-no-loan"
    BACK_RECORDED = "back-recorded"
    BACK_TO_STAFF = "back-to-staff"
    PAID = "paid"
    PAID_BACK = "paid-back"
    PAYMENT_UNKNOWN = "payment-unknown"


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One item, or one fee that was paid.

    *due* is when a loan ends; of what came back, when it had to be back.  *amount*: what was paid, or is owed for
    being late.
    """

    word: ReceiptWord
    item: ItemId | None = None
    title: str = ""
    due: Due | None = None
    days_overdue: int = 0
    amount: Money | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt of *library* at *terminal*, in *language* (a locale).

    *reference* is its number.  Of a payment: *total*, *means*, *voucher* (what the other side calls it), *is_posted*
    whether the library's books have it already, *terminal_lines* the card terminal's own receipt, masked as it came.
    """

    kind: ReceiptKind
    reference: str
    library: str
    terminal: str
    at: datetime
    language: str
    lines: tuple[ReceiptLine, ...]
    is_provisional: bool = False
    total: Money | None = None
    means: Means | None = None
    voucher: str = ""
    is_posted: bool = True
    terminal_lines: tuple[str, ...] = ()

    @property
    def is_paid(self) -> bool:
        """Whether money was taken for it, and stays so, as far as is known."""
        return all(line.word is ReceiptWord.PAID for line in self.lines)

    @property
    def awaits_books(self) -> bool:
        """Whether money was taken that the library's books do not have yet."""
        return not self.is_posted and self.is_paid
