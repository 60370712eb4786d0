"""Which fees an amount settles: those the reader chose, in full, or else the oldest first."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sync.entries import Money
from sync.rules.ledger.book import Fee
from sync.rules.ledger.bookings import Share, positive
from sync.rules.ledger.errors import CurrencyRefused, NotAsChosen, Overpaid, ReferenceUnknown


def share_out(fees: Sequence[Fee], amount: Money, chosen: Collection[str] | None = None) -> tuple[Share, ...]:
    """The shares of *amount* on *fees*, which come from `Ledger.open_fees`.

    With *chosen* references, *amount* has to be exactly what those fees come to: each is settled whole, in the order of
    *fees*; one that is named twice counts once.  Without, the oldest come first, and the last may stay open in part.
    The shares sum to *amount*, and none is more than its fee.

    Raises `Overpaid` for more than is owed, `NotAsChosen`, `ReferenceUnknown` for a chosen fee that is not open (any
    more), `AmountRefused`, `CurrencyRefused`.
    """
    left = positive(amount)
    owed = [fee for fee in fees if fee.open_minor > 0]
    if any(fee.currency != amount.currency for fee in owed):
        raise CurrencyRefused(f"the fees are not in {amount.currency}")
    if chosen is not None:
        gone = sorted(set(chosen) - {fee.reference for fee in owed})
        if gone:
            raise ReferenceUnknown(f"nothing is owed for {', '.join(gone)}")
        owed = [fee for fee in owed if fee.reference in chosen]
        total = sum(fee.open_minor for fee in owed)
        if total != left:
            raise NotAsChosen(f"the chosen fees come to {total}, not to {left}")
    total = sum(fee.open_minor for fee in owed)
    if left > total:
        raise Overpaid(f"{total} is owed, not {left}: change is not given")
    shares = []
    for fee in owed:
        part = min(left, fee.open_minor)
        if part > 0:
            shares.append(Share(fee.reference, Money(part, amount.currency), fee.item))
        left -= part
    return tuple(shares)


def shares_to_give_back(fees: Sequence[Fee]) -> tuple[Share, ...]:
    """All that *fees*, which come from `Ledger.credits`, give back: one share for each that was paid for in vain."""
    return tuple(
        Share(fee.reference, Money(-fee.open_minor, fee.currency), fee.item)
        for fee in fees
        if fee.open_minor < 0
    )
