"""Readers give back, renew, pay and report at libraries that run somebody else's circulation system over SIP2."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.link.memory import VirtualClock
from drivers.sim.shelf import item_tag
from drivers.sim.zvt_terminal import CardChoice
from kiosk.workflow.view import (
    Account,
    BackStatus,
    BackSummary,
    Choice,
    ChooseFees,
    GivingBack,
    LoanStatus,
    MarkCare,
    Paying,
    PaymentState,
    Status,
    Welcome,
)
from sync.central import demo
from sync.entries import Entry, Flaw, GiveBack, Pay, ReportCare, Settled, Settlement
from tests.kit.sip2_library import Sip2Library, rig_at
from tests.kit.sip2_personalities import Takes
from tests.kit.sip2_systems import (
    DEFINITION,
    EVERY_PERSONALITY,
    KOHA,
    Breaks,
    Deed,
    Fault,
    Personality,
)

BOOK, OTHER = demo.ITEMS_FREE[:2]
SECURED = 0x07
FEE = 250
TAKING = tuple(one for one in EVERY_PERSONALITY if one.takes is not Takes.NOTHING)


class Visit:
    """A terminal and the system behind it."""

    def __init__(self, folder: Path, personality: Personality) -> None:
        clock = VirtualClock()
        self.library = Sip2Library(personality, clock)
        self.system = self.library.system
        self.rig = rig_at(folder, self.library, clock)
        self.rig.card_terminal.card = CardChoice.APPROVE

    def gives_back(self, item: str = BOOK) -> None:
        """Somebody lays *item* on the pad to give it back; its tag is that of a loan."""
        self.rig.choose("give-back")
        self.rig.lay(item)

    def back(self, item: str = BOOK) -> BackStatus:
        """How *item* stands in the list."""
        view = self.rig.view
        assert isinstance(view, GivingBack | BackSummary), view
        return next(line.status for line in view.lines if line.id == item)

    def looks_at_account(self) -> Account:
        """The first reader opens the account."""
        self.rig.choose("account")
        self.rig.show_card()
        self.rig.until(
            lambda: isinstance(self.rig.view, Account) and self.rig.seen(Account).loans is not None
        )
        self.rig.until(lambda: not self.rig.seen(Account).is_loading)
        return self.rig.seen(Account)

    def pays(self) -> None:
        """The first reader chooses everything and pays by card."""
        self.looks_at_account()
        self.rig.choose("pay")
        self.rig.until(lambda: isinstance(self.rig.view, ChooseFees))
        self.rig.choose("pay-by:card")

    def is_posted(self) -> bool:
        """Whether the screen says that the payment is in the library's books."""
        view = self.rig.view
        return isinstance(view, Paying) and view.state is PaymentState.POSTED

    def only(self, promise: type[GiveBack | Pay | ReportCare]) -> Entry:
        """The one entry of this kind."""
        [entry] = [one for one in self.rig.entries() if isinstance(one.promise, promise)]
        return entry

    def end_of(self, promise: type[GiveBack | Pay | ReportCare]) -> Settlement:
        """How the one entry of this kind ends."""
        self.rig.until(lambda: self.only(promise).is_settled, 900.0)
        [row] = [row for row in self.only(promise).rows if isinstance(row, Settled)]
        return row.how

    def done(self, deed: Deed) -> int:
        """How often the system did it."""
        return sum(one is deed for one, _, _ in self.system.done)

    @property
    def taken(self) -> int:
        """What the card terminal took and did not give back."""
        return sum(one.minor for one in self.rig.card_terminal.authorised if not one.is_reversed)


@pytest.fixture
def visit(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """At the system that the test names."""
    visit = Visit(tmp_path, request.param)
    yield visit
    visit.rig.close()


def at(*personalities: Personality) -> pytest.MarkDecorator:
    """The systems that a test is for."""
    return pytest.mark.parametrize(
        "visit", personalities, ids=[one.dialect for one in personalities], indirect=True
    )


@at(*EVERY_PERSONALITY)
def test_a_book_goes_out_and_comes_back(visit: Visit) -> None:
    """Whatever a system says to it, the book is lent once, returned once and secured at the end."""
    rig = visit.rig
    rig.lay(BOOK)
    rig.show_card()
    assert rig.line(BOOK).status is Status.LENT
    rig.choose("finish")
    rig.choose("done")
    rig.take_card()
    rig.lift(BOOK)
    rig.until(lambda: isinstance(rig.view, Welcome))

    visit.gives_back()
    rig.until(lambda: visit.back() is BackStatus.BACK)

    assert visit.system.loans == {}
    assert (visit.done(Deed.LENT), visit.done(Deed.RETURNED)) == (1, 1)
    assert [tag.afi for tag in rig.tags[BOOK]] == [SECURED]
    assert visit.end_of(GiveBack) is Settlement.DONE


@at(*EVERY_PERSONALITY)
@pytest.mark.parametrize("breaks", [Breaks.NO_REPLY, Breaks.NOTHING_ARRIVES])
def test_a_return_whose_answer_is_lost_is_told_once(visit: Visit, breaks: Breaks) -> None:
    """Executed or not, what became of it is found out, and the system ends the loan once."""
    visit.library.lends(BOOK)
    visit.library.faults.append(Fault("09", breaks))

    visit.gives_back()
    visit.rig.until(lambda: visit.only(GiveBack).is_settled, 900.0)

    assert visit.end_of(GiveBack) is Settlement.DONE
    assert visit.done(Deed.RETURNED) == 1
    assert visit.system.loans == {}


@at(*EVERY_PERSONALITY)
def test_books_are_taken_while_the_system_is_away(visit: Visit) -> None:
    """They are secured and recorded; when the system is there again it hears of them, once."""
    visit.library.lends(BOOK)
    visit.library.cut()
    visit.rig.pass_time(40)

    visit.gives_back()
    assert visit.back() is BackStatus.BACK_RECORDED
    visit.library.mend()
    visit.rig.until(lambda: visit.only(GiveBack).is_settled, 900.0)

    assert visit.system.loans == {}
    assert visit.done(Deed.RETURNED) == 1


@at(KOHA, DEFINITION)
@pytest.mark.parametrize("turns", [3, 4, 5, 6, 7, 8])
def test_power_that_goes_during_a_return_tells_it_once(visit: Visit, turns: int) -> None:
    """However far it had come, after the restart the loan ends once, or the journal has a case for it."""
    rig = visit.rig
    visit.library.lends(BOOK)
    rig.choose("give-back")
    rig.tags[BOOK] = [item_tag(BOOK)]
    rig.reader.lay(*rig.tags[BOOK])
    rig.turn(turns)
    rig.crash()
    rig.restart()
    if not [one for one in rig.entries() if isinstance(one.promise, GiveBack)]:
        rig.lift(BOOK)
        visit.gives_back()

    assert visit.end_of(GiveBack) is Settlement.DONE
    assert visit.done(Deed.RETURNED) == 1
    assert [tag.afi for tag in rig.tags[BOOK]] == [SECURED]


@at(*EVERY_PERSONALITY)
def test_all_loans_are_renewed_once(visit: Visit) -> None:
    """The account shows the loans of every system, and one touch renews each of them once."""
    visit.library.lends(BOOK)
    visit.library.lends(OTHER)
    loans = visit.looks_at_account().loans
    assert loans is not None
    assert {loan.item for loan in loans} == {BOOK, OTHER}

    visit.rig.choose("renew-all")
    visit.rig.until(lambda: not visit.rig.seen(Account).is_busy)

    renewed = visit.rig.seen(Account).loans
    assert renewed is not None
    assert {loan.status for loan in renewed} == {LoanStatus.RENEWED}
    assert visit.done(Deed.RENEWED) == 2


@at(*TAKING)
def test_a_fee_is_paid_and_posted(visit: Visit) -> None:
    """The card terminal takes what is owed, and the system's books have it once, under the terminal's number."""
    visit.library.charges(FEE)
    visit.pays()
    visit.rig.until(visit.is_posted)

    assert visit.taken == FEE
    assert [(patron, units) for patron, units, _ in visit.system.payments] == [(demo.READER, FEE)]
    assert visit.system.owed(demo.READER) == 0


@at(*TAKING)
@pytest.mark.parametrize("breaks", [Breaks.NO_REPLY, Breaks.NOTHING_ARRIVES])
def test_a_payment_whose_posting_is_lost_is_posted_once(visit: Visit, breaks: Breaks) -> None:
    """The money was taken once; whether the books have it is found out before they are told again."""
    visit.library.charges(FEE)
    visit.library.faults.append(Fault("37", breaks))
    visit.pays()

    assert visit.end_of(Pay) is Settlement.DONE
    assert visit.taken == FEE
    assert len(visit.system.payments) == 1


@at(*(one for one in EVERY_PERSONALITY if one not in TAKING))
def test_a_system_that_takes_no_payments_is_offered_none(visit: Visit) -> None:
    """Where the library's books cannot be told, no money is taken."""
    visit.library.charges(FEE)
    visit.looks_at_account()

    assert Choice("pay") not in visit.rig.choices
    assert visit.taken == 0


@at(KOHA, DEFINITION)
@pytest.mark.parametrize("turns", [2, 3, 8, 12, 16])
def test_power_that_goes_during_a_payment_takes_it_once(visit: Visit, turns: int) -> None:
    """Paid and posted, or surely not paid: never twice, and never taken without being posted."""
    visit.library.charges(FEE)
    visit.pays()
    visit.rig.turn(turns)
    visit.rig.crash()
    visit.rig.restart()

    assert visit.end_of(Pay) in (Settlement.DONE, Settlement.NOT_DONE)
    posted = sum(units for _, units, _ in visit.system.payments)
    assert visit.taken == posted
    assert posted in (0, FEE)


@at(*EVERY_PERSONALITY)
def test_a_torn_book_is_reported_and_the_reader_thanked(visit: Visit) -> None:
    """Systems that take such reports get it once; with the others it stands in the journal."""
    visit.library.lends(BOOK)
    visit.gives_back()
    visit.rig.until(lambda: visit.back() is BackStatus.BACK)
    visit.rig.choose(f"care:{BOOK}")
    visit.rig.choose(f"flaw:{Flaw.DAMAGED.value}")
    visit.rig.choose("yes")
    visit.rig.until(lambda: isinstance(visit.rig.view, MarkCare) and visit.rig.seen(MarkCare).is_reported)

    promise = visit.only(ReportCare).promise
    assert isinstance(promise, ReportCare)
    assert (promise.item, promise.flaws) == (BOOK, (Flaw.DAMAGED,))
    told = [item for item, _ in visit.system.care]
    assert told == ([BOOK] if visit.system.personality.takes_care else [])
