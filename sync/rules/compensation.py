"""What a reader owes for an item that was damaged or lost: a factor of its price, or the same book instead.

A library names its kinds of harm and gives each its terms; `usual_rule` has those of the duty lists the product is
made after: pencil marks cost the price, other pens twice the price or the same book, a lost book twice the price.  One
volume of a set that has only a price as a set costs the set's price, times the library's factor for it (`set_factor`,
in place of `factor`).

The amount is the factor times the price, exact, then rounded once: half up to the minor unit.  Then the minimum and the
cap hold.  No age, no wear and no category lowers it: no rule of the library says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Final

from sync.entries import FeeKind, Money
from sync.rules.amounts import (
    AMOUNT_MINOR_MAX,
    BadAmount,
    BadRule,
    check_currency,
    check_factor,
    check_whole,
    minor_in,
    round_half_up,
)

PENCIL: Final = "pencil"
PEN: Final = "pen"
LOSS: Final = "loss"

_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


class HarmUnknown(LookupError):
    """The library has no terms for this kind of harm.  The message lists those it has."""


class PriceUnknown(ValueError):
    """The item has no price, or one of nothing: staff have to find out what it costs before anybody owes it."""


class CompensationBound(Enum):
    """What changed the amount after it was reckoned: it was raised to the MINIMUM or lowered to the CAP."""

    MINIMUM = "minimum"
    CAP = "cap"


@dataclass(frozen=True, slots=True)
class HarmTerms:
    """What one kind of harm costs.  Raises `BadRule` where a setting cannot be.

    *factor* of the item's price, *set_factor* of the set's price where the item is one volume of a set priced as a
    set.  *may_replace*: the reader may bring the same book instead.  *cap_minor* None: there is none.  *fee_kind* is
    DAMAGE or LOSS: under what the amount is booked.
    """

    factor: Fraction
    set_factor: Fraction = Fraction(1)
    may_replace: bool = False
    minimum_minor: int = 0
    cap_minor: int | None = None
    fee_kind: FeeKind = FeeKind.DAMAGE

    def __post_init__(self) -> None:
        check_factor(self.factor, "factor")
        check_factor(self.set_factor, "set_factor")
        check_whole(self.minimum_minor, "minimum", 0, AMOUNT_MINOR_MAX)
        if self.cap_minor is not None:
            check_whole(self.cap_minor, "cap", self.minimum_minor, AMOUNT_MINOR_MAX)
        if self.fee_kind not in (FeeKind.DAMAGE, FeeKind.LOSS):
            raise BadRule("fee_kind must be one of damage, loss")


@dataclass(frozen=True, slots=True)
class CompensationRule:
    """A library's compensation: the terms of each kind of harm by its code.  Raises `BadRule`."""

    currency: str
    harms: Mapping[str, HarmTerms]

    def __post_init__(self) -> None:
        check_currency(self.currency)
        for code in self.harms:
            if not _CODE.fullmatch(code):
                raise BadRule("a kind of harm has a code of 1 to 32 small letters, digits, - or _")

    def terms(self, harm: str) -> HarmTerms:
        """The terms of *harm*.  Raises `HarmUnknown`."""
        try:
            return self.harms[harm]
        except KeyError:
            known = ", ".join(sorted(self.harms)) or "none"
            raise HarmUnknown(f"there are no terms for {harm!r:.40}; known are: {known}") from None


def usual_rule(currency: str, set_factor: Fraction = Fraction(1)) -> CompensationRule:
    """Pencil: the price.  Pen: twice the price or the same book.  Loss: twice the price.  A set: *set_factor* times it.

    Raises `BadRule`.
    """
    return CompensationRule(
        currency,
        {
            PENCIL: HarmTerms(Fraction(1), set_factor),
            PEN: HarmTerms(Fraction(2), set_factor, may_replace=True),
            LOSS: HarmTerms(Fraction(2), set_factor, fee_kind=FeeKind.LOSS),
        },
    )


@dataclass(frozen=True, slots=True)
class HarmedItem:
    """The item's price, None where nobody knows it; *is_set_price*: it is that of the set the item belongs to."""

    price: Money | None
    is_set_price: bool = False


@dataclass(frozen=True, slots=True)
class Compensation:
    """What is owed, and how it came about: *factor* times *price*, rounded, changed by *bound* where that is not None.

    *may_replace*: the same book (edition and volume) settles it as well as *amount* does.
    """

    harm: str
    fee_kind: FeeKind
    amount: Money
    may_replace: bool
    price: Money
    factor: Fraction
    bound: CompensationBound | None = None


def compensation(item: HarmedItem, harm: str, rule: CompensationRule) -> Compensation:
    """What *harm* to *item* costs.

    Raises `HarmUnknown`, `PriceUnknown`, `CurrencyDiffers`, and `BadAmount` for a price that is negative or makes an
    amount of more than twelve digits.
    """
    terms = rule.terms(harm)
    price = 0 if item.price is None else minor_in(item.price, rule.currency)
    if price == 0:
        raise PriceUnknown("the item has no price: staff have to find out what it costs")
    factor = terms.set_factor if item.is_set_price else terms.factor
    amount, bound = round_half_up(factor * price), None
    if amount < terms.minimum_minor:
        amount, bound = terms.minimum_minor, CompensationBound.MINIMUM
    if terms.cap_minor is not None and amount > terms.cap_minor:
        amount, bound = terms.cap_minor, CompensationBound.CAP
    if amount > AMOUNT_MINOR_MAX:
        raise BadAmount(f"{factor} times the price has more than {len(str(AMOUNT_MINOR_MAX))} digits")
    return Compensation(
        harm,
        terms.fee_kind,
        Money(amount, rule.currency),
        terms.may_replace,
        Money(price, rule.currency),
        factor,
        bound,
    )
