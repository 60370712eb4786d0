"""Paying: every row of the table of `pay_ends.py`, from the choice of a means to the end that is written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drivers.payment import Step
from kiosk.workflow import events, view
from kiosk.workflow.effects import (
    Ask,
    Carry,
    FindPayment,
    GiveUp,
    Proceed,
    ReversePayment,
    StopPayment,
    TakePayment,
)
from kiosk.workflow.events import PaymentFailure
from kiosk.workflow.pay_ends import FIND_SECONDS_MAX, REVERSE_SECONDS_MAX, TAKE_SECONDS_MAX
from kiosk.workflow.state import Broken, Idle, begin, owns
from kiosk.workflow.view import PaymentState, PaymentTrouble
from sync.entries import (
    Answered,
    CaseOpened,
    CaseReason,
    Due,
    Entry,
    EntryKey,
    EntryRow,
    Granted,
    Held,
    Intended,
    Means,
    PatronId,
    Pay,
    PaymentApproved,
    PaymentNotMade,
    PaymentReversed,
    Reason,
    Refused,
    Settled,
    Settlement,
    Silence,
)
from sync.questions import AboutAccount, PatronNews
from tests.kit.stage import OTHER_READER, READER, tag
from tests.kit.till import FEES, MARK, PAYS, Till, account_of, yuan

GRANTED = Granted(Due(None), reference="B-1")


def rows_of(stage: Till, key: EntryKey) -> list[EntryRow]:
    """What is written about *key*, without its intent."""
    return [row for row in stage.rows if isinstance(row, EntryRow) and row.key == key][1:]


def kinds(stage: Till, key: EntryKey) -> list[str]:
    """The names of these rows."""
    return [type(row).__name__ for row in rows_of(stage, key)]


def shown(stage: Till) -> tuple[PaymentState, object]:
    """How the payment stands on the screen, and why."""
    paying = stage.shows(view.Paying)
    return paying.state, paying.why


def enabled(stage: Till) -> list[str]:
    """What can be chosen."""
    return [choice.id for choice in stage.view.choices if choice.enabled]


def settled(stage: Till) -> list[Settlement]:
    """How entries ended."""
    return [row.how for row in stage.rows_of(Settled)]


# --- From the choice to the intent ------------------------------------------------------------------------------


def test_money_is_asked_for_after_the_intent_with_everything_to_find_it_by() -> None:
    """The account is asked anew; then one commit with the intent, the entry held, and the terminal told once."""
    stage = Till(PAYS)
    stage.choose_fees()
    stage.choose("pay-by:card")
    assert shown(stage) == (PaymentState.AUTHORISING, None)
    assert not stage.all(TakePayment)
    assert not stage.rows

    stage.tell_account(account_of(owed=yuan(2450)))

    [intended] = stage.rows_of(Intended)
    promise = intended.promise
    assert isinstance(promise, Pay)
    assert (promise.patron, promise.amount, promise.means) == (
        PatronId(READER),
        yuan(2450),
        Means.CARD,
    )
    assert [(part.fee, part.amount) for part in promise.parts] == [(fee.id, fee.amount) for fee in FEES]
    assert (promise.owed_before, promise.mark_before) == (yuan(2450), MARK)
    carry = stage.last(Carry)
    assert carry.is_held
    assert stage.all(TakePayment) == [TakePayment(intended.key, Means.CARD, yuan(2450), MARK)]
    assert stage.effects.index(carry) < stage.effects.index(stage.last(TakePayment))
    assert owns(stage.state, intended.key)


def test_the_time_that_is_shown_is_the_readers_own() -> None:
    """What the library gives a reader to pay is counted down, not how long the other side is waited for afterwards."""
    stage = Till(PAYS)
    stage.choose_fees()
    stage.choose("pay-by:qr")
    stage.tell_account()
    first = stage.view
    stage.pass_time(PAYS.pay_seconds - 10)
    later = stage.view
    stage.pass_time(60)

    assert isinstance(first, view.Paying)
    assert isinstance(later, view.Paying)
    assert isinstance(stage.view, view.Paying)
    assert (first.seconds_left, later.seconds_left, stage.view.seconds_left) == (PAYS.pay_seconds, 10, 0)
    assert stage.view.state is PaymentState.AUTHORISING


def test_a_double_tap_makes_one_payment() -> None:
    """Neither before the account answered nor after is a second one begun, by whatever means."""
    stage = Till(PAYS)
    stage.choose_fees()
    stage.choose("pay-by:card")
    stage.happen(events.Chosen("pay-by:card"))
    stage.happen(events.Chosen("pay-by:qr"))
    token = stage.asked_account().token
    stage.tell_account()
    stage.happen(events.Told(token, account_of()))
    stage.happen(events.Chosen("pay-by:card"))
    stage.happen(events.Chosen("pay"))

    assert len(stage.all(TakePayment)) == len(stage.payments()) == 1
    assert len([ask for ask in stage.all(Ask) if isinstance(ask.question, AboutAccount)]) == 2


@pytest.mark.parametrize(
    "now",
    [
        account_of(fees=FEES[1:], owed=yuan(2300)),
        account_of(fees=(), owed=yuan(0)),
        account_of(fees=(replace(FEES[0], amount=yuan(151)), *FEES[1:])),
        account_of(fees=(replace(FEES[0], amount=yuan(150, "EUR")), *FEES[1:])),
        account_of(fees=(replace(FEES[0], amount=yuan(-150)), *FEES[1:])),
        account_of(fees=None, owed=yuan(2450)),
        account_of(takes_payments=False),
    ],
)
def test_a_fee_that_vanished_or_changed_meanwhile_is_never_paid(now: object) -> None:
    """Nothing is asked for; the reader is told, and chooses again among what is owed now."""
    stage = Till(PAYS)
    stage.choose_fees()
    stage.choose("pay-by:card")

    stage.happen(events.Told(stage.asked_account().token, now))  # type: ignore[arg-type]

    assert shown(stage) == (PaymentState.NOT_PAID, PaymentTrouble.FEES_CHANGED)
    assert not stage.all(TakePayment)
    assert not stage.rows
    stage.choose("done")
    assert isinstance(stage.view, view.ChooseFees | view.Account)


def test_a_fee_that_came_meanwhile_is_no_reason_not_to_pay_the_others() -> None:
    """What was chosen is still owed, to the last fen; the rest is for the next time."""
    stage = Till(PAYS)
    stage.choose_fees(account_of(fees=FEES[:2], owed=yuan(2150)))

    stage.pay_by(facts=account_of())

    assert stage.last(TakePayment).amount == yuan(2150)


def test_an_account_that_is_not_told_anew_is_not_paid() -> None:
    """Neither after silence, nor after a limit, nor by the account of somebody else."""
    for answer in ("silence", "limit", "another"):
        stage = Till(PAYS)
        stage.choose_fees()
        stage.choose("pay-by:card")
        token = stage.asked_account().token

        if answer == "silence":
            stage.happen(events.NotTold(token))
        elif answer == "limit":
            stage.pass_time(31)
        else:
            stage.happen(events.Told(token, account_of(OTHER_READER)))
        stage.happen(events.Told(token, account_of()))

        assert shown(stage) == (PaymentState.NOT_PAID, Reason.NOT_WITHOUT_SERVER)
        assert not stage.all(TakePayment)


def test_a_terminal_that_goes_away_before_it_is_asked_is_not_asked() -> None:
    """Without its mark nobody could find out later."""
    stage = Till(PAYS)
    stage.choose_fees()
    stage.choose("pay-by:card")
    stage.happen(events.DeviceDown(events.Device.PAYMENT_TERMINAL))

    stage.tell_account()

    assert shown(stage) == (PaymentState.NOT_PAID, PaymentTrouble.DEVICE_AWAY)
    assert not stage.rows


def test_the_reader_can_still_leave_before_money_is_asked_for() -> None:
    """Back at the fees, and the answer that comes then begins nothing."""
    stage = Till(PAYS)
    stage.choose_fees()
    stage.choose("pay-by:card")
    token = stage.asked_account().token

    stage.choose("cancel")
    stage.happen(events.Told(token, account_of()))

    stage.shows(view.ChooseFees)
    assert not stage.all(TakePayment)


def test_a_disk_that_fills_meanwhile_begins_no_payment() -> None:
    """What could not be written down is not taken."""
    stage = Till(PAYS)
    stage.choose_fees()
    stage.choose("pay-by:card")
    stage.happen(events.RoomChanged(True))

    stage.tell_account()

    assert shown(stage)[0] is PaymentState.NOT_PAID
    assert not stage.rows


# --- The table --------------------------------------------------------------------------------------------------


def test_taken_and_granted_is_posted() -> None:
    """APPROVED is shown before POSTED, and POSTED only once it is recorded; the lane is told to proceed in between."""
    stage = Till(PAYS)
    key = stage.paying()
    stage.step_on(key, Step.ASKING_HOST, "Please wait")
    assert (stage.shows(view.Paying).step, stage.shows(view.Paying).text) == (Step.ASKING_HOST, "Please wait")

    stage.take(key)
    assert shown(stage) == (PaymentState.APPROVED, None)
    assert enabled(stage) == []
    proceed = stage.last(Proceed)
    assert (proceed.entry.key, proceed.entry.approved is not None) == (key, True)
    assert proceed.entry.may_be_carried
    stage.post(key)

    assert shown(stage) == (PaymentState.POSTED, None)
    assert kinds(stage, key) == ["PaymentApproved", "Answered", "Settled"]
    assert settled(stage) == [Settlement.DONE]
    assert stage.shows(view.Paying).reference == key.reference
    assert enabled(stage) == ["done", "print", "code"]
    stage.choose("done")
    stage.tell_account(account_of(fees=(), owed=yuan(0)))
    assert stage.shows(view.Account).fees == ()


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        (PaymentFailure.DECLINED, PaymentTrouble.DECLINED),
        (PaymentFailure.ABORTED, PaymentTrouble.ABORTED),
        (PaymentFailure.TIME_OVER, PaymentTrouble.TIME_OVER),
        (PaymentFailure.DEVICE_AWAY, PaymentTrouble.DEVICE_AWAY),
        (PaymentFailure.NEVER_ASKED, PaymentTrouble.DEVICE_AWAY),
    ],
)
def test_surely_not_taken_ends_as_not_paid(failure: PaymentFailure, why: PaymentTrouble) -> None:
    """Nothing is posted, the lane gives the entry up, and the reader can choose again."""
    stage = Till(PAYS)
    key = stage.paying()

    stage.fail(key, failure)

    assert shown(stage) == (PaymentState.NOT_PAID, why)
    [not_made, _] = rows_of(stage, key)
    assert isinstance(not_made, PaymentNotMade)
    assert not_made.why == failure.value
    assert settled(stage) == [Settlement.NOT_DONE]
    assert stage.last(GiveUp).key == key
    assert not stage.all(Proceed)
    stage.choose("done")
    assert stage.shows(view.ChooseFees).total == yuan(2450)
    assert stage.pay_by() != key


def test_a_payment_nobody_can_tell_of_is_a_case_with_every_reference_and_nobodys_name() -> None:
    """Amount, means, reference and mark are for staff; nothing more is charged, and borrowing goes on."""
    stage = Till(PAYS)
    key = stage.paying()

    stage.happen(events.PaymentUnclear(key, "link"))

    assert shown(stage) == (PaymentState.UNKNOWN, PaymentTrouble.UNCLEAR)
    [case, end] = rows_of(stage, key)
    assert isinstance(case, CaseOpened)
    assert isinstance(end, Settled)
    assert (case.reason, end.how) == (CaseReason.PAYMENT_UNKNOWN, Settlement.CASE)
    assert all(word in case.detail for word in ("2450", "CNY", "card", key.reference, MARK, "link"))
    assert READER not in case.detail
    assert stage.last(GiveUp).key == key
    stage.choose("done")
    stage.tell_account()
    assert stage.shows(view.Account).is_payment_open
    assert "pay" not in enabled(stage), "the same fees could be paid twice"
    stage.choose("borrow")
    stage.lay(tag(5))
    assert stage.line(5).status is view.Status.ASKING


def test_a_terminal_that_answers_for_another_amount_is_a_case_and_says_so() -> None:
    """What was taken is not what was asked for: only staff can mend that."""
    stage = Till(PAYS)
    key = stage.paying()

    stage.happen(events.PaymentUnclear(key, "other-amount", "0043"))

    assert shown(stage) == (PaymentState.UNKNOWN, PaymentTrouble.OTHER_AMOUNT)
    (case,) = stage.rows_of(CaseOpened)
    assert case.reason is CaseReason.PAYMENT_UNKNOWN
    assert "other-amount, found 0043" in case.detail


def test_a_payment_that_nobody_speaks_of_for_long_is_stopped_and_becomes_a_case() -> None:
    """A terminal serves on, whatever its card terminal does; what comes after that changes nothing."""
    stage = Till(PAYS)
    key = stage.paying()

    stage.pass_time(TAKE_SECONDS_MAX)

    assert stage.last(StopPayment).key == key
    assert shown(stage) == (PaymentState.UNKNOWN, PaymentTrouble.UNCLEAR)
    written = len(stage.rows)
    stage.take(key)
    assert len(stage.rows) == written
    assert not stage.all(Proceed)


@pytest.mark.parametrize("reason", [Reason.FEE_GONE, Reason.AMOUNT_DIFFERS, Reason.CURRENCY_DIFFERS])
def test_money_the_books_refuse_is_given_back(reason: Reason) -> None:
    """Refused: REVERSING with the server's reason, then REVERSED, once that is recorded."""
    stage = Till(PAYS)
    key = stage.paying()
    stage.take(key, voucher="0042")

    stage.post(key, Refused(reason))
    assert shown(stage) == (PaymentState.REVERSING, reason)
    assert stage.all(ReversePayment) == [ReversePayment(key, Means.CARD, yuan(2450), "0042")]
    stage.post(key, Refused(reason))
    assert len(stage.all(ReversePayment)) == 1
    stage.happen(events.PaymentGivenBack(key, "0043", ("REVERSAL",)))

    assert shown(stage) == (PaymentState.REVERSED, reason)
    assert kinds(stage, key) == ["PaymentApproved", "Answered", "PaymentReversed", "Settled"]
    assert settled(stage) == [Settlement.UNDONE]
    stage.happen(events.PaymentGivenBack(key, "0044"))
    assert len(stage.rows_of(PaymentReversed)) == 1


@pytest.mark.parametrize("is_silent", [False, True])
def test_money_that_cannot_be_given_back_is_a_case(is_silent: bool) -> None:
    """The case names voucher and mark, for the money is with the library and not in its books."""
    stage = Till(PAYS)
    key = stage.paying()
    stage.take(key)
    stage.post(key, Refused(Reason.FEE_GONE))

    if is_silent:
        stage.pass_time(REVERSE_SECONDS_MAX)
    else:
        stage.happen(events.PaymentNotGivenBack(key, "refused"))

    assert shown(stage) == (PaymentState.UNKNOWN, PaymentTrouble.NOT_POSTED)
    [case] = stage.rows_of(CaseOpened)
    assert case.reason is CaseReason.PAYMENT_NOT_POSTED
    assert all(word in case.detail for word in ("0042", "trace-8", "fee-gone", key.reference))
    assert ("perhaps-given-back" in case.detail) is is_silent, (
        "whoever pays it back must look whether it is back"
    )
    assert READER not in case.detail
    assert settled(stage) == [Settlement.CASE]


@pytest.mark.parametrize("answer", [Silence("deadline"), Held(), None])
def test_a_posting_without_an_answer_is_left_to_the_lane_and_said_so(answer: Silence | Held | None) -> None:
    """Approved, not posted, with a reference; the reader can go, and the entry is never given up."""
    stage = Till(PAYS)
    key = stage.paying()
    stage.take(key)

    if answer is None:
        stage.pass_time(PAYS.answer_seconds)
    else:
        stage.post(key, answer)
        stage.post(key, answer)

    assert shown(stage) == (PaymentState.APPROVED, None)
    assert enabled(stage) == ["done", "print", "code"]
    assert not stage.all(GiveUp)
    assert not settled(stage)
    assert len(stage.rows_of(Answered)) == (0 if answer is None else 1)
    stage.choose("done")
    stage.tell_account()
    assert "pay" not in enabled(stage), "what is not posted yet would be paid twice"


def test_an_answer_that_comes_while_the_reader_still_reads_is_shown() -> None:
    """Approved becomes posted on the screen, by its record."""
    stage = Till(PAYS)
    key = stage.paying()
    stage.take(key)
    stage.post(key, Silence("deadline"))

    stage.post(key)

    assert shown(stage) == (PaymentState.POSTED, None)
    assert settled(stage) == [Settlement.DONE]


def left_behind() -> tuple[Till, EntryKey]:
    """A reader who went on after a payment that is not posted yet."""
    stage = Till(PAYS)
    key = stage.paying()
    stage.take(key)
    stage.post(key, Silence("connect"))
    stage.choose("done")
    stage.tell_account()
    assert stage.shows(view.Account).is_payment_open
    return stage, key


def test_a_payment_posted_after_its_reader_went_on_is_in_doubt_no_more() -> None:
    """The account is asked anew by itself, and the next fee can be paid."""
    stage, key = left_behind()

    stage.post(key)
    stage.tell_account(account_of(fees=FEES[1:], owed=yuan(2300)))

    assert not stage.shows(view.Account).is_payment_open
    assert "pay" in enabled(stage)
    assert settled(stage) == [Settlement.DONE]


def test_money_that_goes_back_is_shown_wherever_its_reader_is() -> None:
    """They have to be there for it; a book that is being worked on goes first."""
    stage, key = left_behind()
    stage.post(key, Refused(Reason.FEE_GONE))
    assert shown(stage) == (PaymentState.REVERSING, Reason.FEE_GONE)
    stage.happen(events.PaymentGivenBack(key, "0043"))
    assert shown(stage)[0] is PaymentState.REVERSED

    stage, key = left_behind()
    stage.choose("borrow")
    stage.lay(tag(5))
    stage.post(key, Refused(Reason.FEE_GONE))
    stage.shows(view.Borrowing)
    stage.happen(events.PaymentGivenBack(key, "0043"))
    assert Settlement.UNDONE in settled(stage)
    stage.borrow(5)
    assert stage.line(5).status is view.Status.LENT


def test_money_is_not_given_back_for_what_may_be_posted_already() -> None:
    """A fee that is gone after a silence may be gone by this payment, which came late: a case, with every reference."""
    stage = Till(PAYS)
    key = stage.paying()
    stage.take(key)
    stage.post(key, Silence("connect"))
    stage.post(key, Silence("deadline"))

    stage.post(key, Refused(Reason.FEE_GONE))

    assert not stage.reversals()
    assert shown(stage) == (PaymentState.UNKNOWN, PaymentTrouble.NOT_POSTED)
    (case,) = stage.rows_of(CaseOpened)
    assert case.reason is CaseReason.PAYMENT_NOT_POSTED
    assert all(word in case.detail for word in ("perhaps-posted", "fee-gone", "0042", key.reference))
    assert settled(stage) == [Settlement.CASE]


def test_a_posting_that_the_uplink_made_a_case_of_is_for_staff() -> None:
    """Nothing more is written about it here."""
    stage = Till(PAYS)
    key = stage.paying()
    stage.take(key)
    stage.post(key, Silence("unclear"))
    written = len(stage.rows)

    stage.happen(events.LeftToStaff(key))

    assert shown(stage) == (PaymentState.UNKNOWN, PaymentTrouble.NOT_POSTED)
    assert len(stage.rows) == written
    assert not owns(stage.state, key)


def test_what_comes_for_a_payment_that_has_ended_changes_nothing() -> None:
    """Whoever takes money may say a thing twice; it counts once."""
    stage = Till(PAYS)
    key = stage.paying()
    stage.take(key)
    stage.take(key)
    stage.fail(key)
    stage.happen(events.PaymentUnclear(key, "late"))
    stage.post(key)
    written = len(stage.rows)

    for event in (
        events.PaymentTaken(key, "0042"),
        events.PaymentNotTaken(key, PaymentFailure.DECLINED),
        events.PaymentUnclear(key, "late"),
        events.PaymentGivenBack(key, "9"),
        events.PaymentNotGivenBack(key, "no"),
        events.Carried(key, Refused(Reason.FEE_GONE)),
        events.LeftToStaff(key),
    ):
        stage.happen(event)

    assert len(stage.rows) == written
    assert shown(stage)[0] is PaymentState.POSTED
    assert not stage.all(ReversePayment)


def test_events_of_a_payment_nobody_knows_change_nothing() -> None:
    """As of a session that ended long ago."""
    stage = Till(PAYS)
    stage.choose_fees()
    before = stage.state
    key = EntryKey("e0", 1, 1, 1)

    stage.take(key)
    stage.fail(key)
    stage.post(key)

    assert not stage.rows
    assert replace(stage.state, now=before.now) == before


# --- While money is under way -----------------------------------------------------------------------------------


def test_the_session_cannot_end_and_nobody_is_warned_while_money_is_under_way() -> None:
    """Minutes at the card terminal are no absence."""
    stage = Till(replace(PAYS, idle_seconds=5, warning_seconds=5))
    key = stage.paying()

    stage.pass_time(120)
    stage.show_card()
    stage.happen(events.Chosen("finish"))
    assert shown(stage)[0] is PaymentState.AUTHORISING
    stage.take(key)
    stage.post(key)

    assert shown(stage)[0] is PaymentState.POSTED
    stage.pass_time(4)
    stage.shows(view.Paying)
    stage.pass_time(10)
    stage.shows(view.Welcome)


def test_cancel_stops_the_payment_once_and_what_comes_of_it_counts() -> None:
    """It may be too late: then it was paid."""
    stage = Till(PAYS)
    key = stage.paying()
    stage.choose("cancel")
    stage.happen(events.Chosen("cancel"))
    assert [effect.key for effect in stage.all(StopPayment)] == [key]
    assert "cancel" not in enabled(stage)
    stage.take(key)
    stage.post(key)
    assert shown(stage)[0] is PaymentState.POSTED

    stage = Till(PAYS)
    key = stage.paying()
    stage.choose("cancel")
    stage.fail(key, PaymentFailure.ABORTED)
    assert shown(stage) == (PaymentState.NOT_PAID, PaymentTrouble.ABORTED)


def test_another_readers_card_waits_for_the_money_and_then_begins() -> None:
    """The payment comes to its end first, and nothing of it is shown to the next reader."""
    stage = Till(PAYS)
    key = stage.paying()
    stage.show_card(OTHER_READER)
    assert shown(stage)[0] is PaymentState.AUTHORISING
    stage.take(key)
    stage.post(key)

    stage.shows(view.EnterPin)
    assert settled(stage) == [Settlement.DONE]
    assert not stage.state.payments


def test_a_payment_left_to_the_lane_belongs_to_the_uplink_once_its_reader_is_gone() -> None:
    """Its late answer is settled without a session; nobody is paid back who is not there."""
    stage = Till(PAYS)
    key = stage.paying()
    stage.take(key)
    stage.post(key, Silence("deadline"))
    stage.choose("done")
    stage.choose("finish")
    assert isinstance(stage.state.phase, Idle)

    assert not owns(stage.state, key)
    stage.post(key, Refused(Reason.FEE_GONE))
    assert not stage.all(ReversePayment)
    assert READER not in repr(stage.state)


def test_the_qr_code_is_shown_while_it_is_waited_for() -> None:
    """The code comes from the library's payment back end, and is gone once it can be paid no more."""
    stage = Till(PAYS)
    stage.choose_fees()
    key = stage.pay_by("qr")
    assert stage.last(TakePayment).mark_before == ""

    stage.step_on(key, Step.WAIT, code="https://pay.example/1")
    assert stage.shows(view.Paying).code == "https://pay.example/1"
    stage.step_on(key, Step.WAIT, "waiting")
    assert (stage.shows(view.Paying).code, stage.shows(view.Paying).text) == ("", "waiting")

    stage.step_on(key, Step.WAIT, code="https://pay.example/1")
    stage.take(key, mark="")
    assert stage.shows(view.Paying).code == ""


def test_the_mark_of_a_payment_is_the_one_before_the_next() -> None:
    """After a payment that was taken, the next entry names it; after one in doubt the terminal has to say it first."""
    stage = Till(PAYS)
    key = stage.paying()
    stage.take(key, mark="trace-8")
    stage.post(key)
    stage.choose("done")
    stage.tell_account()
    stage.choose("pay")
    second = stage.pay_by()
    assert stage.last(TakePayment).mark_before == "trace-8"
    stage.fail(second)
    stage.choose("done")
    third = stage.pay_by()
    assert stage.last(TakePayment).mark_before == "trace-8"
    stage.happen(events.PaymentUnclear(third, "link"))
    assert Means.CARD not in [means for means, _ in stage.state.marks]


def test_a_payment_of_theirs_in_doubt_from_an_earlier_day_keeps_from_paying_again() -> None:
    """The terminal's own books tell it; the fees still look open, and would be paid twice."""
    stage = Till(PAYS)
    stage.ready()
    stage.log_in_to_account()
    assert "pay" in enabled(stage)

    stage.tell_here(PatronNews(PatronId(READER), is_payment_open=True))

    assert "pay" not in enabled(stage)
    assert stage.shows(view.Account).is_payment_open
    assert "borrow" in enabled(stage)


# --- When things fail -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("until", ["authorising", "approved", "reversing", "posted"])
def test_a_journal_that_fails_stops_what_can_be_stopped_and_nothing_more_is_said(until: str) -> None:
    """Whatever comes after that is found by the next start; nothing is shown as done."""
    stage = Till(PAYS)
    key = stage.paying()
    if until != "authorising":
        stage.take(key)
    if until == "reversing":
        stage.post(key, Refused(Reason.FEE_GONE))
    if until == "posted":
        stage.post(key)

    effects = stage.happen(events.JournalFailed())
    stops = [effect for effect in effects if isinstance(effect, StopPayment)]
    assert stops == ([StopPayment(key)] if until == "authorising" else [])
    assert isinstance(stage.state.phase, Broken)
    written = len(stage.rows)
    stage.take(key)
    stage.post(key)
    stage.happen(events.PaymentGivenBack(key, "1"))

    assert len(stage.rows) == written
    stage.shows(view.OutOfService)


def restarted(stage: Till, key: EntryKey) -> Till:
    """The terminal after a power cut: what the journal has of *key* is all it knows."""
    rows = tuple(row for row in stage.rows if isinstance(row, EntryRow) and row.key == key)
    first = rows[0]
    assert isinstance(first, Intended)
    again = Till(PAYS)
    entry = Entry(key, first.promise, rows)
    again.state = begin(PAYS, "e1", 2, (), (), again.state.now, open_payments=(entry,))
    return again


def test_start_up_asks_what_became_of_a_payment_and_serves_readers_meanwhile() -> None:
    """Asked at once, without moving money; nobody is kept waiting for it, but nothing is taken by that means."""
    stage = Till(PAYS)
    key = stage.paying()
    again = restarted(stage, key)

    again.pass_time(1)
    assert [effect.entry.key for effect in again.all(FindPayment)] == [key]
    assert not again.all(TakePayment)
    again.ready()
    again.log_in_to_account(account_of(OTHER_READER, patron=PatronId(READER)))
    again.choose("pay")
    assert "pay-by:card" not in enabled(again)
    assert "pay-by:qr" in enabled(again)
    assert owns(again.state, key)


@pytest.mark.parametrize("end", ["taken", "not-taken", "unclear", "never"])
def test_what_start_up_found_comes_to_exactly_one_end(end: str) -> None:
    """Paid and posted by the lane, not paid, or a case; never asked for again."""
    stage = Till(PAYS)
    key = stage.paying()
    again = restarted(stage, key)
    again.pass_time(1)

    if end == "taken":
        again.take(key)
        assert [type(row) for row in again.rows] == [PaymentApproved]
        assert [effect.entry.key for effect in again.all(Proceed)] == [key]
        assert again.all(Proceed)[0].entry.may_be_carried
    elif end == "not-taken":
        again.fail(key)
        assert [type(row) for row in again.rows] == [PaymentNotMade, Settled]
        assert again.last(GiveUp).key == key
    else:
        if end == "unclear":
            again.happen(events.PaymentUnclear(key, "not-telling"))
        else:
            again.pass_time(FIND_SECONDS_MAX)
        assert [type(row) for row in again.rows] == [CaseOpened, Settled]
        assert again.rows_of(CaseOpened)[0].reason is CaseReason.PAYMENT_UNKNOWN
        assert again.last(GiveUp).key == key
    written = len(again.rows)
    again.take(key)
    again.post(key)
    assert len(again.rows) == written
    assert not again.all(TakePayment)
    assert not again.all(ReversePayment)
    assert not owns(again.state, key)
    assert READER not in repr(again.state)


def test_a_terminal_that_comes_later_than_the_kiosk_is_asked_again() -> None:
    """The question of start-up is not lost with a line that was down."""
    stage = Till(PAYS)
    key = stage.paying()
    again = restarted(stage, key)
    again.pass_time(1)
    again.happen(events.DeviceDown(events.Device.PAYMENT_TERMINAL))
    again.happen(events.DeviceUp(events.Device.PAYMENT_TERMINAL))
    again.pass_time(1)

    assert [effect.entry.key for effect in again.all(FindPayment)] == [key, key]


def test_a_fee_paid_is_posted_with_the_servers_own_number_and_nothing_else_is_asked() -> None:
    """One entry, one order to take money, one way."""
    stage = Till(PAYS)
    key = stage.paying()
    stage.take(key)
    stage.post(key, GRANTED)

    [answered] = stage.rows_of(Answered)
    assert answered.answer == GRANTED
    assert len(stage.payments()) == len(stage.all(TakePayment)) == len(stage.all(Proceed)) == 1
