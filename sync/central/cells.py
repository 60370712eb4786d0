"""What may stand in one cell of a list: each reader gives a value, or says in a sentence what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import Enum

from drivers.masked import Secret
from sync.entries import BadIdentifier, item_id, patron_id
from sync.rules.amounts import BadRule, read_factor
from sync.rules.overdue import GRACE_DAYS_MAX, PER_DAY_MINOR_MAX
from sync.servers.sip2.money import minor_digits

INTEGER_MAX = 1_000_000
AMOUNT_DIGITS_MAX = 12
DAYS_MAX = 100_000


class BadCell(ValueError):
    """What is wrong with a cell, as a sentence that never repeats what stands in it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the cells of one import are read with: the day it is at the library, its zone and its currency."""

    today: date
    zone: tzinfo | None
    currency: str


Cell = Callable[[str, Reading], object]


def item_number(text: str, reading: Reading) -> str:
    """The number of an item."""
    try:
        return item_id(text)
    except BadIdentifier as error:
        raise BadCell(str(error)) from None


def patron_number(text: str, reading: Reading) -> str:
    """The number of a patron's card, revealed: it goes into the store."""
    try:
        return patron_id(text).reveal()
    except BadIdentifier as error:
        raise BadCell(str(error)) from None


def code(text: str, reading: Reading) -> str:
    """A short name for machines: small letters, digits, - and _."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,31}", text):
        raise BadCell("a code is 1 to 32 small letters, digits, - or _, and begins with a letter or digit")
    return text


def words(text: str, reading: Reading) -> str:
    """Text for people: at most 500 characters, none of them a control character."""
    if len(text) > 500:
        raise BadCell(f"a text has at most 500 characters, not {len(text)}")
    if not text.isprintable():
        raise BadCell("a text must not contain control characters or line ends")
    return text


def integer(text: str, reading: Reading) -> int:
    """A whole number from 0 to one million."""
    if not re.fullmatch(r"[0-9]{1,7}", text) or int(text) > INTEGER_MAX:
        raise BadCell(f"must be a whole number from 0 to {INTEGER_MAX}")
    return int(text)


def parts(text: str, reading: Reading) -> int:
    """How many parts an item has, 1 to 255 (ISO 28560)."""
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= 255:
        raise BadCell("must be a whole number from 1 to 255")
    return int(text)


def weekday(text: str, reading: Reading) -> int:
    """A day of the week, Monday 0 to Sunday 6."""
    if not re.fullmatch(r"[0-6]", text):
        raise BadCell("must be a weekday from 0 (Monday) to 6 (Sunday)")
    return int(text)


_YES = frozenset(("yes", "y", "true", "1", "是"))
_NO = frozenset(("no", "n", "false", "0", "否"))


def yes_no(text: str, reading: Reading) -> bool:
    """yes or no, also y/n, true/false, 1/0, 是/否."""
    word = text.lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise BadCell("must be yes or no")


def amount(text: str, reading: Reading) -> int:
    """An amount in the library's currency with a decimal point ("12.50"), as minor units; never negative."""
    digits = minor_digits(reading.currency)
    match = re.fullmatch(r"([0-9]{1,12})(?:\.([0-9]{1,3}))?", text)
    if match is None or len(match[2] or "") > digits:
        raise BadCell(f"must be an amount like 12.50, with at most {digits} decimals")
    return int(match[1] + (match[2] or "").ljust(digits, "0"))


def positive_amount(text: str, reading: Reading) -> int:
    """As `amount`, and more than zero."""
    minor_units = amount(text, reading)
    if minor_units == 0:
        raise BadCell("must be more than zero")
    return minor_units


def day_rate(text: str, reading: Reading) -> int:
    """An `amount` that one day late may cost."""
    minor_units = amount(text, reading)
    if minor_units > PER_DAY_MINOR_MAX:
        raise BadCell("is too much for one day")
    return minor_units


def grace_days(text: str, reading: Reading) -> int:
    """Days late that are put up with, 0 to 366."""
    if not re.fullmatch(r"[0-9]{1,3}", text) or int(text) > GRACE_DAYS_MAX:
        raise BadCell(f"must be a whole number from 0 to {GRACE_DAYS_MAX}")
    return int(text)


def factor(text: str, reading: Reading) -> str:
    """How many times a price: 2, 1.5 or 3/2, from 0 to 100."""
    try:
        read_factor(text)
    except BadRule:
        raise BadCell("must be a factor from 0 to 100, as 2, 1.5 or 3/2") from None
    return text


def harm_kind(text: str, reading: Reading) -> str:
    """Under what compensation is booked."""
    if text not in ("damage", "loss"):
        raise BadCell("must be one of damage, loss")
    return text


def bin_code(text: str, reading: Reading) -> str:
    """What a bin is called for machines (SIP2 CL): 1 to 32 printable ASCII characters without "|"."""
    if not re.fullmatch(r"[!-{}~]{1,32}", text):
        raise BadCell("a bin is 1 to 32 printable ASCII characters without blanks, other than |")
    return text


def terminal(text: str, reading: Reading) -> str:
    """The name of a terminal."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}", text):
        raise BadCell("a terminal is named by 1 to 32 letters, digits, dots, - or _")
    return text


def day(text: str, reading: Reading) -> date:
    """A day as YYYY-MM-DD, or "today", "today-30", "today+14" counted from the day of the import."""
    match = re.fullmatch(r"today(?:([+-])([0-9]{1,6}))?", text)
    try:
        if match is None:
            if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
                raise ValueError
            return date.fromisoformat(text)
        days = min(int(match[2] or "0"), DAYS_MAX)
        return reading.today + timedelta(days=-days if match[1] == "-" else days)
    except (ValueError, OverflowError):
        raise BadCell("must be a day as YYYY-MM-DD, or today, today-30, today+14") from None


def moment(text: str, reading: Reading) -> datetime:
    """Noon of a `day` at the library, as a moment."""
    noon = datetime.combine(day(text, reading), time(12))
    try:
        local = noon.replace(tzinfo=reading.zone) if reading.zone is not None else noon
        return local.astimezone(UTC)
    except OverflowError:
        raise BadCell("must be a day between the years 2 and 9998") from None


def pin(text: str, reading: Reading) -> Secret:
    """A PIN of 4 to 32 printable ASCII characters without "|"; it is hashed before it is stored."""
    if not re.fullmatch(r"[!-{}~]{4,32}", text):
        raise BadCell("a PIN is 4 to 32 printable ASCII characters other than |")
    return Secret(text)


def media(text: str, reading: Reading) -> str:
    """A SIP2 media type (CK), three digits."""
    if not re.fullmatch(r"[0-9]{3}", text):
        raise BadCell("must be a SIP2 media type of three digits, 001 for a book")
    return text


def one_of(choices: type[Enum]) -> Cell:
    """A reader of the values of *choices*."""
    allowed = [str(choice.value) for choice in choices]

    def read(text: str, reading: Reading) -> str:
        if text not in allowed:
            raise BadCell(f"must be one of {', '.join(allowed)}")
        return text

    return read
