"""A disk that is nearly full: nothing new is begun, everything begun comes to its end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.workflow import events, view
from kiosk.workflow.effects import Ask, AskHere, Carry, Release
from kiosk.workflow.view import Notice, Refusal, Status, Trouble
from kiosk.workflow.views import view_of
from sync.entries import Money, Promised, Reason, Refused, Released, Settled, Silence
from sync.questions import LendingFacts, LoanFact
from tests.kit.stage import DUE, LENDS_HERE, SETTINGS, Stage, item, tag


@pytest.mark.parametrize("needs_pin", [True, False])
def test_nobody_is_let_in_before_anything_is_begun(needs_pin: bool) -> None:
    """Told at once, before a PIN is typed or anybody is asked; and let in again when there is room."""
    stage = Stage(replace(SETTINGS, needs_pin=needs_pin))
    stage.happen(events.RoomChanged(is_low=True))
    assert view_of(stage.state).notices == (Notice.STORAGE_FULL,)
    stage.show_card()

    assert stage.shows(view.NotServed).reasons == (Refusal.STORAGE_FULL,)
    assert not stage.all(Ask)
    stage.happen(events.RoomChanged(is_low=False))
    assert view_of(stage.state).notices == ()
    stage.log_in()
    stage.shows(view.Borrowing)


def test_a_disk_that_fills_while_the_pin_is_typed_turns_the_reader_away() -> None:
    """Nothing is asked any more."""
    stage = Stage()
    stage.show_card()
    stage.happen(events.RoomChanged(is_low=True))
    stage.pin()

    assert stage.shows(view.NotServed).reasons == (Refusal.STORAGE_FULL,)
    assert not stage.all(Ask)


def test_in_a_running_session_nothing_new_begins_and_what_was_begun_ends() -> None:
    """One book is released and lent, the next is not asked for; with room again it is."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))
    stage.happen(events.RoomChanged(is_low=True))
    stage.lay(tag(1), tag(2))
    stage.borrow(1)

    assert stage.line(1).status is Status.LENT
    assert (stage.line(2).status, stage.line(2).why) == (Status.NOT_LENT, Trouble.STORAGE_FULL)
    assert len(stage.all(Carry)) == 1
    assert (len(stage.rows_of(Released)), len(stage.rows_of(Settled))) == (1, 1)
    stage.happen(events.RoomChanged(is_low=False))
    stage.lay(tag(1))
    stage.lay(tag(1), tag(2))
    assert stage.line(2).status is Status.ASKING


def test_an_undoing_is_begun_without_room_too() -> None:
    """It ends what was begun."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))
    key = stage.answer(1)
    stage.happen(events.RoomChanged(is_low=True))
    for _ in range(2):
        stage.pad_fails(key, events.ReleaseTrouble.WRITE_REFUSED)
    stage.pad_secures(key)

    assert len(stage.all(Carry)) == 2
    assert stage.line(1).status is Status.UNDOING


def test_neither_a_renewal_nor_a_consent_begins_anything_without_room() -> None:
    """Both would be new entries."""
    stage = Stage()
    stage.log_in(loans=(LoanFact(item(1), DUE, "Mine"),))
    stage.lay(tag(1), tag(2))
    stage.answer(2, Refused(Reason.FEE_NEEDS_CONSENT, fee=Money(100, "CNY")))
    stage.happen(events.RoomChanged(is_low=True))
    stage.choose("yes")
    stage.choose(f"renew:{item(1)}")

    assert stage.line(2).why is Trouble.STORAGE_FULL
    assert (stage.line(1).status, stage.line(1).why) == (Status.ALREADY_YOURS, Trouble.STORAGE_FULL)
    assert len(stage.all(Carry)) == 1


def test_a_provisional_loan_not_yet_begun_is_not_begun_without_room() -> None:
    """The books allow it, the disk does not; where the entry is there already, its promise ends what was begun."""
    stage = Stage(LENDS_HERE)
    stage.lend_here()
    stage.log_in_here()
    stage.lay(tag(1))
    stage.happen(events.RoomChanged(is_low=True))
    allowed = LendingFacts(item(1), None, DUE, snapshot_at=stage.wall)
    stage.happen(events.ToldHere(stage.last(AskHere).token, allowed))
    assert stage.line(1).why is Trouble.STORAGE_FULL
    assert not stage.rows

    begun = Stage(LENDS_HERE)
    begun.lend_here()
    begun.happen(events.ServerCame())
    begun.log_in()
    begun.lay(tag(1))
    begun.answer(1, Silence("deadline"))
    begun.happen(events.RoomChanged(is_low=True))
    begun.allow(1)
    assert len(begun.rows_of(Promised)) == len(begun.all(Release)) == 1
    assert Notice.LENDING_PROVISIONALLY not in view_of(begun.state).notices
