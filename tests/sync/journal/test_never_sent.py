"""Which returns the server surely was not told of, as the journal shows it after a restart."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from sync.entries import (
    NEVER_SENT,
    Answered,
    EntryKey,
    GiveBack,
    Intended,
    ItemId,
    Secured,
    ServerReached,
    Silence,
)
from sync.journal.file import begin_epoch, open_file
from sync.journal.journal import Journal
from sync.journal.settings import JournalSettings
from tests.sync.journal.samples import (
    KEYS,
    NOON,
    SETTINGS,
    CountingClock,
    granted,
    key_of,
    settled,
    whole_loan,
)

Opened = Callable[[], Journal]
REACHED = ServerReached(NOON)


def give_back(journal: Journal, event: int) -> EntryKey:
    """A return, written as secured."""
    key = key_of(journal, event)
    journal.append([Intended(key, NOON, GiveBack(ItemId("30000001"), NOON)), Secured(key, NOON, ())])
    return key


def unsent(key: EntryKey) -> Answered:
    return Answered(key, NOON, Silence(NEVER_SENT))


def restarted(journal: Journal, opened: Opened) -> Journal:
    journal.close()
    return opened()


def test_what_was_noted_as_never_sent_is_known_after_restarts(opened: Opened) -> None:
    """As often as the terminal starts; the note of another entry says nothing of it."""
    journal = opened()
    whole_loan(journal, 1)
    noted, other = give_back(journal, 2), give_back(journal, 3)
    journal.append([unsent(noted)])

    for _ in range(2):
        journal = restarted(journal, opened)
        assert journal.never_sent() == {noted}
        assert other in {entry.key for entry in journal.unsettled()}


def test_once_the_server_was_reached_all_may_have_been_sent(opened: Opened) -> None:
    """Also where that was in a later start; what is noted afterwards was not."""
    journal = opened()
    first = give_back(journal, 1)
    journal.append([unsent(first)])
    journal = restarted(journal, opened)
    second = give_back(journal, 1)
    journal.append([unsent(second), REACHED])
    third = give_back(journal, 2)
    journal.append([unsent(third)])
    assert first in {entry.key for entry in journal.unsettled()}

    assert restarted(journal, opened).never_sent() == {third}


@pytest.mark.parametrize("why", ["connect", "deadline", "login"])
def test_silence_alone_says_nothing(opened: Opened, why: str) -> None:
    """It may have been sent before that silence, or be sent behind it."""
    journal = opened()
    key, later = give_back(journal, 1), give_back(journal, 2)
    journal.append([Answered(key, NOON, Silence(why)), unsent(later), Answered(later, NOON, Silence(why))])

    assert restarted(journal, opened).never_sent() == frozenset()


def test_what_is_settled_is_not_asked_about(opened: Opened) -> None:
    """Its server answered."""
    journal = opened()
    key = give_back(journal, 1)
    journal.append([unsent(key), granted(key), settled(key)])

    assert restarted(journal, opened).never_sent() == frozenset()


def test_a_restored_journal_knows_of_nothing_that_was_never_sent(opened: Opened, path: Path) -> None:
    """The machine it was copied from may have gone on and sent it; what the restored one notes itself counts."""
    journal = opened()
    old = give_back(journal, 1)
    journal.append([unsent(old)])
    journal.close()
    copy = path.with_name("restored.sqlite")
    shutil.copy(path, copy)
    file = open_file(copy, KEYS, "")
    begin_epoch(file, NOON.isoformat())
    file.connection.close()
    again = Journal.open(copy, KEYS, CountingClock().now, SETTINGS)

    new = give_back(again, 1)
    again.append([unsent(new)])

    assert again.never_sent() == {new}
    assert old in {entry.key for entry in again.unsettled()}
    again.close()


def test_purging_forgets_no_note_and_no_row_behind_it(path: Path) -> None:
    """An entry that waits keeps its segment, and with it all that came later."""
    settings = JournalSettings(reserve_bytes=0, segment_rows=4, retention=timedelta(days=90))
    clock = CountingClock()
    journal = Journal.open(path, KEYS, clock.now, settings)
    journal.append([REACHED])
    for event in range(1, 9):
        whole_loan(journal, event)
    noted = give_back(journal, 20)
    journal.append([unsent(noted)])
    sent = give_back(journal, 21)
    journal.tidy()
    clock.moment = clock.moment + timedelta(days=400)
    for _ in range(4):
        journal.tidy()
    assert any(segment.is_purged for segment in journal.segments())
    journal.close()

    journal = Journal.open(path, KEYS, clock.now, settings)
    assert journal.never_sent() == {noted}
    journal.append([REACHED])
    assert journal.verify().is_whole
    journal.close()
    last = Journal.open(path, KEYS, clock.now, settings)
    assert last.never_sent() == frozenset()
    assert {entry.key for entry in last.unsettled()} == {noted, sent}
    last.close()
