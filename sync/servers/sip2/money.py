"""Amounts on the SIP2 wire: plain text whose decimal mark is the server's (BV, in the currency of BH, ISO
4217).
"""

from __future__ import annotations

import re

from sync.decimals import decimal_text, minor_digits
from sync.entries import Money

__all__ = ["minor_digits", "read_money", "write_money"]

_AMOUNT = re.compile(r"(-?)[^\d.,()-]*(\d+(?:([.,])\d{3}(?:\3\d{3})*)?)(?:([.,])(\d+))?[^\d.,()-]*")
_AMOUNT_LENGTH_MAX = 20


def read_money(text: str, currency: str) -> Money | None:
    """The amount in *text* (BV), which may have a decimal point or comma; None when there is none or it is
    unclear.

    A single mark before exactly three digits ("1.234") is read neither as thousands nor as decimals, unless
    the currency has three decimals.  Brackets and a sign behind the digits, by which books mark credit, are unclear.
    """
    text = text.strip()
    match = _AMOUNT.fullmatch(text) if 0 < len(text) <= _AMOUNT_LENGTH_MAX else None
    if match is None or not text.isascii():
        return None
    sign, whole, group, mark, decimals = match.groups()
    digits = minor_digits(currency)
    decimals = decimals or ""
    if group is not None and (mark == group or not mark):
        # One group alone could be decimals; several can only be thousands.
        if whole.count(group) == 1 and not mark:
            if digits != 3:
                return None
            whole, decimals = whole.split(group)
        elif mark == group:
            return None
    if decimals[digits:].strip("0"):
        return None
    whole = re.sub(r"\D", "", whole)
    units = int(whole + decimals[:digits].ljust(digits, "0"))
    return Money(-units if sign else units, currency)


def write_money(money: Money) -> str:
    """The amount with a decimal point, as BV carries it."""
    return decimal_text(money)
