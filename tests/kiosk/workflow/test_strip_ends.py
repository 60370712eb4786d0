"""Every end of a strip: what the unit did x how the loan stands x tags x tries, with its message and its repair."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import pytest

from drivers.em import Deed, StripState
from kiosk.workflow import events
from kiosk.workflow.effects import PrintSlip, Secure
from kiosk.workflow.events import StripTrouble
from kiosk.workflow.view import Status, StripStep, Trouble, UseStripUnit
from sync.entries import (
    CaseOpened,
    CaseReason,
    EntryKey,
    Granted,
    Reason,
    Refused,
    Released,
    ReleaseFailed,
    Settled,
    Settlement,
    Silence,
    Strip,
)
from tests.kit.stage import DUE, item, tag
from tests.kit.strip_stage import HYBRID, WITH_STRIPS, StripStage

DEEDS = ("inactive", "unverified", "active", "fault", "second-item", "unit-lost-armed", "time-out", "no")
LOANS = ("granted", "refused late", "granted late", "promised", "silent")
SHOW = Trouble.RELEASE_UNKNOWN_SHOW_AT_DESK


@dataclass(frozen=True)
class Way:
    """One combination."""

    deed: str
    loan: str
    has_tags: bool
    tries: int

    def __str__(self) -> str:
        return f"{self.deed}, {self.loan}, {'tags' if self.has_tags else 'no tags'}, {self.tries} tries"


WAYS = [Way(*way) for way in product(DEEDS, LOANS, (False, True), (1, 2, 3))]


def begun(way: Way) -> StripStage:
    """An item lent in this way, at the unit; what the server says late is said, and the unit not told otherwise yet."""
    stage = StripStage(replace(HYBRID if way.has_tags else WITH_STRIPS, release_tries_max=way.tries))
    is_server = way.loan == "granted"
    if not is_server:
        stage.lend_here()
    if is_server:
        stage.log_in()
    else:
        stage.log_in_here()
    if way.has_tags:
        stage.lay(tag(1))
    else:
        stage.scan(item(1))
    key = stage.answer(1) if is_server else stage.allow(1)
    if way.has_tags:
        stage.pad_releases(key)
    match way.loan:
        case "refused late":
            stage.happen(events.Carried(key, Refused(Reason.PATRON_BLOCKED)))
        case "granted late":
            stage.happen(events.Carried(key, Granted(DUE)))
        case "silent":
            stage.happen(events.Carried(key, Silence("deadline")))
        case _:
            pass
    return stage


def unit_acts(stage: StripStage, way: Way) -> None:
    """The unit does it, as often as it is told the same, and says what it was asked back to leave."""
    deed = stage.treated[-1].deed
    while stage.order is not None and stage.treated[-1].deed is deed:
        match way.deed:
            case "fault":
                stage.unit_does_nothing(StripTrouble.FAULT)
            case "second-item" | "unit-lost-armed":
                stage.unit_spoils("second-item" if way.deed == "second-item" else "unit-lost")
            case "time-out" | "no":
                if not stage.left and way.deed == "no":
                    stage.choose("no")
                elif not stage.left:
                    stage.pass_time(WITH_STRIPS.strip_seconds)
                stage.unit_does_nothing(StripTrouble.LEFT)
            case strip:
                stage.unit_treats(StripState(strip))


def ended(way: Way, *, is_restored: bool = True) -> StripStage:
    """What became of it when everything that is asked back is answered, and restored unless said otherwise."""
    stage = begun(way)
    unit_acts(stage, way)
    if stage.all(Secure) and stage.status(1) is Status.UNDOING:
        stage.pad_secures(stage.last(Secure).key, is_complete=is_restored)
    if isinstance(stage.view, UseStripUnit):
        assert stage.step() is StripStep.SENSITISE
        assert stage.treated[-1].deed is Deed.SENSITISE
        stage.unit_treats(StripState.ACTIVE if is_restored else StripState.UNVERIFIED)
        while stage.order is not None:
            stage.unit_treats(StripState.UNVERIFIED)
    return stage


def taken_back(stage: StripStage) -> None:
    """The loan that is on its way back is taken back."""
    if stage.status(1) is Status.UNDOING:
        last = stage.carried(1).key
        stage.happen(
            events.Carried(last, Granted(DUE) if last != stage.treated[0].key else Refused(Reason.NOT_DONE))
        )


IS_DONE = ("inactive", "unverified")
NOTHING_DONE = ("active", "fault")
NOBODY_KNOWS = ("second-item", "unit-lost-armed")
WHY = {
    "second-item": Trouble.STRIP_SECOND_ITEM,
    "unit-lost-armed": SHOW,
    "time-out": Trouble.STRIP_NOT_USED_IN_TIME,
    "no": Trouble.STRIP_NOT_USED_IN_TIME,
}


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_every_way_over_the_unit_ends_with_its_message_and_its_repair(way: Way) -> None:
    """The table of `release.py`, for everything that can become of a strip."""
    stage = ended(way)
    is_promised = way.loan in ("promised", "silent")
    if way.loan == "refused late":
        assert (stage.line(1).status, stage.line(1).why) == (Status.NOT_LENT, Reason.PATRON_BLOCKED)
        assert [row.how for row in stage.rows_of(Settled)] == [Settlement.REFUSED]
        assert not stage.rows_of(CaseOpened)
        assert len(stage.rows_of(ReleaseFailed)) == 1
    elif way.deed in IS_DONE:
        lent = Status.LENT_PROVISIONALLY if is_promised else Status.LENT
        why = Trouble.STRIP_NOT_CHECKED if way.deed == "unverified" else None
        assert (stage.line(1).status, stage.line(1).why) == (lent, why)
        assert [row.strip for row in stage.rows_of(Released)] == [Strip(way.deed)]
        assert [row.how for row in stage.rows_of(Settled)] == ([] if is_promised else [Settlement.DONE])
        assert bool(stage.all(PrintSlip)) == (why is not None)
    elif way.deed in NOTHING_DONE or (way.has_tags and way.deed in ("time-out", "no")):
        assert len(stage.treated) == (way.tries if way.deed in NOTHING_DONE else 1)
        taken_back(stage)
        assert (stage.line(1).status, stage.line(1).why) == (
            Status.NOT_LENT,
            Trouble.RELEASE_FAILED_LOAN_UNDONE,
        )
        assert not stage.rows_of(Released)
        assert not stage.rows_of(CaseOpened)
        assert bool(stage.all(Secure)) == way.has_tags
    else:
        assert (stage.line(1).status, stage.line(1).why) == (Status.LENT_NOT_VERIFIED, WHY[way.deed])
        assert [row.strip for row in stage.rows_of(ReleaseFailed)] == [Strip.UNVERIFIED]
        assert [row.reason for row in stage.rows_of(CaseOpened)] == [CaseReason.RELEASE_UNKNOWN]
        assert [row.how for row in stage.rows_of(Settled)] == ([] if is_promised else [Settlement.CASE])
        assert stage.slip.why is WHY[way.deed]


TOUCHED = [way for way in WAYS if way.loan == "refused late" and way.deed in (*IS_DONE, *NOBODY_KNOWS)]
"""The ways on which a strip may be inactive when its loan turns out to be refused."""


@pytest.mark.parametrize("way", TOUCHED, ids=str)
def test_a_refused_loan_whose_strip_cannot_be_restored_is_handed_in_at_the_desk(way: Way) -> None:
    """The reader is asked to bring it to the unit; if that does not help, staff have a case and a slip says why."""
    stage = ended(way, is_restored=False)

    assert (stage.line(1).status, stage.line(1).why) == (Status.NOT_LENT, Trouble.NOT_SECURED_LOAN_UNDONE)
    assert [row.reason for row in stage.rows_of(CaseOpened)] == [CaseReason.NOT_SECURED]
    assert stage.slip.why is Trouble.NOT_SECURED_LOAN_UNDONE


@pytest.mark.parametrize("how", ["no", "time", "spoilt", "lost", "fault"])
def test_a_restoring_that_does_not_come_about_ends_at_the_desk(how: str) -> None:
    """The strip was switched off, the loan is refused, and the item does not come back to the unit."""
    stage = refused_after_treating()
    match how:
        case "no":
            stage.choose("no")
            stage.unit_does_nothing(StripTrouble.LEFT)
        case "time":
            stage.pass_time(WITH_STRIPS.strip_seconds)
            stage.unit_does_nothing(StripTrouble.LEFT)
        case "spoilt":
            stage.unit_spoils()
        case "lost":
            stage.unit_does_nothing(StripTrouble.UNIT_LOST)
            stage.happen(events.DeviceDown(events.Device.STRIP_UNIT))
            stage.pass_time(WITH_STRIPS.strip_seconds)
        case _:
            stage.unit_does_nothing(StripTrouble.FAULT)
            stage.unit_does_nothing(StripTrouble.FAULT)

    assert stage.line(1).why is Trouble.NOT_SECURED_LOAN_UNDONE
    assert [row.strip for row in stage.rows_of(ReleaseFailed)] != [Strip.ACTIVE]


def refused_after_treating() -> StripStage:
    """The strip was switched off just when the refusal came."""
    stage = begun(Way("inactive", "refused late", has_tags=False, tries=2))
    stage.unit_treats()
    assert stage.step() is StripStep.SENSITISE
    return stage


def test_a_strip_is_switched_on_again_at_the_second_try() -> None:
    """The first pulse did not do."""
    stage = refused_after_treating()
    stage.unit_treats(StripState.INACTIVE)
    assert stage.step() is StripStep.SENSITISE
    stage.unit_treats(StripState.ACTIVE)

    assert stage.line(1).why is Reason.PATRON_BLOCKED
    assert stage.rows_of(ReleaseFailed)[0].strip is Strip.ACTIVE


def test_the_unit_is_left_at_once_when_a_promised_loan_is_refused() -> None:
    """The reader is not asked to do anything for a loan there is not."""
    stage = begun(Way("no", "refused late", has_tags=False, tries=2))
    assert stage.left
    stage.unit_does_nothing(StripTrouble.LEFT)

    assert stage.line(1).why is Reason.PATRON_BLOCKED
    assert len(stage.treated) == 1


def test_each_try_is_a_new_invitation() -> None:
    """The screen says "once more", with all of the time again."""
    stage = begun(Way("active", "granted", has_tags=False, tries=3))
    stage.pass_time(20)
    stage.unit_treats(StripState.ACTIVE)

    assert stage.step() is StripStep.AGAIN
    assert stage.shows(UseStripUnit).seconds_left == WITH_STRIPS.strip_seconds


@pytest.mark.parametrize("has_tags", [True, False])
def test_tags_that_cannot_be_secured_leave_the_loan_as_it_is(has_tags: bool) -> None:
    """A book that may pass the gate keeps its record, whichever side of it is open."""
    stage = ended(Way("active", "granted", has_tags, tries=1), is_restored=False)

    if has_tags:
        assert (stage.line(1).status, stage.line(1).why) == (Status.LENT_NOT_VERIFIED, SHOW)
    else:
        assert stage.status(1) is Status.UNDOING


def test_an_answer_that_was_not_asked_for_changes_nothing() -> None:
    """Neither before, nor twice, nor for another entry."""
    stage = begun(Way("inactive", "granted", has_tags=False, tries=2))
    key = stage.treated[0].key
    other = EntryKey(key.epoch, key.boot, key.event, key.ordinal + 7)
    for event in (
        events.StripTreated(other, StripState.INACTIVE),
        events.StripNotTreated(other, StripTrouble.LEFT),
        events.StripSpoilt(other, "second-item"),
    ):
        stage.happen(event)
    assert stage.status(1) is Status.STRIP_WANTED
    stage.unit_treats()
    rows = len(stage.rows)
    stage.unit_treats(StripState.ACTIVE)

    assert len(stage.rows) == rows
    assert stage.line(1).status is Status.LENT
