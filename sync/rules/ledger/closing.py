"""The figures of a day: how often each kind was booked and for how much, and what that did to every account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sync.rules.amounts import NoDay, check_day
from sync.rules.ledger.accounts import ACCOUNT_NAMES, account_name
from sync.rules.ledger.errors import CurrencyRefused, Malformed, ReferenceTaken
from sync.rules.ledger.transactions import Kind, Transaction

BOOKED_KINDS = tuple(kind for kind in Kind if kind is not Kind.CORRECTION)


@dataclass(frozen=True, slots=True)
class KindFigures:
    """How often *kind* was booked and what that sums to, and how often and for how much it was countered that day.

    A correction counts on the day it was booked, whatever day the countered transaction is from.
    """

    kind: Kind
    count: int
    sum_minor: int
    countered_count: int
    countered_sum_minor: int

    @property
    def net_minor(self) -> int:
        """What stays after the corrections of the day; may be below zero when they are of earlier days."""
        return self.sum_minor - self.countered_sum_minor


@dataclass(frozen=True, slots=True)
class AccountFigures:
    """The debits and credits of a day on all accounts of one *name* (`account_name`), both as positive sums."""

    name: str
    debit_minor: int
    credit_minor: int

    @property
    def net_minor(self) -> int:
        """Of a till: how much more it holds."""
        return self.debit_minor - self.credit_minor


@dataclass(frozen=True, slots=True)
class Closing:
    """A day of one *source*, or of all (None).  The same tables every day: a kind or an account without a booking has
    zeros.  The nets of *accounts* sum to zero.  *references* are those counted, in order; nobody is named.
    """

    day: date
    source: str | None
    currency: str
    kinds: tuple[KindFigures, ...]
    accounts: tuple[AccountFigures, ...]
    references: tuple[str, ...]


def close_day(
    transactions: Iterable[Transaction], day: date, currency: str, source: str | None = None
) -> Closing:
    """The figures of *day* from *transactions*, of which those of other days and sources are left out.

    Raises `CurrencyRefused` for one of another currency, `ReferenceTaken` for one that is there twice, `Malformed` for
    a moment in place of *day*.
    """
    try:
        check_day(day)
    except NoDay as error:
        raise Malformed(str(error)) from None
    counted: dict[str, Transaction] = {}
    for one in transactions:
        if one.origin.booked_on != day or (source is not None and one.origin.source != source):
            continue
        if one.currency != currency:
            raise CurrencyRefused(f"{one.reference} is in {one.currency}, the day is closed in {currency}")
        if one.reference in counted:
            raise ReferenceTaken(f"{one.reference} is there twice")
        counted[one.reference] = one
    booked = tuple(counted.values())
    return Closing(
        day,
        source,
        currency,
        tuple(_kind_figures(booked, kind) for kind in BOOKED_KINDS),
        _account_figures(booked),
        tuple(counted),
    )


def _kind_figures(booked: tuple[Transaction, ...], kind: Kind) -> KindFigures:
    made = [one.volume_minor for one in booked if one.kind is kind]
    taken_back = [
        one.volume_minor for one in booked if one.counters is not None and one.counters.kind is kind
    ]
    return KindFigures(kind, len(made), sum(made), len(taken_back), sum(taken_back))


def _account_figures(booked: tuple[Transaction, ...]) -> tuple[AccountFigures, ...]:
    debits, credits_ = dict.fromkeys(ACCOUNT_NAMES, 0), dict.fromkeys(ACCOUNT_NAMES, 0)
    for one in booked:
        for leg in one.legs:
            side = debits if leg.minor_units > 0 else credits_
            side[account_name(leg.account)] += abs(leg.minor_units)
    return tuple(AccountFigures(name, debits[name], credits_[name]) for name in ACCOUNT_NAMES)
