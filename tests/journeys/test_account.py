"""A reader looks at the account, renews, pays a block away and reports a torn book, on real bytes.

Session, journal, uplink, SIP2, drivers and central are real.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.workflow.settings import Service
from kiosk.workflow.view import (
    Account,
    Borrowing,
    ChooseFees,
    HoldLine,
    LoanLine,
    LoanStatus,
    MarkCare,
    Notice,
    NotServed,
    Paying,
    PaymentState,
    Refusal,
    Status,
    Summary,
    Welcome,
)
from sync.central import demo
from sync.entries import Entry, Granted, Means, Reason, Renew, ReportCare, Settled, Settlement
from sync.rules.terms import CardStatus
from tests.kit.rig import Rig, with_settings

ACCOUNTS = with_settings(
    services=(Service.BORROW, Service.ACCOUNT, Service.PAY, Service.CARE), means=(Means.CARD, Means.QR)
)
FREE = demo.ITEMS_FREE


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path, ACCOUNTS)
    rig.settle()
    yield rig
    rig.close()


def log_in(rig: Rig, number: str) -> Account:
    """From the first screen to an account that is told whole."""
    rig.turn(100)
    rig.choose("account")
    rig.show_card(number)
    rig.pin()
    return loaded(rig)


def loaded(rig: Rig) -> Account:
    """The account, once everything was asked that the page needs."""
    rig.until(lambda: isinstance(rig.view, Account) and not rig.seen(Account).is_busy)
    rig.turn(60)
    return rig.seen(Account)


def loans(rig: Rig) -> dict[str, LoanLine]:
    """The loans that are shown, by item."""
    return {str(loan.item): loan for loan in rig.seen(Account).loans or ()}


def renewals(rig: Rig) -> list[Entry]:
    """The entries of renewals."""
    return [entry for entry in rig.entries() if isinstance(entry.promise, Renew)]


def test_loans_are_shown_with_titles_and_days_and_those_overdue_first(rig: Rig) -> None:
    """What the server tells item by item comes in by itself; the day is the one of the library's books."""
    rig.server.desk_lends(demo.READER, FREE[1])
    rig.clock.wait(20 * 86400.0)
    rig.server.desk_lends(demo.READER, FREE[0])
    rig.clock.wait(15 * 86400.0)
    rig.settle()

    account = log_in(rig, demo.READER)

    assert account.loans is not None
    assert [str(loan.item) for loan in account.loans] == [FREE[1], FREE[0]]
    assert all(loan.title for loan in account.loans)
    assert [loan.due.day if loan.due else None for loan in account.loans] == [
        rig.server.due_of(FREE[1]),
        rig.server.due_of(FREE[0]),
    ]
    due = rig.server.due_of(FREE[1])
    assert due is not None
    assert [(loan.is_overdue, loan.days_overdue) for loan in account.loans] == [
        (True, (rig.clock.now().date() - due).days),
        (False, 0),
    ]
    assert not rig.entries()


def test_holds_are_shown_with_those_that_are_ready_first(rig: Rig) -> None:
    """And where they lie."""
    account = log_in(rig, demo.READER_WITH_HOLDS)

    assert account.holds is not None
    assert [hold.is_ready for hold in account.holds] == [True, False]
    assert all(isinstance(hold, HoldLine) for hold in account.holds)


def test_all_loans_are_renewed_and_each_refusal_has_its_reason(rig: Rig) -> None:
    """The new days stand in the library's books; the rest says exactly why not, and the summary tells both."""
    log_in(rig, demo.READER_WITH_LOAN)
    before = rig.server.due_of(demo.ITEM_ON_LOAN)
    rig.choose("renew-all")
    rig.until(lambda: all(loan.status is not LoanStatus.RENEWING for loan in loans(rig).values()))
    loaded(rig)

    renewed, kept = loans(rig)[demo.ITEM_ON_LOAN], loans(rig)[demo.ITEM_RENEWED_OUT]
    assert renewed.status is LoanStatus.RENEWED
    assert renewed.due is not None
    assert renewed.due.day == rig.server.due_of(demo.ITEM_ON_LOAN)
    assert before is not None
    assert renewed.due.day is not None
    assert renewed.due.day > before
    assert (kept.status, kept.why) == (LoanStatus.NOT_RENEWED, Reason.RENEWAL_LIMIT)
    assert len(renewals(rig)) == 2
    assert all(entry.is_settled for entry in renewals(rig))
    rig.choose("finish")
    summary = rig.seen(Summary)
    assert (summary.renewed, {line.status for line in summary.lines}) == (
        1,
        {Status.RENEWED, Status.ALREADY_YOURS},
    )


def test_without_the_network_the_account_is_refused_and_a_loan_is_not_renewed(rig: Rig) -> None:
    """Honestly, in words, and without an entry."""
    log_in(rig, demo.READER_WITH_LOAN)
    rig.cut_network()
    rig.until(lambda: Notice.SERVER_AWAY in rig.shown[-1].notices, 40.0)
    assert not any(choice.id.startswith("renew") and choice.enabled for choice in rig.choices)
    assert not renewals(rig)
    rig.choose("finish")
    rig.take_card()

    rig.until(lambda: isinstance(rig.view, Welcome))
    assert not any(choice.id == "account" and choice.enabled for choice in rig.choices)
    rig.mend_network()
    rig.until(lambda: any(choice.id == "account" and choice.enabled for choice in rig.choices), 120.0)


def test_a_reader_whose_card_is_stopped_sees_the_account_and_borrows_nothing(rig: Rig) -> None:
    """What lies on the pad stays where it is, and what they have is shown."""
    rig.server.desk_lends(demo.READER, FREE[0])
    rig.server.desk_marks_card(demo.READER, CardStatus.BLOCKED)
    rig.lay(FREE[1])
    rig.turn(100)
    rig.show_card(demo.READER)
    rig.pin()

    account = loaded(rig)

    assert account.blocks[0] in (Reason.PATRON_BLOCKED, Reason.OTHER)
    assert [str(loan.item) for loan in account.loans or ()] == [FREE[0]]
    rig.pass_time(5)
    assert rig.server.loans_of(demo.READER) == {FREE[0]}
    assert not rig.released


def test_a_card_that_was_reported_lost_shows_nobodys_account(rig: Rig) -> None:
    """Whoever holds it."""
    rig.turn(100)
    rig.choose("account")
    rig.show_card(demo.READER_CARD_LOST)
    rig.pin()
    rig.until(lambda: isinstance(rig.view, NotServed))

    assert rig.seen(NotServed).reasons[0] is Reason.CARD_LOST


def test_whoever_pays_what_they_owe_borrows_in_the_same_session(rig: Rig) -> None:
    """The block is gone with the fees; the book on the pad becomes a loan."""
    rig.turn(200)
    rig.show_card(demo.READER_OWES)
    rig.pin()
    account = loaded(rig)
    assert Reason.FEES_OWED in account.blocks
    rig.until(lambda: any(choice.id == "pay" and choice.enabled for choice in rig.choices))
    rig.choose("pay")
    rig.choose("pay-by:card")
    rig.until(lambda: isinstance(rig.view, Paying) and rig.seen(Paying).state is PaymentState.POSTED)
    rig.choose("done")
    account = loaded(rig)
    assert account.blocks == ()
    assert account.owed is None or account.owed.minor_units == 0

    rig.choose("borrow")
    rig.lay(FREE[0])
    rig.until(lambda: isinstance(rig.view, Borrowing) and rig.statuses().get(FREE[0]) is Status.LENT)

    assert rig.server.loans_of(demo.READER_OWES) == {FREE[0]}


def test_one_fee_of_two_is_paid_and_the_other_stays_owed(rig: Rig) -> None:
    """The library's books take exactly what was chosen."""
    rig.turn(200)
    log_in(rig, demo.READER_OWES)
    rig.choose("pay")
    fees = rig.seen(ChooseFees)
    if fees.is_whole_only:
        pytest.fail("the demo's server names its fees")
    small = min(range(len(fees.fees)), key=lambda place: fees.fees[place].amount.minor_units)
    for place in range(len(fees.fees)):
        is_chosen = rig.seen(ChooseFees).fees[place].is_chosen
        if is_chosen is not (place == small):
            rig.choose(f"fee:{place}")
    amount = rig.seen(ChooseFees).total
    rig.choose("pay-by:card")
    rig.until(lambda: isinstance(rig.view, Paying) and rig.seen(Paying).state is PaymentState.POSTED)
    assert rig.card_terminal.taken_minor == amount.minor_units
    rig.choose("done")

    left = loaded(rig).fees
    assert left is not None
    assert [fee.amount for fee in left] == [
        fee.amount for place, fee in enumerate(fees.fees) if place != small
    ]


def test_a_torn_book_is_reported_and_stands_on_the_list_of_central(rig: Rig) -> None:
    """Also one that is reported while the network is away."""
    rig.lay(FREE[0])
    rig.begin()
    rig.until(lambda: rig.statuses().get(FREE[0]) is Status.LENT)
    rig.cut_network()
    rig.choose(f"care:{FREE[0]}")
    rig.choose("flaw:loose-pages")
    rig.choose("yes")
    assert rig.seen(MarkCare).is_reported
    rig.choose("done")
    rig.mend_network()

    def report() -> Entry:
        return next(entry for entry in rig.entries() if isinstance(entry.promise, ReportCare))

    rig.until(lambda: report().is_settled, 300.0)
    assert [row.how for row in report().rows if isinstance(row, Settled)] == [Settlement.DONE]
    assert isinstance(report().answer, Granted)


@pytest.mark.parametrize("turns", [1, 3, 6, 12, 24])
def test_a_power_cut_while_everything_is_renewed_renews_once(rig: Rig, turns: int) -> None:
    """After the restart what was perhaps sent is asked about, and no loan is renewed a second time."""
    before = rig.server.due_of(demo.ITEM_ON_LOAN)
    log_in(rig, demo.READER_WITH_LOAN)
    rig.choose("renew-all")
    rig.turn(turns)
    rig.crash()
    rig.restart_at_once()
    rig.until(lambda: all(entry.is_settled for entry in renewals(rig)), 600.0)

    [ours] = [entry for entry in renewals(rig) if str(entry.promise.item) == demo.ITEM_ON_LOAN]
    how = next(row.how for row in ours.rows if isinstance(row, Settled))
    is_later = rig.server.due_of(demo.ITEM_ON_LOAN) != before
    assert how in (Settlement.DONE, Settlement.NOT_DONE, Settlement.REFUSED)
    assert is_later == (how is Settlement.DONE)


def test_the_account_is_asked_for_with_words_when_the_server_falls_silent(rig: Rig) -> None:
    """A card that is shown then is answered honestly, not with an empty account."""
    rig.turn(100)
    rig.choose("account")
    rig.show_card(demo.READER)
    rig.server.silence()
    rig.pin()
    rig.until(lambda: isinstance(rig.view, NotServed), 120.0)

    assert rig.seen(NotServed).reasons == (Refusal.SERVER_AWAY,)
