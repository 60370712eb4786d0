"""Renewing one, several, or all loans of the account: one entry each, never two for a touch, each with its reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.workflow import events, view
from kiosk.workflow.effects import Ask, Carry, GiveUp
from kiosk.workflow.renewals import IN_FLIGHT_MAX
from kiosk.workflow.state import owns
from kiosk.workflow.view import LoanStatus, Status, Trouble
from sync.entries import (
    Answered,
    Due,
    EntryKey,
    Granted,
    Held,
    Intended,
    PatronId,
    Reason,
    Refused,
    Renew,
    Settled,
    Settlement,
    Silence,
)
from sync.questions import AboutAccount, LoanFact
from tests.kit.stage import LENDS_HERE, OTHER_READER, READER, item, tag
from tests.kit.till import LATER, PAYS, SOON, Till, account_of

NEW = Due(LATER.day, "new")


def opened(loans: int = 3) -> Till:
    """A reader on the account with *loans* loans, due one like the other."""
    stage = Till(PAYS)
    facts = tuple(LoanFact(item(number), SOON, f"Title {number}") for number in range(1, loans + 1))
    stage.log_in_to_account(account_of(loans=facts))
    return stage


def renewals(stage: Till) -> list[EntryKey]:
    """The entries of renewals, in the order in which they were carried."""
    return [carry.entry.key for carry in stage.all(Carry) if isinstance(carry.entry.promise, Renew)]


def loan(stage: Till, number: int) -> view.LoanLine:
    """The line of loan *number* as the reader sees it."""
    loans = stage.shows(view.Account).loans
    assert loans is not None
    return next(line for line in loans if line.item == item(number))


def test_one_loan_is_renewed_and_shows_its_new_day() -> None:
    """An intent that names the old day, an answer, and the new day only once both are recorded."""
    stage = opened()

    stage.choose(f"renew:{item(2)}")
    [key] = renewals(stage)
    [intended] = stage.rows_of(Intended)
    assert intended.promise == Renew(item(2), PatronId(READER), stage.wall, due_before=SOON)
    assert loan(stage, 2).status is LoanStatus.RENEWING
    assert owns(stage.state, key)
    stage.answer(2, Granted(NEW, renewed=True))

    assert (loan(stage, 2).status, loan(stage, 2).due) == (LoanStatus.RENEWED, NEW)
    assert [type(row) for row in stage.rows] == [Intended, Answered, Settled]
    assert loan(stage, 1).status is LoanStatus.LENT


def test_a_double_tap_renews_once() -> None:
    """Not while it is under way, and not once it was renewed."""
    stage = opened()
    stage.choose(f"renew:{item(1)}")
    stage.happen(events.Chosen(f"renew:{item(1)}"))
    stage.happen(events.Chosen("renew-all"))
    stage.answer(1, Granted(NEW, renewed=True))

    stage.happen(events.Chosen(f"renew:{item(1)}"))
    stage.happen(events.Chosen("renew-all"))

    assert sum(carry.entry.promise.item == item(1) for carry in stage.all(Carry)) == 1


def test_all_are_renewed_a_few_at_a_time_and_each_has_its_own_answer() -> None:
    """No more than a handful is on its way; every loan ends with a new day or the server's exact reason."""
    stage = opened(IN_FLIGHT_MAX + 3)
    stage.choose("renew-all")
    assert len(renewals(stage)) == IN_FLIGHT_MAX
    assert all(loan(stage, number).status is LoanStatus.RENEWING for number in range(1, IN_FLIGHT_MAX + 4))

    reasons = {2: Reason.RENEWAL_LIMIT, 4: Reason.ITEM_ON_HOLD_FOR_OTHER, 7: Reason.LOANS_OVERDUE}
    for number in range(1, IN_FLIGHT_MAX + 4):
        refused = Refused(reasons[number], messages=("Sorry",)) if number in reasons else None
        stage.answer(number, refused or Granted(NEW, renewed=True))

    assert len(renewals(stage)) == IN_FLIGHT_MAX + 3
    for number in range(1, IN_FLIGHT_MAX + 4):
        line = loan(stage, number)
        if number in reasons:
            assert (line.status, line.why, line.message) == (
                LoanStatus.NOT_RENEWED,
                reasons[number],
                "Sorry",
            )
            assert line.due == SOON, "the old day holds"
        else:
            assert line.status is LoanStatus.RENEWED


def test_the_account_is_asked_for_again_once_all_renewals_have_ended() -> None:
    """What changed elsewhere, as the quota, is told anew; what was renewed here stays said."""
    stage = opened(2)
    stage.choose("renew-all")
    stage.answer(1, Granted(NEW, renewed=True))
    before = [ask for ask in stage.all(Ask) if isinstance(ask.question, AboutAccount)]
    stage.answer(2, Refused(Reason.RENEWAL_LIMIT))
    after = [ask for ask in stage.all(Ask) if isinstance(ask.question, AboutAccount)]
    assert (len(before), len(after)) == (1, 2)

    stage.tell_account(account_of(loans=(LoanFact(item(1), NEW), LoanFact(item(2), SOON)), loan_count=2))

    assert loan(stage, 1).status is LoanStatus.RENEWED
    assert (loan(stage, 2).status, loan(stage, 2).why) == (LoanStatus.NOT_RENEWED, Reason.RENEWAL_LIMIT)
    assert stage.shows(view.Account).quota_left == 8


@pytest.mark.parametrize("answer", [Silence("deadline"), Held()])
def test_a_silent_server_is_not_asked_for_the_rest(answer: Silence | Held) -> None:
    """What was asked is left to the uplink, what waits is not begun; no loan is said to be renewed."""
    stage = opened(IN_FLIGHT_MAX + 2)
    stage.choose("renew-all")

    stage.answer(1, answer)

    assert stage.last(GiveUp).key == renewals(stage)[0]
    assert len(renewals(stage)) == IN_FLIGHT_MAX
    assert (loan(stage, 1).status, loan(stage, 1).why) == (LoanStatus.NOT_RENEWED, Trouble.NO_ANSWER)
    assert loan(stage, IN_FLIGHT_MAX + 1).why is Trouble.NO_ANSWER
    assert loan(stage, 2).status is LoanStatus.RENEWING
    assert not stage.rows_of(Settled), "what may have been done is not settled here"


def test_a_server_that_never_answers_is_not_waited_for_for_ever() -> None:
    """Every renewal has an end, and the session can end after it."""
    stage = opened(2)
    stage.choose("renew-all")
    stage.choose("finish")
    stage.shows(view.Account)

    stage.pass_time(PAYS.answer_seconds)

    assert [effect.key for effect in stage.all(GiveUp)] == renewals(stage)
    assert [line.why for line in stage.shows(view.Summary).lines] == [Trouble.NO_ANSWER] * 2


def test_a_renewal_given_up_is_not_begun_again_before_its_outcome_is_known() -> None:
    """It may have been done; a second one could be one too many."""
    stage = opened(1)
    stage.choose("renew-all")
    stage.answer(1, Silence("deadline"))
    stage.choose("finish")
    stage.choose("done")
    stage.log_in_to_account(account_of(loans=(LoanFact(item(1), SOON),)))

    stage.choose("renew-all")
    assert (len(renewals(stage)), loan(stage, 1).why) == (1, Trouble.NO_ANSWER)

    stage.choose("finish")
    stage.choose("done")
    stage.answer(1, Granted(NEW, renewed=True))
    stage.log_in_to_account(account_of(loans=(LoanFact(item(1), SOON),)))
    stage.choose("renew-all")
    assert len(renewals(stage)) == 2


def test_without_the_server_nothing_is_renewed_and_nothing_written() -> None:
    """The terminal cannot know who waits for the item."""
    stage = opened(IN_FLIGHT_MAX + 1)
    stage.choose("renew-all")
    stage.happen(events.ServerWent())

    assert loan(stage, IN_FLIGHT_MAX + 1).why is Reason.NOT_WITHOUT_SERVER
    assert len(renewals(stage)) == IN_FLIGHT_MAX
    assert not any(choice.enabled for choice in stage.shows(view.Account).choices if choice.id == "renew-all")


def test_a_provisional_session_renews_nothing() -> None:
    """A session that lends by the terminal's word refuses with the reason, from the list as from the account."""
    stage = Till(replace(PAYS, offline=LENDS_HERE.offline))
    stage.lend_here(is_away=False)
    stage.log_in(loans=(LoanFact(item(1), SOON),))
    stage.choose("account")
    stage.tell_account(account_of(loans=(LoanFact(item(1), SOON),)))

    stage.happen(events.Chosen(f"renew:{item(1)}"))

    assert loan(stage, 1).why is Reason.NOT_WITHOUT_SERVER
    assert not stage.rows


def test_a_nearly_full_disk_renews_nothing() -> None:
    """Nothing new begins there."""
    stage = opened(1)
    stage.happen(events.RoomChanged(True))

    stage.happen(events.Chosen("renew-all"))

    assert loan(stage, 1).why is Trouble.STORAGE_FULL
    assert not stage.rows


def test_a_loan_renewed_on_the_account_is_renewed_in_the_list_of_books_too() -> None:
    """The book that lies on the pad, and is theirs already, cannot be renewed a second time there."""
    stage = Till(PAYS)
    facts = (LoanFact(item(1), SOON, "Title 1"),)
    stage.log_in(loans=facts)
    stage.lay(tag(1))
    assert stage.line(1).status is Status.ALREADY_YOURS
    stage.choose("account")
    stage.tell_account(account_of(loans=facts))
    stage.choose("renew-all")
    stage.answer(1, Granted(NEW, renewed=True))
    stage.tell_account(account_of(loans=facts))

    stage.choose("borrow")

    assert (stage.line(1).status, stage.line(1).due) == (Status.RENEWED, NEW)
    assert not stage.line(1).choices[:-1], "nothing but that it needs care"
    stage.choose("finish")
    assert stage.shows(view.Summary).renewed == 1


def test_a_loan_renewed_in_the_list_of_books_is_renewed_on_the_account_too() -> None:
    """And the other way round."""
    stage = Till(PAYS)
    facts = (LoanFact(item(1), SOON, "Title 1"), LoanFact(item(2), SOON, "Title 2"))
    stage.log_in(loans=facts)
    stage.lay(tag(1), tag(2))
    stage.choose(f"renew:{item(1)}")
    stage.answer(1, Granted(NEW, renewed=True))
    stage.choose(f"renew:{item(2)}")
    stage.answer(2, Refused(Reason.RENEWAL_LIMIT))

    stage.choose("account")
    stage.tell_account(account_of(loans=facts))

    assert (loan(stage, 1).status, loan(stage, 1).due) == (LoanStatus.RENEWED, NEW)
    assert (loan(stage, 2).status, loan(stage, 2).why) == (LoanStatus.NOT_RENEWED, Reason.RENEWAL_LIMIT)
    stage.happen(events.Chosen("renew-all"))
    assert len(renewals(stage)) == 2


def test_the_summary_tells_what_was_renewed_and_what_was_not() -> None:
    """Also of a reader who came for nothing else."""
    stage = opened(3)
    stage.choose(f"renew:{item(1)}")
    stage.answer(1, Granted(NEW, renewed=True))
    stage.tell_account(account_of(loans=(LoanFact(item(1), NEW), LoanFact(item(2), SOON))))
    stage.choose(f"renew:{item(2)}")
    stage.answer(2, Refused(Reason.ITEM_ON_HOLD_FOR_OTHER))

    stage.choose("finish")

    summary = stage.shows(view.Summary)
    assert [(line.item, line.status, line.due) for line in summary.lines] == [
        (item(1), Status.RENEWED, NEW),
        (item(2), Status.ALREADY_YOURS, SOON),
    ]
    assert (summary.renewed, summary.lent, summary.lines[1].why) == (1, 0, Reason.ITEM_ON_HOLD_FOR_OTHER)


def test_a_session_in_which_nothing_was_renewed_has_no_summary() -> None:
    """Who only looked is not kept."""
    stage = opened()

    stage.choose("finish")

    stage.shows(view.Welcome)


def test_finishing_waits_for_the_renewals_that_were_chosen() -> None:
    """A reader who chose all and finished gets all of them, and reads how they ended."""
    stage = opened(IN_FLIGHT_MAX + 1)
    stage.choose("renew-all")
    stage.choose("finish")

    for number in range(1, IN_FLIGHT_MAX + 2):
        assert stage.shows(view.Account).is_busy
        stage.answer(number, Granted(NEW, renewed=True))

    assert stage.shows(view.Summary).renewed == IN_FLIGHT_MAX + 1


def test_nobody_is_asked_whether_they_are_there_while_renewals_are_under_way() -> None:
    """The reader waits for the server then, and not the other way round."""
    stage = Till(replace(PAYS, idle_seconds=5, answer_seconds=30))
    stage.log_in_to_account(account_of(loans=(LoanFact(item(1), SOON, "Title 1"),)))
    stage.choose("renew-all")

    stage.pass_time(20)

    stage.shows(view.Account)


def test_a_late_answer_of_a_session_that_is_gone_changes_nothing_for_the_next_reader() -> None:
    """The uplink settles it; the next account knows nothing of it."""
    stage = opened(1)
    stage.choose("renew-all")
    key = renewals(stage)[0]
    stage.answer(1, Silence("deadline"))
    stage.choose("finish")
    stage.choose("done")
    written = len(stage.rows)
    stage.log_in_to_account(account_of(loans=(LoanFact(item(1), SOON),)))

    stage.answer(1, Granted(NEW, renewed=True))

    assert not owns(stage.state, key)
    assert len(stage.rows) == written
    assert loan(stage, 1).status is LoanStatus.LENT


def test_a_renewal_left_to_staff_ends_on_the_page() -> None:
    """What nobody can tell is not renewed as far as the reader is told, and nothing more is written."""
    stage = opened(1)
    stage.choose("renew-all")
    key = renewals(stage)[0]
    written = len(stage.rows)

    stage.happen(events.LeftToStaff(key))

    assert loan(stage, 1).why is Trouble.NO_ANSWER
    assert len(stage.rows) == written


def test_another_readers_card_waits_until_the_renewals_have_ended() -> None:
    """Nothing of two readers is mixed, and nothing chosen is dropped."""
    stage = opened(1)
    stage.choose("renew-all")
    stage.show_card(OTHER_READER)
    stage.shows(view.Account)

    stage.answer(1, Granted(NEW, renewed=True))

    stage.shows(view.EnterPin)
    assert [row.how for row in stage.rows_of(Settled)] == [Settlement.DONE]
