"""The ledger of a machine as tables for other programs: CSV, amounts as decimals beside their currency."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sync.decimals import decimal_text
from sync.entries import DayClosed, Money
from sync.journal.care.publishing import draft_of, private_file, publish, require_free
from sync.machine_ledger import Booked, Unbookable
from sync.machine_ledger.figures import FiguresUnreadable, head_of
from sync.rules.ledger import account_name

Line = Sequence[str]

TRANSACTION_HEADS = (
    "day",
    "closing",
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
)
CLOSING_HEADS = (
    "number",
    "day",
    "until",
    "source",
    "currency",
    "payments",
    "paid",
    "reversals",
    "reversed",
    "account",
    "debit",
    "credit",
    "not_booked",
    "mac",
)


def transaction_lines(booked: Sequence[Booked], refused: Sequence[Unbookable]) -> Iterator[Line]:
    """A line for each leg, a transaction's together; what could not be booked has a line without sums at the end."""
    yield TRANSACTION_HEADS
    for each in booked:
        one, origin = each.transaction, each.transaction.origin
        head = (
            origin.booked_on.isoformat(),
            str(each.closing or ""),
            each.at.isoformat(),
            one.reference,
            one.kind.value,
            "" if one.counters is None else one.counters.reference,
            origin.source,
            origin.operator,
            origin.voucher,
        )
        for leg in one.legs:
            amount = decimal_text(Money(abs(leg.minor_units), one.currency))
            sides = (amount, "") if leg.minor_units > 0 else ("", amount)
            yield (*head, account_name(leg.account), leg.fee, leg.item or "", *sides, one.currency)
    for lost in refused:
        named = (lost.day.isoformat(), str(lost.closing or ""), lost.at.isoformat(), lost.reference)
        yield (*named, "not-booked", *[""] * (len(TRANSACTION_HEADS) - 5))


def closing_lines(closings: Sequence[DayClosed]) -> Iterator[Line]:
    """A line for each account that moved, or one where none did: every closing has a line."""
    yield CLOSING_HEADS
    for row in closings:
        try:
            head = head_of(row.figures)
        except FiguresUnreadable:
            yield (str(row.number), row.day.isoformat(), *[""] * (len(CLOSING_HEADS) - 3), row.mac)
            continue
        start = (str(row.number), row.day.isoformat(), head.until.isoformat(), head.source)
        end = (str(len(head.content["not_booked"])), row.mac)
        if not head.content["sums"]:
            yield (*start, "", "0", "", "0", "", "", "", "", *end)
        for one in head.content["sums"]:
            currency = one["currency"]
            count, minor, countered, countered_minor = one["kinds"]["payment"]
            paid = (str(count), _text(minor, currency), str(countered), _text(countered_minor, currency))
            for name, (debit, credit) in sorted(one["accounts"].items()):
                if debit or credit:
                    sides = (_text(debit, currency), _text(credit, currency))
                    yield (*start, currency, *paid, name, *sides, *end)


def write_tables(tables: Mapping[Path, Sequence[Line]]) -> None:
    """Writes each of *tables* to its new file, mode 0600: UTF-8 with a mark, as spreadsheets want it.

    Raises `CareRefused` where one exists, before anything is written, and `OSError`.
    """
    for path in tables:
        require_free(path)
    for path, lines in tables.items():
        draft = draft_of(path)
        try:
            with (
                private_file(draft) as descriptor,
                os.fdopen(os.dup(descriptor), "w", encoding="utf-8-sig", newline="") as out,
            ):
                csv.writer(out).writerows([_harmless(cell) for cell in line] for line in lines)
            publish(draft, path)
        finally:
            draft_of(path)


def _harmless(cell: str) -> str:
    """A spreadsheet takes a text that begins like this for a formula; what others call a fee may begin so."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _text(minor_units: int, currency: str) -> str:
    return decimal_text(Money(minor_units, currency))
