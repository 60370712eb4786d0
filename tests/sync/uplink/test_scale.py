"""A month without the network: a hundred thousand entries cost each what a thousand cost each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

import pytest

from drivers.link.memory import VirtualClock
from sync.entries import (
    Answer,
    Due,
    Entry,
    EntryKey,
    Granted,
    IfGrantedLate,
    Intended,
    Lend,
    item_id,
    patron_id,
)
from sync.questions import Facts, Question
from sync.servers.ils import Capabilities, ServerSilent
from sync.uplink.courier import Courier
from tests.kit.effort import effort
from tests.sync.uplink.samples import NOON
from tests.sync.uplink.test_promises import SERVERS

GRANTED = Granted(Due(None))
READERS = 50


class Instant:
    """`Server` that grants everything at once."""

    def __init__(self, ways: Capabilities) -> None:
        self.ways = ways
        self.granted = 0

    def capabilities(self) -> Capabilities:
        return self.ways

    def ask(self, question: Question) -> Facts:
        raise ServerSilent("nobody asks")

    def carry(self, entries: Sequence[Entry]) -> tuple[Answer, ...]:
        self.granted += len(entries)
        return (GRANTED,) * len(entries)

    def close(self) -> None:
        """There is nothing to close."""


def backlog(count: int, readers: int) -> list[Entry]:
    entries: list[Entry] = []
    for number in range(1, count + 1):
        key = EntryKey("e", 1, number, 1)
        patron = patron_id(f"2{number % readers:09}")
        promise = Lend(item_id(f"3{number:09}"), patron, NOON, if_granted_late=IfGrantedLate.KEEP)
        entries.append(Entry(key, promise, (Intended(key, NOON, promise, 1.0),), position=number))
    return entries


def calls_of(work: Callable[[], None]) -> int:
    """How many functions *work* calls, those of the interpreter too."""
    calls = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls


def catch_up(count: int, readers: int, ways: Capabilities) -> int:
    """The calls it takes to carry a backlog of *count* entries."""
    entries, server = backlog(count, readers), Instant(ways)
    courier = Courier(server, VirtualClock(), lambda: 0.5, epoch="e", boot=1)

    def work() -> None:
        courier.enter(entries, is_of_session=False)
        while courier.turn().wait_seconds is not None:
            pass

    calls = calls_of(work)
    assert (server.granted, len(courier.lane)) == (count, 0)
    return calls


@pytest.mark.parametrize("readers", [READERS, 1], ids=["many readers", "one reader"])
@pytest.mark.parametrize("server", SERVERS)
def test_catching_up_takes_as_long_as_the_backlog_is_long(server: str, readers: int) -> None:
    """Ten times the entries are at most ten and a half times the work, whoever they belong to."""
    few, many = effort(300), effort(3_000)
    assert catch_up(many, readers, SERVERS[server]) <= 10.5 * catch_up(few, readers, SERVERS[server])


def test_a_reader_does_not_pay_for_the_backlog() -> None:
    """An entry of the session beside a backlog that has to wait costs no more when the backlog is ten times as long."""

    def one_more(count: int) -> int:
        courier = Courier(Instant(Capabilities()), VirtualClock(), lambda: 0.5)
        courier.enter(backlog(count, READERS), is_of_session=False)
        courier.lane.silent([], 0.0, 1.0)
        courier.turn()
        key = EntryKey("e", 2, 1, 1)
        promise = Lend(item_id("40000001"), patron_id("29999999999"), NOON)
        mine = Entry(key, promise, (Intended(key, NOON, promise),))

        def work() -> None:
            courier.enter([mine], is_of_session=True)
            courier.turn()

        return calls_of(work)

    assert one_more(effort(5_000)) <= one_more(effort(500)) + 60
