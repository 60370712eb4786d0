"""Transactions from the journal's rows about money, each booked on the day that the closings say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Final
from urllib.parse import quote

from sync.entries import DayClosed, EntryKey, Means, Money, Pay, PaymentApproved, PaymentReversed
from sync.journal.reading import MoneyTold
from sync.machine_ledger.figures import FiguresUnreadable, Head, head_of
from sync.rules.ledger import LedgerError, Origin, Share, Till, Transaction, counter, payment

_TILLS: Final = {Means.CARD: Till.CARD_TERMINAL, Means.QR: Till.QR}
_NAME = re.compile(r"[!-{}~]{1,80}")
_NAME_LENGTH_MAX: Final = 80


@dataclass(frozen=True, slots=True)
class Booked:
    """A *transaction* made of row *row* of the journal; *closing* is the number of the closing it is in, 0 for none."""

    row: int
    at: datetime
    closing: int
    transaction: Transaction


@dataclass(frozen=True, slots=True)
class Unbookable:
    """Row *row* moved money, by its own words, that no ledger can take: *reference* names it, *why* says why.

    *day* and *closing* are as of a transaction.
    """

    row: int
    at: datetime
    closing: int
    day: date
    reference: str
    why: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A row of money, the day it is booked on and the number of the closing that took it, 0 for none."""

    told: MoneyTold
    day: date
    closing: int


def book(
    told: Sequence[MoneyTold], source: str, zone: tzinfo | None
) -> tuple[tuple[Booked, ...], tuple[Unbookable, ...]]:
    """What *told*, the journal's rows about money in their order, comes to in the ledger of the machine *source*.

    *zone* is the library's, None the machine's own: it only tells the day of what is in no closing yet.  The patron of
    a transaction is whom the journal still names, `WIPED` behind that.
    """
    return booked_of(placed(told, zone), source)


def booked_of(
    placed_rows: Sequence[Placed], source: str
) -> tuple[tuple[Booked, ...], tuple[Unbookable, ...]]:
    """The same of rows whose days are known."""
    booked: list[Booked] = []
    refused: list[Unbookable] = []
    payments: dict[EntryKey, Transaction] = {}
    for one in placed_rows:
        row, promise = one.told.row, one.told.promise
        if isinstance(row, DayClosed) or promise is None:
            continue
        reference = reference_of(row)
        try:
            origin = Origin(reference, one.day, source, voucher=_name(row.voucher))
            if isinstance(row, PaymentApproved):
                transaction = _payment(origin, promise)
                payments[row.key] = transaction
            else:
                paid = payments.get(row.key) or _payment(replace(origin, reference=str(row.key)), promise)
                transaction = counter(paid, origin)
        except LedgerError as error:
            refused.append(Unbookable(one.told.number, row.at, one.closing, one.day, reference, str(error)))
            continue
        booked.append(Booked(one.told.number, row.at, one.closing, transaction))
    return tuple(booked), tuple(refused)


def reference_of(row: PaymentApproved | PaymentReversed) -> str:
    """What the transaction of *row* is called for ever."""
    return str(row.key) if isinstance(row, PaymentApproved) else f"{row.key}/reversed"


def placed(told: Sequence[MoneyTold], zone: tzinfo | None) -> tuple[Placed, ...]:
    """Which day each payment among *told* is booked on, in their order; closings that cannot be read take none."""
    open_rows: list[MoneyTold] = []
    found: dict[int, Placed] = {}
    closed: date | None = None
    for one in told:
        if not isinstance(one.row, DayClosed):
            open_rows.append(one)
            continue
        head = _readable(one.row)
        if head is None:
            continue
        closed = head.day if closed is None else max(closed, head.day)
        taken = [each for each in open_rows if each.row.at < head.until]
        open_rows = [each for each in open_rows if each.row.at >= head.until]
        found |= {each.number: Placed(each, head.day, head.number) for each in taken}
    for each in open_rows:
        found[each.number] = Placed(each, open_day(each.row.at, closed, zone), 0)
    return tuple(found[number] for number in sorted(found))


def open_day(at: datetime, closed: date | None, zone: tzinfo | None) -> date:
    """The day a payment of the moment *at* will be booked on: its own, or the first one that is not closed."""
    own = at.astimezone(zone).date()
    return own if closed is None else max(own, closed + timedelta(days=1))


def _readable(row: DayClosed) -> Head | None:
    try:
        return head_of(row.figures)
    except FiguresUnreadable:
        return None


def _payment(origin: Origin, promise: Pay) -> Transaction:
    return payment(origin, promise.patron, tuple(_shares(origin.reference, promise)), _TILLS[promise.means])


def _shares(reference: str, promise: Pay) -> Iterator[Share]:
    """What the payment was for.  What was taken is the promised amount: where the parts do not come to it, or are no
    sums a ledger takes, it is one share under the payment's own reference.
    """
    amount = promise.amount
    by_fee: dict[str, Share] = {}
    for part in promise.parts:
        fee = _name(part.fee) or reference
        known = by_fee.get(fee)
        units = part.amount.minor_units + (0 if known is None else known.amount.minor_units)
        item = part.item if known is None or known.item == part.item else None
        by_fee[fee] = Share(fee, Money(units, part.amount.currency), item)
    shares = tuple(by_fee.values())
    is_whole = (
        bool(shares)
        and all(
            part.amount.currency == amount.currency and part.amount.minor_units > 0 for part in promise.parts
        )
        and sum(share.amount.minor_units for share in shares) == amount.minor_units
    )
    if is_whole:
        yield from shares
    else:
        yield Share(reference, amount)


def _name(text: str) -> str:
    """*text* as a ledger takes names: what others call a fee or a payment may hold anything."""
    if not text or _NAME.fullmatch(text):
        return text
    return quote(text, safe="!#$&'()*+,/:;=?@[]~-._", errors="replace")[:_NAME_LENGTH_MAX]
