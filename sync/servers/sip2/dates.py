"""Dates on the SIP2 wire: the 18 characters of the definition, and the free text of a due date.

Reading never raises: what cannot be understood is None.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

from sync.entries import Due

DATE_LENGTH = 18
NO_DATE = " " * DATE_LENGTH
NOT_DUE = Due(None)

_LENIENT_DATE = re.compile(r"(\d{8})(.{0,4}?)(\d{6})?")
# Military zone letters: A to M without J are +1 to +12, N to Y are -1 to -12.
_ZONES = {letter: hours for hours, letter in enumerate("ABCDEFGHIKLM", start=1)} | {
    letter: -hours for hours, letter in enumerate("NOPQRSTUVWXY", start=1)
}


def read_date(text: str) -> datetime | None:
    """The moment *text* names: naive for the server's local time, aware where a zone is given; None when not
    given.

    Takes the 18 characters of the definition (YYYYMMDDZZZZHHMMSS), and 14 or 17 characters or a day alone as
    some servers send it.
    """
    if len(text) == DATE_LENGTH and text[8:12] == "    ":
        try:
            return datetime.fromisoformat(text[:8] + text[11:])
        except ValueError:
            return None
    match = _LENIENT_DATE.fullmatch(text.strip())
    if match is None:
        return None
    day, zone, time = match[1], match[2].strip(), match[3] or "000000"
    try:
        moment = datetime.fromisoformat(f"{day}T{time}")
    except ValueError:
        return None
    if zone == "Z":
        return moment.replace(tzinfo=UTC)
    if zone in _ZONES:
        return moment.replace(tzinfo=timezone(timedelta(hours=_ZONES[zone])))
    return moment


def write_date(moment: datetime | None) -> str:
    """18 characters: blank zone for a naive *moment*, "   Z" for an aware one, blanks for None."""
    if moment is None:
        return NO_DATE
    form = "%04d%02d%02d    %02d%02d%02d"
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
        form = "%04d%02d%02d   Z%02d%02d%02d"
    return form % (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)


_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:\D.*)?", re.DOTALL)
_YEAR_FIRST_CHINESE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日.*", re.DOTALL)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:\D.*)?", re.DOTALL)
_DIGITS_FIRST = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[ Z]{0,4}\d{4,6})?")


def read_due(text: str, order: str = "") -> Due:
    """The due date in the free text of AH.

    Understood are the SIP date, ISO and Chinese forms, and dotted day.month.year.  For dates with the year
    last, *order* "dmy" or "mdy" is the server's; without it only what can be read in one way has a day.
    """
    if len(text) == DATE_LENGTH and text[8:12] == "    ":
        try:
            return Due(date.fromisoformat(text[:8]), text)
        except ValueError:
            return Due(None, text)
    text = text.strip()
    if not text:
        return NOT_DUE
    match = _DIGITS_FIRST.fullmatch(text) or _YEAR_FIRST_CHINESE.fullmatch(text)
    if match is not None:
        return Due(_day(match[1], match[2], match[3]), text)
    match = _YEAR_FIRST.fullmatch(text)
    if match is not None:
        return Due(_day(match[1], match[3], match[4]), text)
    match = _YEAR_LAST.fullmatch(text)
    if match is None:
        return Due(None, text)
    day_first = _day(match[4], match[3], match[1])
    month_first = _day(match[4], match[1], match[3])
    if order == "dmy" or (not order and match[2] == "."):
        return Due(day_first, text)
    if order == "mdy":
        return Due(month_first, text)
    readings = {day_first, month_first} - {None}
    return Due(readings.pop() if len(readings) == 1 else None, text)


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def write_due(due: Due) -> str:
    """The text of *due*, or its day as YYYY-MM-DD where it has no text."""
    return due.text or (due.day.isoformat() if due.day is not None else "")
