"""One exchange a turn, the session first, and every end of an exchange named."""

from __future__ import annotations

import pytest

from drivers.link.memory import VirtualClock
from sync.entries import Answer, Due, Granted, Held, Lend, Silence
from sync.questions import AboutItem, AboutPatron, AboutServer, ServerFacts
from sync.uplink.courier import QUESTIONS_MAX, Courier
from sync.uplink.reports import Carried, Judged, Link, LinkState, NotTold, Report, Told, Unanswered, Unclear
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

    assert said(courier, Judged) == [Judged(key(5), NOT_DONE)]
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
