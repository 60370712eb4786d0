"""What a reader sees who reports that a book needs care, and the receipt as a code on the screen."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.workflow.receipts import Receipt
from kiosk.workflow.view.values import Choice
from sync.entries import Flaw, ItemId


@dataclass(frozen=True, slots=True)
class MarkCare:
    """What is wrong with *item*?  "flaw:FLAW" marks or unmarks one, "yes" reports them, "cancel" goes back.

    *is_reported*: *flaws* were written down, and whoever reported them is thanked; "done" goes on.
    """

    item: ItemId
    title: str = ""
    flaws: tuple[Flaw, ...] = ()
    is_reported: bool = False
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiptCode:
    """*receipts* as QR codes, one for each reader; "done" goes on.  Nobody is named in them."""

    receipts: tuple[Receipt, ...]
    seconds_left: int = 0
    choices: tuple[Choice, ...] = ()
