"""A day of the library's ledger as tables for other programs: CSV, amounts as decimals, nobody named."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from drivers.link import Clock, SettingsError
from sync.central.exceptions_desk import NotDone, opened
from sync.central.settings import CentralSettings
from sync.central.store.ledger_rows import Kept, transactions_of_day
from sync.decimals import decimal_text
from sync.entries import Money
from sync.rules.ledger import Closing, CurrencyRefused, account_name, close_day

Line = Sequence[str]

TRANSACTION_HEADS = (
    "day",
    "at",
    "reference",
    "kind",
    "counters",
    "source",
    "operator",
    "voucher",
    "account",
    "fee",
    "item",
    "debit",
    "credit",
    "currency",
    "note",
)
CLOSING_HEADS = (
    "day",
    "source",
    "currency",
    "kind",
    "count",
    "sum",
    "countered",
    "countered_sum",
    "account",
    "debit",
    "credit",
)
ALL = "all"


def exported(settings: CentralSettings, clock: Clock, day: date | None, to: Path) -> Mapping[str, Any]:
    """Writes the transactions of *day* (None: yesterday) to *to*, and the day's figures to *-closing.csv beside it.

    A day that is over never changes: what is told late is booked on the day it comes.  Raises `SettingsError` for a
    file that is there already, and `NotDone`.
    """
    library = settings.library(clock)
    closed = date.fromordinal(library.today().toordinal() - 1) if day is None else day
    if closed >= library.today():
        raise NotDone(f"{closed.isoformat()} is not over yet", is_call_wrong=True)
    with opened(settings) as store, store.reading() as connection:
        kept = transactions_of_day(connection, closed, library.currency)
    booked = [one.transaction for one in kept]
    sources = sorted({one.origin.source for one in booked})
    try:
        closings = [close_day(booked, closed, library.currency, source) for source in (None, *sources)]
    except CurrencyRefused as error:
        raise NotDone(f"{error}: name it by --currency", is_call_wrong=True) from None
    beside = to.with_name(f"{to.stem}-closing{to.suffix}")
    _write({to: list(_transaction_lines(kept)), beside: list(_closing_lines(closings))})
    return {
        "day": closed.isoformat(),
        "transactions": len(kept),
        "to": str(to),
        "closing_to": str(beside),
        "sums_to_zero": sum(one.net_minor for one in closings[0].accounts) == 0,
    }


def _transaction_lines(kept: Iterable[Kept]) -> Iterator[Line]:
    yield TRANSACTION_HEADS
    for each in kept:
        one, origin = each.transaction, each.transaction.origin
        counters = "" if one.counters is None else one.counters.reference
        head = (origin.booked_on.isoformat(), each.at.isoformat(), one.reference, one.kind.value, counters)
        who = (origin.source, origin.operator, origin.voucher)
        for leg in one.legs:
            amount = _text(abs(leg.minor_units), one.currency)
            sides = (amount, "") if leg.minor_units > 0 else ("", amount)
            end = (leg.fee, leg.item or "", *sides, one.currency, each.note)
            yield (*head, *who, account_name(leg.account), *end)


def _closing_lines(closings: Iterable[Closing]) -> Iterator[Line]:
    yield CLOSING_HEADS
    for closing in closings:
        start = (closing.day.isoformat(), closing.source or ALL, closing.currency)
        for kind in closing.kinds:
            sums = (_text(kind.sum_minor, closing.currency), str(kind.countered_count))
            countered = _text(kind.countered_sum_minor, closing.currency)
            yield (*start, kind.kind.value, str(kind.count), *sums, countered, "", "", "")
        for account in closing.accounts:
            sides = (
                _text(account.debit_minor, closing.currency),
                _text(account.credit_minor, closing.currency),
            )
            yield (*start, "", "", "", "", "", account.name, *sides)


def _write(tables: Mapping[Path, Sequence[Line]]) -> None:
    for path in tables:
        if path.exists():
            raise SettingsError(f"{path} is there already: nothing was written")
    for path, lines in tables.items():
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise SettingsError(f"{path} cannot be written: {error.strerror}") from None
        with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as out:
            csv.writer(out).writerows([_harmless(cell) for cell in line] for line in lines)


def _harmless(cell: str) -> str:
    """A spreadsheet takes a text that begins like this for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _text(minor_units: int, currency: str) -> str:
    return decimal_text(Money(minor_units, currency))
