"""The account: what readers see of it, who may see it, and what is honest where it cannot be seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from kiosk.workflow import events, view
from kiosk.workflow.effects import Ask, Carry
from kiosk.workflow.settings import Service
from kiosk.workflow.state import Idle
from kiosk.workflow.view import LoanStatus, Refusal
from sync.entries import Due, ItemId, Money, PatronId, Reason
from sync.questions import AboutAccount, AboutItem, HoldFact, ItemFacts, LoanFact
from tests.kit.stage import LENDS_HERE, OTHER_READER, READER, SETTINGS, Stage, item, tag
from tests.kit.till import BLOCKED, FEES, LATE, LATER, PAYS, SOON, Till, account_of, yuan


def ids(shown: view.View) -> list[str]:
    """The choices of a view that can be chosen."""
    return [choice.id for choice in shown.choices if choice.enabled]


def asked_items(stage: Stage) -> list[ItemId]:
    """The items the server was asked about."""
    return [ask.question.item for ask in stage.all(Ask) if isinstance(ask.question, AboutItem)]


def test_the_account_opens_after_card_and_pin_with_everything_in_its_order() -> None:
    """Overdue loans stand first, then those due next; holds that are ready first; fees by item, and the quota."""
    stage = Till(PAYS)

    account = stage.log_in_to_account()

    assert account.loans is not None
    assert [loan.item for loan in account.loans] == [item(2), item(1), item(3)]
    late = account.loans[0]
    assert (late.due, late.is_overdue, late.days_overdue) == (LATE, True, 21)
    assert account.holds is not None
    assert [(hold.title, hold.is_ready) for hold in account.holds] == [("Title 9", True), ("Title 8", False)]
    assert account.fees is not None
    assert [(fee.amount, fee.item) for fee in account.fees] == [(fee.amount, fee.item) for fee in FEES]
    assert (account.owed, account.quota, account.quota_left) == (yuan(2450), 10, 7)
    assert account.greeting == "Demo 0."
    assert ids(account) == ["renew-all", "pay", "borrow", "finish"]
    assert not stage.rows


def test_choosing_the_account_says_so_until_somebody_shows_a_card_or_leaves() -> None:
    """The first screen asks for the card for the account; "cancel", or nobody for a while, and it is forgotten."""
    stage = Till(PAYS)
    stage.choose("account")

    assert stage.shows(view.Welcome).is_for_account
    stage.choose("cancel")
    assert not stage.shows(view.Welcome).is_for_account

    stage.choose("account")
    stage.pass_time(PAYS.refusal_seconds)
    assert not stage.shows(view.Welcome).is_for_account
    stage.log_in()
    stage.shows(view.Borrowing)


def test_a_number_typed_for_the_account_opens_it_too() -> None:
    """The way in does not matter."""
    stage = Till(PAYS)
    stage.choose("account")
    stage.choose("number")
    stage.show_card()
    stage.pin()

    stage.tell(stage.facts())

    assert stage.shows(view.Account).is_loading
    assert stage.asked_account().question == AboutAccount(PatronId(READER))


def test_the_next_reader_does_not_land_on_the_account_of_the_last_choice() -> None:
    """Who was turned away after choosing the account leaves nothing behind for whoever comes next."""
    stage = Till(PAYS)
    stage.choose("account")
    stage.show_card()
    stage.pin()
    stage.tell(stage.facts(is_known=False))
    stage.shows(view.NotServed)

    stage.log_in(OTHER_READER)

    stage.shows(view.Borrowing)


def test_a_borrower_goes_to_the_account_and_back_to_the_books() -> None:
    """The account can be looked at in between; books laid down meanwhile are taken when the reader is back."""
    stage = Till(PAYS)
    stage.log_in()
    stage.lay(tag(1))
    assert "account" not in ids(stage.view), "while a book is under way"
    stage.borrow(1)

    stage.choose("account")
    stage.tell_account()
    stage.lay(tag(1), tag(2))
    assert len(stage.all(Carry)) == 1
    stage.choose("borrow")
    stage.lay(tag(1), tag(2))

    assert [carry.entry.promise.item for carry in stage.all(Carry)] == [item(1), item(2)]
    stage.shows(view.Borrowing)


def test_a_scan_on_the_account_is_a_word_for_borrowing() -> None:
    """Whoever scans a book wants it, and is brought to the list of books."""
    stage = Till(replace(PAYS, has_pad=False))
    stage.log_in_to_account()

    stage.scan(item(5))

    assert stage.line(5).status is view.Status.ASKING


def test_the_account_is_asked_for_each_time_it_is_opened() -> None:
    """What was true when the session began may not be true any more."""
    stage = Till(PAYS)
    stage.log_in_to_account()
    stage.choose("borrow")

    stage.choose("account")

    asked = [ask for ask in stage.all(Ask) if isinstance(ask.question, AboutAccount)]
    assert len(asked) == 2
    stage.tell_account(account_of(fees=(), owed=yuan(0)))
    assert stage.shows(view.Account).fees == ()


def test_titles_and_days_that_the_server_tells_item_by_item_come_in_as_they_come() -> None:
    """A few items are asked about at once, each once; the page is there meanwhile, and is sorted by what it learns."""
    bare = tuple(LoanFact(item(number)) for number in range(1, 6))
    stage = Till(PAYS)
    stage.log_in_to_account(account_of(loans=bare))

    assert asked_items(stage) == [item(1), item(2)]
    first, second = stage.all(Ask)[-2:]
    stage.happen(events.Told(second.token, ItemFacts(item(2), True, "Title 2", due=LATE)))
    stage.happen(events.NotTold(first.token))
    assert asked_items(stage) == [item(1), item(2), item(3), item(4)]

    account = stage.shows(view.Account)
    assert account.loans is not None
    assert account.loans[0].item == item(2)
    assert (account.loans[0].title, account.loans[0].is_overdue) == ("Title 2", True)
    stage.choose("finish")
    stage.happen(events.Told(stage.all(Ask)[-2].token, ItemFacts(item(4), True, "Title 4")))
    assert isinstance(stage.state.phase, Idle)
    assert asked_items(stage)[-1] == item(4), "nothing is asked after the session"


def test_answers_about_an_item_that_name_another_are_not_believed() -> None:
    """A title goes to the loan it was asked for, and to no other."""
    stage = Till(PAYS)
    stage.log_in_to_account(account_of(loans=(LoanFact(item(1)),)))

    stage.tell(ItemFacts(item(2), True, "Another", due=LATE))

    loans = stage.shows(view.Account).loans
    assert loans is not None
    assert (loans[0].title, loans[0].due) == ("", None)


def test_a_server_that_names_a_loan_twice_shows_it_once() -> None:
    """Two lines of one loan would be renewed twice."""
    stage = Till(PAYS)

    account = stage.log_in_to_account(
        account_of(loans=(LoanFact(item(1), SOON), LoanFact(item(1), SOON, "Title 1")))
    )

    assert account.loans is not None
    assert [loan.title for loan in account.loans] == ["Title 1"]


def test_what_the_server_does_not_tell_is_said_to_be_not_told() -> None:
    """No list is not an empty list."""
    stage = Till(PAYS)

    account = stage.log_in_to_account(
        account_of(loans=None, holds=None, fees=None, owed=None, loan_limit=None)
    )

    assert (account.loans, account.holds, account.fees, account.owed) == (None, None, None, None)
    assert account.quota_left == 10, "as it was told with the card"
    assert not account.is_loading
    assert "pay" not in ids(account)


@pytest.mark.parametrize(
    "reason",
    [Reason.PATRON_BLOCKED, Reason.FEES_OWED, Reason.PATRON_EXPIRED, Reason.LOANS_OVERDUE, Reason.OTHER],
)
def test_blocked_readers_see_their_account_and_what_is_against_them(reason: Reason) -> None:
    """They may look, renew and pay; a book laid down or scanned by them is not asked for."""
    stage = Till(PAYS)
    stage.show_card()
    stage.pin()
    stage.tell(stage.facts(blocks=(reason,)))
    stage.tell_account(account_of(blocks=(reason,)))

    account = stage.shows(view.Account)
    assert account.blocks == (reason,)
    assert "borrow" not in [choice.id for choice in account.choices]
    stage.lay(tag(5))
    stage.scan(item(6))
    stage.happen(events.Chosen("borrow"))
    stage.lay(tag(5))

    assert not stage.all(Carry)
    stage.shows(view.Account)


@pytest.mark.parametrize("reason", [Reason.CARD_LOST, Reason.WRONG_PIN])
def test_a_card_that_may_be_in_anybodys_hand_opens_no_account(reason: Reason) -> None:
    """Whoever found a lost card reads nothing of its owner."""
    stage = Till(PAYS)
    stage.choose("account")
    stage.show_card()
    stage.pin()

    stage.tell(stage.facts(blocks=(reason, Reason.FEES_OWED)))

    assert stage.shows(view.NotServed).reasons == (reason, Reason.FEES_OWED)
    assert not any(isinstance(ask.question, AboutAccount) for ask in stage.all(Ask))


def test_where_there_is_no_such_service_blocked_readers_are_turned_away_as_ever() -> None:
    """And nobody is offered an account."""
    stage = Stage(SETTINGS)
    assert "account" not in ids(stage.view)
    stage.happen(events.Chosen("account"))
    stage.show_card()
    stage.pin()

    stage.tell(stage.facts(blocks=BLOCKED))

    assert stage.shows(view.NotServed).reasons == BLOCKED


def test_whoever_is_not_blocked_any_more_borrows_in_the_same_session() -> None:
    """The account is asked anew; once nothing is against them, the list of books is open to them."""
    stage = Till(PAYS)
    stage.show_card()
    stage.pin()
    stage.tell(stage.facts(blocks=BLOCKED, limit=0))
    stage.tell_account(account_of(blocks=(), fees=(), owed=yuan(0), loan_count=1, loan_limit=5))

    stage.choose("borrow")
    stage.lay(tag(5))

    assert stage.line(5).status is view.Status.ASKING
    assert stage.shows(view.Borrowing).quota == 5


def test_a_full_quota_is_no_block() -> None:
    """Whoever may borrow nothing more may still lay books down, and is told why."""
    stage = Till(PAYS)
    stage.show_card()
    stage.pin()

    stage.tell(stage.facts(blocks=(Reason.LIMIT_REACHED,)))

    assert stage.shows(view.Borrowing).quota_left == 0


def test_without_the_server_the_account_is_refused_before_anybody_types_a_pin() -> None:
    """Nothing is shown from the snapshot: it would be old, and is not whole."""
    stage = Till(replace(PAYS, offline=LENDS_HERE.offline))
    stage.choose("account")
    stage.lend_here()

    stage.show_card()

    assert stage.shows(view.NotServed).reasons == (Refusal.SERVER_AWAY,)
    assert not stage.shows(view.NotServed).fee
    stage.choose("done")
    assert "account" not in ids(stage.view)


def test_a_server_that_goes_away_while_somebody_logs_in_for_the_account_is_not_replaced_by_the_snapshot() -> (
    None
):
    """The terminal's own books identify borrowers, and know no account."""
    stage = Till(replace(PAYS, offline=LENDS_HERE.offline))
    stage.happen(events.SnapshotCame(stage.wall))
    stage.choose("account")
    stage.show_card()
    stage.pin()

    stage.happen(events.NotTold(stage.last(Ask).token))

    assert stage.shows(view.NotServed).reasons == (Refusal.SERVER_AWAY,)


def test_an_account_nobody_tells_of_says_so_and_can_be_asked_for_again() -> None:
    """Not told is not empty."""
    stage = Till(PAYS)
    stage.choose("account")
    stage.show_card()
    stage.pin()
    stage.tell(stage.facts())
    stage.happen(events.NotTold(stage.asked_account().token))

    account = stage.shows(view.Account)
    assert (account.why, account.loans, account.is_loading) == (Refusal.SERVER_AWAY, None, False)
    stage.choose("account")
    stage.pass_time(31)
    assert stage.shows(view.Account).why is Refusal.SERVER_AWAY
    stage.choose("account")
    stage.tell_account()
    assert stage.shows(view.Account).why is None


def test_an_account_of_somebody_else_is_not_shown() -> None:
    """An answer that belongs to another card is no answer."""
    stage = Till(PAYS)
    stage.choose("account")
    stage.show_card()
    stage.pin()
    stage.tell(stage.facts())

    stage.tell_account(account_of(OTHER_READER))

    assert stage.shows(view.Account).why is Refusal.SERVER_AWAY
    assert stage.shows(view.Account).loans is None


def test_an_answer_that_comes_after_the_session_shows_nobody_anything() -> None:
    """The next reader never sees the account of the last."""
    stage = Till(PAYS)
    stage.choose("account")
    stage.show_card()
    stage.pin()
    stage.tell(stage.facts())
    token = stage.asked_account().token
    stage.happen(events.Chosen("finish"))
    stage.shows(view.Welcome)

    stage.happen(events.Told(token, account_of()))
    stage.log_in(OTHER_READER)
    stage.choose("account")
    stage.happen(events.Told(token, account_of()))

    assert stage.shows(view.Account).is_loading


def test_today_is_that_of_the_librarys_zone() -> None:
    """Late in the evening in London it is the next day in Shanghai, and a loan due today there is not overdue here."""
    wall = datetime(2026, 11, 25, 20, 0, tzinfo=UTC)
    facts = account_of(loans=(LoanFact(item(1), SOON),))

    overdue = {
        hours: Till(replace(PAYS, zone=timezone(timedelta(hours=hours))), wall=wall)
        .log_in_to_account(facts)
        .loans
        for hours in (0, 8)
    }

    assert [(loans[0].is_overdue, loans[0].days_overdue) for loans in overdue.values() if loans] == [
        (False, 0),
        (True, 1),
    ]


def test_a_terminal_that_does_not_lend_opens_every_account_at_once() -> None:
    """Where only the account is offered, a card shows it, and books are nobody's."""
    stage = Till(replace(PAYS, services=(Service.ACCOUNT,)))
    stage.show_card()
    stage.pin()
    stage.tell(stage.facts())
    stage.tell_account()

    account = stage.shows(view.Account)

    assert ids(account) == ["renew-all", "finish"]
    assert account.blocks == ()


def test_a_hold_without_a_title_has_its_line() -> None:
    """What the server tells of a hold may be its number alone."""
    stage = Till(PAYS)

    account = stage.log_in_to_account(account_of(holds=(HoldFact(item(4)),)))

    assert account.holds == (view.HoldLine("", item(4)),)


def test_an_absent_reader_is_asked_and_the_account_is_gone() -> None:
    """An open account does not stay open, and nothing of it is remembered."""
    stage = Till(PAYS)
    stage.log_in_to_account()

    stage.pass_time(PAYS.idle_seconds)
    stage.shows(view.StillThere)
    stage.pass_time(PAYS.warning_seconds)

    stage.shows(view.Welcome)
    remembered = repr(stage.state)
    assert not any(word in remembered for word in ("Demo Reader", "PatronId", "Title 1", "AccountFacts("))


def test_the_own_card_ends_the_session_and_another_begins_the_next() -> None:
    """As everywhere: nothing of two readers is mixed."""
    stage = Till(PAYS)
    stage.log_in_to_account()
    stage.show_card()
    stage.shows(view.Welcome)

    stage.log_in_to_account()
    stage.show_card(OTHER_READER)

    stage.shows(view.EnterPin)
    assert "Title 1" not in repr(stage.state)


def test_a_loan_without_a_day_stands_last_and_is_not_overdue() -> None:
    """What cannot be read is not guessed."""
    stage = Till(PAYS)
    facts = account_of(loans=(LoanFact(item(1), Due(None, "soon"), "A"), LoanFact(item(2), LATER, "B")))

    account = stage.log_in_to_account(facts)

    assert account.loans is not None
    assert [(loan.item, loan.is_overdue) for loan in account.loans] == [(item(2), False), (item(1), False)]
    assert account.loans[1].status is LoanStatus.LENT


def test_what_is_owed_is_shown_also_where_no_fee_is_named() -> None:
    """One sum is better than none."""
    stage = Till(PAYS)

    account = stage.log_in_to_account(account_of(fees=None, owed=Money(500, "CNY")))

    assert (account.fees, account.owed) == (None, Money(500, "CNY"))
    assert "pay" in ids(account)
