"""A reader, origins and amounts for the tests of the ledger."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sync.entries import FeeKind, Money, item_id, patron_id
from sync.rules.ledger import Ledger, Origin, Share, charge

DAY = date(2026, 11, 23)
PATRON = patron_id("2300000042")
OTHER = patron_id("2300000077")
BOOK = item_id("10000001")


def yuan(text: str) -> Money:
    """The amount that *text* says with two decimals."""
    return Money(int(Decimal(text).scaleb(2)), "CNY")


def origin(reference: str, day: date = DAY, source: str = "kiosk-01") -> Origin:
    """A reader's own doing at a terminal."""
    return Origin(reference, day, source)


def share(fee: str, minor_units: int) -> Share:
    """So much of the fee *fee* for the sample book."""
    return Share(fee, Money(minor_units, "CNY"), BOOK)


def owing(*minor_units: int) -> Ledger:
    """A ledger in which the sample reader owes fees F1, F2... of these amounts for the sample book."""
    charges = (
        charge(origin(f"F{number}"), PATRON, FeeKind.OVERDUE, Money(units, "CNY"), BOOK)
        for number, units in enumerate(minor_units, start=1)
    )
    return Ledger.of("CNY", charges)
