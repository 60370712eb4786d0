"""What the terminal did, as staff are shown it: what is known of an item's tags, and of the money of a payment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sync.entries import (
    Entry,
    Means,
    Money,
    Pay,
    PaymentApproved,
    PaymentNotMade,
    PaymentReversed,
    Released,
    ReleaseFailed,
    ReleaseIntended,
    Restored,
    Secured,
    SecureFailed,
    SecureIntended,
    Strip,
)


class TagState(Enum):
    """What is known of the item's tags and strip: *UNTOUCHED* nothing was written, *UNKNOWN* a release or securing
    began and nobody saw its end, *FAILED* it did not come about as far as it was read, *RESTORED* they are as before.
    """

    UNTOUCHED = "untouched"
    RELEASED = "released"
    UNKNOWN = "unknown"
    FAILED = "failed"
    SECURED = "secured"
    RESTORED = "restored"


class MoneyState(Enum):
    """What is known of the money of a payment."""

    UNKNOWN = "unknown"
    TAKEN = "taken"
    NOT_TAKEN = "not-taken"
    GIVEN_BACK = "given-back"


@dataclass(frozen=True, slots=True)
class PaidMoney:
    """*amount* by *means*, and what became of it; *voucher* and *mark* are how the other side finds the payment."""

    amount: Money
    means: Means
    state: MoneyState
    voucher: str
    mark: str


def tags_of(entry: Entry) -> TagState:
    """What the last row of *entry* that is about the tags tells of them."""
    for row in reversed(entry.rows):
        match row:
            case ReleaseIntended() | SecureIntended():
                return TagState.UNKNOWN
            case Released():
                return TagState.RELEASED
            case Secured():
                return TagState.SECURED
            case Restored():
                return TagState.RESTORED
            case ReleaseFailed():
                return _failed(row, Strip.ACTIVE)
            case SecureFailed():
                return _failed(row, Strip.INACTIVE)
            case _:
                continue
    return TagState.UNTOUCHED


def _failed(row: ReleaseFailed | SecureFailed, unchanged: Strip) -> TagState:
    """A strip that was read is as it was only where it is *unchanged*."""
    if row.strip is not None:
        # Also of an item with tags: one side that was read does not tell the other.
        return TagState.FAILED if row.strip is unchanged else TagState.UNKNOWN
    # What nobody saw the end of is written as failed, with no tag read.
    return TagState.FAILED if row.after else TagState.UNKNOWN


def money_of(entry: Entry) -> PaidMoney | None:
    """What *entry* tells of the money; None when it is no payment."""
    promise = entry.promise
    if not isinstance(promise, Pay):
        return None
    state, voucher, mark = MoneyState.UNKNOWN, "", promise.mark_before
    for row in entry.rows:
        match row:
            case PaymentApproved():
                state, voucher, mark = MoneyState.TAKEN, row.voucher, row.mark
            case PaymentNotMade():
                state = MoneyState.NOT_TAKEN
            case PaymentReversed():
                state = MoneyState.GIVEN_BACK
            case _:
                continue
    return PaidMoney(promise.amount, promise.means, state, voucher, mark)
