"""What a simulated card terminal remembers of money: the truth that tests compare everything with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["Authorisation", "CardChoice", "Receipt"]


class CardChoice(Enum):
    """What somebody does with a card, and what becomes of it."""

    APPROVE = "approve"
    DECLINE = "decline"
    ABORT = "abort"
    NO_HOST = "no-host"
    WRONG_AMOUNT = "wrong-amount"
    WRONG_CURRENCY = "wrong-currency"
    UNREADABLE = "unreadable"


@dataclass
class Authorisation:
    """Money that was really taken, *minor* cents of the numeric *currency*, and whether it was given back."""

    minor: int
    currency: str
    receipt: int
    trace: int
    is_reversed: bool = False


@dataclass(frozen=True)
class Receipt:
    """What the terminal says again when it is asked: its status information and its lines."""

    status: bytes
    lines: tuple[str, ...]
