"""What fees are for, and how they are paid at a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sync.entries.identifiers import ItemId, Money


class FeeKind(Enum):
    """What a fee is for."""

    CHECKOUT = "checkout"
    OVERDUE = "overdue"
    DAMAGE = "damage"
    LOSS = "loss"
    CARD = "card"
    OTHER = "other"


class Means(Enum):
    """How money is taken at a terminal without staff: by a card terminal, or by the library's payment back end."""

    CARD = "card"
    QR = "qr"


@dataclass(frozen=True, slots=True)
class FeePart:
    """So much of a payment is for one fee.

    *fee* names it as the server does (SIP2 CG, central's reference); empty: the account as a whole, where the server
    tells only a sum.
    """

    fee: str
    amount: Money
    kind: FeeKind = FeeKind.OTHER
    item: ItemId | None = None
