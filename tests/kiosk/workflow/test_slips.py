"""Slips for the gate, references, and a printer that never holds anybody up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.workflow import events, view
from kiosk.workflow.effects import PrintSlip
from kiosk.workflow.events import Device, ReleaseTrouble
from kiosk.workflow.slips import Slip
from kiosk.workflow.view import Notice, SlipState, Status, Trouble
from kiosk.workflow.views import view_of
from tests.kit.stage import DUE, LENDS_HERE, OTHER_READER, READER, SETTINGS, Stage, item, tag


def not_verified(stage: Stage) -> None:
    """A book that is lent, taken away and not put back."""
    stage.log_in()
    stage.lay(tag(1))
    key = stage.answer(1)
    stage.lay()
    stage.pad_fails(key, ReleaseTrouble.TAKEN_AWAY)
    stage.choose("no")


def test_a_slip_names_the_item_the_case_and_nobody() -> None:
    """What the gate and the desk need, in the reader's language, and nothing that points to a person."""
    stage = Stage(LENDS_HERE)
    stage.choose("language:en")
    not_verified(stage)

    assert stage.last(PrintSlip).slip == Slip(
        reference=stage.carried(1).key.reference,
        item=item(1),
        why=Trouble.RELEASE_UNKNOWN_SHOW_AT_DESK,
        at=stage.wall,
        language=view.Language.ENGLISH,
        library="Demo Library",
        title="Title 1",
        due=DUE,
    )
    assert READER not in repr(stage.last(PrintSlip))
    assert "Demo Reader" not in repr(stage.last(PrintSlip))


@pytest.mark.parametrize("came", [True, False])
def test_what_became_of_the_slip_stands_in_the_line_and_in_the_summary(came: bool) -> None:
    """Printing, then printed or not; also when the answer comes after the session."""
    stage = Stage(LENDS_HERE)
    not_verified(stage)
    assert stage.line(1).slip is SlipState.PRINTING
    stage.choose("finish")
    assert stage.line(1).slip is SlipState.PRINTING
    token = stage.last(PrintSlip).token
    stage.happen(events.SlipPrinted(token) if came else events.SlipNotPrinted(token, "no-paper"))

    assert stage.line(1).slip is (SlipState.PRINTED if came else SlipState.NOT_PRINTED)


def test_a_slip_is_printed_once() -> None:
    """Whatever happens afterwards."""
    stage = Stage(LENDS_HERE)
    not_verified(stage)
    stage.pass_time(20)
    stage.lay(tag(2))
    stage.borrow(2)
    stage.happen(events.SlipNotPrinted(stage.last(PrintSlip).token, "jam"))
    stage.choose("finish")

    assert len(stage.all(PrintSlip)) == 1
    assert stage.line(2).slip is None
    assert stage.line(2).reference == ""


def test_a_printer_that_is_away_is_not_asked_and_the_screen_alone_suffices() -> None:
    """Not printed, said at once; the reference stands in the line."""
    stage = Stage(LENDS_HERE)
    stage.happen(events.DeviceDown(Device.PRINTER))
    assert view_of(stage.state).notices == (Notice.PRINTER_AWAY,)
    not_verified(stage)

    line = stage.line(1)
    assert (line.slip, line.reference) == (SlipState.NOT_PRINTED, stage.carried(1).key.reference)
    assert not stage.all(PrintSlip)


def test_a_terminal_without_a_printer_speaks_of_none() -> None:
    """No slip, no notice; the reference all the same."""
    stage = Stage(SETTINGS)
    stage.happen(events.DeviceDown(Device.PRINTER))
    assert view_of(stage.state).notices == ()
    not_verified(stage)

    assert (stage.line(1).slip, stage.line(1).reference) == (None, stage.carried(1).key.reference)


def test_the_end_of_a_session_waits_for_no_printer() -> None:
    """The summary comes, the next reader comes; the slip's fate is nobody's news then."""
    stage = Stage(LENDS_HERE)
    not_verified(stage)
    stage.choose("finish")
    stage.shows(view.Summary)
    stage.show_card(OTHER_READER)
    stage.pin()
    stage.tell(stage.facts(OTHER_READER))
    before = stage.state
    stage.happen(events.SlipPrinted(stage.last(PrintSlip).token))

    assert stage.shows(view.Borrowing).lines == ()
    assert replace(stage.state, now=before.now) == before


def test_another_slips_word_changes_no_line() -> None:
    """Tokens tell them apart."""
    stage = Stage(LENDS_HERE)
    not_verified(stage)
    stage.happen(events.SlipPrinted(stage.last(PrintSlip).token + 100))
    stage.happen(events.SlipPrinted(0))

    assert stage.line(1).slip is SlipState.PRINTING


def test_a_book_that_is_tried_again_has_no_old_reference() -> None:
    """What went wrong before is over; only what goes wrong now has a case."""
    stage = Stage(LENDS_HERE)
    stage.log_in()
    stage.lay(tag(1))
    key = stage.answer(1)
    for _ in range(2):
        stage.pad_fails(key, ReleaseTrouble.WRITE_REFUSED)
    stage.pad_secures(key)
    undo = stage.carried(1).key
    stage.pass_time(LENDS_HERE.answer_seconds)
    assert stage.line(1).reference == key.reference
    stage.happen(events.LeftToStaff(undo))
    stage.lay()
    stage.lay(tag(1))

    assert (stage.line(1).status, stage.line(1).reference, stage.line(1).slip) == (Status.ASKING, "", None)


def test_a_slip_says_that_its_loan_is_provisional() -> None:
    """Taken away without the server: the desk is told that only this terminal knows the loan so far."""
    stage = Stage(LENDS_HERE)
    stage.lend_here()
    stage.log_in_here()
    stage.lay(tag(1))
    stage.pad_fails(stage.allow(1), ReleaseTrouble.TAKEN_AWAY)
    stage.choose(view.NO)

    assert stage.line(1).status is Status.LENT_NOT_VERIFIED
    assert stage.slip.is_provisional
