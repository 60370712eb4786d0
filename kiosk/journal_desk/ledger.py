"""What is asked of the ledger of a machine, and answered from the journal's rows about money; nobody is named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from drivers.link import SettingsError
from kiosk.engine.errands import Answer, NotDone, Request
from kiosk.journal_desk import asked
from kiosk.journal_desk.ledger_tables import closing_lines, transaction_lines, write_tables
from sync.decimals import decimal_text
from sync.entries import DayClosed, Money
from sync.journal.file import OpenFile
from sync.journal.memory import BootClock
from sync.journal.reading import MoneyTold, Reading
from sync.journal.segments import floor_of
from sync.machine_ledger import (
    Booked,
    ClosingRefused,
    DayWanted,
    book,
    close_days,
    days_closed,
    ledger_key,
    verify,
)
from sync.machine_ledger.figures import FiguresUnreadable, head_of

ROWS_AT_ONCE: Final = 100
"""So many rows about money are read between two commits: some milliseconds."""

CLOCK_DIFFERS_MAX: Final = timedelta(days=1)
"""How far the wall clock may lie from the server's: days that are closed by itself are closed for good."""

Appending = Callable[[Sequence[DayClosed]], object]


@dataclass(frozen=True, slots=True)
class LedgerPlace:
    """Where the key of the closings lies, made with the first closing, and what the machine is called in them."""

    key_file: Path
    source: str


def every_row(file: OpenFile) -> tuple[MoneyTold, ...]:
    """All rows about money in *file*, in their order."""
    reading, told, number = Reading(file), list[MoneyTold](), 0
    while page := reading.money_after(number, ROWS_AT_ONCE):
        told += page
        number = page[-1].number
    return tuple(told)


def is_purged(file: OpenFile) -> bool:
    """Whether the journal has let go of its oldest rows."""
    return floor_of(file).number > 0


def closed(
    told: Sequence[MoneyTold], request: Request, now: datetime, place: LedgerPlace, append: Appending
) -> Answer:
    """Closes the days that *request* wants: *append* writes the rows.  Raises `NotDone`."""
    wanted = _wanted(request)
    had_some = bool(days_closed(told))
    if had_some and not place.key_file.exists():
        raise NotDone(f"{place.key_file}: the key of the earlier closings is missing; bring it back")
    try:
        key = ledger_key(place.key_file, may_make=True)
        rows = close_days(told, wanted, now, place.source, None, key)
    except (ClosingRefused, SettingsError) as error:
        raise NotDone(str(error), is_call_wrong=True) from None
    if rows:
        append(rows)
    last = rows[-1] if rows else next(iter(days_closed(told)[::-1]), None)
    return {
        "closed": [closing_said(row) for row in rows],
        "last": None if last is None else closing_said(last),
        "wanted": None if wanted.day is None else wanted.day.isoformat(),
    }


def why_not_by_itself(clocks: Sequence[BootClock], boot: int, now: datetime, seconds: float) -> str:
    """Why no day is closed at *now* unless somebody looks at the clock; "" where the server's bears it out.

    *clocks* are the last measures of the server's clock, *seconds* is the monotonic clock of start *boot* at *now*.  A
    machine without a battery may begin in another year, and what is closed there bars the way to every later day.
    """
    told = next((clock.told for clock in clocks if clock.boot == boot), None)
    if told is None:
        return "the server has not told its time since the start"
    differs = abs(told.server + timedelta(seconds=seconds - told.seconds) - now)
    return "" if differs <= CLOCK_DIFFERS_MAX else "the clock is not that of the server: look at it"


def listed(told: Sequence[MoneyTold], request: Request, place: LedgerPlace) -> Answer:
    """The closings and what is open; with a day in *request* the transactions of it.  Raises `NotDone`."""
    day = _day(request)
    booked, refused = book(told, place.source, None)
    if day is not None:
        return {
            "day": day.isoformat(),
            "transactions": [_booked_said(one) for one in booked if one.transaction.origin.booked_on == day],
            "not_booked": [one.reference for one in refused if one.day == day],
        }
    return {
        "closings": [closing_said(row) for row in days_closed(told)],
        "open": [_booked_said(one) for one in booked if not one.closing],
        "not_booked": [one.reference for one in refused if not one.closing],
    }


def exported(told: Sequence[MoneyTold], request: Request, place: LedgerPlace) -> Answer:
    """Writes both tables to new files.  Raises `NotDone`, `CareRefused` where one exists, `OSError`."""
    target = asked.target(request)
    if target.suffix != ".csv":
        raise NotDone('"to" is a file that ends with .csv', is_call_wrong=True)
    closings = target.with_name(f"{target.stem}-closings.csv")
    booked, refused = book(told, place.source, None)
    lines = tuple(transaction_lines(booked, refused))
    write_tables({target: lines, closings: tuple(closing_lines(days_closed(told)))})
    return {
        "to": str(target),
        "closings_to": str(closings),
        "transactions": len(booked),
        "closings": len(days_closed(told)),
        "not_booked": len(refused),
    }


def verified(told: Sequence[MoneyTold], place: LedgerPlace, *, purged: bool) -> Answer:
    """What making every closing anew found.  Raises `NotDone` without the key, unless nothing was ever closed."""
    try:
        key = ledger_key(place.key_file, may_make=False) if days_closed(told) else bytes(32)
    except SettingsError as error:
        raise NotDone(str(error), is_call_wrong=True) from None
    found = verify(told, key, is_purged=purged)
    return {
        "is_whole": found.is_whole,
        "closings": found.closings,
        "not_made_anew": found.not_made_anew,
        "open_rows": found.open_rows,
        "findings": [{"row": one.row, "number": one.number, "what": one.what} for one in found.findings],
    }


def closing_said(row: DayClosed) -> dict[str, Any]:
    """A closing as JSON can hold it; one whose figures cannot be read has none."""
    said: dict[str, Any] = {
        "number": row.number,
        "day": row.day.isoformat(),
        "at": row.at.isoformat(),
        "mac": row.mac,
        "sums": [],
        "not_booked": 0,
    }
    try:
        content = head_of(row.figures).content
        said["sums"] = [_sum_said(one) for one in content["sums"]]
        said["not_booked"] = len(content["not_booked"])
    except FiguresUnreadable:
        said["sums"] = None
    return said


def _sum_said(one: dict[str, Any]) -> dict[str, Any]:
    currency = str(one["currency"])
    count, minor, countered, countered_minor = one["kinds"]["payment"]
    tills = {
        name.removeprefix("till:"): _text(debit - credit, currency)
        for name, (debit, credit) in one["accounts"].items()
        if name.startswith("till:") and (debit or credit)
    }
    return {
        "currency": currency,
        "payments": count,
        "paid": _text(minor, currency),
        "reversals": countered,
        "reversed": _text(countered_minor, currency),
        "net": _text(minor - countered_minor, currency),
        "tills": tills,
    }


def _booked_said(booked: Booked) -> dict[str, Any]:
    one = booked.transaction
    return {
        "reference": one.reference,
        "at": booked.at.isoformat(),
        "day": one.origin.booked_on.isoformat(),
        "closing": booked.closing,
        "kind": one.kind.value,
        "counters": "" if one.counters is None else one.counters.reference,
        "voucher": one.origin.voucher,
        "amount": _text(one.legs[0].minor_units, one.currency),
        "currency": one.currency,
        "till": getattr(one.legs[0].account, "value", ""),
        "fees": [leg.fee for leg in one.legs[1:]],
    }


def _text(minor_units: int, currency: str) -> str:
    return decimal_text(Money(minor_units, currency))


def _wanted(request: Request) -> DayWanted:
    is_unfinished = request.get("unfinished", False)
    if type(is_unfinished) is not bool:
        raise NotDone('"unfinished" is true or false', is_call_wrong=True)
    return DayWanted(_day(request), is_unfinished)


def _day(request: Request) -> date | None:
    text = request.get("day")
    if text is None:
        return None
    try:
        if not isinstance(text, str) or len(text) != len("2026-05-12"):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise NotDone('"day" is a day as 2026-05-12', is_call_wrong=True) from None
