"""Makes every closing of a machine anew from the rows of the journal, and says what differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from sync.entries import DayClosed
from sync.journal.reading import MoneyTold
from sync.machine_ledger.booking import Placed, placed, reference_of
from sync.machine_ledger.closing import figures_of
from sync.machine_ledger.figures import FiguresUnreadable, Head, head_of, is_mac

DIFFERENCES_MAX = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with the closing in row *row*, number *number*; names nobody."""

    row: int
    number: int
    what: str


@dataclass(frozen=True, slots=True)
class Verified:
    """*closings* were read; of *not_made_anew* rows have been purged since, so that only their HMAC could be checked.

    *open_rows* are payments and reversals that no closing has taken yet.
    """

    closings: int
    not_made_anew: int
    open_rows: int
    findings: tuple[Finding, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def verify(told: Sequence[MoneyTold], key: bytes, *, is_purged: bool) -> Verified:
    """Holds every closing among *told*, all the journal's rows about money, against the others and against *key*.

    *is_purged*: the journal has let go of its oldest rows, so that the first closings may be missing, and rows of those
    that are there.
    """
    rows = placed(told, UTC)
    by_closing: dict[int, list[Placed]] = {}
    for each in rows:
        by_closing.setdefault(each.closing, []).append(each)
    findings: list[Finding] = []
    before: DayClosed | None = None
    count = not_anew = 0
    for one in told:
        row = one.row
        if not isinstance(row, DayClosed):
            continue
        count += 1
        what = list(_of_itself(row, key))
        what += _behind(before, row, is_purged=is_purged)
        head = _head(row)
        if head is not None:
            mine = by_closing.get(head.number, [])
            if is_purged and _has_lost(head, mine):
                not_anew += 1
            else:
                what += _against_rows(head, mine)
        findings += [Finding(one.number, row.number, sentence) for sentence in what]
        before = row
    return Verified(count, not_anew, len(by_closing.get(0, [])), tuple(findings))


def _of_itself(row: DayClosed, key: bytes) -> Iterator[str]:
    if not is_mac(key, row.figures, row.mac):
        yield "its HMAC is not that of its figures under this key: it was changed, forged, or closed with another key"
    try:
        head = head_of(row.figures)
    except FiguresUnreadable as error:
        yield f"its figures cannot be read: {error}"
        return
    if (head.day, head.number) != (row.day, row.number):
        yield f"its figures are those of number {head.number}, {head.day}"


def _behind(before: DayClosed | None, row: DayClosed, *, is_purged: bool) -> Iterator[str]:
    head = _head(row)
    if before is None:
        if not is_purged and (row.number != 1 or (head is not None and head.before)):
            yield "is the first, and one was there before it"
        return
    if row.number != before.number + 1:
        yield f"follows number {before.number}"
    if (row.day - before.day).days != 1:
        yield f"is of {row.day}, and the one before is of {before.day}"
    if head is not None and head.before != before.mac:
        yield "was not made behind the one before it"


def _has_lost(head: Head, rows: Sequence[Placed]) -> bool:
    """Whether it counts something of which the journal has no row any more, and nothing that it did not count."""
    there = {_reference(row) for row in rows}
    return there < set(head.references)


def _reference(row: Placed) -> str:
    told = row.told.row
    assert not isinstance(told, DayClosed)  # `placed` gives payments and reversals only.
    return reference_of(told)


def _against_rows(head: Head, rows: Sequence[Placed]) -> list[str]:
    anew = figures_of(rows, head.source, head.day, head.number, head.until, head.before)
    made = head_of(anew.text)
    if made.content == head.content:
        return []
    missing = sorted(set(head.references) - set(made.references))
    more = sorted(set(made.references) - set(head.references))
    found = [f"{one} was counted, and no row says so" for one in missing]
    found += [f"{one} was not counted, and a row says so" for one in more]
    found += list(_differences("", made.content["sums"], head.content["sums"]))
    found = found or ["the rows come to other figures"]
    if len(found) > DIFFERENCES_MAX:
        found = [*found[:DIFFERENCES_MAX], f"and {len(found) - DIFFERENCES_MAX} more"]
    return found


def _differences(where: str, made: Any, told: Any) -> Iterator[str]:
    """Where two sums differ, in words; references are compared elsewhere."""
    match made, told:
        case dict(), dict():
            for name in sorted({*made, *told} - {"references"}):
                yield from _differences(f"{where} {name}".strip(), made.get(name), told.get(name))
        case [*one], [*other] if any(isinstance(each, dict) for each in (*one, *other)):
            by_currency = [{each.get("currency", ""): each for each in side} for side in (one, other)]
            for currency in sorted({*by_currency[0], *by_currency[1]}):
                sides = (by_currency[0].get(currency, {}), by_currency[1].get(currency, {}))
                yield from _differences(f"{where} {currency}".strip(), *sides)
        case _ if made != told:
            yield f"{where}: the rows come to {_said(made)}, the closing says {_said(told)}"
        case _:
            return


def _said(value: Any) -> str:
    return "nothing" if value is None else f"{value!s:.80}"


def _head(row: DayClosed) -> Head | None:
    try:
        return head_of(row.figures)
    except FiguresUnreadable:
        return None
