"""Strips of what is given back: made active over the unit, one item at a time, and never those of tapes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drivers.em import Deed, StripState
from kiosk.workflow import events
from kiosk.workflow.effects import LeaveStrip, TreatStrip
from kiosk.workflow.events import Device, StripTrouble
from kiosk.workflow.settings import Strips
from kiosk.workflow.view import BackStatus, GivingBack, Trouble, UseStripUnitBack
from sync.entries import (
    Answered,
    CaseReason,
    EntryKey,
    Reason,
    Refused,
    Secured,
    SecureFailed,
    SecureIntended,
    Settlement,
    Strip,
)
from tests.kit.back_stage import TAKES_BACK, BackStage, back, lent
from tests.kit.stage import item

ASKS = replace(TAKES_BACK, ask_item_seconds=1.0)
UNTAGGED = replace(ASKS, strips=Strips.UNTAGGED)
ALL = replace(ASKS, strips=Strips.ALL)
NUMBER = "30000000000001"


def at_the_unit(stage: BackStage, **facts: object) -> EntryKey:
    """An item without a tag was scanned, and the server said that it is no tape."""
    stage.begin()
    stage.scan(NUMBER)
    stage.about(1, **({"magnetic": False} | facts))  # type: ignore[arg-type]
    return stage.key(1)


def treated(stage: BackStage, key: EntryKey, strip: StripState = StripState.ACTIVE) -> None:
    """The unit did what it was told to."""
    stage.happen(events.StripTreated(key, strip))


def test_an_item_without_a_tag_goes_over_the_unit() -> None:
    """Recorded, treated, read back, recorded, told."""
    stage = BackStage(UNTAGGED)
    key = at_the_unit(stage)
    assert stage.shows(UseStripUnitBack).line.item == item(1)
    assert stage.all(TreatStrip) == [TreatStrip(key, Deed.SENSITISE)]
    assert stage.told() == []

    treated(stage, key)
    stage.says(1, back())

    assert stage.rows_of(SecureIntended)[0].strip is Strip.UNVERIFIED
    assert stage.rows_of(Secured)[0].strip is Strip.ACTIVE
    assert stage.back_line(1).status is BackStatus.BACK


def test_a_unit_that_cannot_read_is_believed() -> None:
    """Not read back is written as such, and is no case by itself."""
    stage = BackStage(UNTAGGED)
    key = at_the_unit(stage)

    treated(stage, key, StripState.UNVERIFIED)
    stage.says(1, back())

    assert stage.rows_of(Secured)[0].strip is Strip.UNVERIFIED
    assert stage.cases() == []


def test_a_strip_that_stays_inactive_is_tried_again_and_then_for_staff() -> None:
    """The loan is closed all the same."""
    stage = BackStage(UNTAGGED)
    key = at_the_unit(stage)

    for _ in range(UNTAGGED.release_tries_max):
        treated(stage, key, StripState.INACTIVE)
    stage.says(1, back())

    assert len(stage.all(TreatStrip)) == UNTAGGED.release_tries_max
    assert stage.rows_of(SecureFailed)[0].strip is Strip.INACTIVE
    assert stage.back_line(1).status is BackStatus.BACK_TO_STAFF
    assert stage.cases() == [CaseReason.RETURN_NOT_SECURED]


@pytest.mark.parametrize(
    "said", [events.StripNotTreated(EntryKey("", 1, 1, 1), StripTrouble.FAULT), "second-item"]
)
def test_a_unit_that_fails_is_tried_again_and_then_left_to_staff(said: object) -> None:
    """A fault and a second item are no danger when a strip is made active, but nothing is sure either."""
    stage = BackStage(UNTAGGED)
    key = at_the_unit(stage)

    for _ in range(UNTAGGED.release_tries_max):
        event = events.StripSpoilt(key, "second-item")
        stage.happen(event if isinstance(said, str) else events.StripNotTreated(key, StripTrouble.FAULT))

    assert stage.cases() == [CaseReason.RETURN_NOT_SECURED]
    line = stage.back_line(1)
    expected = Trouble.STRIP_SECOND_ITEM if isinstance(said, str) else Trouble.NOT_SECURED_ASK_STAFF
    assert line.why is expected


@pytest.mark.parametrize("by", ["no", "time"])
def test_an_item_that_never_comes_to_the_unit_is_taken_all_the_same(by: str) -> None:
    """It is waited for, then the unit is made safe, and staff see to the strip."""
    stage = BackStage(UNTAGGED)
    key = at_the_unit(stage)

    if by == "no":
        stage.choose("no")
    else:
        stage.pass_time(UNTAGGED.strip_seconds)
    assert stage.all(LeaveStrip) == [LeaveStrip(key)]
    stage.happen(events.StripNotTreated(key, StripTrouble.LEFT))

    assert stage.back_line(1).why is Trouble.STRIP_NOT_USED_IN_TIME
    assert stage.cases() == [CaseReason.RETURN_NOT_SECURED]
    assert stage.told() == [key]


def test_a_unit_that_never_answers_is_not_waited_for_without_end() -> None:
    """Nobody can tell then what it did."""
    stage = BackStage(UNTAGGED)
    at_the_unit(stage)
    stage.choose("no")

    stage.pass_time(10)

    assert stage.cases() == [CaseReason.RETURN_NOT_SECURED]


def test_a_unit_that_is_away_does_not_refuse_the_item() -> None:
    """Staff make its strip active."""
    stage = BackStage(UNTAGGED)
    stage.happen(events.DeviceDown(Device.STRIP_UNIT))

    at_the_unit(stage)
    stage.says(1, back())

    assert stage.back_line(1).status is BackStatus.BACK_TO_STAFF
    assert stage.all(TreatStrip) == []


def test_a_unit_that_was_not_there_for_a_moment_is_told_again() -> None:
    """Surely nothing was done, so it is ordered once more."""
    stage = BackStage(UNTAGGED)
    key = at_the_unit(stage)

    stage.happen(events.StripNotTreated(key, StripTrouble.UNIT_LOST))
    stage.pass_time(1)

    assert len(stage.all(TreatStrip)) == 2


def test_a_tape_never_goes_over_the_unit() -> None:
    """Its strip was never switched off, and the field would erase it."""
    stage = BackStage(UNTAGGED)

    at_the_unit(stage, magnetic=True)
    stage.says(1, back())

    assert stage.all(TreatStrip) == []
    assert stage.back_line(1).status is BackStatus.BACK


def test_what_may_be_a_tape_is_left_to_staff() -> None:
    """Without the server nobody can say what it is, and nothing is done to its strip."""
    stage = BackStage(UNTAGGED)
    stage.happen(events.ServerWent())
    stage.begin()

    stage.scan(NUMBER)

    assert stage.all(TreatStrip) == []
    assert stage.rows_of(SecureFailed)[0].strip is Strip.UNVERIFIED
    assert stage.back_line(1).why is Trouble.STRIP_MEDIA_UNKNOWN


def test_the_word_about_a_strip_is_waited_for_longer() -> None:
    """A second is not enough where a tape is at stake."""
    stage = BackStage(UNTAGGED)
    stage.begin()
    stage.scan(NUMBER)

    stage.pass_time(5)
    assert stage.begun() == []
    stage.about(1, magnetic=False)

    assert stage.begun() == [item(1)]


def test_tags_come_before_the_strip() -> None:
    """An item with both is whole when both were done."""
    stage = BackStage(ALL)
    stage.begin(lent(1))
    stage.about(1, magnetic=False)
    stage.shows(GivingBack)
    key = stage.secured(1)
    stage.shows(UseStripUnitBack)

    treated(stage, key)
    stage.says(1, back())

    row = stage.rows_of(Secured)[0]
    assert row.strip is Strip.ACTIVE
    assert len(row.after) == 1
    assert stage.back_line(1).status is BackStatus.BACK


def test_items_wait_for_the_unit_one_after_the_other() -> None:
    """A strip has no identity, so nothing else is begun that needs the unit."""
    stage = BackStage(ALL)
    stage.begin(lent(1), lent(2))
    stage.about(1, magnetic=False)
    stage.about(2, magnetic=False)
    assert stage.begun() == [item(1)]

    treated(stage, stage.secured(1))

    assert stage.begun() == [item(1), item(2)]


def test_a_strip_that_was_treated_cannot_be_put_back_as_it_was() -> None:
    """An unknown item stays secured then, and staff look."""
    stage = BackStage(ALL)
    stage.begin(lent(1))
    stage.about(1, magnetic=False)
    treated(stage, stage.secured(1))

    stage.says(1, Refused(Reason.ITEM_UNKNOWN))

    assert stage.back_line(1).status is BackStatus.BACK_TO_STAFF
    assert stage.cases() == [CaseReason.RETURN_REFUSED]


def test_what_the_last_reader_left_on_the_unit_has_to_go_first() -> None:
    """It is not made active in the place of what was scanned."""
    stage = BackStage(UNTAGGED)
    stage.happen(events.StripSensed(stays=True, was_there=True))
    stage.begin()
    stage.scan(NUMBER)
    stage.about(1, magnetic=False)
    assert stage.all(TreatStrip) == []
    assert stage.shows(UseStripUnitBack).line.why is Trouble.ONE_AT_A_TIME

    stage.happen(events.StripLifted())

    assert len(stage.all(TreatStrip)) == 1


def test_a_tag_of_another_item_stops_the_one_without() -> None:
    """Label and tag may disagree: nothing was touched, nobody is told, and the entry ends as not done."""
    stage = BackStage(UNTAGGED)
    key = at_the_unit(stage)

    stage.lay(lent(2))
    stage.happen(events.StripNotTreated(key, StripTrouble.LEFT))

    line = stage.back_line(1)
    assert (line.status, line.why) == (BackStatus.NOT_TAKEN, Trouble.TAG_IS_OF_ANOTHER)
    assert [row.how for row in stage.rows if hasattr(row, "how")] == [Settlement.NOT_DONE]
    assert stage.rows_of(Answered)[0].answer == Refused(Reason.NOT_DONE)
    assert stage.told() == []
    assert stage.back_line(2).why is Trouble.NOT_THE_SCANNED_ITEM


def test_a_unit_that_was_faster_than_the_tag_leaves_a_case() -> None:
    """Something was made active that is not what was scanned: nobody is told of a return."""
    stage = BackStage(UNTAGGED)
    key = at_the_unit(stage)
    stage.lay(lent(2))

    treated(stage, key)

    assert stage.cases() == [CaseReason.RETURN_UNKNOWN]
    assert stage.told() == []


def test_a_unit_that_senses_nothing_waits_for_the_readers_word() -> None:
    """The reader says when the item lies there."""
    stage = BackStage(replace(UNTAGGED, strip_unit_senses=False))
    at_the_unit(stage)
    assert stage.all(TreatStrip) == []

    stage.choose("strip-ready")

    assert len(stage.all(TreatStrip)) == 1
    assert stage.shows(UseStripUnitBack).is_working


def test_an_answer_for_a_line_that_has_ended_changes_nothing() -> None:
    """A unit that speaks late only frees itself."""
    stage = BackStage(UNTAGGED)
    key = at_the_unit(stage)
    stage.choose("no")
    stage.pass_time(10)
    rows = len(stage.rows)

    treated(stage, key)

    assert len(stage.rows) == rows
    assert stage.state.strip_unit.order is None
