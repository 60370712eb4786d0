"""What is appended is there, in order, once; what contradicts it is refused whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from sync.entries import (
    Answered,
    CaseOpened,
    CaseReason,
    Entry,
    EntryKey,
    Intended,
    PinAccepted,
    PinRefused,
    ReleaseFailed,
    Row,
    Settlement,
    Silence,
)
from sync.journal.errors import BadRow, JournalBroken, RowRefused
from sync.journal.journal import PIN_REFUSALS_KEPT, Journal
from sync.journal.memory import Draft
from tests.sync.journal.samples import (
    KEYS,
    NOON,
    OTHER_PATRON,
    PATRON,
    CountingClock,
    granted,
    key_of,
    lending,
    released,
    releasing,
    settled,
    undoing,
    whole_loan,
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

    assert journal.unsettled() == (Entry(key, rows[0].promise, rows),)
    assert journal.entry(key) == journal.unsettled()[0]


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


def test_an_epoch_stays_and_every_opening_is_a_new_boot(opened: Opened) -> None:
    """Keys made after a restart cannot meet keys made before: the boot is counted in the file before anything else."""
    first = opened()
    epoch = first.epoch
    first.close()
    second = opened()
    second.close()
    third = opened()

    assert (first.boot, second.boot, third.boot) == (1, 2, 3)
    assert {epoch, second.epoch, third.epoch} == {epoch}


def bad_batches(journal: Journal) -> dict[str, list[Row]]:
    known, new = key_of(journal, 1), key_of(journal, 2)
    return {
        "no intent": [granted(new)],
        "second intent": [lending(known)],
        "second intent in one batch": [lending(new), lending(new)],
        "release before grant": [releasing(known)],
        "settled without an answer": [settled(known)],
        "row after the end": [
            granted(known),
            settled(known),
            CaseOpened(known, NOON, CaseReason.RELEASE_UNKNOWN),
        ],
        "second grant": [granted(known), granted(known)],
        "another boot": [lending(EntryKey(journal.epoch, journal.boot + 1, 1, 1))],
        "another epoch": [lending(EntryKey("beef", journal.boot, 1, 1))],
        "a key that cannot be read back": [lending(EntryKey(journal.epoch, journal.boot, 10**13, 1))],
    }


@pytest.mark.parametrize("name", [
    "no intent", "second intent", "second intent in one batch", "release before grant", "settled without an answer",
    "row after the end", "second grant", "another boot", "another epoch", "a key that cannot be read back",
])  # fmt: skip
def test_rows_that_contradict_the_book_are_refused_whole(journal: Journal, name: str) -> None:
    """A batch with one impossible row leaves no trace, not even of its good rows, and the journal goes on."""
    known = key_of(journal, 1)
    journal.append([lending(known)])
    batch = bad_batches(journal)[name]
    good = key_of(journal, 7)

    with pytest.raises(RowRefused):
        journal.append([lending(good), *batch])

    assert [entry.key for entry in journal.unsettled()] == [known]
    assert len(journal.unsettled()[0].rows) == 1
    journal.append([lending(good), granted(known)])
    assert journal.verify().rows == 3
    assert journal.verify().is_whole


def test_a_key_is_never_used_twice_even_after_its_entry_is_settled(opened: Opened) -> None:
    """The key of an entry that is settled and wiped cannot begin another one."""
    journal = opened()
    key = whole_loan(journal, 1)
    journal.tidy()

    with pytest.raises(RowRefused, match=str(key)):
        journal.append([lending(key_of(journal, 2)), lending(key)])

    assert journal.unsettled() == ()
    journal.append([lending(key_of(journal, 0)), lending(key_of(journal, 2))])
    assert journal.verify().is_whole


def test_an_entry_is_found_by_its_key_whenever(opened: Opened, path: Path) -> None:
    """Just begun, after tidying, after a restart or when the writer was killed: a key finds its entry and no other."""
    journal = opened()
    keys = [whole_loan(journal, event) for event in (7, 3)]
    journal.tidy()
    keys += [whole_loan(journal, event) for event in (9, 5)]
    killed = path.with_name("killed.sqlite")
    for suffix in ("", "-wal"):
        shutil.copy(f"{path}{suffix}", f"{killed}{suffix}")
    after_kill = Journal.open(killed, KEYS, CountingClock().now)
    found = [[entry.key for key in keys if (entry := book.entry(key))] for book in (journal, after_kill)]
    after_kill.close()
    journal.close()
    again = opened()
    found.append([entry.key for key in keys if (entry := again.entry(key))])

    assert found == [keys] * 3
    assert again.verify().is_whole
    assert again.entry(key_of(again, 7)) is None


def test_rows_that_cannot_be_written_are_refused_whole(journal: Journal) -> None:
    """A row without a proper moment is the caller's fault and leaves no trace of its batch."""
    key = key_of(journal, 1)

    with pytest.raises(BadRow):
        journal.append([lending(key), Answered(key, NOON.replace(tzinfo=None), Silence("deadline"))])

    assert journal.unsettled() == ()
    journal.append([])
    assert journal.verify().rows == 0


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


def test_a_closed_journal_takes_nothing(journal: Journal) -> None:
    """After closing, which may be done twice, everything says so instead of failing strangely."""
    journal.close()
    journal.close()

    for call in (journal.unsettled, journal.verify, journal.tidy, lambda: journal.append([])):
        with pytest.raises(JournalBroken, match="open it again"):
            call()


def test_a_mistake_in_writing_leaves_no_transaction_open(
    journal: Journal, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows written behind a half-written batch would be acknowledged and gone after a power cut; none is taken."""
    key = key_of(journal, 9)
    journal.append([lending(key)])
    add_all = Draft.add_all

    def add_too_much(draft: Draft, rows: Sequence[Row]) -> None:
        add_all(draft, rows)
        draft.records.append((2**70, *draft.records[-1][1:]))

    monkeypatch.setattr(Draft, "add_all", add_too_much)
    with pytest.raises(OverflowError):
        journal.append([lending(key_of(journal, 1)), lending(key_of(journal, 2))])
    monkeypatch.setattr(Draft, "add_all", add_all)

    with pytest.raises(JournalBroken):
        journal.append([Answered(key, NOON, Silence("deadline"))])
    journal.close()
    assert [len(entry.rows) for entry in opened().unsettled()] == [1]
