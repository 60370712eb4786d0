"""The pump of the uplink: one exchange a turn, a pulse of its own, and no entry lost when it fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from drivers.link.memory import VirtualClock
from kiosk.engine.uplink_pump import (
    AWAY_SECONDS,
    CLOCK_SECONDS,
    Enter,
    GiveUp,
    Inquire,
    Proceed,
    Promise,
    UplinkPump,
)
from sync.entries import (
    Answer,
    Due,
    Entry,
    EntryKey,
    Granted,
    Intended,
    Lend,
    PatronId,
    Promised,
    ServerClock,
    Silence,
)
from sync.entries import item_id as item
from sync.questions import (
    AboutItem,
    AboutPatron,
    AboutServer,
    Facts,
    ItemFacts,
    PatronFacts,
    Question,
    ServerFacts,
)
from sync.servers.ils import Capabilities, ServerSilent
from sync.uplink.courier import QUESTIONS_MAX
from sync.uplink.doubt import NOT_DONE
from sync.uplink.reports import Carried, ClockTold, Judged, Link, LinkState, NotTold, Report, Told
from tests.kit.recording import KeptLog

AT = datetime(2026, 3, 2, tzinfo=UTC)
GRANTED = Granted(Due(None))


def entry(number: int) -> Entry:
    key = EntryKey("e1", 1, number, 1)
    promise = Lend(item(f"3099900001{number:04}"), PatronId("20999000000017"), AT, charged_before=())
    return Entry(key, promise, (Intended(key, AT, promise),))


class Desk:
    """`Server` that answers as told and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Question] = []
        self.carried: list[Entry] = []
        self.is_silent = False
        self.is_online = True
        self.time: datetime | None = None
        self.closed = 0
        self.mistake: Exception | None = None
        self.loans: Callable[[], PatronFacts] = lambda: PatronFacts(
            PatronId("20999000000017"), True, loans=()
        )

    def capabilities(self) -> Capabilities:
        return Capabilities()

    def ask(self, question: Question) -> Facts:
        self.asked.append(question)
        if self.is_silent:
            raise ServerSilent("connect")
        match question:
            case AboutPatron():
                return self.loans()
            case AboutItem(number):
                return ItemFacts(number, False)
            case _:
                return ServerFacts(self.is_online, clock=self.time)

    def carry(self, entries: Sequence[Entry]) -> tuple[Answer, ...]:
        if self.mistake is not None:
            raise self.mistake
        self.carried.extend(entries)
        return tuple(Silence("deadline") if self.is_silent else GRANTED for _ in entries)

    def close(self) -> None:
        self.closed += 1


class Bench:
    """A pump, its server, and what it reports."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.server = Desk()
        self.posted: list[Report] = []
        self.log = KeptLog()
        self.pump = UplinkPump(
            self.server,
            self.posted.append,
            clock=self.clock,
            chance=lambda: 0.0,
            log=self.log,
            status_seconds=30.0,
            idle=self.clock.wait,
            epoch="e1",
            boot=2,
            clocks=[(1, ServerClock(AT, 5.0, AT + timedelta(minutes=7)))],
        )

    def pass_time(self, seconds: float) -> None:
        until = self.clock.monotonic() + seconds
        while self.clock.monotonic() < until:
            before = self.clock.monotonic()
            self.pump.turn()
            if self.clock.monotonic() == before:
                self.clock.wait(0.001)

    def links(self) -> list[Link]:
        return [report.link for report in self.posted if isinstance(report, LinkState)]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_an_idle_terminal_knows_how_its_server_stands(bench: Bench) -> None:
    """The server is asked at once and every half minute; gone and back is noticed without any reader."""
    bench.pass_time(1)
    assert bench.links() == [Link.UP]
    bench.server.is_silent = True
    bench.pass_time(31)
    assert bench.links()[-1] is Link.SILENT

    bench.server.is_silent = False
    bench.pass_time(AWAY_SECONDS + 1)

    assert bench.links()[-1] is Link.UP
    assert all(isinstance(question, AboutServer) for question in bench.server.asked)
    assert not any(isinstance(report, Told | NotTold) for report in bench.posted)


def test_a_server_in_use_is_not_asked_whether_it_is_there(bench: Bench) -> None:
    """Every answer is a sign of life; the pulse comes only when it is quiet."""
    bench.pass_time(1)
    for number in range(1, 40):
        bench.pump.order(Inquire(number, AboutItem(item("30999000010030"))))
        bench.pass_time(1)

    assert sum(isinstance(question, AboutServer) for question in bench.server.asked) == 1


def test_a_question_of_the_session_goes_before_the_backlog(bench: Bench) -> None:
    """Somebody waits for it; what is left from yesterday can wait."""
    bench.pump.order(Enter((entry(1), entry(2)), is_of_session=False))
    bench.pump.order(Inquire(7, AboutItem(item("30999000010030"))))

    bench.pump.turn()

    assert any(isinstance(report, Told) and report.token == 7 for report in bench.posted)
    assert bench.server.carried == []


def test_entries_are_carried_in_order_and_each_answer_is_told(bench: Bench) -> None:
    """One exchange a turn, one report each."""
    entries = tuple(entry(number) for number in (1, 2, 3))
    bench.pump.order(Enter(entries, is_of_session=True))
    bench.pass_time(1)

    assert [report for report in bench.posted if isinstance(report, Carried)] == [
        Carried(one.key, GRANTED) for one in entries
    ]


def test_an_entry_given_up_before_it_was_sent_is_never_sent(bench: Bench) -> None:
    """It is told as not done, and the server does not hear of it."""
    one = entry(1)
    bench.server.is_silent = True
    bench.pump.order(Enter((one,), is_of_session=True))
    bench.pump.order(GiveUp(one.key))
    bench.pass_time(20)

    assert Judged(one.key, NOT_DONE) in bench.posted
    assert bench.server.carried == []


def test_what_is_held_goes_once_it_may_proceed(bench: Bench) -> None:
    """Not before, however long that is; what does not touch it goes on."""
    one, other = entry(1), replace(entry(2), promise=Lend(item("30999000010002"), PatronId("2"), AT))
    bench.pump.order(Enter((one,), is_of_session=True, is_held=True))
    bench.pump.order(Enter((other,), is_of_session=True))
    bench.pass_time(20)
    assert [carried.key for carried in bench.server.carried] == [other.key]

    bench.pump.order(Proceed(one))
    bench.pass_time(1)

    assert [carried.key for carried in bench.server.carried] == [other.key, one.key]


def test_what_is_in_doubt_at_the_start_is_asked_about_and_not_sent(bench: Bench) -> None:
    """The patron's list is read first; that the loan is not on it settles the entry."""
    one = entry(1)
    bench.pump.order(Enter((one,), is_of_session=False, is_in_doubt=True))
    bench.pass_time(2)

    assert Judged(one.key, NOT_DONE) in bench.posted
    assert bench.server.carried == []


def test_a_mistake_in_an_exchange_leaves_its_entry_in_doubt(bench: Bench) -> None:
    """After a failure of ours nothing is stuck: the connection is new, and the entry is asked about, not sent again."""
    one, other = entry(1), entry(2)
    bench.pass_time(1)
    bench.pump.order(Enter((one, other), is_of_session=True))
    bench.server.mistake = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        bench.pump.turn()

    bench.server.mistake = None
    bench.pump.close()
    bench.pass_time(10)

    assert bench.server.closed == 1
    assert [report for report in bench.posted if isinstance(report, Judged)] == [
        Judged(one.key, NOT_DONE),
        Judged(other.key, NOT_DONE),
    ]


def test_a_server_that_is_closed_for_business_is_logged(bench: Bench) -> None:
    """It answers and says that it is not in service: staff read it in the log."""
    bench.server.is_online = False
    bench.pass_time(1)

    assert bench.log.sentences("warning") == ["the server answers and says that it is not in service"]


def test_what_was_ordered_together_outlives_a_mistake_in_one_of_it(bench: Bench) -> None:
    """An entry that enters twice is a mistake of ours; the one ordered behind it is carried all the same."""
    one, other = entry(1), entry(2)
    bench.server.is_silent = True
    bench.pump.order(Enter((one, one), is_of_session=True))
    bench.pump.order(Enter((other,), is_of_session=True))
    with pytest.raises(ValueError, match="in the lane already"):
        bench.pump.turn()
    bench.pump.close()
    bench.server.is_silent = False
    bench.pass_time(1)

    assert [carried.key for carried in bench.server.carried] == [other.key]


def test_a_flood_of_questions_costs_answers_and_not_the_pump(bench: Bench) -> None:
    """A part that comes and goes while the server is away asks and asks; each question is answered, if only as lost."""
    for token in range(1, QUESTIONS_MAX + 11):
        bench.pump.order(Inquire(token, AboutItem(item("30999000010030"))))
    bench.pass_time(1)

    assert sum(isinstance(report, NotTold) for report in bench.posted) == 10
    assert sum(isinstance(report, Told) for report in bench.posted) == QUESTIONS_MAX


def test_a_loan_the_terminal_granted_meanwhile_is_kept(bench: Bench) -> None:
    """The reader has the book: what was asked online and met silence is found not done, and sent."""
    one = entry(1)
    bench.server.is_silent = True
    bench.pump.order(Enter((one,), is_of_session=True))
    bench.pump.turn()
    bench.pump.turn()
    bench.pump.order(Promise(one.key, Promised(one.key, AT, Due(AT.date()), AT)))
    bench.pump.order(GiveUp(EntryKey("e1", 1, 99, 1)))
    bench.pump.turn()
    assert bench.pump.backlog == 1

    bench.server.is_silent = False
    bench.pass_time(20)

    assert Carried(one.key, GRANTED) in bench.posted
    assert bench.pump.backlog == 0


def test_entries_of_an_earlier_boot_are_dated_by_what_it_learnt(bench: Bench) -> None:
    """The clocks of earlier boots are handed in at the start, so a backlog has its times at once."""
    bench.pump.order(Enter((entry(1),), is_of_session=True))
    bench.pass_time(1)
    assert [carried.offset_seconds for carried in bench.server.carried] == [420.0]


def test_the_servers_time_is_asked_for_also_when_nobody_pauses(bench: Bench) -> None:
    """A terminal in use all day learns of a clock that was set; the desk is told what is news, and no more."""
    bench.server.time = bench.clock.now()
    for number in range(1, int(CLOCK_SECONDS) // 20 + 10):
        bench.pump.order(Inquire(number, AboutItem(item("30999000010030"))))
        bench.pass_time(20)

    assert sum(isinstance(question, AboutServer) for question in bench.server.asked) == 2
    told = [report for report in bench.posted if isinstance(report, ClockTold)]
    assert len(told) == 2
    assert told[1].clock.seconds - told[0].clock.seconds >= CLOCK_SECONDS


def test_a_late_grant_still_bars_its_item_after_a_mistake_of_ours(bench: Bench) -> None:
    """What waits for its undoing keeps its place when the pump failed: nobody is lent the item before."""
    one = entry(1)
    bench.pump.order(Enter((one,), is_of_session=False))
    bench.pass_time(1)
    assert Carried(one.key, GRANTED) in bench.posted
    bench.pump.close()
    promise = Lend(item("30999000010001"), PatronId("20999000000025"), AT)
    other = Entry(EntryKey("e1", 1, 2, 1), promise, (Intended(EntryKey("e1", 1, 2, 1), AT, promise),))

    bench.pump.order(Enter((other,), is_of_session=False))
    bench.pass_time(5)

    assert [carried.key for carried in bench.server.carried] == [one.key]
