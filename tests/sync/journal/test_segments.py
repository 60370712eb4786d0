"""Segments close by length and month, are anchored, and go when they are old; the journal stays whole behind them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from sync.entries import (
    CaseClosed,
    CaseEnd,
    CaseOpened,
    CaseReason,
    DayClosed,
    Intended,
    PinRefused,
    ServerClock,
    Settlement,
)
from sync.journal import segments
from sync.journal.errors import RowRefused
from sync.journal.file import PAGE_BYTES
from sync.journal.journal import Journal
from sync.journal.reading import Reading
from sync.journal.settings import JournalSettings
from tests.sync.journal.aging import AGING, RETENTION, filled, spans
from tests.sync.journal.samples import (
    KEYS,
    NOON,
    PATRON,
    CountingClock,
    granted,
    key_of,
    lending,
    settled,
    whole_loan,
    whole_payment,
)

Opened = Callable[[], Journal]


@pytest.fixture
def settings() -> JournalSettings:
    return AGING


def test_a_segment_closes_after_so_many_rows(journal: Journal) -> None:
    """Idle times close what is long enough, exactly at its length, however much was written meanwhile."""
    filled(journal, 5)

    assert spans(journal) == [(1, 10, False), (11, 20, False)]
    journal.tidy()
    assert len(journal.segments()) == 2
    assert journal.verify().is_whole


def test_a_new_month_closes_what_there_is(opened: Opened, clock: CountingClock) -> None:
    """The first idle time of a month closes the rows of the month before; a month without rows closes nothing."""
    journal = opened()
    filled(journal, 1)
    assert spans(journal) == []
    clock.moment = NOON + timedelta(days=20)
    journal.tidy()
    assert spans(journal) == [(1, 5, False)]
    clock.moment += timedelta(days=60)
    journal.tidy()

    assert [(segment.first, segment.last) for segment in journal.segments()] == [(1, 5)]


def test_a_month_is_the_same_month_for_every_offset(opened: Opened, clock: CountingClock) -> None:
    """Rows dated in Beijing's June while it is May in UTC do not close a segment each time there is a quiet moment."""
    journal = opened()
    clock.moment = datetime(2026, 5, 31, 18, 0, tzinfo=UTC)
    key = key_of(journal, 1)
    there = clock.moment.astimezone(timezone(timedelta(hours=8)))
    journal.append([Intended(key, there, lending(key).promise)])
    journal.tidy()

    assert there.month == 6
    assert journal.segments() == ()


def test_what_is_old_and_over_is_purged(opened: Opened, clock: CountingClock) -> None:
    """A segment past its time goes, all its rows and keys, and nothing younger; the journal verifies from its anchor
    on, and so it does after a restart, where new entries follow in number and place."""
    journal = opened()
    filled(journal, 4)
    clock.moment += RETENTION - timedelta(hours=1)
    filled_later = [whole_loan(journal, event) for event in (5, 6)]
    assert journal.tidy() == 2
    assert spans(journal)[0] == (1, 10, False)
    clock.moment += timedelta(hours=2)

    assert journal.tidy() == 20

    assert spans(journal) == [(1, 10, True), (11, 20, True), (21, 30, False)]
    assert [entry.key for entry in journal.entries()] == filled_later[::-1]
    assert journal.entry(key_of(journal, 1)) is None
    report = journal.verify()
    assert (report.rows, report.entries, report.faults) == (10, 2, ())
    with pytest.raises(RowRefused):
        journal.append([lending(key_of(journal, 4))])
    journal.close()
    again = opened()
    assert again.append([lending(key_of(again, 1))]) == {key_of(again, 1): 7}
    assert again.verify().is_whole


def test_a_journal_that_was_purged_whole_goes_on(opened: Opened, clock: CountingClock) -> None:
    """When every row is gone the numbers, the chain and the places go on behind the anchor, also after a restart."""
    journal = opened()
    filled(journal, 2)
    clock.moment += RETENTION + timedelta(days=1)
    journal.tidy()
    assert journal.entries() == ()
    journal.close()
    again = opened()

    assert (again.verify().rows, again.unsettled()) == (0, ())
    assert again.append([lending(key_of(again, 1))]) == {key_of(again, 1): 3}
    again.close()
    third = opened()
    assert [entry.position for entry in third.unsettled()] == [3]
    assert third.verify().is_whole


def kept(journal: Journal, clock: CountingClock) -> bool:
    clock.moment += 2 * RETENTION
    journal.tidy()
    journal.tidy()
    return not any(is_purged for _, _, is_purged in spans(journal))


def test_nothing_that_is_open_is_purged(journal: Journal, clock: CountingClock) -> None:
    """An entry that waits, and then its case, hold their segment and all behind it however old; when staff close the
    case it goes."""
    key = key_of(journal, 99)
    journal.append([lending(key)])
    filled(journal, 4)
    assert kept(journal, clock)
    journal.append([CaseOpened(key, NOON, CaseReason.OUTCOME_UNKNOWN), settled(key, Settlement.CASE)])
    assert kept(journal, clock)
    assert [entry.key for entry in journal.open_cases()] == [key]
    journal.append([CaseClosed(key, NOON, "Li", CaseEnd.NOT_FOUND)])

    assert not kept(journal, clock)
    assert journal.entry(key) is None
    assert journal.verify().is_whole


def test_what_an_open_entry_needs_of_the_servers_clock_is_not_purged(
    opened: Opened, clock: CountingClock
) -> None:
    """The measure of an earlier start stays as long as an entry of that start is open; this start's own measure is
    written again, so that it holds nothing up."""
    journal = opened()
    journal.append([ServerClock(NOON, 5.0, NOON)])
    filled(journal, 2)
    waiting = key_of(journal, 99)
    journal.append([lending(waiting)])
    journal.close()
    second = opened()
    second.append([ServerClock(NOON, 7.0, NOON)])
    filled(second, 4)
    assert kept(second, clock)
    assert [(told.boot, told.told.seconds) for told in second.clocks()] == [(1, 5.0), (2, 7.0)]
    second.append([granted(waiting), settled(waiting)])

    assert not kept(second, clock)
    second.close()
    third = opened()
    assert [(told.boot, told.told.seconds) for told in third.clocks()] == [(2, 7.0)]
    assert third.verify().is_whole


def test_a_clock_that_is_a_year_ahead_purges_nothing(opened: Opened, clock: CountingClock) -> None:
    """The earlier of our clock and the server's, as last told, decides how old a segment is."""
    journal = opened()
    filled(journal, 4)
    ahead = NOON + timedelta(days=365)
    journal.append([ServerClock(ahead, 9.0, NOON + timedelta(hours=1))])
    clock.moment = ahead

    journal.tidy()
    assert not any(is_purged for _, _, is_purged in spans(journal))
    journal.append([ServerClock(ahead, 10.0, ahead)])
    journal.tidy()
    assert [is_purged for _, _, is_purged in spans(journal)][:2] == [True, True]


def test_a_wrong_pin_is_gone_before_its_segment(opened: Opened, clock: CountingClock) -> None:
    """Nothing sealed is left in a purged segment, and what is purged is in neither file nor log."""
    journal = opened()
    journal.append([PinRefused(NOON, PATRON)])
    filled(journal, 4)
    clock.moment += 2 * RETENTION
    journal.tidy()

    assert journal.pin_refusals(NOON - timedelta(days=999)) == ()
    assert spans(journal)[0] == (1, 10, True)
    assert journal._file.query("SELECT count(*) FROM sealed") == [(0,)]
    assert b"10000001" not in b"".join(file.read_bytes() for file in sorted(journal._path.parent.iterdir()))


def test_a_purge_cut_off_in_the_middle_goes_on(
    opened: Opened, clock: CountingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is purged goes in portions; between two of them, also over a restart, nobody sees the rest."""
    monkeypatch.setattr(segments, "PORTION_ROWS", 3)
    journal = opened()
    filled(journal, 4)
    clock.moment += RETENTION + timedelta(days=1)
    assert journal.tidy() == 3
    journal.close()
    again = opened()
    assert (again.entries(), again.verify().rows, again.verify().faults) == ((), 0, ())

    assert [again.tidy() for _ in range(7)] == [3, 3, 3, 3, 3, 2, 0]
    assert again._file.query("SELECT count(*) FROM rows") == [(0,)]


def test_space_that_was_purged_is_used_again(path: Path, clock: CountingClock) -> None:
    """A journal that is purged as fast as it is written stops growing, but for an anchor of 200 bytes a segment: the
    file keeps its pages and fills them anew."""
    journal = Journal.open(path, KEYS, clock.now, replace(AGING, segment_rows=200))
    sizes: list[int] = []
    for month in range(12):
        for event in range(month * 40 + 1, month * 40 + 41):
            whole_loan(journal, event)
        clock.moment += RETENTION + timedelta(days=1)
        while journal.tidy():
            pass
        ((pages,),) = journal._file.query("PRAGMA page_count")
        sizes.append(pages)

    journal.close()

    assert sizes[-1] <= sizes[2] + 9 * 200 // PAGE_BYTES + 2
    assert sizes[2] > 50


def test_a_segment_tells_when_it_was_closed(journal: Journal, clock: CountingClock) -> None:
    """What is exported before it is purged is known by its number, its rows and its day."""
    filled(journal, 2)
    (segment,) = journal.segments()

    assert (segment.number, len(segment.link), len(segment.digest)) == (1, 32, 32)
    assert NOON < segment.closed_at <= clock.now()
    assert isinstance(segment.closed_at, datetime)
    assert segment.counts == {"circulation": (journal.epoch, 2)}


def aged(journal: Journal, clock: CountingClock) -> None:
    """Time goes on until whatever may be purged is."""
    journal.tidy()
    clock.moment += RETENTION + timedelta(days=1)
    while journal.tidy():
        pass


def closing_of(day: date, number: int = 1) -> DayClosed:
    return DayClosed(NOON, day, number, "{}", "00" * 32)


def test_a_payment_stays_until_its_day_is_closed(journal: Journal, clock: CountingClock) -> None:
    """Old rows of money that no closing has counted are kept; once the days up to them are closed they go."""
    filled(journal, 4)
    key = whole_payment(journal, 500)
    filled_from(journal, 600, 6)
    aged(journal, clock)
    assert journal.entry(key) is not None

    journal.append([closing_of(NOON.date(), 1)])
    aged(journal, clock)
    assert journal.entry(key) is not None, "a closing of the same day may have been made before it"

    journal.append([closing_of(NOON.date() + timedelta(days=2), 2)])
    filled_from(journal, 700, 6)
    aged(journal, clock)
    assert journal.entry(key) is None
    assert journal.verify().is_whole


def test_the_last_closing_stays(journal: Journal, clock: CountingClock) -> None:
    """The next closing is bound to it: it is kept however old, and the ones before it go."""
    filled(journal, 2)
    first, last = closing_of(NOON.date()), closing_of(NOON.date() + timedelta(days=1), 2)
    journal.append([first])
    filled_from(journal, 600, 6)
    journal.append([last])
    filled_from(journal, 700, 6)
    aged(journal, clock)

    left = [told.row for told in Reading(journal.file).money_after(0, 10)]
    assert left == [last]
    assert journal.verify().is_whole


def filled_from(journal: Journal, event: int, loans: int) -> None:
    for number in range(event, event + loans):
        whole_loan(journal, number)
