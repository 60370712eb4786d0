"""The end of a session, the count of books, absence, start-up, and a journal that fails."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.workflow import events, view
from kiosk.workflow.effects import Ask, Carry, Release
from kiosk.workflow.events import Device, ReleaseTrouble
from kiosk.workflow.patience import next_due
from kiosk.workflow.view import Status, Trouble
from kiosk.workflow.views import view_of
from sync.entries import (
    Money,
    PatronId,
    Reason,
    Refused,
)
from sync.questions import AboutPatron, EndOfSession
from tests.kit.stage import OTHER_READER, READER, SETTINGS, Stage, item, tag


def test_the_summary_says_what_was_lent_and_what_was_not_and_why() -> None:
    """Two lent, one refused; it stays until done, and the server is told that the session is over."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1), tag(2), tag(3))
    stage.borrow(1)
    stage.borrow(3)
    stage.answer(2, Refused(Reason.ITEM_REFERENCE))

    stage.choose("finish")

    summary = stage.shows(view.Summary)
    assert (summary.lent, summary.renewed, summary.not_lent) == (2, 0, 1)
    assert stage.line(2).why is Reason.ITEM_REFERENCE
    assert stage.last(Ask).question == EndOfSession(PatronId(READER))
    stage.choose("done")
    stage.shows(view.Welcome)


def test_what_needs_attention_stands_first_in_the_summary() -> None:
    """A book that was not lent is read about before those that were, which keep their order."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1), tag(2), tag(3))
    stage.borrow(1)
    stage.answer(2, Refused(Reason.ITEM_REFERENCE))
    stage.borrow(3)

    stage.choose("finish")

    assert [line.item for line in stage.shows(view.Summary).lines] == [item(2), item(1), item(3)]


def test_finishing_waits_for_what_is_under_way() -> None:
    """Nothing is cut off: the summary comes when the last tag is read back."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))

    stage.choose("finish")
    assert stage.shows(view.Borrowing).is_busy
    stage.lay(tag(1), tag(2))
    stage.borrow(1)

    assert stage.shows(view.Summary).lent == 1
    assert len(stage.all(Carry)) == 1


def test_a_book_asked_back_while_finishing_is_still_released() -> None:
    """Also the last book gets its chance."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))
    key = stage.answer(1)
    stage.choose("finish")
    stage.lay()
    stage.pad_fails(key, ReleaseTrouble.TAKEN_AWAY)
    stage.shows(view.PutBack)

    stage.lay(tag(1))
    stage.pad_releases(key)

    assert stage.shows(view.Summary).lent == 1


def test_the_own_card_again_finishes() -> None:
    """One card, twice: that is all there is to do for somebody in a hurry."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))
    stage.borrow(1)

    stage.show_card(READER)

    stage.shows(view.Summary)


@pytest.mark.parametrize("how", ["card", "barcode"])
def test_another_card_ends_the_session_and_begins_the_next(how: str) -> None:
    """What was under way ends for the first reader; the second is asked for a PIN and gets none of it."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))

    if how == "card":
        stage.show_card(OTHER_READER)
    else:
        stage.scan(OTHER_READER)
    assert stage.shows(view.Borrowing).is_busy
    stage.borrow(1)

    stage.shows(view.EnterPin)
    lent = stage.carried(1).promise
    assert lent.patron == PatronId(READER)
    stage.pin()
    stage.tell(stage.facts(OTHER_READER))
    assert stage.shows(view.Borrowing).lines == ()
    stage.lay(tag(1))
    assert len(stage.all(Carry)) == 1


def test_a_summary_gives_way_to_the_next_card() -> None:
    """Nobody waits for somebody else's summary."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))
    stage.borrow(1)
    stage.choose("finish")

    stage.show_card(OTHER_READER)

    stage.shows(view.EnterPin)


def test_the_number_of_books_said_is_compared_with_those_seen() -> None:
    """Six said, two seen: the difference is shown at once, asked about at the end, and the reader decides."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1), tag(2))

    stage.choose("count")
    assert len(stage.shows(view.HowMany).choices) == 13
    stage.choose("count:3")
    listed = stage.shows(view.Borrowing)
    assert (listed.declared, listed.books) == (3, 2)
    stage.borrow(1)
    stage.borrow(2)
    stage.choose("finish")
    differs = stage.shows(view.CountDiffers)
    assert (differs.declared, differs.seen) == (3, 2)

    stage.choose("no")
    stage.lay(tag(1), tag(2), tag(3))
    stage.borrow(3)
    stage.choose("finish")
    assert stage.shows(view.Summary).lent == 3


def test_a_difference_can_be_left_as_it_is() -> None:
    """The reader may have miscounted."""
    stage = Stage()
    stage.log_in()
    stage.choose("count")
    stage.choose("count:2")
    stage.choose("finish")

    stage.choose("yes")

    stage.shows(view.Welcome)


@pytest.mark.parametrize(
    "choice", ["count:0", "count:99", "count:x", "count:²", "renew:none", "unheard-of", "language:xx"]
)
def test_a_choice_that_is_not_offered_changes_nothing(choice: str) -> None:
    """Whatever an id says, only what the view offers counts."""
    stage = Stage()
    stage.log_in()
    stage.choose("count")
    before = stage.view

    stage.happen(events.Chosen(choice))

    assert stage.view == before


def test_an_absent_reader_is_warned_counted_down_and_logged_out() -> None:
    """A visible count-down, more time by touch, and then the end with the summary."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))
    stage.borrow(1)

    stage.pass_time(45)
    assert stage.shows(view.StillThere).seconds_left == 20
    stage.pass_time(5)
    assert stage.shows(view.StillThere).seconds_left == 15
    stage.choose("more-time")
    stage.shows(view.Borrowing)
    stage.pass_time(45 + 20)
    stage.shows(view.Summary)
    stage.pass_time(20)
    stage.shows(view.Welcome)


def test_nobody_is_warned_while_a_book_is_under_way() -> None:
    """The reader waits for us then, not we for the reader."""
    stage = Stage(replace(SETTINGS, answer_seconds=300))
    stage.log_in()
    stage.lay(tag(1))

    stage.pass_time(200)

    assert stage.shows(view.Borrowing).is_busy


def test_a_book_laid_down_is_a_sign_of_life() -> None:
    """The warning goes away when something happens on the pad."""
    stage = Stage()
    stage.log_in()
    stage.pass_time(50)
    stage.shows(view.StillThere)

    stage.pass_time(1)
    stage.lay(tag(1))
    stage.answer(1, Refused(Reason.ITEM_LOST))

    stage.shows(view.Borrowing)


def test_a_tag_that_flickers_at_the_edge_is_no_sign_of_life() -> None:
    """A book left half on the pad does not keep the account of a reader who has gone open for the next."""
    stage = Stage()
    stage.log_in()

    for second in range(45 + 20):
        stage.lay(*(() if second % 2 else (tag(1),)), readings=1)
        stage.pass_time(1)

    stage.shows(view.Welcome)


def test_a_tag_that_comes_and_goes_is_a_sign_of_life_only_once() -> None:
    """A book on the edge of the pad, stable in and stable out, must not keep somebody's account open."""
    stage = Stage(replace(SETTINGS, lines_max=0))
    stage.log_in()

    for _ in range(40):
        stage.lay(tag(1))
        stage.pass_time(1)
        stage.lay()
        stage.pass_time(1)

    stage.shows(view.Welcome)


def test_what_was_left_open_is_not_lent_in_the_summary() -> None:
    """A fee nobody agreed to and parts nobody brought."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1), tag(5, 1, 2))
    stage.answer(1, Refused(Reason.FEE_NEEDS_CONSENT, fee=Money(100, "CNY")))

    stage.pass_time(45 + 20)

    summary = stage.shows(view.Summary)
    assert {line.why for line in summary.lines} == {Reason.FEE_NEEDS_CONSENT, Trouble.PARTS_MISSING}
    assert summary.not_lent == 2


def test_nothing_of_a_patron_is_remembered_after_the_session() -> None:
    """Name, number and PIN are gone from the whole state once the welcome is back."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))
    stage.borrow(1)
    stage.choose("finish")
    stage.choose("done")

    remembered = repr(stage.state)

    assert "Demo Reader" not in remembered
    assert PatronId(READER) not in [patron for patron, _ in stage.state.pin_refusals]
    assert "PatronId" not in remembered


# --- Failing parts ----------------------------------------------------------------------------------------------


def test_a_journal_that_cannot_be_written_stops_everything() -> None:
    """No promise without a record: the terminal says so and does nothing more."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))

    stage.happen(events.JournalFailed())
    stage.answer(1)
    stage.show_card()

    assert stage.shows(view.OutOfService).why is view.Outage.JOURNAL
    assert not stage.all(Release)


def test_what_is_away_is_said_and_the_rest_serves_on() -> None:
    """One device's failure takes away only what needs it."""
    stage = Stage()
    stage.happen(events.DeviceDown(Device.PAD))
    stage.happen(events.DeviceDown(Device.PAD))
    stage.happen(events.ServerWent())
    shown = view_notices(stage)
    assert shown == (view.Notice.SERVER_AWAY, view.Notice.PAD_AWAY)

    stage.happen(events.DeviceUp(Device.PAD))
    stage.happen(events.ServerCame())
    assert view_notices(stage) == ()
    stage.shows(view.Welcome)


def view_notices(stage: Stage) -> tuple[view.Notice, ...]:
    """The notices beside the view."""
    return view_of(stage.state).notices


def test_a_pad_lost_during_a_release_goes_on_when_it_is_back() -> None:
    """A cable pulled and put back again costs the reader nothing but a moment."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))
    key = stage.answer(1)
    stage.happen(events.DeviceDown(Device.PAD))
    stage.pad_fails(key, ReleaseTrouble.PAD_LOST)

    stage.happen(events.DeviceUp(Device.PAD))
    stage.lay(tag(1))
    stage.pad_releases(key)

    assert stage.line(1).status is Status.LENT


def test_next_due_names_the_moment_something_changes_by_itself() -> None:
    """The desk need not wake up sooner: nothing changes before, something does then."""
    stage = Stage()
    assert next_due(stage.state) is None
    stage.log_in()
    for expected in (view.StillThere, view.Welcome):
        due = next_due(stage.state)
        assert due is not None
        before = stage.view
        stage.pass_time(due - stage.seconds - 1)
        assert type(stage.view) is type(before)
        stage.pass_time(1)
        stage.shows(expected)


def test_questions_of_a_session_are_all_answered_or_forgotten() -> None:
    """Every question has a token of its own."""
    stage = Stage()
    stage.log_in()
    stage.choose("finish")
    stage.log_in(OTHER_READER)

    tokens = [ask.token for ask in stage.all(Ask)]

    assert tokens == sorted(set(tokens))
    assert isinstance(stage.all(Ask)[0].question, AboutPatron)
