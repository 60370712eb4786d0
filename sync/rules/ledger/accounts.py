"""The accounts money moves between.  A positive leg is a debit: the patron owes more, the till holds more."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from sync.entries import FeeKind, PatronId


@dataclass(frozen=True, slots=True)
class PatronAccount:
    """What a patron owes: the sum of its legs; below zero the library owes the patron."""

    patron: PatronId


@dataclass(frozen=True, slots=True)
class DepositAccount:
    """What the library holds of a patron as a deposit: the sum of its legs is zero or negative."""

    patron: PatronId


class Till(Enum):
    """Where money is taken and given: CASH in a machine's box, a CARD_TERMINAL, the QR back end, the COUNTER."""

    CASH = "cash"
    CARD_TERMINAL = "card-terminal"
    QR = "qr"
    COUNTER = "counter"


@dataclass(frozen=True, slots=True)
class Income:
    """What the library has charged for one kind of fee, as a negative sum."""

    kind: FeeKind


class Allowance(Enum):
    """What the library has let readers off."""

    WAIVER = "waiver"


Account = PatronAccount | DepositAccount | Till | Income | Allowance
"""Every account there is."""


def account_name(account: Account) -> str:
    """What an account is called where sums are told, for machines; all patrons have one name, and so all deposits."""
    match account:
        case PatronAccount():
            return "patrons"
        case DepositAccount():
            return "deposits"
        case Till():
            return f"till:{account.value}"
        case Income(kind):
            return f"income:{kind.value}"
        case Allowance():
            return account.value
        case _:
            assert_never(account)


ACCOUNT_NAMES = (
    "patrons",
    "deposits",
    *(account_name(till) for till in Till),
    *(account_name(Income(kind)) for kind in FeeKind),
    *(account_name(allowance) for allowance in Allowance),
)
"""Every name `account_name` gives, in the order of a closing."""
