"""Borrowing: from a stack on the pad to lent, refused, renewed, or anything between."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drivers.masked import Masked
from drivers.rfid import LibraryItem, PadSignal, PatronCard, UnknownTag
from kiosk.workflow import events, view
from kiosk.workflow.effects import Ask, Carry, GiveUp, Release, ShowOnPad
from kiosk.workflow.events import ReleaseTrouble
from kiosk.workflow.settings import ScannedItem
from kiosk.workflow.view import Status, Trouble
from sync.entries import (
    Answered,
    CaseOpened,
    Due,
    EntryKey,
    Granted,
    Held,
    Intended,
    ItemId,
    Lend,
    Money,
    PatronId,
    Reason,
    Refused,
    Released,
    ReleaseFailed,
    ReleaseIntended,
    Renew,
    Row,
    Settled,
    Settlement,
    Silence,
    TagBits,
    UndoLoan,
)
from sync.questions import AboutItem, ItemFacts, LoanFact
from tests.kit.stage import DUE, EMPTY_TAG, LENDS_HERE, OTHER_READER, READER, SETTINGS, Stage, item, tag


def kinds(rows: list[Row]) -> list[str]:
    """The names of the rows, in order."""
    return [type(row).__name__ for row in rows]


def test_a_stack_is_asked_for_in_one_turn_and_released_as_answers_come() -> None:
    """Three books, three intents in one commit, and each tag is released once its loan is granted."""
    stage = Stage()
    stage.log_in()

    stage.lay(tag(1), tag(2), tag(3))
    assert [entry.entry.promise.item for entry in stage.all(Carry)] == [item(1), item(2), item(3)]
    assert kinds(stage.rows) == ["Intended"] * 3
    assert stage.line(2).status is Status.ASKING

    key = stage.answer(2)
    assert stage.line(2).status is Status.RELEASING
    assert [release.uids for release in stage.all(Release)] == [(tag(2).uid,)]
    stage.pad_releases(key)

    assert stage.line(2).status is Status.LENT
    assert stage.line(2).due == DUE
    assert stage.line(2).title == "Title 2"
    assert stage.line(1).status is Status.ASKING
    own = [row for row in stage.rows if getattr(row, "key", None) == key]
    assert kinds(own) == ["Intended", "Answered", "ReleaseIntended", "Released", "Settled"]


def test_an_intent_names_the_loans_known_before_it() -> None:
    """What an entry in doubt is compared with later was read before asking, this session's loans included."""
    stage = Stage()
    stage.log_in(loans=(LoanFact(item(8)),))
    stage.lay(tag(1))
    stage.borrow(1)
    stage.lay(tag(1), tag(2))

    promise = stage.carried(2).promise

    assert isinstance(promise, Lend)
    assert promise.charged_before == (item(8), item(1))
    assert promise.patron == PatronId(READER)


def test_a_reading_counts_only_once_it_is_stable() -> None:
    """A book on its way to the pad is not yet asked for."""
    stage = Stage()
    stage.log_in()

    stage.lay(tag(1), readings=1)
    assert not stage.all(Carry)

    stage.happen(events.PadRead((tag(1),), 2))
    assert len(stage.all(Carry)) == 1
    stage.happen(events.PadRead((tag(1),), 3))
    assert len(stage.all(Carry)) == 1


def test_what_the_last_reader_left_is_never_the_next_ones() -> None:
    """Tags of the last session count only after they left the field."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))
    stage.borrow(1)
    stage.choose("finish")
    stage.choose("done")

    assert (stage.shows(view.Welcome).books, stage.shows(view.Welcome).left) == (0, 1)
    stage.log_in(OTHER_READER)
    stage.lay(tag(1), tag(2))
    assert [carry.entry.promise.item for carry in stage.all(Carry)] == [item(1), item(2)]

    stage.lay(tag(2))
    stage.lay(tag(1), tag(2))
    assert [carry.entry.promise.item for carry in stage.all(Carry)][2:] == [item(1)]


@pytest.mark.parametrize(
    "reason", [r for r in Reason if r not in (Reason.FEE_NEEDS_CONSENT, Reason.ALREADY_YOURS)]
)
def test_a_refusal_has_its_exact_reason_and_releases_nothing(reason: Reason) -> None:
    """What the server refuses stays secured, and the reader reads why."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))

    stage.answer(1, Refused(reason, "Title 1", messages=("Ask us",)))

    assert stage.line(1).status is Status.NOT_LENT
    assert stage.line(1).why is reason
    assert stage.line(1).message == "Ask us"
    assert not stage.all(Release)
    assert stage.rows_of(Settled)[0].how is Settlement.REFUSED


def test_a_refused_book_taken_off_and_laid_again_is_asked_for_again() -> None:
    """Perhaps the desk has settled it meanwhile."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))
    stage.answer(1, Refused(Reason.ITEM_IN_TRANSIT))
    first = stage.carried(1).key

    stage.lay()
    stage.lay(tag(1))

    assert stage.carried(1).key != first
    assert stage.line(1).status is Status.ASKING


def test_where_the_list_is_confirmed_nothing_is_asked_for_before_the_readers_word() -> None:
    """Books of a neighbour or from the bag are seen by title and left out; the rest is borrowed by one touch."""
    stage = Stage(replace(SETTINGS, confirms_list=True))
    stage.log_in(loans=(LoanFact(item(9), DUE, "Mine"),))
    stage.lay(tag(1), tag(2), tag(3), tag(9))
    assert not stage.all(Carry)
    assert stage.shows(view.Borrowing).to_confirm == 3
    assert stage.line(9).status is Status.ALREADY_YOURS
    for ask in stage.all(Ask)[1:]:
        assert isinstance(ask.question, AboutItem)
        asked = ask.question.item
        stage.happen(events.Told(ask.token, ItemFacts(asked, is_known=True, title=f"T{asked[-1]}")))
    assert [stage.line(number).title for number in (1, 2, 3)] == ["T1", "T2", "T3"]

    stage.choose(f"leave-out:{item(2)}")
    stage.choose("borrow")

    assert [carry.entry.promise.item for carry in stage.all(Carry)] == [item(1), item(3)]
    assert stage.line(2).why is Trouble.LEFT_OUT
    assert stage.shows(view.Borrowing).to_confirm == 0
    stage.lay(tag(1), tag(2), tag(3), tag(4))
    assert stage.shows(view.Borrowing).to_confirm == 1
    assert len(stage.all(Carry)) == 2


def test_finishing_without_a_word_lends_nothing_that_was_to_be_confirmed() -> None:
    """Walking away is no yes."""
    stage = Stage(replace(SETTINGS, confirms_list=True))
    stage.log_in()
    stage.lay(tag(1))

    stage.choose("finish")

    stage.shows(view.Welcome)
    assert not stage.all(Carry)


def test_a_scan_is_a_word_of_its_own_where_the_list_is_confirmed() -> None:
    """Whoever scans a book wants it."""
    stage = Stage(replace(SETTINGS, confirms_list=True, scanned_item=ScannedItem.LEND))
    stage.log_in()

    stage.scan(item(1))

    assert stage.line(1).status is Status.ASKING


def test_a_loan_the_reader_has_already_offers_renewal_and_renews_nothing_by_itself() -> None:
    """Already yours until then; shall it be longer?"""
    stage = Stage()
    stage.log_in(loans=(LoanFact(item(1), DUE, "Mine"),))

    stage.lay(tag(1))
    assert not stage.all(Carry)
    assert stage.line(1).status is Status.ALREADY_YOURS
    assert stage.line(1).due == DUE

    stage.choose(f"renew:{item(1)}")
    assert isinstance(stage.carried(1).promise, Renew)
    later = Due(None, "2027-01-17")
    stage.answer(1, Granted(later, renewed=True))

    assert stage.line(1).status is Status.RENEWED
    assert stage.line(1).due == later
    assert not stage.all(Release)


def test_the_title_and_date_of_an_own_loan_are_asked_for_where_the_account_does_not_tell_them() -> None:
    """A list of bare numbers on the account is no answer to "until when?"."""
    stage = Stage()
    stage.log_in(loans=(LoanFact(item(1)), LoanFact(item(2), DUE, "Known")))
    stage.lay(tag(1), tag(2))
    assert stage.asked_about_item().item == item(1)

    stage.tell(ItemFacts(item(1), is_known=True, title="Mine", due=DUE))

    assert (stage.line(1).title, stage.line(1).due) == ("Mine", DUE)
    assert (stage.line(2).title, stage.line(2).due) == ("Known", DUE)
    stage.choose(f"renew:{item(1)}")
    promise = stage.carried(1).promise
    assert isinstance(promise, Renew)
    assert promise.due_before == DUE


def test_a_renewal_that_is_refused_or_unanswered_leaves_the_old_loan_as_it_was() -> None:
    """The old date stands, with the reason beside it."""
    for answer, why in (
        (Refused(Reason.RENEWAL_LIMIT), Reason.RENEWAL_LIMIT),
        (Silence("deadline"), Trouble.NO_ANSWER),
    ):
        stage = Stage()
        stage.log_in(loans=(LoanFact(item(1), DUE, "Mine"),))
        stage.lay(tag(1))
        stage.choose(f"renew:{item(1)}")

        stage.answer(1, answer)

        assert stage.line(1).status is Status.ALREADY_YOURS
        assert stage.line(1).why is why
        assert stage.line(1).due == DUE
        assert stage.line(1).choices == ()


def test_a_server_that_finds_the_loan_already_ours_offers_renewal_too() -> None:
    """Also when the loan was not known beforehand."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))

    stage.answer(1, Refused(Reason.ALREADY_YOURS, "Mine"))

    assert stage.line(1).status is Status.ALREADY_YOURS
    stage.choose(f"renew:{item(1)}")
    assert stage.line(1).status is Status.RENEWING


def test_the_quota_is_shown_and_never_exceeded() -> None:
    """Two left, three books: the third is stopped before the server is asked."""
    stage = Stage()
    stage.log_in(limit=2)
    assert (stage.shows(view.Borrowing).quota, stage.shows(view.Borrowing).quota_left) == (2, 2)

    stage.lay(tag(1), tag(2), tag(3))

    assert len(stage.all(Carry)) == 2
    assert stage.line(3).why is Trouble.OVER_QUOTA
    assert stage.shows(view.Borrowing).quota_left == 0
    stage.answer(1, Refused(Reason.ITEM_REFERENCE))
    stage.lay(tag(1), tag(2))
    stage.lay(tag(1), tag(2), tag(3))
    assert stage.line(3).status is Status.ASKING


def test_a_fee_is_shown_consented_to_and_sent_again_with_consent() -> None:
    """Nothing that costs is lent without a yes, and the second request is an entry of its own."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))
    fee = Money(150, "CNY")

    stage.answer(1, Refused(Reason.FEE_NEEDS_CONSENT, "Film", fee))
    assert (stage.shows(view.FeeConsent).line.title, stage.shows(view.FeeConsent).line.fee) == ("Film", fee)
    stage.choose("yes")

    promise = stage.carried(1).promise
    assert isinstance(promise, Lend)
    assert promise.fee_consented
    assert len(stage.all(Carry)) == 2
    stage.borrow(1)
    assert stage.line(1).status is Status.LENT


def test_a_fee_that_is_declined_or_asked_twice_lends_nothing() -> None:
    """No is no; and a server that asks again after a yes is a refusal, not a loop."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1), tag(2))
    fee = Money(150, "CNY")
    stage.answer(1, Refused(Reason.FEE_NEEDS_CONSENT, fee=fee))
    stage.choose("no")
    stage.answer(2, Refused(Reason.FEE_NEEDS_CONSENT, fee=fee))
    stage.choose("yes")
    stage.answer(2, Refused(Reason.FEE_NEEDS_CONSENT, fee=fee))

    assert stage.line(1).why is Reason.FEE_NEEDS_CONSENT
    assert stage.line(2).why is Reason.FEE_NEEDS_CONSENT
    assert not stage.all(Release)


def test_an_item_of_several_parts_is_asked_for_once_when_all_lie_there() -> None:
    """Two of three parts wait for the third; then one loan releases all three tags."""
    stage = Stage()
    stage.log_in()

    stage.lay(tag(5, 1, 3), tag(5, 3, 3))
    assert stage.line(5).status is Status.INCOMPLETE
    assert (stage.line(5).parts_present, stage.line(5).parts) == (2, 3)
    assert stage.asked_about_item().item == item(5)
    assert not stage.all(Carry)

    stage.lay(tag(5, 1, 3), tag(5, 2, 3), tag(5, 3, 3))
    assert len(stage.all(Carry)) == 1
    key = stage.answer(5)
    assert stage.last(Release).uids == (tag(5, 1, 3).uid, tag(5, 2, 3).uid, tag(5, 3, 3).uid)
    stage.pad_releases(key)
    assert stage.line(5).status is Status.LENT


@pytest.mark.parametrize(
    ("rule", "house", "offered"),
    [(True, False, True), (False, True, False), (None, True, True), (None, False, False)],
)
def test_incomplete_items_are_offered_as_the_servers_rule_says(
    rule: bool | None, house: bool, offered: bool
) -> None:
    """The server's rule counts; where it has none, the library's setting does."""
    stage = Stage(replace(SETTINGS, lend_incomplete=house))
    stage.log_in()
    stage.lay(tag(5, 1, 2))

    stage.tell(ItemFacts(item(5), is_known=True, title="Set", lend_incomplete=rule))

    assert [choice.id for choice in stage.line(5).choices] == (
        [f"lend-incomplete:{item(5)}"] if offered else []
    )
    assert stage.line(5).title == "Set"
    if offered:
        stage.choose(f"lend-incomplete:{item(5)}")
        stage.borrow(5)
        assert stage.line(5).status is Status.LENT


def test_a_tag_that_cannot_be_released_is_found_before_the_loan_is_asked_for() -> None:
    """A locked tag would leave a loan behind a ringing gate."""
    stage = Stage()
    stage.log_in()

    stage.lay(tag(1, releasable=False))

    assert stage.line(1).why is Trouble.TAG_CANNOT_BE_RELEASED
    assert not stage.all(Carry)


def test_every_odd_thing_on_the_pad_has_its_own_word() -> None:
    """Foreign, empty, unreadable, a card among the books, one number on two tags: none is asked for."""
    stage = Stage()
    stage.log_in()
    foreign = tag(1, owner="DE-705")
    card = replace(tag(2), content=PatronCard(Masked(OTHER_READER), "CN-DEMO"))
    unreadable = replace(tag(3), content=UnknownTag("crc"))
    twin = replace(tag(4), uid=tag(44).uid)

    stage.lay(foreign, card, unreadable, EMPTY_TAG, tag(4), twin)

    assert stage.lines[f"tag:{foreign.uid}"].why is Trouble.FOREIGN_LIBRARY
    assert stage.lines[f"tag:{card.uid}"].why is Trouble.PATRON_CARD
    assert stage.lines[f"tag:{unreadable.uid}"].why is Trouble.UNREADABLE_TAG
    assert stage.lines[f"tag:{EMPTY_TAG.uid}"].why is Trouble.EMPTY_TAG
    assert stage.line(4).why is Trouble.SAME_NUMBER_TWICE
    assert not stage.all(Carry)
    stage.lay()
    assert list(stage.lines) == [item(4)]


@pytest.mark.parametrize("identifier", ["", "a|b", "x" * 65, "书"])
def test_a_tag_with_a_number_no_server_may_see_is_unreadable(identifier: str) -> None:
    """A hostile tag never reaches a wire."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1, content=LibraryItem(identifier, 1, 1, "CN-DEMO", 0x11)))

    assert stage.lines[f"tag:{tag(1).uid}"].why is Trouble.UNREADABLE_TAG


def test_a_book_taken_away_while_it_is_processed_is_asked_back_and_then_released() -> None:
    """Put it back, please; then it goes on where it stopped, with no second loan."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))
    key = stage.answer(1)
    stage.lay()

    stage.pad_fails(key, ReleaseTrouble.TAKEN_AWAY)
    assert stage.shows(view.PutBack).line.title == "Title 1"
    assert stage.shows(view.PutBack).seconds_left == 30
    assert stage.last(ShowOnPad).signal is PadSignal.ATTENTION

    stage.lay(tag(1))
    assert len(stage.all(Release)) == 2
    stage.pad_releases(key)
    assert stage.line(1).status is Status.LENT
    assert len(stage.all(Carry)) == 1


@pytest.mark.parametrize("how", ["time", "says no"])
def test_a_book_that_is_not_put_back_stays_lent_and_is_a_case(how: str) -> None:
    """The reader has it, so the loan stands; nobody knows what its tag says, so staff are told."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))
    key = stage.answer(1)
    stage.lay()
    stage.pad_fails(key, ReleaseTrouble.TAKEN_AWAY)

    if how == "time":
        stage.pass_time(30)
    else:
        stage.choose("no")

    assert stage.line(1).status is Status.LENT_NOT_VERIFIED
    assert stage.line(1).why is Trouble.RELEASE_UNKNOWN_SHOW_AT_DESK
    assert kinds(stage.rows)[-3:] == ["ReleaseFailed", "CaseOpened", "Settled"]
    stage.pad_releases(key)
    assert kinds(stage.rows)[-3:] == ["ReleaseFailed", "CaseOpened", "Settled"]


def test_a_tag_that_will_not_be_written_is_tried_again_secured_and_its_loan_undone() -> None:
    """Twice in vain: the tag is read back as secured, the loan taken back, and the reader told both."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))
    key = stage.answer(1)

    stage.pad_fails(key, ReleaseTrouble.WRITE_REFUSED)
    assert len(stage.all(Release)) == 2
    stage.pad_fails(key, ReleaseTrouble.WRITE_REFUSED)
    assert stage.line(1).status is Status.UNDOING
    assert not any(isinstance(carry.entry.promise, UndoLoan) for carry in stage.all(Carry))
    stage.pad_secures(key)
    undo = stage.carried(1)
    assert isinstance(undo.promise, UndoLoan)
    assert undo.promise.undoes == key
    stage.answer(1, Granted(Due(None)))

    assert stage.line(1).status is Status.NOT_LENT
    assert stage.line(1).why is Trouble.RELEASE_FAILED_LOAN_UNDONE
    settled = {row.key: row.how for row in stage.rows_of(Settled)}
    assert settled == {undo.key: Settlement.DONE, key: Settlement.UNDONE}


def test_a_loan_whose_tag_is_not_verified_as_secured_is_never_undone() -> None:
    """A book that may pass the gate keeps its record; staff decide."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))
    key = stage.answer(1)
    stage.pad_fails(key, ReleaseTrouble.WRITE_REFUSED)
    stage.pad_fails(key, ReleaseTrouble.WRITE_REFUSED)

    stage.pad_secures(key, is_complete=False)

    assert stage.line(1).status is Status.LENT_NOT_VERIFIED
    assert len(stage.all(Carry)) == 1
    assert len(stage.rows_of(CaseOpened)) == 1


@pytest.mark.parametrize("how", ["refused", "silent", "never"])
def test_an_undoing_that_does_not_work_goes_to_staff(how: str) -> None:
    """Not lent, please hand it to the staff; a refusal is a case, silence stays with the uplink."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))
    key = stage.answer(1)
    stage.pad_fails(key, ReleaseTrouble.WRITE_REFUSED)
    stage.pad_fails(key, ReleaseTrouble.WRITE_REFUSED)
    stage.pad_secures(key)

    if how == "refused":
        stage.answer(1, Refused(Reason.OTHER))
    elif how == "silent":
        stage.answer(1, Silence("deadline"))
    else:
        stage.pass_time(15)

    assert stage.line(1).why is Trouble.RELEASE_FAILED_ASK_STAFF
    assert len(stage.rows_of(CaseOpened)) == (how == "refused")
    assert len(stage.rows_of(Settled)) == (2 if how == "refused" else 0)


def test_a_pad_that_comes_and_goes_at_the_edge_does_not_go_on_for_ever() -> None:
    """After a few tries staff are asked."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))
    key = stage.answer(1)

    for _ in range(20):
        stage.pad_fails(key, ReleaseTrouble.TAKEN_AWAY)
        stage.lay()
        stage.lay(tag(1))

    assert stage.line(1).status is Status.LENT_NOT_VERIFIED
    assert len(stage.all(Release)) < 10


def test_silence_means_not_lent_here_and_the_entry_stays_with_the_uplink() -> None:
    """The reader is told not lent; the entry is not settled, so that its outcome can still be found out."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))

    key = stage.answer(1, Silence("deadline"))

    assert stage.line(1).status is Status.NOT_LENT
    assert stage.line(1).why is Trouble.NO_ANSWER
    assert kinds(stage.rows) == ["Intended", "Answered"]
    assert stage.all(GiveUp) == [GiveUp(key)]
    stage.happen(events.Carried(key, Granted(DUE)))
    assert not stage.all(Release)
    assert stage.line(1).status is Status.NOT_LENT


def test_an_item_in_doubt_is_not_asked_for_again_before_its_outcome_is_known() -> None:
    """Laid down again it is answered with the same words; once the outcome came, it is asked for."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))
    key = stage.answer(1, Silence("deadline"))

    stage.lay()
    stage.lay(tag(1))
    assert len(stage.all(Carry)) == 1
    assert stage.line(1).why is Trouble.NO_ANSWER

    stage.happen(events.Carried(key, Refused(Reason.NOT_DONE)))
    stage.lay()
    stage.lay(tag(1))
    assert len(stage.all(Carry)) == 2


def test_an_own_loan_that_is_in_doubt_is_not_called_the_readers() -> None:
    """The account lists it, because the server did lend it; it may be undone any moment."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))
    stage.answer(1, Silence("deadline"))
    stage.choose("finish")
    stage.choose("done")
    stage.lay()

    stage.log_in(loans=(LoanFact(item(1), DUE),))
    stage.lay(tag(1))

    assert stage.line(1).status is Status.NOT_LENT
    assert stage.line(1).why is Trouble.NO_ANSWER


@pytest.mark.parametrize("is_found_at_start", [True, False])
def test_a_loan_on_its_way_to_be_undone_is_not_called_the_readers(is_found_at_start: bool) -> None:
    """What start-up found in doubt, and what is being taken back, is nobody's until that is over."""
    key = EntryKey("e1", 1, 900, 1)
    stage = Stage(left_open=((key, item(1)),) if is_found_at_start else ())
    if not is_found_at_start:
        stage.happen(events.LeftOpen(key, item(1)))
    stage.log_in(loans=(LoanFact(item(1), DUE),))
    stage.lay(tag(1))
    assert (stage.line(1).status, stage.line(1).why) == (Status.NOT_LENT, Trouble.NO_ANSWER)

    stage.happen(events.Carried(key, Granted(Due(None))))
    stage.lay()
    stage.lay(tag(1))

    assert stage.line(1).status is Status.ALREADY_YOURS


def test_a_slow_server_that_answers_one_book_after_the_other_is_waited_for() -> None:
    """The last of ten waits for nine answers; none of that is silence."""
    stage = Stage()
    stage.log_in()
    stage.lay(*(tag(number) for number in range(1, 7)))

    for number in range(1, 7):
        stage.pass_time(10)
        stage.borrow(number)

    assert {line.status for line in stage.lines.values()} == {Status.LENT}
    assert not stage.all(GiveUp)


def test_an_uplink_that_says_nothing_at_all_is_given_up_after_a_while() -> None:
    """The reader never waits behind a backlog; what was not sent yet must not be sent."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))

    stage.pass_time(15)

    assert stage.line(1).why is Trouble.NO_ANSWER
    assert stage.all(GiveUp) == [GiveUp(stage.carried(1).key)]


def test_a_loan_that_is_to_stay_secured_is_lent_without_release() -> None:
    """The server says keep it secured: the loan stands, the tag is not touched, the reader is told."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))

    stage.answer(1, Granted(DUE, release=False))

    assert stage.line(1).status is Status.LENT_STAYS_SECURED
    assert not stage.all(Release)


@pytest.mark.parametrize("policy", [ScannedItem.LEND, ScannedItem.NEEDS_TAG])
def test_a_scanned_item_is_lent_or_sent_to_the_pad_as_the_library_wants(policy: ScannedItem) -> None:
    """Without its tag on the pad a book is lent by barcode, or asked to be laid down."""
    stage = Stage(replace(SETTINGS, scanned_item=policy))
    stage.log_in()

    stage.scan(item(1))

    if policy is ScannedItem.LEND:
        stage.answer(1)
        assert stage.line(1).status is Status.LENT
        assert kinds(stage.rows) == ["Intended", "Answered", "Settled"]
    else:
        assert stage.line(1).why is Trouble.NOT_ON_PAD
        stage.lay(tag(1))
        assert stage.line(1).status is Status.ASKING


def test_a_tag_that_is_not_that_of_the_scanned_barcode_is_not_released() -> None:
    """Label and tag may disagree: the book stops, and is lent only when laid down once more as another one."""
    stage = Stage()
    stage.log_in()
    stage.scan(item(1))

    stage.lay(tag(2))
    assert stage.line(1).why is Trouble.NOT_ON_PAD
    assert stage.line(2).why is Trouble.NOT_THE_SCANNED_ITEM
    assert not stage.all(Carry)

    stage.lay()
    stage.lay(tag(2))
    assert stage.line(2).status is Status.ASKING
    assert len(stage.all(Carry)) == 1


def test_a_stack_that_holds_the_scanned_book_is_lent_as_it_is() -> None:
    """The scanned book lies among others: nothing disagrees."""
    stage = Stage()
    stage.log_in()
    stage.scan(item(1))

    stage.lay(tag(1), tag(2))

    assert {line.status for line in stage.lines.values()} == {Status.ASKING}


def test_scanning_a_book_that_lies_on_the_pad_changes_nothing() -> None:
    """One book, one line, one loan."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))

    stage.scan(item(1))
    stage.scan(item(1))

    assert len(stage.lines) == 1
    assert len(stage.all(Carry)) == 1


def test_fast_scans_are_all_taken_in_order() -> None:
    """Nothing scanned is lost while something else is under way."""
    stage = Stage(replace(SETTINGS, has_pad=False))
    stage.log_in()

    for number in range(1, 8):
        stage.scan(item(number))

    assert [carry.entry.promise.item for carry in stage.all(Carry)] == [
        item(number) for number in range(1, 8)
    ]


def test_a_bad_scan_is_one_line_that_a_good_scan_removes() -> None:
    """The list does not fill with noise."""
    stage = Stage(replace(SETTINGS, has_pad=False))
    stage.log_in()

    stage.scan("", flaw="control")
    stage.scan("what is this")
    assert [line.why for line in stage.lines.values()] == [Trouble.BARCODE_UNKNOWN]

    stage.scan(item(1))
    assert list(stage.lines) == [item(1)]


@pytest.mark.parametrize(
    ("flaw", "trouble"),
    [
        ("symbology", Trouble.NOT_THE_LIBRARYS_BARCODE),
        *((flaw, Trouble.BARCODE_UNREADABLE) for flaw in ("control", "length", "alphabet", "check")),
    ],
)
def test_a_code_of_another_kind_is_told_from_one_that_was_not_read(flaw: str, trouble: Trouble) -> None:
    """Whoever scans the publisher's barcode is told so, and not to hold it still and try again."""
    stage = Stage(replace(SETTINGS, has_pad=False))
    stage.log_in()

    stage.scan("", flaw=flaw)

    assert [line.why for line in stage.lines.values()] == [trouble]


def test_a_flood_of_things_fills_the_list_only_so_far() -> None:
    """A limit on everything."""
    stage = Stage(replace(SETTINGS, lines_max=5))
    stage.log_in(limit=None)

    stage.lay(*(tag(number) for number in range(40)))

    assert len(stage.lines) == 5


def test_a_partly_removed_set_is_waited_for_whole() -> None:
    """All tags of a set have to be back before it is released."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(5, 1, 2), tag(5, 2, 2))
    key = stage.answer(5)
    stage.lay(tag(5, 1, 2))
    stage.pad_fails(key, ReleaseTrouble.TAKEN_AWAY)

    stage.lay(tag(5, 1, 2))
    stage.shows(view.PutBack)
    stage.lay(tag(5, 1, 2), tag(5, 2, 2))

    assert len(stage.all(Release)) == 2


def test_the_rows_say_how_each_tag_stood_before_and_after() -> None:
    """The evidence for a gate: UIDs and bits before and after."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))
    stage.borrow(1)

    before = stage.rows_of(ReleaseIntended)[0].before
    after = stage.rows_of(Released)[0].after

    assert [(bits.uid, bits.afi) for bits in before] == [(tag(1).uid, 0x07)]
    assert [(bits.uid, bits.afi) for bits in after] == [(tag(1).uid, 0xC2)]
    assert not stage.rows_of(ReleaseFailed)
    assert [row.key for row in stage.rows_of(Answered)] == [row.key for row in stage.rows_of(Intended)]
    assert stage.all(Ask)[0].token == 1
    assert ItemId(stage.line(1).id) == item(1)


def test_every_tag_to_be_released_is_named_before_it_even_when_it_was_lifted() -> None:
    """What start-up reads after a power cut names the tag that left the pad before the grant came, as not seen."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1, 1, 2), tag(1, 2, 2))
    stage.lay(tag(1, 1, 2))
    stage.answer(1)

    [intended] = stage.rows_of(ReleaseIntended)

    assert intended.before == (TagBits(tag(1, 1, 2).uid, 0x07), TagBits(tag(1, 2, 2).uid, None))


def test_a_loan_the_server_only_renewed_is_never_undone() -> None:
    """A tag that cannot be written then goes to staff: a check-in would end the loan the patron had before."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))
    key = stage.answer(1, Granted(DUE, renewed=True))

    stage.pad_fails(key, ReleaseTrouble.WRITE_REFUSED)
    stage.pad_fails(key, ReleaseTrouble.WRITE_REFUSED)

    assert stage.line(1).status is Status.LENT_NOT_VERIFIED
    assert not any(isinstance(carry.entry.promise, UndoLoan) for carry in stage.all(Carry))
    assert [row.how for row in stage.rows_of(Settled)] == [Settlement.CASE]


def test_an_item_whose_outcome_went_to_staff_may_be_asked_for_again() -> None:
    """A terminal that runs for weeks does not refuse a book for ever because a loan of it once became a case."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))
    key = stage.answer(1, Silence("deadline"))
    stage.lay()
    stage.lay(tag(1))
    assert stage.line(1).why is Trouble.NO_ANSWER
    assert len(stage.all(Carry)) == 1

    stage.happen(events.LeftToStaff(key))
    stage.lay()
    stage.lay(tag(1))

    assert stage.line(1).status is Status.ASKING


def test_a_wish_the_server_holds_is_not_lent_and_bars_its_item_until_it_is_decided() -> None:
    """Stored upstream is no loan: nothing is released, the entry is left to the uplink, and nobody else is lent the
    book before the decision, however often the server says that there is none yet.
    """
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))
    key = stage.answer(1, Held())
    assert (stage.line(1).status, stage.line(1).why) == (Status.NOT_LENT, Trouble.NO_ANSWER)
    assert stage.all(GiveUp) == [GiveUp(key)]
    assert not stage.all(Release)
    stage.happen(events.Carried(key, Held()))

    stage.lay()
    stage.lay(tag(1))

    assert stage.line(1).why is Trouble.NO_ANSWER
    assert len(stage.all(Carry)) == 1
    stage.happen(events.Carried(key, Refused(Reason.ITEM_REFERENCE)))
    stage.lay()
    stage.lay(tag(1))
    assert stage.line(1).status is Status.ASKING


def test_a_server_that_holds_a_promised_loan_changes_nothing_for_its_reader() -> None:
    """What the terminal promised is released and stays the reader's while the server has yet to decide."""
    stage = Stage(LENDS_HERE)
    stage.lend_here()
    stage.log_in_here()
    stage.lay(tag(1))
    key = stage.allow(1)

    stage.happen(events.Carried(key, Held()))
    stage.pad_releases(key)

    assert stage.line(1).status is Status.LENT_PROVISIONALLY
    assert not stage.all(GiveUp)
    assert not stage.rows_of(Settled)
