"""Sums as decimal numbers for machines: on a wire, in a table.  What people read is `kiosk.wording`'s."""

from __future__ import annotations

from typing import Final

from sync.entries import Money

_MINOR_DIGITS: Final = {
    "JPY": 0,
    "KRW": 0,
    "VND": 0,
    "CLP": 0,
    "ISK": 0,
    "KWD": 3,
    "BHD": 3,
    "OMR": 3,
    "TND": 3,
    "JOD": 3,
}


def minor_digits(currency: str) -> int:
    """How many decimals *currency* (ISO 4217) has."""
    return _MINOR_DIGITS.get(currency, 2)


def decimal_text(money: Money) -> str:
    """*money* with a decimal point and all its decimals, without its currency: "12.50", "-0.05", "1200" yen."""
    digits = minor_digits(money.currency)
    sign = "-" if money.minor_units < 0 else ""
    whole, rest = divmod(abs(money.minor_units), 10**digits)
    return f"{sign}{whole}.{rest:0{digits}}" if digits else f"{sign}{whole}"
