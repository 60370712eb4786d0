"""One exchange a turn, the session first, and every end of an exchange named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from drivers.link.memory import VirtualClock
from sync.entries import (
    Answer,
    Due,
    Entry,
    Granted,
    Held,
    Intended,
    Lend,
    Reason,
    Refused,
    ServerClock,
    Silence,
    item_id,
)
from sync.questions import AboutItem, AboutPatron, AboutServer, Facts, Question, ServerFacts
from sync.servers.ils import Capabilities, ServerSilent
from sync.uplink.courier import QUESTIONS_MAX, Courier
from sync.uplink.reports import (
    Carried,
    ClockTold,
    Judged,
    Link,
    LinkState,
    NotTold,
    Report,
    Told,
    Unanswered,
    Unclear,
)
from sync.uplink.waiting import LOGIN_DELAY_SECONDS_MIN, SETTLING_SECONDS
from tests.sync.uplink.library import Library, Line
from tests.sync.uplink.samples import (
    ANNA,
    BOOK,
    BORIS,
    GRANTED,
    KEEP,
    NOON,
    NOT_DONE,
    OTHER_BOOK,
    entry,
    key,
    lend,
    promised,
    renew,
    undo,
)

ONE, OTHER = entry(1, lend()), entry(2, lend(OTHER_BOOK))


@pytest.fixture
def library() -> Library:
    return Library()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def courier(library: Library, clock: VirtualClock) -> Courier:
    return Courier(library, clock, lambda: 1.0)


def said(courier: Courier, *kinds: type[Report]) -> list[Report]:
    return [report for report in courier.turn().reports if isinstance(report, kinds or Report)]


def test_an_idle_courier_waits_for_something_to_come_in(courier: Courier) -> None:
    """With nothing to do a turn says so, and how the link stands once."""
    first, second = courier.turn(), courier.turn()
    assert (first.reports, first.wait_seconds) == ((LinkState(Link.UNKNOWN, 0),), None)
    assert (second.reports, second.wait_seconds) == ((), None)


def test_questions_go_first_then_the_session_then_the_rest(courier: Courier, library: Library) -> None:
    """The order of the exchanges is: the session's questions, its entries, other questions, the backlog."""
    backlog = [entry(1, Lend(OTHER_BOOK, BORIS, NOON)), entry(2, lend(late=KEEP)), entry(3, renew())]
    session = entry(9, renew())
    courier.enter(backlog, is_of_session=False)
    courier.ask(1, AboutServer(), is_of_session=False)
    courier.enter([session], is_of_session=True)
    courier.ask(2, AboutPatron(ANNA))
    for _ in range(6):
        assert courier.turn().wait_seconds == 0.0

    # The session's renewal waits behind 2 and 3, which touch its item: these are as urgent as itself.
    assert library.exchanges == [AboutPatron(ANNA), key(2), key(3), session.key, AboutServer(), key(1)]


def test_an_answer_is_reported_with_its_key(courier: Courier) -> None:
    """What the server answered goes to the desk with the entry's key, and the link counts as up and current."""
    courier.enter([ONE], is_of_session=True)
    courier.ask(7, AboutServer())
    assert courier.turn().reports == (Told(7, ServerFacts(True)), LinkState(Link.UP, 0))

    assert courier.turn().reports == (Carried(ONE.key, GRANTED),)
    assert LinkState(Link.UP, 0).is_current
    assert not LinkState(Link.UP, 1).is_current


def test_a_lost_reply_is_asked_about_and_never_sent_again(
    courier: Courier, library: Library, clock: VirtualClock
) -> None:
    """The loan whose reply was lost is found on the patron's list: reported as granted, executed once."""
    library.line = Line.REPLY_LOST
    courier.enter([ONE], is_of_session=True)
    assert said(courier, Carried) == [Carried(ONE.key, Silence("deadline"))]
    library.line = Line.GOOD
    assert courier.turn().wait_seconds == SETTLING_SECONDS + 1.0
    clock.wait(SETTLING_SECONDS + 1.0)

    (judged,) = said(courier, Judged)

    assert judged == Judged(ONE.key, GRANTED)
    assert library.executed == [ONE.key]
    assert library.exchanges == [ONE.key, AboutPatron(ANNA), AboutItem(BOOK)]


def test_a_lost_request_is_found_not_done(courier: Courier, library: Library, clock: VirtualClock) -> None:
    """The loan that never arrived is reported as not done, and is not sent after the reader was told so."""
    library.line = Line.REQUEST_LOST
    courier.enter([ONE], is_of_session=True)
    courier.turn()
    library.line = Line.GOOD
    clock.wait(SETTLING_SECONDS + 1.0)

    assert said(courier, Judged) == [Judged(ONE.key, NOT_DONE)]
    assert (library.executed, courier.lane.waiting) == ([], ())


def test_an_undoing_that_never_arrived_is_sent_again(
    courier: Courier, library: Library, clock: VirtualClock
) -> None:
    """Undoing must come true: asked about, found not done, sent."""
    courier.enter([ONE], is_of_session=True)
    courier.turn()
    courier.enter([entry(5, undo(1))], is_of_session=False, is_in_doubt=True)

    assert said(courier, Judged) == [Judged(key(5), NOT_DONE, is_carried_next=True)]
    assert said(courier, Carried) == [Carried(key(5), Granted(Due(None)))]
    assert library.loans == {}


def test_a_server_that_tells_nothing_leaves_it_unclear(courier: Courier, library: Library) -> None:
    """Where neither lists nor items can be asked about, an entry in doubt is for staff."""
    library.tells_loans = library.may_ask_items = False
    courier.enter([ONE], is_of_session=False, is_in_doubt=True)

    (judged,) = said(courier, Judged)

    assert isinstance(judged, Judged)
    assert isinstance(judged.verdict, Unclear)
    assert library.exchanges == []


def test_a_silent_server_is_named_for_questions_too(
    courier: Courier, library: Library, clock: VirtualClock
) -> None:
    """A question nobody answers ends; the link is silent, the backlog waits, and comes back with the first answer."""
    library.line = Line.REQUEST_LOST
    courier.enter([ONE], is_of_session=False)
    courier.ask(1, AboutPatron(ANNA))
    assert courier.turn().reports == (NotTold(1, Unanswered.SILENT), LinkState(Link.SILENT, 1))
    assert courier.turn().wait_seconds == 1.0
    library.line = Line.GOOD
    courier.ask(2, AboutServer())
    courier.turn()

    assert said(courier, Carried) == [Carried(ONE.key, GRANTED)]


def test_asking_about_a_doubt_can_meet_silence_too(
    courier: Courier, library: Library, clock: VirtualClock
) -> None:
    """Nothing is reported and nothing decided while nobody answers; the entry stays in doubt, tried ever later."""
    library.line = Line.REQUEST_LOST
    courier.enter([ONE], is_of_session=False, is_in_doubt=True)
    waits = []
    for _ in range(3):
        assert said(courier, Judged, Carried) == []
        wait = courier.turn().wait_seconds
        assert wait is not None
        waits.append(wait)
        clock.wait(wait)

    assert waits == [SETTLING_SECONDS + longer for longer in (1.0, 2.0, 4.0)]
    assert library.received == []


def test_a_refused_login_is_not_hammered(courier: Courier, library: Library, clock: VirtualClock) -> None:
    """After a refused login nobody tries again for a minute, not even for a reader: each is told at once."""
    library.line = Line.LOGIN_REFUSED
    courier.ask(1, AboutPatron(ANNA))
    assert courier.turn().reports == (NotTold(1, Unanswered.LOGIN_REFUSED), LinkState(Link.LOGIN_REFUSED, 0))
    library.line = Line.GOOD
    courier.ask(2, AboutPatron(ANNA))
    courier.enter([ONE], is_of_session=True)
    assert said(courier, NotTold) == [NotTold(2, Unanswered.LOGIN_REFUSED)]
    assert said(courier, Carried) == [Carried(ONE.key, Silence("login"))]
    assert library.exchanges == []

    clock.wait(LOGIN_DELAY_SECONDS_MIN)
    courier.ask(3, AboutServer())

    assert said(courier, Told) == [Told(3, ServerFacts(True))]


def test_what_the_session_gives_up_unsent_is_reported_as_not_done(courier: Courier, library: Library) -> None:
    """Given up before it was sent: known not to be done, without asking, and never sent."""
    courier.enter([ONE, OTHER], is_of_session=True)
    courier.turn()

    assert Judged(OTHER.key, NOT_DONE) in courier.give_up(OTHER.key)
    assert courier.give_up(OTHER.key) == ()
    assert courier.turn().wait_seconds is None
    assert library.received == [ONE.key]


def test_a_batch_is_one_exchange_and_each_answer_its_own_report(clock: VirtualClock) -> None:
    """What is free goes together; what the server did to each is told by its key."""
    library = Library(ways=Capabilities(entries_per_exchange=3), lost_items=frozenset({OTHER_BOOK}))
    courier = Courier(library, clock, lambda: 1.0)
    courier.enter([ONE, entry(4, Lend(OTHER_BOOK, BORIS, NOON)), OTHER], is_of_session=True)

    reports = courier.turn().reports

    assert [report for report in reports if isinstance(report, Carried)] == [
        Carried(ONE.key, GRANTED),
        Carried(key(4), Refused(Reason.ITEM_LOST)),
    ]


class HalfAnswers(Library):
    """Answers the first of several, and is lost with the rest."""

    def carry(self, entries: Sequence[Entry]) -> tuple[Answer, ...]:
        first, *rest = super().carry(entries)
        return (first, *(Silence("deadline") for _ in rest))


def test_a_batch_that_is_half_answered_is_half_in_doubt(clock: VirtualClock) -> None:
    """What was answered is done with; the rest is asked about, and the way to the server does not count as good."""
    courier = Courier(HalfAnswers(ways=Capabilities(entries_per_exchange=3)), clock, lambda: 1.0)
    other = entry(2, Lend(OTHER_BOOK, BORIS, NOON))
    courier.enter([ONE, other], is_of_session=True)

    assert said(courier, Carried, LinkState) == [
        Carried(ONE.key, GRANTED),
        Carried(other.key, Silence("deadline")),
        LinkState(Link.SILENT, 0),
    ]
    assert courier.turn().wait_seconds == SETTLING_SECONDS + 1.0


def test_a_server_that_repeats_safely_is_sent_the_same_again(clock: VirtualClock) -> None:
    """A lost reply is had by sending it again with its key: nothing is asked, nothing is done twice."""
    library = Library(line=Line.REPLY_LOST, ways=Capabilities(repeats_safely=True))
    courier = Courier(library, clock, lambda: 1.0)
    courier.enter([entry(1, lend(late=KEEP))], is_of_session=False)
    courier.turn()
    library.line = Line.GOOD
    clock.wait(SETTLING_SECONDS + 1.0)

    assert said(courier, Carried) == [Carried(key(1), GRANTED)]
    assert (library.exchanges, library.executed) == ([key(1), key(1)], [key(1)])


class Unready(Library):
    """Cannot tell its ways as long as the line is bad, and tells how often it was asked for them."""

    times_asked = 0

    def capabilities(self) -> Capabilities:
        self.times_asked += 1
        if self.line is not Line.GOOD:
            raise ServerSilent("connect")
        return super().capabilities()


def test_a_server_that_cannot_tell_its_ways_is_treated_with_care(clock: VirtualClock) -> None:
    """As long as nobody knows whether it takes several at once or repeats safely it gets one, and is asked about
    doubts; it is asked for its ways when something is due, not all the time."""
    library = Unready(line=Line.REQUEST_LOST, ways=Capabilities(entries_per_exchange=9, repeats_safely=True))
    courier = Courier(library, clock, lambda: 1.0)
    courier.enter([ONE, entry(2, Lend(OTHER_BOOK, BORIS, NOON))], is_of_session=False)
    assert said(courier, Carried) == [Carried(ONE.key, Silence("deadline"))]
    for _ in range(5):
        courier.turn()
    assert library.times_asked == 1

    library.line = Line.GOOD
    clock.wait(SETTLING_SECONDS + 1.0)
    assert len(said(courier, Carried)) == 2


def test_a_promise_of_the_terminal_is_looked_for_and_then_sent(courier: Courier, library: Library) -> None:
    """Not on the account: sent; nobody in a session waits for it."""
    courier.enter([ONE], is_of_session=True)
    assert courier.promise(ONE.key, promised(1)) == (LinkState(Link.UNKNOWN, 1),)

    assert said(courier, Judged) == [Judged(ONE.key, NOT_DONE, is_carried_next=True)]
    assert said(courier, Carried, LinkState) == [Carried(ONE.key, GRANTED), LinkState(Link.UP, 0)]
    assert library.exchanges == [AboutPatron(ANNA), AboutItem(BOOK), ONE.key]


def test_the_servers_clock_is_told_once_and_dates_entries(library: Library, clock: VirtualClock) -> None:
    """Its first time in a boot is news, the same difference later is not; entries carry the offset from then on."""
    offsets: list[float | None] = []

    class Noting(Library):
        def carry(self, entries: Sequence[Entry]) -> tuple[Answer, ...]:
            offsets.extend(one.offset_seconds for one in entries)
            return super().carry(entries)

    server = Noting(clock=lambda: clock.now() + timedelta(minutes=7))
    courier = Courier(server, clock, lambda: 1.0, epoch="beef", boot=1)
    timed = [
        replace(one, rows=(Intended(one.key, clock.now(), one.promise, clock.monotonic()),))
        for one in (ONE, entry(2, Lend(OTHER_BOOK, BORIS, NOON)))
    ]
    courier.enter(timed[:1], is_of_session=True)
    courier.turn()
    courier.ask(1, AboutServer())
    told = said(courier, ClockTold)
    clock.wait(3600.0)
    courier.ask(2, AboutServer())
    assert said(courier, ClockTold) == []
    courier.enter(timed[1:], is_of_session=True)
    courier.turn()

    start = timed[0].rows[0].at
    assert told == [ClockTold(ServerClock(start, 0.0, start + timedelta(minutes=7)))]
    assert offsets == [None, 420.0]


class Closed(Library):
    """Answers, and says that it is not in service."""

    def ask(self, question: Question) -> Facts:
        return ServerFacts(False)


def test_a_server_out_of_service_is_not_current(clock: VirtualClock) -> None:
    """That it answers does not mean that what it says can be built on."""
    courier = Courier(Closed(), clock, lambda: 1.0)
    courier.ask(1, AboutServer())
    (state,) = said(courier, LinkState)
    assert state == LinkState(Link.UP, 0, is_in_service=False)
    assert isinstance(state, LinkState)
    assert not state.is_current


def test_a_long_backlog_is_told_now_and_then(courier: Courier) -> None:
    """Of a hundred thousand entries not each is news: that the backlog is there, every hundredth, and its end."""
    backlog = [entry(n, Lend(item_id(f"3{n:07}"), ANNA, NOON, if_granted_late=KEEP)) for n in range(1, 251)]
    courier.enter(backlog, is_of_session=False)
    told = [
        report.backlog
        for _ in range(251)
        for report in said(courier, LinkState)
        if isinstance(report, LinkState)
    ]
    assert told == [249, 149, 49, 0]


class TwoAnswers(Library):
    """Answers twice, against its promise."""

    def carry(self, entries: object) -> tuple[Answer, ...]:
        return (Held(), Held())


def test_answers_that_do_not_match_are_silence(clock: VirtualClock) -> None:
    """Two answers to one entry are not believed."""
    courier = Courier(TwoAnswers(), clock, lambda: 1.0)
    courier.enter([ONE], is_of_session=True)
    assert said(courier, Carried) == [Carried(ONE.key, Silence("garbled"))]


def test_questions_are_counted(courier: Courier) -> None:
    """A flood of questions is a fault of the program and is refused instead of filling the memory."""
    for token in range(QUESTIONS_MAX):
        courier.ask(token, AboutServer())
    with pytest.raises(ValueError, match="questions wait"):
        courier.ask(QUESTIONS_MAX, AboutServer())
