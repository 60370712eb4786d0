"""When one side was restored from an older copy: nothing is lent twice, and what is lost is before staff."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from drivers.link.clock import RealClock
from sync.central import demo
from sync.central.circulation.conflicts import Conflict, OpenException, list_exceptions
from sync.central.circulation.event_chain import first_broken
from sync.central.store import event_tables as e
from sync.entries import (
    Answered,
    Due,
    EntryKey,
    Granted,
    Held,
    IfGrantedLate,
    Intended,
    Lend,
    Promised,
    Settled,
    Settlement,
    item_id,
    patron_id,
)
from sync.journal.care.backup import back_up
from sync.journal.care.restore import restore
from sync.journal.journal import Journal
from sync.servers.central.client import CentralServer
from tests.kit.running_central import RunningCentral
from tests.sync.journal.samples import KEYS
from tests.sync.servers.central.conftest import connect
from tests.sync.servers.central.entries_of import EPOCH, SNAPSHOT_AT, lend

FREE = demo.ITEMS_FREE
UNKNOWN = "30999999999999"
NOW = RealClock().now


def promise(journal: Journal, event: int, item: str) -> EntryKey:
    """A loan that the terminal granted itself, in its journal."""
    key, at = EntryKey(journal.epoch, journal.boot, event, 1), NOW()
    wish = Lend(item_id(item), patron_id(demo.READER), at, if_granted_late=IfGrantedLate.KEEP)
    journal.append([Intended(key, at, wish, 1.0), Promised(key, at, Due(at.date()), SNAPSHOT_AT)])
    return key


def deliver(journal: Journal, url: str) -> list[Granted]:
    """Tells central whatever is open in *journal*, as a terminal that has just started does."""
    client = connect(url)
    entries = journal.unsettled()
    answers = client.carry(entries)
    client.close()
    for entry, answer in zip(entries, answers, strict=True):
        assert isinstance(answer, Granted)
        journal.append([Answered(entry.key, NOW(), answer), Settled(entry.key, NOW(), Settlement.DONE)])
    return [answer for answer in answers if isinstance(answer, Granted)]


@pytest.mark.parametrize("first", ["original", "copy"])
def test_a_journal_and_its_restored_copy_lend_each_book_once(
    running: RunningCentral, tmp_path: Path, first: str
) -> None:
    """Both tell central what was open at the backup, and both go on: each loan is there once, with one answer."""
    original = Journal.open(tmp_path / "journal.sqlite", KEYS, NOW)
    for event, item in enumerate(FREE[:3], 1):
        promise(original, event, item)
    back_up(original._file, tmp_path / "backup.sqlite", KEYS)
    restore(tmp_path / "backup.sqlite", tmp_path / "copy.sqlite", KEYS, NOW().isoformat())
    copy = Journal.open(tmp_path / "copy.sqlite", KEYS, NOW)
    one, other = (original, copy) if first == "original" else (copy, original)

    told = deliver(one, running.url)
    promise(one, 50, FREE[3])
    promise(other, 50, FREE[4])
    told_again = deliver(other, running.url)
    deliver(one, running.url)

    assert told_again[:3] == told
    assert sorted(item for item, _, _ in running.loans()) == sorted(FREE[:5])
    with running.store.reading() as connection:
        assert list_exceptions(connection) == ()
        epochs = connection.execute(select(e.epochs.c.epoch)).scalars().all()
        assert set(epochs) == {original.epoch, copy.epoch}
        assert [first_broken(connection, "kiosk-1", epoch) for epoch in epochs] == [None, None]
    original.close()
    copy.close()


def go_back(running: RunningCentral, number: int) -> None:
    """Central's database is that of when it had the events up to *number*."""
    with running.store.writing() as connection:
        chain = connection.execute(select(e.events.c.chain).where(e.events.c.number == number)).scalar_one()
        later = select(e.events.c.id).where(e.events.c.number > number)
        connection.execute(delete(e.exceptions).where(e.exceptions.c.event.in_(later)))
        connection.execute(delete(e.events).where(e.events.c.number > number))
        connection.execute(update(e.epochs).values(next_number=number + 1, chain=chain))


def cases(running: RunningCentral) -> list[OpenException]:
    """The cases that central lost something."""
    with running.store.reading() as connection:
        found = list_exceptions(connection)
    return [case for case in found if case.kind is Conflict.EVENTS_LOST]


def test_what_a_central_of_yesterday_has_lost_is_before_its_staff(
    client: CentralServer, running: RunningCentral, caplog: pytest.LogCaptureFixture
) -> None:
    """The terminal cannot tell it again, for it keeps no reader's number; so a case names it, and the lane goes on."""
    client.carry([lend(number, FREE[number], promised_days=30) for number in range(1, 6)])
    go_back(running, 2)

    (answer,) = client.carry([lend(9, FREE[6], promised_days=30)])
    (case,) = cases(running)

    assert isinstance(answer, Granted)
    assert running.holder_of(FREE[6]) == demo.READER
    assert (case.terminal, case.told) == ("kiosk-1", {"first": "3", "last": "5"})
    assert case.known.keys() == {"last_told_at"}
    assert [record.levelno for record in caplog.records if "has lost" in record.message] == [logging.ERROR]
    with running.store.reading() as connection:
        assert first_broken(connection, "kiosk-1", EPOCH) is None


def test_what_is_lost_between_what_is_told_is_a_case_too(
    client: CentralServer, running: RunningCentral
) -> None:
    """A held loan is told again, into the gap: what is missing before it and behind it is named."""
    held = lend(3, UNKNOWN, promised_days=30)
    client.carry([lend(1, FREE[1]), lend(2, FREE[2]), held, lend(4, FREE[4]), lend(5, FREE[5])])
    go_back(running, 1)

    answers = client.carry([held, lend(8, FREE[6], promised_days=30)])

    assert [type(answer) for answer in answers] == [Held, Granted]
    assert [case.told for case in cases(running)] == [
        {"first": "2", "last": "2"},
        {"first": "4", "last": "5"},
    ]


def test_numbers_that_were_never_told_are_no_loss(client: CentralServer, running: RunningCentral) -> None:
    """What the terminal settled by itself opens no case, also before and behind what is told again."""
    held = lend(3, UNKNOWN, promised_days=30)
    client.carry([lend(2, FREE[1]), held, lend(6, FREE[2])])
    client.carry([held, lend(9, FREE[3])])
    client.carry([lend(6, FREE[2]), lend(20, FREE[4])])

    assert cases(running) == []
