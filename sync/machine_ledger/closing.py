"""Closes the days of a machine's ledger, one after another, each bound to the one before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from sync.entries import DayClosed
from sync.journal.reading import MoneyTold
from sync.machine_ledger.booking import Placed, booked_of, open_day, placed
from sync.machine_ledger.figures import Figures, FiguresUnreadable, head_of, mac_of, summed

DAYS_AT_ONCE_MAX: Final = 400
"""More than a year without a closing is a clock that was set wrongly more often than a library that forgot."""


class ClosingRefused(ValueError):
    """This day cannot be closed; the text says why, for staff."""


@dataclass(frozen=True, slots=True)
class DayWanted:
    """Close up to *day*, None: up to yesterday.  *is_unfinished*: also a day that is not over, as it stands."""

    day: date | None = None
    is_unfinished: bool = False


def days_closed(told: Sequence[MoneyTold]) -> tuple[DayClosed, ...]:
    """The closings among *told*, in their order."""
    return tuple(one.row for one in told if isinstance(one.row, DayClosed))


def close_days(
    told: Sequence[MoneyTold], wanted: DayWanted, now: datetime, source: str, zone: tzinfo | None, key: bytes
) -> tuple[DayClosed, ...]:
    """The rows that close every day up to the one *wanted* which is not closed yet; empty when all are.

    *told* are all the journal's rows about money, in order; the new rows go behind them in one commit, before any other
    row about money.  A day without payments is closed as any other.  *zone* is the library's, None the machine's own.

    Raises `ClosingRefused` for a day that is not over, one that lies ahead, more than 400 days at once, a last closing
    that lies ahead of *now* or cannot be read.
    """
    today = now.astimezone(zone).date()
    day = wanted.day if wanted.day is not None else today - timedelta(days=1)
    if day > today:
        raise ClosingRefused(f"{day} has not begun: it is {today}")
    if day == today and not wanted.is_unfinished:
        raise ClosingRefused(f"{day} is not over: what is paid later today would be booked on tomorrow")
    closings = days_closed(told)
    last = closings[-1] if closings else None
    rows = placed(told, zone)
    begin = _begin(rows, last, day, zone)
    if last is not None and last.day > today:
        raise ClosingRefused(f"the last closed day is {last.day}, and it is {today}: look at the clock")
    if begin > day:
        return ()
    if (day - begin).days >= DAYS_AT_ONCE_MAX:
        raise ClosingRefused(f"{begin} to {day} are more than {DAYS_AT_ONCE_MAX} days: look at the clock")
    open_rows = [row for row in rows if row.closing == 0]
    made: list[DayClosed] = []
    for offset in range((day - begin).days + 1):
        one = begin + timedelta(days=offset)
        until = min(_begins(one + timedelta(days=1), zone), now.astimezone(UTC))
        taken = [row for row in open_rows if row.told.row.at < until]
        open_rows = [row for row in open_rows if row.told.row.at >= until]
        number = 1 if last is None else last.number + 1
        before = "" if last is None else last.mac
        text = figures_of(taken, source, one, number, until, before).text
        last = DayClosed(now, one, number, text, mac_of(key, text))
        made.append(last)
    return tuple(made)


def figures_of(
    rows: Sequence[Placed], source: str, day: date, number: int, until: datetime, before: str
) -> Figures:
    """What *day* comes to, of which *rows* are all."""
    mine = [Placed(row.told, day, number) for row in rows]
    booked, refused = booked_of(mine, source)
    sums = summed([one.transaction for one in booked], day, source)
    return Figures(source, day, number, until, before, sums, tuple(one.reference for one in refused))


def _begin(rows: Sequence[Placed], last: DayClosed | None, day: date, zone: tzinfo | None) -> date:
    """The first day that is not closed: behind the last closing, or the day of the first payment."""
    if last is not None:
        try:
            return head_of(last.figures).day + timedelta(days=1)
        except FiguresUnreadable as error:
            raise ClosingRefused(f"the last closing, number {last.number}, cannot be read: {error}") from None
    return min((open_day(row.told.row.at, None, zone) for row in rows), default=day)


def _begins(day: date, zone: tzinfo | None) -> datetime:
    """The moment *day* begins at the library."""
    midnight = datetime.combine(day, time.min)
    return (midnight.astimezone() if zone is None else midnight.replace(tzinfo=zone)).astimezone(UTC)
