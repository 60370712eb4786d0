"""What could not be sent because nobody could connect is in no doubt; what was sent once stays in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from drivers.link.memory import VirtualClock
from sync.entries import Answer, Entry, Lend, Silence
from sync.questions import AboutItem, AboutPatron
from sync.uplink.courier import Courier
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


class Unreachable(Library):
    """Nobody can connect to it while *is_away*: nothing of an entry is ever sent then."""

    is_away = True

    def carry(self, entries: Sequence[Entry]) -> tuple[Answer, ...]:
        if self.is_away:
            return (Silence("connect"),) * len(entries)
        return super().carry(entries)


def out() -> Loan:
    """The loan that is to end."""
    return Loan(ANNA, NOON.date() + timedelta(days=20), key(9))


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

    courier.turn()

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
