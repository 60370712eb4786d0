"""What a reader sees who pays."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from drivers.payment import Step
from kiosk.workflow.view.account import FeeLine
from kiosk.workflow.view.values import Choice, SlipState
from sync.entries import Means, Money, Reason


class PaymentState(Enum):
    """How a payment stands.

    APPROVED: the money was taken, and the library's books do not say so yet.  POSTED: they do.  REVERSING, REVERSED:
    the books did not take it, so the money goes back, or has gone back.  UNKNOWN: staff find out; nothing more is
    charged.
    """

    AUTHORISING = "authorising"
    APPROVED = "approved"
    POSTED = "posted"
    REVERSING = "reversing"
    REVERSED = "reversed"
    NOT_PAID = "not-paid"
    UNKNOWN = "unknown"


class PaymentTrouble(Enum):
    """Why a payment did not come about, found by the terminal itself or by whoever takes the money."""

    DECLINED = "declined"
    ABORTED = "aborted"
    TIME_OVER = "time-over"
    DEVICE_AWAY = "device-away"
    OTHER_AMOUNT = "other-amount"
    FEES_CHANGED = "fees-changed"
    NOT_POSTED = "not-posted"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class ChooseFees:
    """Which fees are to be paid, and how: "fee:N" takes line N (from 0) in or out, "all-fees" all, "cancel" goes back.

    "pay-by:card" and "pay-by:qr" are offered as the library has them and they work, enabled with something chosen.
    *is_at_counter*: it can be paid at the counter too.  *is_whole_only*: the server tells one sum only, so nothing can
    be left out; *is_one_only*: it takes one fee at a time, or all.  *is_too_much*: more than is taken here at once.
    """

    fees: tuple[FeeLine, ...]
    total: Money
    is_whole_only: bool = False
    is_at_counter: bool = False
    is_one_only: bool = False
    is_too_much: bool = False
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Paying:
    """A payment under way or just ended.

    *step* is what the terminal wants, *text* that in its own words; *code* the text of the QR code to be shown.
    *reference* is what staff find it by, once there is something to find.  Choices: "cancel" while it can be stopped,
    "done", "print" at the end.
    """

    state: PaymentState
    amount: Money
    means: Means
    step: Step | None = None
    text: str = ""
    code: str = ""
    why: PaymentTrouble | Reason | None = None
    reference: str = ""
    seconds_left: int = 0
    receipt: SlipState | None = None
    choices: tuple[Choice, ...] = ()
