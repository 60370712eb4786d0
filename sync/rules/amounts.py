"""What a sum of money has to be before a rule reckons with it: whole minor units, of the library's one currency.

No rule here knows a decimal point or a float.  What a factor makes of a price is rounded once, half up, to the minor
unit: half a fen is a fen (`round_half_up`).
"""

from __future__ import annotations

import re
from datetime import date, datetime
from fractions import Fraction
from typing import Final

from sync.entries import Money

AMOUNT_MINOR_MAX: Final = 999_999_999_999
"""No sum of a library has more than twelve digits; one that has is a mistake."""

FACTOR_MAX: Final = 100
DENOMINATOR_MAX: Final = 10_000

_CURRENCY = re.compile(r"[A-Z]{3}")
_FACTOR = re.compile(r"([0-9]{1,5})(?:/([0-9]{1,5})|\.([0-9]{1,4}))?", re.ASCII)


class BadRule(ValueError):
    """A setting that no rule can reckon with; the installer has to mend it.  The message names the setting."""


class BadAmount(ValueError):
    """A sum that is negative, absurdly large or no whole number of minor units."""


class CurrencyDiffers(BadAmount):
    """A sum of another currency than the library's; nothing is converted here."""


class NoDay(ValueError):
    """A moment was given for a day.  Which day it is depends on the library's zone, which no rule knows."""


def check_currency(currency: str) -> None:
    """Raises `BadRule` unless *currency* reads as an ISO 4217 code does."""
    if not isinstance(currency, str) or not _CURRENCY.fullmatch(currency):
        raise BadRule(f"currency must be an ISO 4217 code such as CNY, not {currency!r:.20}")


def check_whole(value: object, name: str, low: int, high: int) -> None:
    """Raises `BadRule` unless the setting *name* is a whole number from *low* to *high*; true is no number."""
    if type(value) is not int or not low <= value <= high:
        raise BadRule(f"{name} must be a whole number from {low} to {high}, not {value!r:.40}")


def check_factor(value: object, name: str) -> None:
    """Raises `BadRule` unless the setting *name* is a `Fraction` from 0 to 100 with a denominator up to 10,000."""
    if not isinstance(value, Fraction):
        raise BadRule(f"{name} must be an exact fraction, not {value!r:.40}")
    if not 0 <= value <= FACTOR_MAX or value.denominator > DENOMINATOR_MAX:
        raise BadRule(f"{name} must be from 0 to {FACTOR_MAX}, not {value!s:.40}")


def read_factor(text: str) -> Fraction:
    """The factor in *text*: "2", "3/2" or "1.5", each read exactly.  Raises `BadRule`."""
    match = _FACTOR.fullmatch(text.strip())
    if match is None or (match[2] is not None and not int(match[2])):
        raise BadRule(f"a factor reads 2, 3/2 or 1.5, not {text!r:.40}")
    factor = Fraction(int(match[1]), int(match[2])) if match[2] else Fraction(match[0].strip())
    check_factor(factor, "a factor")
    return factor


def minor_in(money: Money, currency: str) -> int:
    """The minor units of *money*, zero or more.  Raises `CurrencyDiffers` or `BadAmount`."""
    if money.currency != currency:
        raise CurrencyDiffers(f"amounts are in {currency}, not in {money.currency!r:.20}")
    units = money.minor_units
    if type(units) is not int:
        raise BadAmount("an amount is a whole number of minor units")
    if units < 0:
        raise BadAmount("an amount must not be negative")
    if units > AMOUNT_MINOR_MAX:
        raise BadAmount(f"an amount has at most {len(str(AMOUNT_MINOR_MAX))} digits")
    return units


def round_half_up(exact: Fraction) -> int:
    """The whole number nearest to *exact*, which is not negative; the greater of two that are equally near."""
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def check_day(day: date) -> None:
    """Raises `NoDay` where *day* is a moment; Python takes a `datetime` for a `date`."""
    if isinstance(day, datetime) or not isinstance(day, date):
        raise NoDay("a day of the library's calendar is wanted, not a moment")
