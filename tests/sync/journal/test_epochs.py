"""A restored journal goes on under a new epoch, and what was told of the server's clock is known by the start."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from sync.entries import CaseClosed, CaseEnd, CaseOpened, CaseReason, ServerClock, Settlement
from sync.journal.errors import RowRefused
from sync.journal.file import begin_epoch, open_file
from sync.journal.journal import Journal
from tests.sync.journal.samples import (
    KEYS,
    NOON,
    SETTINGS,
    CountingClock,
    granted,
    key_of,
    lending,
    settled,
    whole_loan,
)

Opened = Callable[[], Journal]


def restored(path: Path) -> Journal:
    """A copy of the closed journal in *path*, made the journal of another machine."""
    copy = path.with_name("restored.sqlite")
    shutil.copy(path, copy)
    file = open_file(copy, KEYS, "")
    begin_epoch(file, NOON.isoformat())
    file.connection.close()
    return Journal.open(copy, KEYS, CountingClock().now, SETTINGS)


def test_a_restored_journal_makes_keys_of_its_own(opened: Opened, path: Path) -> None:
    """After a restore new keys begin with a new epoch and places are counted from one; old entries keep their key and
    place and can be settled; a key of the old epoch begins nothing any more."""
    journal = opened()
    whole_loan(journal, 1)
    old = key_of(journal, 2)
    journal.append([lending(old)])
    journal.close()

    again = restored(path)

    new = key_of(again, 2)
    assert new.epoch != old.epoch
    with pytest.raises(RowRefused, match=new.epoch):
        again.append([lending(old)])
    assert again.append([lending(new)]) == {new: 1}
    assert [(entry.key, entry.position) for entry in again.unsettled()] == [(old, 2), (new, 1)]
    again.append([granted(old), settled(old)])
    assert again.verify().is_whole
    again.close()
    third = Journal.open(path.with_name("restored.sqlite"), KEYS, CountingClock().now, SETTINGS)
    assert third.epoch == new.epoch
    assert third.append([lending(key_of(third, 3))]) == {key_of(third, 3): 2}
    assert third.verify().is_whole
    third.close()


def test_the_original_and_its_copy_never_make_the_same_key(opened: Opened, path: Path) -> None:
    """Both go on after the copy was taken, with the same boot, and no key of one is a key of the other."""
    journal = opened()
    whole_loan(journal, 1)
    journal.close()
    copy = restored(path)
    original = opened()

    assert copy.boot == original.boot
    assert key_of(copy, 1) != key_of(original, 1)
    copy.close()


def test_clocks_are_told_by_start(opened: Opened) -> None:
    """Every start with an open entry gives the last measure it had, and the newest of all is among them; a start
    whose entries are settled gives none, nor does one that never heard the server."""
    journals: list[Journal] = []
    waiting = []
    for boot in range(1, 6):
        journal = opened()
        journals.append(journal)
        if boot in (1, 3, 4):
            journal.append([ServerClock(NOON, float(boot), NOON + timedelta(seconds=boot))])
            journal.append([ServerClock(NOON, boot + 0.5, NOON + timedelta(seconds=boot))])
        waiting.append(key_of(journal, 1))
        journal.append([lending(waiting[-1])])
        if boot == 3:
            journal.append([granted(waiting[-1]), settled(waiting[-1])])
        told = [(clock.boot, clock.told.seconds) for clock in journal.clocks()]
        journal.close()
    assert told == [(1, 1.5), (4, 4.5)]
    last = opened()
    assert [(clock.boot, clock.told.seconds) for clock in last.clocks()] == told
    for key in (waiting[0], waiting[1], waiting[3], waiting[4]):
        last.append([granted(key), settled(key)])

    assert [(clock.boot, clock.told.seconds) for clock in last.clocks()] == [(4, 4.5)]


def test_open_cases_are_known_without_reading_the_history(opened: Opened) -> None:
    """Entries with an open case are given in the order they began, settled or not, after a restart too; one that was
    closed is not."""
    journal = opened()
    keys = [key_of(journal, event) for event in (3, 1, 2)]
    for key in keys:
        journal.append([lending(key), CaseOpened(key, NOON, CaseReason.OUTCOME_UNKNOWN, "why")])
    journal.append([settled(keys[0], Settlement.CASE), CaseClosed(keys[1], NOON, "Li", CaseEnd.NOT_FOUND)])
    assert journal.case_keys() == (keys[0], keys[2])
    journal.close()
    again = opened()

    assert again.case_keys() == (keys[0], keys[2])
    assert [(entry.key, entry.is_settled) for entry in again.open_cases()] == [
        (keys[0], True),
        (keys[2], False),
    ]
    assert [entry.key for entry in again.unsettled()] == keys[1:]
