"""What is read back: entries with their places, cases, refused PINs; also after a restart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from sync.entries import (
    Answered,
    CaseClosed,
    CaseEnd,
    CaseOpened,
    CaseReason,
    DayClosed,
    Due,
    Entry,
    EntryKey,
    Intended,
    PaymentNotMade,
    PinAccepted,
    PinRefused,
    Promised,
    ReleaseFailed,
    Settlement,
    Silence,
)
from sync.journal.errors import RowRefused
from sync.journal.journal import PIN_REFUSALS_KEPT, Journal
from sync.journal.reading import OF_MONEY, Reading
from tests.sync.journal.samples import (
    NOON,
    OTHER_PATRON,
    PATRON,
    CountingClock,
    approved,
    granted,
    key_of,
    lending,
    paying,
    released,
    releasing,
    settled,
    undoing,
    whole_loan,
    whole_payment,
)

Opened = Callable[[], Journal]


def test_an_entry_is_what_its_rows_tell(journal: Journal) -> None:
    """Rows appended in several commits come back as one entry, oldest first, equal to what was written."""
    key = key_of(journal, 1)
    rows = (
        lending(key),
        Answered(key, NOON, Silence("deadline")),
        granted(key, "您好"),
        releasing(key),
        ReleaseFailed(key, NOON, (), "pad-lost"),
        releasing(key),
        released(key),
    )
    journal.append(rows[:1])
    journal.append(rows[1:5])
    journal.append(rows[5:])

    assert journal.unsettled() == (Entry(key, rows[0].promise, rows, position=1),)
    assert journal.entry(key) == journal.unsettled()[0]


def test_an_entry_is_given_its_place_in_the_lane(opened: Opened) -> None:
    """Whoever writes learns the numbers of the entries that begin, without a gap, across refused batches and restarts;
    every entry read back carries its own."""
    journal = opened()
    first, second, third = (key_of(journal, event) for event in (4, 2, 7))
    assert journal.append([lending(first), granted(first), lending(second)]) == {first: 1, second: 2}
    assert journal.append([settled(first)]) == {}
    with pytest.raises(RowRefused):
        journal.append([lending(third), lending(third)])
    assert journal.append([lending(third)]) == {third: 3}
    journal.close()

    again = opened()

    fourth = key_of(again, 1)
    assert again.append([lending(fourth)]) == {fourth: 4}
    assert [entry.position for entry in again.unsettled()] == [2, 3, 4]
    assert [entry.position for key in (first, fourth) if (entry := again.entry(key))] == [1, 4]


def test_a_promised_loan_is_released_before_it_is_answered(journal: Journal) -> None:
    """One commit holds intent, the terminal's own promise and the release; the server's word comes whenever it does,
    and the entry tells what was promised."""
    key = key_of(journal, 1)
    promised = Promised(key, NOON, Due(NOON.date()), NOON - timedelta(hours=3))
    journal.append([lending(key), promised, releasing(key)])
    journal.append([released(key)])
    (entry,) = journal.unsettled()
    assert (entry.promised, entry.is_kept, entry.is_released) == (promised, True, True)

    journal.append([Answered(key, NOON, Silence("deadline")), granted(key), settled(key)])

    assert journal.unsettled() == ()


def test_a_case_is_closed_after_the_end_and_once(opened: Opened) -> None:
    """Staff close the case of a settled entry, also after a restart; then nothing at all may follow."""
    journal = opened()
    key = key_of(journal, 1)
    opening = CaseOpened(key, NOON, CaseReason.LOAN_REFUSED, "said no")
    closing = CaseClosed(key, NOON, "Li", CaseEnd.LENT_AT_DESK, "lent again")
    journal.append([lending(key), opening, settled(key, Settlement.CASE)])
    journal.close()
    again = opened()
    assert again.unsettled() == ()
    with pytest.raises(RowRefused, match="settled"):
        again.append([granted(key)])

    again.append([closing])

    entry = again.entry(key)
    assert entry is not None
    assert entry.rows[-1] == closing
    assert not entry.has_open_case
    for row in (closing, opening):
        with pytest.raises(RowRefused):
            again.append([row])
    assert again.verify().is_whole


def test_a_settled_entry_is_listed_and_no_longer_unsettled(journal: Journal) -> None:
    """Settled entries leave the list of the open ones and stay in the book."""
    key = whole_loan(journal, 1)

    entry = journal.entry(key)

    assert journal.unsettled() == ()
    assert entry is not None
    assert entry.is_settled
    assert entry.is_released
    assert journal.entries() == (entry,)


def test_unsettled_entries_keep_the_order_of_their_lane(opened: Opened) -> None:
    """Whatever else happened to them, and across restarts, open entries are given in the order they were intended."""
    journal = opened()
    keys = [key_of(journal, event) for event in (5, 2, 9)]
    journal.append([lending(key, f"1000000{i}") for i, key in enumerate(keys)])
    journal.append([granted(keys[0])])
    assert [entry.key for entry in journal.unsettled()] == keys
    journal.close()

    again = opened()
    later = key_of(again, 1)
    again.append([lending(later)])

    assert [entry.key for entry in again.unsettled()] == [*keys, later]
    assert again.verify().is_whole


def test_the_entry_that_undoes_a_loan_is_found_from_the_loan(opened: Opened) -> None:
    """After a restart a granted loan that is being undone says so, so that it is not undone twice."""
    journal = opened()
    loan, other, undo = key_of(journal, 1), key_of(journal, 2), key_of(journal, 3)
    journal.append([lending(loan), lending(other, "10000002"), granted(loan)])
    assert journal.undo_of(loan) is None
    journal.append([undoing(undo, loan)])
    assert (journal.undo_of(loan), journal.undo_of(other)) == (journal.entry(undo), None)
    journal.append([granted(undo), settled(undo)])
    journal.close()

    again = opened()

    found = again.undo_of(loan)
    assert found is not None
    assert (found.key, found.is_settled) == (undo, True)
    again.append([settled(loan, Settlement.UNDONE)])
    assert again.undo_of(loan) is None


def test_entries_are_listed_newest_first(journal: Journal) -> None:
    """A listing gives the newest entries, as many as asked for, from as long ago as asked for."""
    keys = [key_of(journal, event) for event in range(1, 251)]
    rows = [Intended(key, NOON + timedelta(minutes=i), lending(key).promise) for i, key in enumerate(keys)]
    journal.append(rows)

    assert [entry.key for entry in journal.entries(limit=3)] == keys[:-4:-1]
    assert [entry.key for entry in journal.entries()] == keys[::-1]
    assert [e.key for e in journal.entries(since=NOON + timedelta(minutes=248))] == [keys[249], keys[248]]
    assert journal.entry(EntryKey("beef", 1, 1, 1)) is None


def test_wrong_pins_count_across_restarts_until_the_right_one(opened: Opened) -> None:
    """Refused PINs are remembered by patron over a restart; a right PIN clears its own patron and nobody else."""
    journal = opened()
    journal.append([PinRefused(NOON, PATRON)])
    journal.append([PinRefused(NOON + timedelta(seconds=9), PATRON), PinRefused(NOON, OTHER_PATRON)])
    journal.close()

    again = opened()
    assert again.pin_refusals(NOON) == (
        (PATRON, NOON),
        (PATRON, NOON + timedelta(seconds=9)),
        (OTHER_PATRON, NOON),
    )
    assert again.pin_refusals(NOON + timedelta(seconds=1)) == ((PATRON, NOON + timedelta(seconds=9)),)
    again.append([PinAccepted(NOON, PATRON)])
    assert again.pin_refusals(NOON) == ((OTHER_PATRON, NOON),)
    again.close()

    third = opened()
    assert third.pin_refusals(NOON) == ((OTHER_PATRON, NOON),)
    third.tidy()
    assert third.pin_refusals(NOON) == ((OTHER_PATRON, NOON),)


def test_wrong_pins_are_forgotten_after_a_day(opened: Opened, clock: CountingClock) -> None:
    """What is remembered about a wrong PIN is wiped a day later."""
    journal = opened()
    journal.append([PinRefused(NOON, PATRON)])
    clock.moment = NOON + PIN_REFUSALS_KEPT + timedelta(seconds=1)

    assert journal.tidy() == 1
    assert journal.pin_refusals(NOON) == ()
    journal.close()
    assert opened().pin_refusals(NOON) == ()


def test_rows_of_money_are_found_without_the_others(journal: Journal) -> None:
    """Payments that were taken or given back and closed days, in order and some at a time, by an index of theirs alone;
    what was only begun, or declined, is none of them."""
    for event in range(1, 20):
        whole_loan(journal, event)
    first = whole_payment(journal, 30)
    day = DayClosed(NOON, NOON.date(), 1, "{}", "00")
    declined = key_of(journal, 31)
    journal.append([day, paying(declined), PaymentNotMade(declined, NOON, "declined")])
    second = whole_payment(journal, 32)
    reading = Reading(journal.file)

    one = reading.money_after(0, 2)
    rest = reading.money_after(one[-1].number, 2)

    assert [told.row for told in (*one, *rest)] == [approved(first), day, approved(second)]
    assert [told.promise for told in (*one, *rest)] == [paying(first).promise, None, paying(second).promise]
    plan = journal._file.query(f"EXPLAIN QUERY PLAN SELECT number FROM rows WHERE {OF_MONEY} AND number > 0")
    assert "INDEX rows_of_money" in str(plan)
