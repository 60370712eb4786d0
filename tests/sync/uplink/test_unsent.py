"""What could not be sent because nobody could connect is in no doubt, after a restart neither; what was sent once stays
in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from drivers.link.memory import VirtualClock
from sync.entries import NEVER_SENT, Answer, Entry, EntryKey, GiveBack, ItemId, Lend, Silence
from sync.questions import AboutItem, AboutPatron, AboutServer, Facts, Question
from sync.servers.ils import ServerSilent
from sync.uplink.courier import Courier
from sync.uplink.reports import Carried, LeaveAsked, Report
from tests.sync.uplink.library import Library, Line, Loan
from tests.sync.uplink.samples import (
    ANNA,
    BOOK,
    NOON,
    entry,
    give_back,
    key,
    secure_intended,
    secured,
)

SECURED = entry(1, give_back(), secure_intended(1), secured(1))


@dataclass
class Unreachable(Library):
    """Nobody can connect to it while *is_away*: nothing of an entry is ever sent then."""

    is_away: bool = True

    def ask(self, question: Question) -> Facts:
        if self.is_away:
            raise ServerSilent("connect")
        return super().ask(question)

    def carry(self, entries: Sequence[Entry]) -> tuple[Answer, ...]:
        if self.is_away:
            return (Silence("connect"),) * len(entries)
        return super().carry(entries)


def out() -> Loan:
    """The loan that is to end."""
    return Loan(ANNA, NOON.date() + timedelta(days=20), key(9))


def serve(courier: Courier, *, is_leave_given: bool = True) -> list[Report]:
    """Three turns, in which leave is given as a terminal does, unless its disk is slow; what they told."""
    told: list[Report] = []
    for _ in range(3):
        reports = courier.turn().reports
        told += reports
        for report in reports:
            if isinstance(report, LeaveAsked) and is_leave_given:
                courier.give_leave(report.notes)
    return told


def through_an_outage(library: Unreachable, one: Entry) -> Courier:
    """A courier that tried to carry *one* while nobody could connect, and has waited long enough since."""
    clock = VirtualClock()
    courier = Courier(library, clock, lambda: 1.0)
    courier.enter([one], is_of_session=False)
    courier.turn()
    library.is_away = False
    clock.wait(600.0)
    return courier


def test_a_return_that_was_never_sent_is_told_without_asking() -> None:
    """Nothing was known of its loan before, so asking could not tell it from a newer one."""
    library = Unreachable(loans={BOOK: out()})
    courier = through_an_outage(library, SECURED)

    serve(courier)

    assert BOOK not in library.loans
    assert AboutItem(BOOK) not in library.exchanges


def test_a_loan_that_was_never_sent_is_asked_about_all_the_same() -> None:
    """Its reader was told since that there was no answer, so it is not made behind their back."""
    library = Unreachable()
    courier = through_an_outage(library, entry(1, Lend(BOOK, ANNA, NOON)))

    courier.turn()

    assert library.exchanges[0] == AboutPatron(ANNA)
    assert library.executed == []


def test_a_return_that_was_perhaps_sent_is_asked_about_however_the_server_goes_then() -> None:
    """A server that nobody can log in to any more takes no doubt away."""
    library = Library(loans={BOOK: out()})
    clock = VirtualClock()
    courier = Courier(library, clock, lambda: 1.0)
    courier.enter([SECURED], is_of_session=False)
    for line, seconds in ((Line.REQUEST_LOST, 600.0), (Line.LOGIN_REFUSED, 6000.0)):
        library.line = line
        courier.turn()
        clock.wait(seconds)
    library.line = Line.GOOD

    courier.turn()

    assert library.exchanges == [AboutItem(BOOK)]


# --- What is told of it, and the leave to send it ---------------------------------------------------------------------


def unsent(*reports: Report) -> list[EntryKey]:
    """Which entries were told as never sent."""
    return [r.key for r in reports if isinstance(r, Carried) and r.answer == Silence(NEVER_SENT)]


def return_of(number: int) -> Entry:
    """A return of another item, secured."""
    item = ItemId(f"1000100{number}")
    return entry(number, GiveBack(item, NOON), secure_intended(number), secured(number))


def away(*entries: Entry, is_of_session: bool = False) -> tuple[Unreachable, VirtualClock, Courier]:
    """A server that is away, and a courier that *entries* came to after it had found that out."""
    library, clock = Unreachable(), VirtualClock()
    courier = Courier(library, clock, lambda: 1.0)
    courier.ask(1, AboutServer(), is_of_session=False)
    courier.turn()
    courier.enter(entries, is_of_session=is_of_session)
    return library, clock, courier


def test_what_was_tried_in_vain_is_told_as_never_sent() -> None:
    """Once, however often it is tried in vain."""
    _, clock, courier = away(SECURED, is_of_session=True)
    told = list(courier.turn().reports)
    clock.wait(600.0)
    told += courier.turn().reports

    assert unsent(*told) == [key(1)]


def test_what_nobody_tried_before_its_reader_left_is_told_as_never_sent() -> None:
    """In an outage the backlog waits longer than a night lasts."""
    _, _, courier = away(*(return_of(number) for number in (1, 2, 3)), is_of_session=True)

    told = [report for number in (1, 2, 3) for report in courier.give_up(key(number))]

    assert unsent(*told) == [key(1), key(2), key(3)]


def test_what_waits_when_the_server_goes_away_is_told_as_never_sent() -> None:
    """The one that was under way then may have been sent, where its reply was lost."""
    library, clock = Library(line=Line.REQUEST_LOST), VirtualClock()
    courier = Courier(library, clock, lambda: 1.0)
    courier.enter([return_of(number) for number in (1, 2, 3)], is_of_session=False)

    told = courier.turn().reports

    assert unsent(*told) == [key(2), key(3)]


def test_a_return_that_is_secured_at_start_while_the_server_is_away_is_told_as_never_sent() -> None:
    """No session waits for it, so that nobody tries at once."""
    _, _, courier = away()
    begun = entry(1, give_back(), secure_intended(1))
    courier.enter([begun], is_of_session=False, is_in_doubt=True)

    courier.proceed(SECURED)

    assert unsent(*courier.turn().reports) == [key(1)]


def test_a_loan_is_never_told_as_never_sent() -> None:
    """What becomes of a wish that met silence is asked, whatever was sent."""
    _, _, courier = away(entry(1, Lend(BOOK, ANNA, NOON)))

    assert unsent(*courier.turn().reports) == []


def test_what_was_told_as_never_sent_waits_for_leave() -> None:
    """The server is there again, and is sent nothing until it is written that it was reached."""
    library = Unreachable(loans={BOOK: out()})
    courier = through_an_outage(library, SECURED)

    told = serve(courier, is_leave_given=False)
    assert library.received == []
    assert [report for report in told if isinstance(report, LeaveAsked)] == [LeaveAsked(1)]

    courier.give_leave(1)
    serve(courier)
    assert library.received == [key(1)]


def test_leave_is_asked_of_a_server_that_is_there_only() -> None:
    """A row that says it was reached is written when it was."""
    _, clock, courier = away(SECURED)
    for _ in range(20):
        assert not any(isinstance(report, LeaveAsked) for report in courier.turn().reports)
        clock.wait(60.0)


def test_leave_that_nobody_gives_is_asked_for_again() -> None:
    """Whoever was to give it may have failed over that very question."""
    library = Unreachable()
    courier = through_an_outage(library, SECURED)
    serve(courier, is_leave_given=False)
    assert not any(isinstance(report, LeaveAsked) for report in serve(courier, is_leave_given=False))
    clock_of(courier).wait(61.0)

    serve(courier)

    assert library.received == [key(1)]


def clock_of(courier: Courier) -> VirtualClock:
    """The clock that *courier* goes by."""
    clock = courier._clock
    assert isinstance(clock, VirtualClock)
    return clock


def test_leave_counts_for_what_was_told_before_it_was_asked_for() -> None:
    """The next outage has begun when it comes: what was told since is not sent by it."""
    library, clock, courier = away(return_of(1))
    serve(courier)
    library.is_away = False
    clock.wait(600.0)
    serve(courier, is_leave_given=False)
    library.is_away = True
    courier.ask(2, AboutServer(), is_of_session=False)
    courier.turn()
    courier.enter([return_of(2)], is_of_session=True)
    courier.give_up(key(2))
    library.is_away = False
    courier.give_leave(1)
    clock.wait(600.0)

    serve(courier, is_leave_given=False)
    assert library.received == [key(1)]

    courier.give_leave(2)
    serve(courier)
    assert library.received == [key(1), key(2)]


def test_what_is_of_the_running_session_does_not_wait_for_leave() -> None:
    """Its reader stands there, and nobody has written that it was never sent."""
    library = Unreachable()
    courier = through_an_outage(library, return_of(1))
    serve(courier, is_leave_given=False)
    courier.enter([return_of(2)], is_of_session=True)

    serve(courier, is_leave_given=False)

    assert library.received == [key(2)]


def test_what_the_journal_shows_was_never_sent_is_in_no_doubt_after_a_restart() -> None:
    """It is told without asking, once it is written that the server was reached."""
    library = Unreachable(loans={BOOK: out()}, is_away=False)
    courier = Courier(library, VirtualClock(), lambda: 1.0)
    courier.enter([replace(SECURED, is_never_sent=True)], is_of_session=False, is_in_doubt=True)

    serve(courier, is_leave_given=False)
    assert library.received == []

    courier.give_leave(1)
    serve(courier)
    assert BOOK not in library.loans
    assert AboutItem(BOOK) not in library.exchanges


def test_a_mistake_of_the_program_makes_no_doubt_of_what_had_no_leave() -> None:
    """Whoever cranks it loses track; what could not have been under way is told without asking all the same."""
    library = Unreachable(loans={BOOK: out()})
    courier = through_an_outage(library, SECURED)
    courier.lose_track()

    serve(courier)

    assert BOOK not in library.loans
    assert AboutItem(BOOK) not in library.exchanges
