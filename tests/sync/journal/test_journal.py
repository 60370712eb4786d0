"""What is appended is there, in order, once; what contradicts it is refused whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from sync.entries import (
    Answered,
    CaseOpened,
    CaseReason,
    EntryKey,
    Row,
    Silence,
)
from sync.journal.errors import BadRow, JournalBroken, RowRefused
from sync.journal.journal import Journal
from sync.journal.memory import Draft
from tests.sync.journal.samples import (
    KEYS,
    NOON,
    CountingClock,
    granted,
    key_of,
    lending,
    releasing,
    settled,
    whole_loan,
)

Opened = Callable[[], Journal]


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
