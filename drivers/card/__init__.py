"""Readers of patrons' cards: smart cards and phones laid on a contactless reader.

`pcsc_card.py` polls through an APDU link, `tag_memory.py` reads a tag's NDEF message, `ndef_text.py` finds a
card number in it.  A number is masked from the first moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from drivers.masked import Masked

__all__ = ["CardReader", "CardShown", "CardTaken", "CardUnreadable"]


@dataclass(frozen=True, slots=True)
class CardShown:
    """A card came; *number* is what the settings say identifies the patron (UID in the set format, or NDEF
    text).
    """

    number: Masked


@dataclass(frozen=True, slots=True)
class CardUnreadable:
    """A card came that gives no number; *why* is one word ("uid", "ndef", "moved")."""

    why: str


@dataclass(frozen=True, slots=True)
class CardTaken:
    """The card left the reader."""


class CardReader(Protocol):
    """A reader that sees at most one card."""

    def poll(self, timeout_seconds: float) -> CardShown | CardUnreadable | CardTaken | None:
        """What changed, as soon as it does; None when nothing did in time.  Raises `DeviceLost`."""

    def close(self) -> None:
        """Lets the reader go.  Never raises."""
