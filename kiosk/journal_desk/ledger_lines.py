"""Answers about the ledger as lines to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kiosk.journal_desk.tables import count_of, moment, table

Said = Mapping[str, Any]


def closed(said: Said) -> Iterator[str]:
    """What was closed now; where nothing was, why."""
    for one in said["closed"]:
        yield f"closed: number {one['number']}, {one['day']}, {_sums(one)}"
    if said["closed"]:
        return
    last, wanted = said["last"], said["wanted"]
    if last is None:
        yield f"nothing to close: no payment was made up to {wanted or 'yesterday'}"
    elif wanted is not None and wanted > last["day"]:
        yield f"nothing to close up to {wanted}"
    else:
        yield f"closed already: the last closing is number {last['number']}, {last['day']}, {_sums(last)}"


def listed(said: Said) -> Iterator[str]:
    """The closings and what is open, or the transactions of a day."""
    if "transactions" in said:
        yield from _transactions(said["transactions"])
        yield f"{count_of(len(said['transactions']), 'transaction', 'transactions')} on {said['day']}"
    else:
        rows = [
            (str(one["number"]), one["day"], moment(one["at"]), _sums(one), one["mac"][:16])
            for one in said["closings"]
        ]
        yield from table(("number", "day", "closed", "sums", "HMAC begins"), rows)
        yield count_of(len(rows), "closing", "closings")
        if said["open"]:
            yield ""
            yield "not closed yet:"
            yield from _transactions(said["open"])
    for reference in said["not_booked"]:
        yield f"NOT BOOKED: {reference} moved money that no ledger takes; see its row in the journal"


def verified(said: Said) -> Iterator[str]:
    """What was found."""
    yield f"{count_of(said['closings'], 'closing', 'closings')}, {said['open_rows']} rows not closed yet"
    if said["not_made_anew"]:
        yield f"{said['not_made_anew']} of them by their HMAC alone: their payments have been purged"
    for one in said["findings"]:
        yield f"number {one['number']} (row {one['row']}): {one['what']}"
    yield "whole: every closing is what the rows come to" if said["is_whole"] else "NOT whole"


def _transactions(transactions: list[Said]) -> Iterator[str]:
    rows = [
        (
            one["day"],
            one["reference"],
            one["kind"],
            one["till"],
            f"{one['amount']} {one['currency']}",
            one["voucher"],
            ", ".join(one["fees"]),
        )
        for one in transactions
    ]
    yield from table(("day", "reference", "kind", "till", "amount", "voucher", "fees"), rows)


def _sums(one: Said) -> str:
    if one["sums"] is None:
        return "figures that cannot be read"
    said = [
        f"{each['net']} {each['currency']} ({count_of(each['payments'], 'payment', 'payments')}"
        f"{', ' + count_of(each['reversals'], 'reversal', 'reversals') if each['reversals'] else ''})"
        for each in one["sums"]
    ]
    return ", ".join(said) or "no payments"
