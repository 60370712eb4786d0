"""Every end of a release: its status, its reason, what is written, what is repaired, and the slip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from kiosk.workflow import events, view
from kiosk.workflow.effects import Carry, GiveUp, PrintSlip, Release, Secure
from kiosk.workflow.events import ReleaseTrouble
from kiosk.workflow.view import SlipState, Status, Trouble
from sync.entries import (
    CaseOpened,
    CaseReason,
    Due,
    EntryKey,
    Granted,
    Reason,
    Refused,
    Released,
    ReleaseFailed,
    Settled,
    Settlement,
    Silence,
    UndoLoan,
)
from tests.kit.stage import DUE, LENDS_HERE, Stage, tag

Begin = Callable[[], tuple[Stage, EntryKey]]
REFUSAL = Refused(Reason.PATRON_BLOCKED)
NOT_DONE = Refused(Reason.NOT_DONE)


def granted() -> tuple[Stage, EntryKey]:
    """A book whose loan the server granted, its tag being released."""
    stage = Stage(LENDS_HERE)
    stage.log_in()
    stage.lay(tag(1))
    return stage, stage.answer(1)


def promised() -> tuple[Stage, EntryKey]:
    """A book whose loan the terminal promised, its tag being released."""
    stage = Stage(LENDS_HERE)
    stage.lend_here()
    stage.log_in_here()
    stage.lay(tag(1))
    return stage, stage.allow(1)


def refuse_to_write(stage: Stage, key: EntryKey) -> None:
    """The tag will not be written, however often it is tried."""
    for _ in range(LENDS_HERE.release_tries_max):
        stage.pad_fails(key, ReleaseTrouble.WRITE_REFUSED)


def leave(stage: Stage, key: EntryKey) -> None:
    """The book is taken away and not put back."""
    stage.lay()
    stage.pad_fails(key, ReleaseTrouble.TAKEN_AWAY)
    stage.choose("no")


@dataclass(frozen=True)
class Ended:
    """What can be told of an end."""

    status: Status
    why: Reason | Trouble | None
    settled: tuple[Settlement, ...]
    cases: tuple[CaseReason, ...]
    has_slip: bool


def ended(stage: Stage) -> Ended:
    """How the line of the book ended."""
    line = stage.line(1)
    return Ended(
        line.status,
        line.why,
        tuple(row.how for row in stage.rows_of(Settled)),
        tuple(row.reason for row in stage.rows_of(CaseOpened)),
        bool(stage.all(PrintSlip)),
    )


ASK_STAFF = Trouble.RELEASE_FAILED_ASK_STAFF
SHOW = Trouble.RELEASE_UNKNOWN_SHOW_AT_DESK
UNDONE = Trouble.RELEASE_FAILED_LOAN_UNDONE
HAND_IN = Trouble.NOT_SECURED_LOAN_UNDONE


def test_released_and_granted_is_lent() -> None:
    """Read back, recorded, settled: lent."""
    stage, key = granted()
    stage.pad_releases(key)

    assert ended(stage) == Ended(Status.LENT, None, (Settlement.DONE,), (), False)


def test_released_by_the_terminals_word_is_lent_provisionally() -> None:
    """Read back and recorded; the entry stays open until the server has answered."""
    stage, key = promised()
    stage.pad_releases(key)

    assert ended(stage) == Ended(Status.LENT_PROVISIONALLY, None, (), (), False)
    assert len(stage.rows_of(Released)) == 1


@pytest.mark.parametrize("begun", [granted, promised])
def test_a_release_nobody_can_tell_leaves_the_loan_and_opens_a_case(begun: Begin) -> None:
    """The book is with the reader: the loan stands, provisional or not; staff get a case and the reader a slip."""
    is_promised = begun is promised
    stage, key = begun()
    leave(stage, key)

    settled = () if is_promised else (Settlement.CASE,)
    assert ended(stage) == Ended(Status.LENT_NOT_VERIFIED, SHOW, settled, (CaseReason.RELEASE_UNKNOWN,), True)
    assert stage.line(1).is_provisional == is_promised
    assert stage.slip.due == DUE


def test_secured_again_and_undone_may_be_tried_once_more() -> None:
    """Nothing is left: the tag is as before, and so is the account."""
    stage, key = granted()
    refuse_to_write(stage, key)
    stage.pad_secures(key)
    stage.answer(1, Granted(Due(None)))

    assert ended(stage) == Ended(Status.NOT_LENT, UNDONE, (Settlement.DONE, Settlement.UNDONE), (), False)
    stage.lay()
    stage.lay(tag(1))
    assert stage.line(1).status is Status.ASKING


def test_an_undoing_that_finds_no_loan_is_an_undoing_all_the_same() -> None:
    """Somebody at the desk was faster: nothing is left for staff."""
    stage, key = granted()
    refuse_to_write(stage, key)
    stage.pad_secures(key)
    stage.answer(1, Refused(Reason.NOT_ON_LOAN))

    assert ended(stage) == Ended(Status.NOT_LENT, UNDONE, (Settlement.NOT_DONE, Settlement.UNDONE), (), False)


def test_a_provisional_loan_that_was_never_sent_is_given_up_and_settled() -> None:
    """The tag would not be written, is secured, and the server never hears of the loan."""
    stage, key = promised()
    refuse_to_write(stage, key)
    stage.pad_secures(key)
    assert stage.all(GiveUp) == [GiveUp(key)]
    assert stage.line(1).status is Status.UNDOING
    stage.happen(events.Carried(key, NOT_DONE))

    assert ended(stage) == Ended(Status.NOT_LENT, UNDONE, (Settlement.NOT_DONE,), (), False)
    assert [type(row).__name__ for row in stage.rows] == [
        "Intended",
        "Promised",
        "ReleaseIntended",
        "ReleaseFailed",
        "Answered",
        "Settled",
    ]


def test_a_provisional_loan_that_was_sent_meanwhile_is_undone_like_any_other() -> None:
    """The server grants it after all: a check-in takes it back."""
    stage, key = promised()
    refuse_to_write(stage, key)
    stage.pad_secures(key)
    stage.happen(events.Carried(key, Granted(DUE)))
    undo = stage.carried(1)
    assert isinstance(undo.promise, UndoLoan)
    assert undo.promise.undoes == key
    stage.answer(1, Granted(Due(None)))

    assert ended(stage) == Ended(Status.NOT_LENT, UNDONE, (Settlement.DONE, Settlement.UNDONE), (), False)


def test_a_provisional_loan_granted_before_it_is_secured_is_undone_too() -> None:
    """The answer came while the tag was being secured: nothing is given up, the loan is taken back."""
    stage, key = promised()
    refuse_to_write(stage, key)
    stage.happen(events.Carried(key, Granted(DUE)))
    stage.pad_secures(key)

    assert not stage.all(GiveUp)
    assert isinstance(stage.carried(1).promise, UndoLoan)


@pytest.mark.parametrize("how", ["silent", "never"])
def test_a_provisional_loan_nobody_answers_for_goes_to_the_desk(how: str) -> None:
    """The tag is secured; the uplink takes the loan back when it turns out to be granted."""
    stage, key = promised()
    refuse_to_write(stage, key)
    stage.pad_secures(key)
    if how == "silent":
        stage.happen(events.Carried(key, Silence("deadline")))
    else:
        stage.pass_time(LENDS_HERE.answer_seconds)

    assert ended(stage) == Ended(Status.NOT_LENT, ASK_STAFF, (), (), True)
    assert len(stage.rows_of(ReleaseFailed)) == 1
    stage.lay()
    stage.lay(tag(1))
    assert stage.line(1).why is Trouble.NO_ANSWER


def test_a_loan_that_will_not_be_undone_is_a_case_and_a_slip() -> None:
    """Secured, and still on the account: staff take it back."""
    stage, key = granted()
    refuse_to_write(stage, key)
    stage.pad_secures(key)
    stage.answer(1, Refused(Reason.OTHER))

    assert ended(stage) == Ended(
        Status.NOT_LENT,
        ASK_STAFF,
        (Settlement.REFUSED, Settlement.CASE),
        (CaseReason.UNDO_REFUSED,),
        True,
    )


def test_an_undoing_without_an_answer_stays_with_the_uplink() -> None:
    """No case yet: the uplink goes on; the reader has a slip."""
    stage, key = granted()
    refuse_to_write(stage, key)
    stage.pad_secures(key)
    undo = stage.answer(1, Silence("deadline"))

    assert ended(stage) == Ended(Status.NOT_LENT, ASK_STAFF, (), (), True)
    assert stage.last(GiveUp).key == undo
    assert stage.slip.due is None


@pytest.mark.parametrize("begun", [granted, promised])
def test_a_tag_that_can_neither_be_released_nor_secured_leaves_the_loan(begun: Begin) -> None:
    """A book that may pass the gate keeps its record: staff decide."""
    stage, key = begun()
    refuse_to_write(stage, key)
    stage.pad_secures(key, is_complete=False)

    assert (stage.line(1).status, stage.line(1).why) == (Status.LENT_NOT_VERIFIED, SHOW)
    assert [row.reason for row in stage.rows_of(CaseOpened)] == [CaseReason.RELEASE_UNKNOWN]
    assert not stage.all(GiveUp)
    assert len(stage.all(Carry)) == 1


def test_a_provisional_loan_refused_during_its_release_is_secured_again() -> None:
    """The tag was written when the refusal came: it is secured, nothing is lent, nothing is left for staff."""
    stage, key = promised()
    stage.happen(events.Carried(key, REFUSAL))
    stage.pad_releases(key)
    assert stage.all(Secure) == [Secure(key, (tag(1).uid,))]
    assert not stage.rows_of(Released)
    stage.pad_secures(key)

    assert ended(stage) == Ended(Status.NOT_LENT, Reason.PATRON_BLOCKED, (Settlement.REFUSED,), (), False)


def test_a_book_asked_back_whose_provisional_loan_is_refused_is_secured_when_it_comes() -> None:
    """It is not released any more: it is secured and stays here."""
    stage, key = promised()
    stage.lay()
    stage.pad_fails(key, ReleaseTrouble.TAKEN_AWAY)
    stage.happen(events.Carried(key, REFUSAL))
    stage.lay(tag(1))
    assert len(stage.all(Release)) == 1
    stage.pad_secures(key)

    assert stage.line(1).why is Reason.PATRON_BLOCKED


@pytest.mark.parametrize("how", ["left", "not secured"])
def test_a_refused_loan_whose_tag_is_open_is_handed_in_at_the_desk(how: str) -> None:
    """No loan, and perhaps no alarm: the reader is asked to hand it in, staff get the case, the slip says why."""
    stage, key = promised()
    if how == "left":
        stage.lay()
        stage.pad_fails(key, ReleaseTrouble.TAKEN_AWAY)
        stage.happen(events.Carried(key, REFUSAL))
        stage.choose("no")
    else:
        stage.happen(events.Carried(key, REFUSAL))
        stage.pad_releases(key)
        stage.pad_secures(key, is_complete=False)

    assert ended(stage) == Ended(
        Status.NOT_LENT, HAND_IN, (Settlement.CASE,), (CaseReason.NOT_SECURED,), True
    )
    assert stage.line(1).due is None
    assert stage.slip.why is HAND_IN


@pytest.mark.parametrize("is_same_day", [True, False])
def test_a_provisional_loan_granted_during_its_release_is_lent_until_the_servers_day(
    is_same_day: bool,
) -> None:
    """It is provisional no longer; another day than promised is a case."""
    stage, key = promised()
    other = Due(DUE.day.replace(day=1) if DUE.day else None)
    stage.happen(events.Carried(key, Granted(DUE if is_same_day else other)))
    stage.pad_releases(key)

    settled, cases = (
        ((Settlement.DONE,), ()) if is_same_day else ((Settlement.CASE,), (CaseReason.DUE_DIFFERS,))
    )
    assert ended(stage) == Ended(Status.LENT, None, settled, cases, False)
    assert stage.line(1).due == (DUE if is_same_day else other)
    assert not stage.line(1).is_provisional


def test_a_provisional_loan_only_renewed_is_never_undone() -> None:
    """A check-in would end the loan the patron had before: that goes to staff."""
    stage, key = promised()
    refuse_to_write(stage, key)
    stage.pad_secures(key)
    stage.happen(events.Carried(key, Granted(DUE, renewed=True)))

    assert stage.line(1).why is ASK_STAFF
    assert not any(isinstance(carry.entry.promise, UndoLoan) for carry in stage.all(Carry))
    assert [row.how for row in stage.rows_of(Settled)] == [Settlement.CASE]


def test_silence_about_a_provisional_loan_changes_nothing_while_its_tag_is_released() -> None:
    """The terminal gave its word: it goes on."""
    stage, key = promised()
    rows = len(stage.rows)
    stage.happen(events.Carried(key, Silence("deadline")))

    assert len(stage.rows) == rows
    stage.pad_releases(key)
    assert stage.line(1).status is Status.LENT_PROVISIONALLY


@pytest.mark.parametrize("phase", ["releasing", "withdrawing"])
def test_nothing_is_written_after_staff_have_the_entry(phase: str) -> None:
    """Its case ended the entry while the pad was at work: the line says so and the pad's word is not recorded."""
    stage, key = promised()
    if phase == "withdrawing":
        refuse_to_write(stage, key)
        stage.pad_secures(key)
    rows = len(stage.rows)
    stage.happen(events.LeftToStaff(key))
    stage.pad_releases(key)

    assert len(stage.rows) == rows
    expected = Status.LENT_NOT_VERIFIED if phase == "releasing" else Status.NOT_LENT
    assert stage.line(1).status is expected
    assert stage.line(1).slip is SlipState.PRINTING


def test_a_pad_that_never_answers_is_not_waited_for_for_ever() -> None:
    """Neither while releasing nor while securing."""
    stage, _ = granted()
    stage.pass_time(LENDS_HERE.put_back_seconds)
    assert stage.line(1).status is Status.LENT_NOT_VERIFIED

    stage, key = granted()
    refuse_to_write(stage, key)
    stage.pass_time(LENDS_HERE.put_back_seconds)
    assert stage.line(1).status is Status.LENT_NOT_VERIFIED
    stage.shows(view.Borrowing)
