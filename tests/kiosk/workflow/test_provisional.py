"""Lending without the server: who may, what is asked here, what is written, and what the reader sees."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from drivers.rfid import LibraryItem
from kiosk.workflow import events, view
from kiosk.workflow.effects import Ask, AskHere, Carry, GiveUp, Keep, Release
from kiosk.workflow.events import Event
from kiosk.workflow.settings import ScannedItem
from kiosk.workflow.view import Notice, Refusal, Status, Trouble
from kiosk.workflow.views import view_of
from sync.entries import (
    Answered,
    Due,
    Granted,
    IfGrantedLate,
    Intended,
    Lend,
    Money,
    PatronId,
    PinAccepted,
    PinRefused,
    Promised,
    Reason,
    Refused,
    Released,
    ReleaseIntended,
    Settled,
    Silence,
)
from sync.questions import (
    AboutPatron,
    EndOfSession,
    LendingFacts,
    LoanFact,
    MayLend,
    News,
    NewsFor,
    NewsKind,
    PatronNews,
)
from sync.rules.offline import OfflinePolicy
from tests.kit.stage import DUE, LENDS_HERE, OTHER_READER, READER, SETTINGS, Stage, item, tag


def provisional() -> Stage:
    """A session that runs without the server."""
    stage = Stage(LENDS_HERE)
    stage.lend_here()
    stage.log_in_here()
    return stage


def online() -> Stage:
    """A session that runs with the server, at a terminal that could do without."""
    stage = Stage(LENDS_HERE)
    stage.lend_here()
    stage.happen(events.ServerCame(is_current=True))
    stage.log_in()
    return stage


def questions(stage: Stage) -> list[MayLend]:
    """Everything the books were asked about lending."""
    return [asked.question for asked in stage.all(AskHere) if isinstance(asked.question, MayLend)]


def kinds(stage: Stage) -> list[str]:
    """The names of all rows."""
    return [type(row).__name__ for row in stage.rows]


# --- Who is it? -------------------------------------------------------------------------------------------------


def test_a_server_known_to_be_away_is_not_waited_for() -> None:
    """The terminal's own books are asked at once, PIN included; the server is not."""
    stage = Stage(LENDS_HERE)
    stage.lend_here()
    stage.show_card()
    stage.pin()

    asked = stage.last(AskHere).question
    assert isinstance(asked, AboutPatron)
    assert (asked.patron, asked.pin is not None) == (PatronId(READER), True)
    assert not stage.all(Ask)
    stage.tell_here(stage.facts(loans=None))
    assert stage.shows(view.Borrowing).is_provisional


@pytest.mark.parametrize("silence", ["said", "unsaid"])
def test_a_server_that_stays_silent_is_replaced_by_the_terminals_own_books(silence: str) -> None:
    """Asked, not answered: the books are asked the same, with the same PIN, and the session is provisional."""
    stage = Stage(LENDS_HERE)
    stage.lend_here()
    stage.happen(events.ServerCame(is_current=True))
    stage.show_card()
    stage.pin()
    assert not stage.all(AskHere)
    if silence == "said":
        stage.happen(events.NotTold(stage.last(Ask).token))
    else:
        stage.pass_time(30)

    assert stage.last(AskHere).question == stage.asked_about_patron()
    stage.happen(events.Told(stage.all(Ask)[0].token, stage.facts()))
    stage.shows(view.LookingUp)
    stage.tell_here(stage.facts(loans=None))
    assert stage.shows(view.Borrowing).is_provisional


@pytest.mark.parametrize(
    ("hours", "policy", "refusal"),
    [
        (25.0, LENDS_HERE.offline, Refusal.SNAPSHOT_TOO_OLD),
        (1.0, OfflinePolicy(), Refusal.SERVER_AWAY),
        (25.0, OfflinePolicy(), Refusal.SERVER_AWAY),
        (-2.0, LENDS_HERE.offline, Refusal.SERVER_AWAY),
        (None, LENDS_HERE.offline, Refusal.SERVER_AWAY),
    ],
)
def test_where_nothing_may_be_lent_here_nobody_is_let_in(
    hours: float | None, policy: OfflinePolicy, refusal: Refusal
) -> None:
    """Too old, from the future, none at all, or not wanted: the server is asked, and its silence is the end."""
    stage = Stage(replace(LENDS_HERE, offline=policy))
    if hours is None:
        stage.happen(events.ServerWent())
    else:
        stage.lend_here(hours)
    stage.show_card()
    stage.pin()
    stage.happen(events.NotTold(stage.last(Ask).token))

    assert stage.shows(view.NotServed).reasons == (refusal,)
    assert not stage.all(AskHere)


def test_a_patron_the_snapshot_does_not_know_may_be_new() -> None:
    """Only the server can say that there is no such card."""
    stage = Stage(LENDS_HERE)
    stage.lend_here()
    stage.show_card()
    stage.pin()
    stage.tell_here(stage.facts(is_known=False))

    assert stage.shows(view.NotServed).reasons == (Refusal.SERVER_AWAY,)


def test_books_that_cannot_tell_let_nobody_in() -> None:
    """Neither server nor snapshot: the reader is told that the library cannot be reached."""
    stage = Stage(LENDS_HERE)
    stage.lend_here()
    stage.show_card()
    stage.pin()
    stage.happen(events.NotTold(stage.last(AskHere).token))

    assert stage.shows(view.NotServed).reasons == (Refusal.SERVER_AWAY,)


def test_a_wrong_pin_by_the_snapshot_counts_like_any_other() -> None:
    """Three tries, each in the journal; the right one wipes them."""
    stage = Stage(LENDS_HERE)
    stage.lend_here()
    stage.show_card()
    stage.pin("0000")
    stage.tell_here(stage.facts(pin_right=False))
    assert stage.shows(view.EnterPin).tries_left == 2
    stage.pin()
    stage.tell_here(stage.facts(loans=None))

    assert (len(stage.rows_of(PinRefused)), len(stage.rows_of(PinAccepted))) == (1, 1)
    stage.shows(view.Borrowing)


def test_a_snapshot_without_a_verifier_has_not_verified_the_pin() -> None:
    """No verdict is never taken for a right PIN."""
    stage = Stage(LENDS_HERE)
    stage.lend_here()
    stage.show_card()
    stage.pin()
    stage.tell_here(stage.facts(pin_right=None))

    assert stage.shows(view.NotServed).reasons == (Refusal.PIN_NOT_VERIFIED,)


def test_a_server_with_a_backlog_still_checks_who_it_is() -> None:
    """Up but not current: it is asked about the patron, and the loans are provisional."""
    stage = Stage(LENDS_HERE)
    stage.lend_here(is_away=False)
    stage.log_in()

    assert stage.shows(view.Borrowing).is_provisional
    stage.lay(tag(1))
    assert [question.item for question in questions(stage)] == [item(1)]
    assert not stage.all(Carry)


def test_facts_about_somebody_else_open_no_provisional_account() -> None:
    """An answer for another patron is not believed, whoever gave it."""
    stage = Stage(LENDS_HERE)
    stage.lend_here()
    stage.show_card()
    stage.pin()
    stage.tell_here(stage.facts(OTHER_READER))

    stage.shows(view.NotServed)


# --- Lending ----------------------------------------------------------------------------------------------------


def test_a_loan_without_the_server_is_one_commit_and_then_the_gate_is_opened() -> None:
    """Intent, promise and the tags to be released in one turn; lent provisionally once they are read back."""
    stage = provisional()
    stage.lay(tag(1))
    assert kinds(stage) == []
    key = stage.allow(1)

    assert kinds(stage) == ["Intended", "Promised", "ReleaseIntended"]
    entry = stage.carried(1)
    assert entry.rows == tuple(stage.rows)
    assert entry.promise.if_granted_late is IfGrantedLate.KEEP
    promised = stage.rows_of(Promised)[0]
    assert (promised.due, promised.snapshot_at) == (DUE, stage.state.snapshot_made_at)
    assert stage.rows_of(Intended)[0].seconds == stage.seconds
    assert stage.line(1).status is Status.RELEASING
    stage.pad_releases(key)

    line = stage.line(1)
    assert (line.status, line.due, line.is_provisional) == (Status.LENT_PROVISIONALLY, DUE, True)
    assert not stage.rows_of(Settled)
    stage.choose("finish")
    summary = stage.shows(view.Summary)
    assert (summary.lent, summary.is_provisional) == (1, True)


def test_what_is_refused_here_leaves_no_trace() -> None:
    """The exact reason on the screen, and no row in the journal."""
    stage = provisional()
    stage.lay(tag(1))
    stage.forbid(1, Reason.ITEM_REFERENCE)

    assert (stage.line(1).status, stage.line(1).why) == (Status.NOT_LENT, Reason.ITEM_REFERENCE)
    assert kinds(stage) == []
    assert not stage.all(Release)


@pytest.mark.parametrize(
    "facts",
    [
        None,
        LendingFacts(item(2), None, DUE, snapshot_at=Stage().wall),
        LendingFacts(item(1), None, None, snapshot_at=Stage().wall),
        LendingFacts(item(1), None, DUE, snapshot_at=None),
    ],
)
def test_an_answer_that_says_too_little_lends_nothing(facts: LendingFacts | None) -> None:
    """No answer, one about another item, one without a date or without its snapshot: not lent."""
    stage = provisional()
    stage.lay(tag(1))
    token = stage.last(AskHere).token
    stage.happen(events.NotTold(token) if facts is None else events.ToldHere(token, facts))

    assert stage.line(1).status is Status.NOT_LENT
    assert kinds(stage) == []


def test_books_that_never_answer_are_not_waited_for_for_ever() -> None:
    """The line ends, and so can the session."""
    stage = provisional()
    stage.lay(tag(1))
    stage.pass_time(LENDS_HERE.answer_seconds)

    assert stage.line(1).why is Trouble.NO_ANSWER
    late = LendingFacts(item(1), None, DUE, snapshot_at=stage.wall)
    stage.happen(events.ToldHere(stage.last(AskHere).token, late))
    assert not stage.all(Release)


def test_the_type_of_usage_on_the_tag_is_told_the_highest_of_all_parts() -> None:
    """A tag that says "not for loan" is obeyed, also when it is that of one part only."""
    stage = provisional()
    parts = [
        tag(5, part, 2, content=LibraryItem(item(5), part, 2, "CN-DEMO", usage))
        for part, usage in ((1, 0x21), (2, 0x11))
    ]
    stage.lay(*parts)
    stage.lay(*parts, tag(1))

    assert [question.usage for question in questions(stage)] == [0x21, 0x11]


def test_a_scanned_item_has_no_tag_to_ask_about_and_none_to_release() -> None:
    """Lent by its barcode: provisional as soon as it is recorded."""
    stage = Stage(replace(LENDS_HERE, scanned_item=ScannedItem.LEND))
    stage.lend_here()
    stage.log_in_here()
    stage.scan(item(1))
    assert questions(stage)[0].usage is None
    stage.allow(1)

    assert kinds(stage) == ["Intended", "Promised"]
    assert stage.line(1).status is Status.LENT_PROVISIONALLY


def test_a_loan_that_keeps_its_alarm_is_provisional_too() -> None:
    """A permanent strip is never desensitised; the loan is the terminal's word all the same."""
    stage = provisional()
    stage.lay(tag(1))
    stage.allow(1, release=False)

    line = stage.line(1)
    assert (line.status, line.is_provisional) == (Status.LENT_STAYS_SECURED, True)
    assert not stage.all(Release)
    stage.choose("finish")
    assert stage.shows(view.Summary).is_provisional


def test_a_stack_is_asked_about_at_once_each_beside_the_others() -> None:
    """What is on its way counts against the limit although no row says so yet; what was promised has its row."""
    stage = provisional()
    stage.lay(tag(1), tag(2), tag(3))

    assert [question.already for question in questions(stage)] == [(), (item(1),), (item(1), item(2))]
    stage.allow(1)
    stage.lay(tag(1), tag(2), tag(3), tag(4))
    assert questions(stage)[-1].already == (item(2), item(3))


@pytest.mark.parametrize("reason", [Reason.LIMIT_REACHED, Reason.OFFLINE_LIMIT])
def test_a_book_is_not_over_the_limit_because_of_one_that_was_refused(reason: Reason) -> None:
    """Asked beside a book that turned out not to be lent, it is asked about again."""
    stage = provisional()
    stage.lay(tag(1), tag(2))
    stage.forbid(1, Reason.ITEM_REFERENCE)
    stage.forbid(2, reason)
    assert stage.line(2).status is Status.ASKING
    assert questions(stage)[-1].already == ()

    stage.forbid(2, reason)
    assert stage.line(2).why is reason


def test_the_quota_counts_provisional_loans() -> None:
    """Two left, three books: the third is stopped before anybody is asked."""
    stage = Stage(LENDS_HERE)
    stage.lend_here()
    stage.log_in_here(limit=2)
    stage.lay(tag(1), tag(2), tag(3))

    shown = stage.shows(view.Borrowing)
    assert (shown.quota, shown.quota_left) == (2, None)
    assert len(questions(stage)) == 3
    stage = Stage(LENDS_HERE)
    stage.lend_here(is_away=False)
    stage.log_in(limit=2)
    stage.lay(tag(1), tag(2), tag(3))
    assert len(questions(stage)) == 2
    assert stage.line(3).why is Trouble.OVER_QUOTA


def test_the_list_is_confirmed_without_the_server_too() -> None:
    """Where the library wants it, nothing is asked before the reader's word."""
    stage = Stage(replace(LENDS_HERE, confirms_list=True))
    stage.lend_here()
    stage.log_in_here()
    stage.lay(tag(1), tag(2))
    assert questions(stage) == []
    assert not stage.all(Ask)

    stage.choose(f"leave-out:{item(2)}")
    stage.choose("borrow")
    assert [question.item for question in questions(stage)] == [item(1)]


@pytest.mark.parametrize("is_lent", [True, False])
def test_missing_parts_follow_the_librarys_own_rule_without_the_server(is_lent: bool) -> None:
    """Nobody is asked in vain."""
    stage = Stage(replace(LENDS_HERE, lend_incomplete=is_lent))
    stage.lend_here()
    stage.log_in_here()
    stage.lay(tag(5, 1, 2))

    assert not stage.all(Ask)
    assert bool(stage.line(5).choices) == is_lent


def test_a_fee_is_never_taken_without_the_server() -> None:
    """Agreed to or not, what costs something waits for the server."""
    stage = online()
    stage.lay(tag(1))
    stage.answer(1, Refused(Reason.FEE_NEEDS_CONSENT, fee=Money(150, "CNY")))
    stage.happen(events.ServerWent())
    stage.choose("yes")
    assert stage.line(1).why is Reason.NOT_WITHOUT_SERVER

    stage.lay(tag(2))
    stage.forbid(2, Reason.FEE_NEEDS_CONSENT)
    assert stage.line(2).why is Reason.NOT_WITHOUT_SERVER
    assert not stage.all(GiveUp)


def test_a_loan_in_doubt_that_costs_a_fee_is_never_promised() -> None:
    """Agreed to and sent, not answered: it is left to the uplink like any loan the terminal may not grant."""
    stage = online()
    stage.lay(tag(1))
    stage.answer(1, Refused(Reason.FEE_NEEDS_CONSENT, fee=Money(150, "CNY")))
    stage.choose("yes")
    key = stage.answer(1, Silence("deadline"))

    assert (stage.line(1).status, stage.line(1).why) == (Status.NOT_LENT, Trouble.NO_ANSWER)
    assert stage.all(GiveUp) == [GiveUp(key)]
    assert questions(stage) == []


def test_renewing_is_refused_without_the_server() -> None:
    """What was offered before it went, and what would have been offered after."""
    stage = Stage(LENDS_HERE)
    stage.lend_here()
    stage.happen(events.ServerCame())
    stage.log_in(loans=(LoanFact(item(1), DUE, "Mine"), LoanFact(item(2), DUE, "Mine too")))
    stage.lay(tag(1))
    stage.happen(events.ServerWent())
    stage.choose(f"renew:{item(1)}")
    stage.lay(tag(1), tag(2))

    for number in (1, 2):
        line = stage.line(number)
        assert (line.status, line.why, line.due) == (
            Status.ALREADY_YOURS,
            Reason.NOT_WITHOUT_SERVER,
            DUE,
        )
        assert line.choices == ()
    assert not stage.all(Carry)


def test_what_the_patron_has_from_here_by_the_terminals_word_is_not_lent_twice() -> None:
    """After a restart too: the books tell, and nothing is renewed by accident."""
    stage = provisional()
    stage.tell_here(PatronNews(PatronId(READER), (), (item(1),)))
    stage.lay(tag(1), tag(2))

    assert stage.line(1).status is Status.ALREADY_YOURS
    assert stage.line(1).choices == ()
    stage.forbid(2, Reason.ALREADY_YOURS)
    assert stage.line(2).status is Status.ALREADY_YOURS
    assert not stage.all(Carry)


def test_what_became_of_earlier_provisional_loans_is_told_once_it_is_known_who_asks() -> None:
    """Not before the PIN is right, and never what is somebody else's."""
    stage = online()
    news = News(NewsKind.DUE_CHANGED, item(7), DUE, Due(None, "2026-12-01"))
    assert stage.last(AskHere).question == NewsFor(PatronId(READER))
    stage.tell_here(PatronNews(PatronId(OTHER_READER), (news,)))
    assert stage.shows(view.Borrowing).news == ()
    stage.tell_here(PatronNews(PatronId(READER), (news,)))

    assert stage.shows(view.Borrowing).news == (news,)
    stage.choose("finish")
    assert "DUE_CHANGED" not in repr(stage.state)


def test_no_news_is_asked_for_before_the_pin_is_right() -> None:
    """A stranger with a found card learns nothing."""
    stage = Stage(LENDS_HERE)
    stage.show_card()
    stage.pin("0000")
    stage.tell(stage.facts(pin_right=False))

    assert not stage.all(AskHere)


# --- The server falls silent ------------------------------------------------------------------------------------


def test_a_loan_the_server_did_not_answer_is_promised_on_the_same_entry() -> None:
    """In doubt: the books are asked, the promise is added to the entry there is, and the uplink keeps it."""
    stage = online()
    stage.lay(tag(1))
    key = stage.answer(1, Silence("deadline"))
    assert stage.line(1).status is Status.ASKING
    assert stage.allow(1) == key

    assert kinds(stage) == ["Intended", "Answered", "Promised", "ReleaseIntended"]
    assert stage.all(Keep) == [Keep(key, stage.rows_of(Promised)[0])]
    assert len(stage.all(Carry)) == 1
    stage.pad_releases(key)
    assert stage.line(1).status is Status.LENT_PROVISIONALLY
    assert not stage.all(GiveUp)


@pytest.mark.parametrize("how", ["refused", "not told", "never"])
def test_a_loan_in_doubt_that_may_not_be_promised_is_left_to_the_uplink(how: str) -> None:
    """No answer, as ever: the reader is told not lent, and what the server did is undone."""
    stage = online()
    stage.lay(tag(1))
    key = stage.answer(1, Silence("deadline"))
    if how == "refused":
        stage.forbid(1, Reason.ITEM_REFERENCE)
    elif how == "not told":
        stage.happen(events.NotTold(stage.last(AskHere).token))
    else:
        stage.pass_time(LENDS_HERE.answer_seconds)

    assert (stage.line(1).status, stage.line(1).why) == (Status.NOT_LENT, Trouble.NO_ANSWER)
    assert stage.all(GiveUp) == [GiveUp(key)]
    assert kinds(stage) == ["Intended", "Answered"]


@pytest.mark.parametrize("event", [events.ServerWent(), None])
def test_what_waits_with_the_silent_one_waits_no_longer(event: Event | None) -> None:
    """The others of the stack are asked about here at once, and what comes next too."""
    stage = online()
    stage.lay(tag(1), tag(2))
    if event is None:
        stage.answer(1, Silence("deadline"))
    else:
        stage.happen(event)
    assert [question.item for question in questions(stage)] == [item(1), item(2)]
    stage.lay(tag(1), tag(2), tag(3))

    assert questions(stage)[-1].item == item(3)
    assert len(stage.all(Carry)) == 2
    assert stage.shows(view.Borrowing).is_provisional


def test_an_uplink_that_says_nothing_at_all_makes_the_session_provisional() -> None:
    """Patience is over: the terminal lends by itself."""
    stage = online()
    stage.lay(tag(1))
    stage.pass_time(LENDS_HERE.answer_seconds)

    assert [question.item for question in questions(stage)] == [item(1)]
    stage.allow(1)
    assert stage.line(1).status is Status.RELEASING


@pytest.mark.parametrize("answer", [Granted(DUE), Refused(Reason.ITEM_LOST)])
def test_the_servers_answer_counts_when_it_comes_first(answer: Granted | Refused) -> None:
    """The books' answer behind it is nobody's any more."""
    stage = online()
    stage.lay(tag(1))
    stage.answer(1, Silence("deadline"))
    stage.answer(1, answer)
    facts = LendingFacts(item(1), None, DUE, snapshot_at=stage.wall)
    stage.happen(events.ToldHere(stage.last(AskHere).token, facts))

    assert not stage.rows_of(Promised)
    assert not stage.all(Keep)
    expected = Status.RELEASING if isinstance(answer, Granted) else Status.NOT_LENT
    assert stage.line(1).status is expected


def test_a_session_turned_provisional_stays_so_when_the_server_is_back() -> None:
    """One reader, one way; the next session is as the server is then."""
    stage = provisional()
    stage.happen(events.ServerCame(is_current=True))
    stage.lay(tag(1))
    assert len(questions(stage)) == 1
    stage.pad_releases(stage.allow(1))
    stage.choose("finish")
    assert stage.last(Ask).question == EndOfSession(PatronId(READER))
    stage.choose("done")
    stage.lay()

    stage.log_in()
    assert not stage.shows(view.Borrowing).is_provisional


def test_a_server_that_is_away_is_not_told_that_the_session_is_over() -> None:
    """It would only keep the way to it busy with one more silence."""
    stage = provisional()
    stage.lay(tag(1))
    stage.pad_releases(stage.allow(1))
    stage.choose("finish")

    stage.shows(view.Summary)
    assert not stage.all(Ask)


def test_a_session_is_finished_although_its_snapshot_grows_too_old() -> None:
    """It began when it might; nobody is sent away in the middle."""
    stage = Stage(LENDS_HERE)
    stage.lend_here(23.999)
    stage.log_in_here()
    stage.wall += timedelta(hours=1)
    stage.lay(tag(1))
    stage.pad_releases(stage.allow(1))

    assert stage.line(1).status is Status.LENT_PROVISIONALLY
    online_then_silent = Stage(LENDS_HERE)
    online_then_silent.lend_here(23.999)
    online_then_silent.happen(events.ServerCame())
    online_then_silent.log_in()
    online_then_silent.wall += timedelta(hours=1)
    online_then_silent.happen(events.ServerWent())
    assert online_then_silent.shows(view.Borrowing).is_provisional


def test_without_the_librarys_leave_silence_is_what_it_always_was() -> None:
    """No policy: asked online, not answered, not lent."""
    stage = Stage(replace(SETTINGS))
    stage.happen(events.SnapshotCame(stage.wall))
    stage.log_in()
    stage.happen(events.ServerWent())
    stage.lay(tag(1))
    key = stage.answer(1, Silence("deadline"))

    assert stage.line(1).why is Trouble.NO_ANSWER
    assert stage.all(GiveUp) == [GiveUp(key)]
    assert questions(stage) == []


def test_an_entry_that_went_to_staff_is_not_promised_any_more() -> None:
    """Its case ended it while the books were being asked."""
    stage = online()
    stage.lay(tag(1))
    key = stage.answer(1, Silence("deadline"))
    stage.happen(events.LeftToStaff(key))
    facts = LendingFacts(item(1), None, DUE, snapshot_at=stage.wall)
    stage.happen(events.ToldHere(stage.last(AskHere).token, facts))

    assert stage.line(1).why is Trouble.NO_ANSWER
    assert not stage.rows_of(Promised)


def test_an_intent_by_the_snapshot_knows_no_account() -> None:
    """What the server had on the account before is not known to a snapshot; to a server with a backlog it is."""
    stage = Stage(LENDS_HERE)
    stage.lend_here()
    stage.show_card()
    stage.pin()
    stage.tell_here(stage.facts(loans=(LoanFact(item(8)),)))
    stage.lay(tag(1), tag(8))
    assert stage.line(8).status is Status.ALREADY_YOURS
    stage.allow(1)
    of_snapshot = stage.carried(1).promise
    stage = Stage(LENDS_HERE)
    stage.lend_here(is_away=False)
    stage.log_in(loans=(LoanFact(item(8)),))
    stage.lay(tag(1))
    stage.allow(1)
    of_server = stage.carried(1).promise

    assert isinstance(of_snapshot, Lend)
    assert isinstance(of_server, Lend)
    assert (of_snapshot.charged_before, of_server.charged_before) == (None, (item(8),))


def test_a_book_taken_away_is_asked_back_and_released_without_a_second_promise() -> None:
    """The two-phase step is the same whoever granted the loan."""
    stage = provisional()
    stage.lay(tag(1))
    key = stage.allow(1)
    stage.lay()
    stage.pad_fails(key, events.ReleaseTrouble.TAKEN_AWAY)
    stage.shows(view.PutBack)
    stage.lay(tag(1))
    stage.pad_releases(key)

    assert stage.line(1).status is Status.LENT_PROVISIONALLY
    assert len(stage.rows_of(ReleaseIntended)) == len(stage.rows_of(Released)) == 1


def test_late_answers_after_a_provisional_release_are_not_the_sessions() -> None:
    """The line is done; what the server says later is written by whoever outlives the session."""
    stage = provisional()
    stage.lay(tag(1))
    key = stage.allow(1)
    stage.pad_releases(key)
    stage.happen(events.Carried(key, Granted(DUE)))

    assert not stage.rows_of(Answered)
    assert stage.line(1).status is Status.LENT_PROVISIONALLY


# --- What is shown ----------------------------------------------------------------------------------------------


def test_the_notice_says_that_loans_would_be_provisional() -> None:
    """Instead of saying only that the server is away; and in a session for as long as it lasts."""
    stage = Stage(LENDS_HERE)
    stage.happen(events.ServerWent())
    assert view_of(stage.state).notices == (Notice.SERVER_AWAY,)
    stage.lend_here()
    assert view_of(stage.state).notices == (Notice.LENDING_PROVISIONALLY,)
    stage.log_in_here()
    stage.happen(events.ServerCame())
    assert view_of(stage.state).notices == (Notice.LENDING_PROVISIONALLY,)
    stage.choose("finish")
    assert view_of(stage.state).notices == ()


def test_nothing_of_a_patron_is_remembered_after_a_provisional_session() -> None:
    """Name, number, PIN, news and loans are gone from the whole state."""
    stage = provisional()
    stage.tell_here(PatronNews(PatronId(READER), (), (item(9),)))
    stage.lay(tag(1))
    stage.pad_releases(stage.allow(1))
    stage.choose("finish")
    stage.choose("done")

    remembered = repr(stage.state)
    assert "Demo Reader" not in remembered
    assert "PatronId" not in remembered
    assert "Secret" not in remembered
    assert item(9) not in remembered
