"""What an item costs that comes back late: so much for each day, never below zero, never less for coming later.

All days are days of the library's calendar, in its zone: whoever knows a moment asks the zone first.  A due date has no
time of day (`sync.entries.Due`), so there are no hours.

1. *From when.*  The day after the due day is the first that can count.  Where the library turned out to be closed on
   the due day, the next open day takes its place: nobody pays for a door that was shut.
2. *Which days.*  Every day up to and with the one the item came back, or only those on which the library was open
   (`closed_days_count`).  Grace days are counted in the same way.
3. *Grace.*  Within it nothing is charged.  After it, `Grace.FORGIVES` leaves the grace days free, and `Grace.DELAYS`
   charges every day from the first.
4. *Ceilings*, each for one item: an amount, the item's price, and always 3,650 days: a longer delay is a date that was
   entered wrongly, more often than not.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from typing import Final

from sync.entries import Money
from sync.rules.amounts import (
    AMOUNT_MINOR_MAX,
    BadRule,
    check_currency,
    check_day,
    check_whole,
    minor_in,
)
from sync.rules.days import first_open_day_until, open_days
from sync.rules.terms import Calendar

DAYS_CHARGED_MAX: Final = 3_650
GRACE_DAYS_MAX: Final = 366
PER_DAY_MINOR_MAX: Final = 100_000_000
"""So that even `DAYS_CHARGED_MAX` days stay below twelve digits."""


class Grace(Enum):
    """What becomes of the grace days once they are over: FORGIVES never charges them, DELAYS charges them too."""

    FORGIVES = "forgives"
    DELAYS = "delays"


class OverdueBound(Enum):
    """What kept a fee from growing: the amount set as ceiling, the item's price, or `DAYS_CHARGED_MAX`."""

    CEILING = "ceiling"
    PRICE = "price"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class OverdueRate:
    """What a late item of one type costs.  Raises `BadRule` where a setting cannot be.

    *ceiling_minor* None: no amount is too much.  *is_capped_at_price* holds where the item's price is known and not
    zero; where both ceilings are set the lower one counts.
    """

    per_day_minor: int
    grace_days: int = 0
    grace: Grace = Grace.FORGIVES
    ceiling_minor: int | None = None
    is_capped_at_price: bool = False

    def __post_init__(self) -> None:
        check_whole(self.per_day_minor, "per_day", 0, PER_DAY_MINOR_MAX)
        check_whole(self.grace_days, "grace_days", 0, GRACE_DAYS_MAX)
        if self.ceiling_minor is not None:
            check_whole(self.ceiling_minor, "ceiling", 0, AMOUNT_MINOR_MAX)
        if not isinstance(self.grace, Grace):
            raise BadRule("grace must be one of forgives, delays")

    def days_charged(self, days_late: int) -> int:
        """How many of *days_late* counted days cost something."""
        if days_late <= self.grace_days:
            return 0
        return days_late - self.grace_days if self.grace is Grace.FORGIVES else days_late


FREE: Final = OverdueRate(per_day_minor=0)


@dataclass(frozen=True, slots=True)
class OverdueRule:
    """A library's overdue fees: *rates* by the code of the item type, *otherwise* for a type that has none.

    *closed_days_count*: a day on which the library is closed costs as much as any other.  Raises `BadRule`.
    """

    currency: str
    rates: Mapping[str, OverdueRate] = field(default_factory=dict)
    otherwise: OverdueRate = FREE
    closed_days_count: bool = False

    def __post_init__(self) -> None:
        check_currency(self.currency)

    def rate(self, item_type: str) -> OverdueRate:
        """The rate for *item_type*."""
        return self.rates.get(item_type, self.otherwise)


@dataclass(frozen=True, slots=True)
class LateLoan:
    """A loan as the rule sees it: the code of the item's type, the day it was due, the item's price where known."""

    item_type: str
    due_on: date
    price: Money | None = None


@dataclass(frozen=True, slots=True)
class OverdueFee:
    """What a late return costs, and how that came about.

    *days_late* counted days after the due day, *days_charged* of them cost something.  *bound* tells what kept
    *amount* below days times rate, None where nothing did.
    """

    amount: Money
    days_late: int
    days_charged: int
    bound: OverdueBound | None = None


def days_late(due_on: date, returned_on: date, calendar: Calendar, *, closed_days_count: bool) -> int:
    """How many days late an item is that was due on *due_on* and came back on *returned_on*; 0 when in time.

    Raises `NoDay`.
    """
    check_day(due_on)
    check_day(returned_on)
    due = first_open_day_until(due_on, returned_on, calendar)
    if due is None:
        return 0
    return (returned_on - due).days if closed_days_count else open_days(due, returned_on, calendar)


def overdue_fee(loan: LateLoan, returned_on: date, rule: OverdueRule, calendar: Calendar) -> OverdueFee:
    """What *loan* costs when the item comes back on *returned_on*; zero when that is in time.

    Raises `CurrencyDiffers` or `BadAmount` for a price that cannot be, `NoDay` for a moment.
    """
    rate = rule.rate(loan.item_type)
    ceilings = _ceilings(loan, rate, rule.currency)
    late = days_late(loan.due_on, returned_on, calendar, closed_days_count=rule.closed_days_count)
    charged = rate.days_charged(late)
    amount, bound = charged * rate.per_day_minor, None
    for ceiling, name in ceilings:
        if amount > ceiling:
            amount, bound = ceiling, name
    return OverdueFee(Money(amount, rule.currency), late, charged, bound)


def _ceilings(loan: LateLoan, rate: OverdueRate, currency: str) -> list[tuple[int, OverdueBound]]:
    found = [(DAYS_CHARGED_MAX * rate.per_day_minor, OverdueBound.DAYS)]
    if rate.ceiling_minor is not None:
        found.append((rate.ceiling_minor, OverdueBound.CEILING))
    price = 0 if loan.price is None else minor_in(loan.price, currency)
    if rate.is_capped_at_price and price > 0:
        found.append((price, OverdueBound.PRICE))
    return found


def first_charged_day(loan: LateLoan, rule: OverdueRule, calendar: Calendar) -> date | None:
    """The first day on which bringing the item back costs something: the reader has until the day before.

    None when it costs nothing within 3,650 days.  Raises as `overdue_fee` does.
    """
    check_day(loan.due_on)
    span = min(DAYS_CHARGED_MAX, (date.max - loan.due_on).days)

    def costs(offset: int) -> bool:
        return overdue_fee(loan, loan.due_on + timedelta(days=offset), rule, calendar).amount.minor_units > 0

    offset = bisect_left(range(span + 1), True, key=costs)
    return loan.due_on + timedelta(days=offset) if offset <= span else None
