"""Borrowing what has a magnetic strip: whose turn it is at the strip unit, and what is never treated."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drivers.em import Deed, StripState
from drivers.rfid import Tag
from kiosk.workflow import events, view
from kiosk.workflow.effects import Ask, AskHere, Carry, LeaveStrip, PrintSlip, Release, Secure, TreatStrip
from kiosk.workflow.events import Device, StripTrouble
from kiosk.workflow.patience import next_due
from kiosk.workflow.settings import ScannedItem
from kiosk.workflow.view import Notice, Status, StripStep, Trouble
from kiosk.workflow.views import view_of
from sync.entries import (
    Answered,
    CaseOpened,
    Granted,
    Promised,
    Reason,
    Refused,
    Released,
    ReleaseFailed,
    ReleaseIntended,
    Settled,
    Settlement,
    Strip,
    TagBits,
)
from sync.questions import AboutItem, ItemFacts, LoanFact, MayLend
from tests.kit.stage import DUE, READER, RELEASED, SETTINGS, item, tag
from tests.kit.strip_stage import HYBRID, WITH_STRIPS, StripStage

BLIND = replace(WITH_STRIPS, strip_unit_senses=False)


def scanned(number: int = 1) -> StripStage:
    """An item with a strip, scanned and asked for."""
    stage = StripStage()
    stage.log_in()
    stage.scan(item(number))
    return stage


def wanted(number: int = 1) -> StripStage:
    """An item with a strip, lent by the server and wanted at the unit."""
    stage = scanned(number)
    stage.answer(number)
    return stage


def promised(magnetic: bool | None = False) -> StripStage:
    """An item with a strip, promised by the terminal."""
    stage = StripStage()
    stage.lend_here()
    stage.log_in_here()
    stage.scan(item(1))
    stage.allow(1, magnetic=magnetic)
    return stage


def test_the_unit_is_told_only_after_the_grant_and_the_strip_read_back_before_it_is_lent() -> None:
    """Scan, grant, pulse, verification, in this order; what is written says so."""
    stage = scanned()
    assert not stage.treated
    key = stage.answer(1)
    assert stage.treated == [TreatStrip(key, Deed.DESENSITISE)]
    assert stage.step() is StripStep.DESENSITISE
    assert not stage.rows_of(Released)
    stage.unit_treats()

    assert (stage.line(1).status, stage.line(1).why) == (Status.LENT, None)
    assert [type(row) for row in stage.rows[1:]] == [Answered, ReleaseIntended, Released, Settled]
    intended, released = stage.rows_of(ReleaseIntended)[0], stage.rows_of(Released)[0]
    assert (intended.before, intended.strip) == ((), Strip.UNVERIFIED)
    assert (released.after, released.strip) == ((), Strip.INACTIVE)
    assert not stage.all(Release)
    assert not stage.all(PrintSlip)


def test_a_strip_nobody_can_read_is_lent_and_said_to_be_unchecked() -> None:
    """The loan stands, the screen and a slip for the gate say so, the journal has it, and nobody has a case."""
    stage = wanted()
    stage.unit_treats(StripState.UNVERIFIED)

    assert (stage.line(1).status, stage.line(1).why) == (Status.LENT, Trouble.STRIP_NOT_CHECKED)
    assert stage.rows_of(Released)[0].strip is Strip.UNVERIFIED
    assert [row.how for row in stage.rows_of(Settled)] == [Settlement.DONE]
    assert not stage.rows_of(CaseOpened)
    slip = stage.slip
    assert (slip.why, slip.reference) == (Trouble.STRIP_NOT_CHECKED, stage.carried(1).key.reference)


def test_an_item_that_needs_a_strip_treated_needs_no_tag_here() -> None:
    """ "A scanned item needs its tag" is about items that have one; without strips in the house it holds as ever."""
    assert WITH_STRIPS.scanned_item is ScannedItem.NEEDS_TAG
    stage = scanned()
    assert stage.line(1).status is Status.ASKING

    stage = StripStage(HYBRID)
    stage.log_in()
    stage.scan(item(1))
    assert stage.line(1).why is Trouble.NOT_ON_PAD


def test_where_nothing_has_a_strip_no_unit_is_ever_told_anything() -> None:
    """And that it is away is no news."""
    stage = StripStage(replace(SETTINGS, scanned_item=ScannedItem.LEND))
    stage.log_in()
    stage.happen(events.DeviceDown(Device.STRIP_UNIT))
    stage.scan(item(1))
    stage.answer(1)
    assert stage.line(1).status is Status.LENT
    assert view_of(stage.state).notices == ()
    assert not stage.treated

    stage = StripStage()
    stage.happen(events.DeviceDown(Device.STRIP_UNIT))
    assert view_of(stage.state).notices == (Notice.STRIP_UNIT_AWAY,)


# --- One at a time ------------------------------------------------------------------------------------------------


def test_one_item_is_asked_for_at_a_time_in_the_order_of_the_scans() -> None:
    """The unit cannot tell two strips apart, so the second is not even asked for before the first is done."""
    stage = StripStage()
    stage.log_in()
    for number in (3, 1, 2):
        stage.scan(item(number))
    assert [carry.entry.promise.item for carry in stage.all(Carry)] == [item(3)]
    for done, number in enumerate((3, 1, 2), 1):
        key = stage.answer(number)
        assert stage.order == key
        stage.unit_treats()
        assert len(stage.all(Carry)) == min(3, done + 1)

    assert [stage.line(number).status for number in (1, 2, 3)] == [Status.LENT] * 3


def test_an_item_that_is_refused_makes_room_for_the_next() -> None:
    """Whatever becomes of the first."""
    stage = StripStage()
    stage.log_in()
    stage.scan(item(1))
    stage.scan(item(2))
    stage.answer(1, Refused(Reason.ITEM_REFERENCE))

    assert stage.line(2).status is Status.ASKING
    assert not stage.treated


def test_tags_go_on_being_lent_while_a_strip_waits_for_the_reader() -> None:
    """What lay on the pad before is asked for, granted and released meanwhile."""
    stage = StripStage()
    stage.log_in()
    stage.lay(tag(2))
    stage.scan(item(1))
    stage.answer(1)
    stage.borrow(2)

    assert (stage.status(1), stage.status(2)) == (Status.STRIP_WANTED, Status.LENT)
    stage.unit_treats()
    assert stage.line(1).status is Status.LENT


def test_a_book_asked_back_to_the_pad_comes_first_and_the_strips_time_stands_still() -> None:
    """One thing at a time on the screen."""
    stage = StripStage()
    stage.log_in()
    stage.lay(tag(2))
    key = stage.answer(2)
    stage.scan(item(1))
    stage.answer(1)
    stage.lay()
    stage.pad_fails(key, events.ReleaseTrouble.TAKEN_AWAY)
    stage.shows(view.PutBack)
    stage.pass_time(20)
    stage.lay(tag(2))
    stage.pad_releases(key)

    assert stage.shows(view.UseStripUnit).seconds_left == WITH_STRIPS.strip_seconds


def test_finishing_early_tells_what_was_scanned_and_not_lent() -> None:
    """The item at the unit is finished first; those behind it are not forgotten."""
    stage = StripStage()
    stage.log_in()
    stage.scan(item(1))
    stage.scan(item(2))
    stage.choose("finish")
    stage.answer(1)
    assert stage.step() is StripStep.DESENSITISE
    stage.unit_treats()

    summary = stage.shows(view.Summary)
    assert (summary.lent, summary.not_lent) == (1, 1)
    assert stage.lines[item(2)].why is Trouble.STRIP_NOT_USED_IN_TIME


@pytest.mark.parametrize("how", ["the own card", "another card"])
def test_a_session_ends_only_after_what_waits_at_the_unit_has_ended(how: str) -> None:
    """The reader's card, or the next reader's, is noted; the unit is never left armed."""
    stage = wanted()
    stage.show_card(READER if how == "the own card" else "21234000000029")
    assert stage.status(1) is Status.STRIP_WANTED
    stage.pass_time(WITH_STRIPS.strip_seconds)
    assert stage.left == [LeaveStrip(stage.carried(1).key)]
    stage.unit_does_nothing(StripTrouble.LEFT)

    stage.shows(view.Summary if how == "the own card" else view.EnterPin)


def test_nobody_is_asked_whether_they_are_still_there_while_the_unit_waits_for_them() -> None:
    """The unit's own time runs, and is told."""
    stage = StripStage(replace(WITH_STRIPS, idle_seconds=5, strip_seconds=30))
    stage.log_in()
    stage.scan(item(1))
    stage.answer(1)
    assert next_due(stage.state) is not None
    stage.pass_time(29)

    assert stage.shows(view.UseStripUnit).seconds_left == 1
    due = next_due(stage.state)
    assert due is not None
    assert due <= stage.seconds + 1


# --- Exactly one item between scan and pulse ----------------------------------------------------------------------


def test_an_item_that_lies_there_already_is_the_one() -> None:
    """Laid down first, scanned then; or scanned first, laid down while the server is asked."""
    stage = StripStage()
    stage.log_in()
    stage.sense()
    stage.scan(item(1))
    stage.answer(1)
    assert stage.treated
    assert stage.shows(view.UseStripUnit).is_working

    stage = scanned()
    stage.sense()
    stage.answer(1)
    assert stage.treated


@pytest.mark.parametrize("when", ["while asked", "at the unit"])
def test_a_second_item_ends_the_first_unverified_without_a_pulse(when: str) -> None:
    """Nobody can tell which is which: the loan stands, staff have a case, the reader a slip."""
    stage = scanned()
    stage.sense()
    if when == "while asked":
        stage.sense()
        stage.answer(1)
        assert not stage.treated
    else:
        stage.answer(1)
        stage.sense()
        assert stage.left == [LeaveStrip(stage.carried(1).key)]
        stage.unit_does_nothing(StripTrouble.LEFT)

    assert (stage.line(1).status, stage.line(1).why) == (Status.LENT_NOT_VERIFIED, Trouble.STRIP_SECOND_ITEM)
    assert [row.reason.value for row in stage.rows_of(CaseOpened)] == ["release-unknown"]
    assert stage.slip.why is Trouble.STRIP_SECOND_ITEM


def test_an_item_that_went_over_the_unit_too_early_is_scanned_again() -> None:
    """It passed while the unit was safe; the next to pass would be the second since the scan, so that is made anew."""
    stage = scanned()
    stage.sense(stays=False)
    stage.answer(1)
    assert not stage.treated
    assert stage.step() is StripStep.SCAN_AGAIN
    stage.scan(item(1))
    assert stage.step() is StripStep.DESENSITISE
    stage.unit_treats()
    assert stage.line(1).status is Status.LENT


@pytest.mark.parametrize("laid", ["before the scan", "while asked", "at its turn"])
def test_what_lies_on_a_unit_that_treats_what_moves_is_scanned_again(laid: str) -> None:
    """Nobody is told to leave it where it is, for nothing would happen there until the time is over."""
    stage = StripStage(replace(WITH_STRIPS, strip_unit_treats_lying=False))
    stage.log_in()
    if laid == "before the scan":
        stage.sense()
    stage.scan(item(1))
    if laid == "while asked":
        stage.sense()
    stage.answer(1)
    if laid == "at its turn":
        stage.sense()
        stage.unit_does_nothing(StripTrouble.LEFT)
    shown = stage.shows(view.UseStripUnit)
    assert (shown.step, shown.is_working) == (StripStep.SCAN_AGAIN, False)
    orders = len(stage.treated)
    stage.lift()
    stage.scan(item(1))
    stage.pass_time(2)
    assert (stage.step(), len(stage.treated)) == (StripStep.DESENSITISE, orders + 1)
    stage.unit_treats()

    assert stage.line(1).status is Status.LENT


def test_an_item_swapped_before_the_unit_could_be_left_is_not_called_verified() -> None:
    """The order was on its way when one item was lifted and another laid down: nobody can tell whose strip it was."""
    stage = scanned()
    stage.sense()
    stage.answer(1)
    stage.lift()
    stage.sense()
    stage.unit_treats(stays=True)

    assert (stage.line(1).status, stage.line(1).why) == (Status.LENT_NOT_VERIFIED, Trouble.STRIP_SECOND_ITEM)
    assert stage.rows_of(ReleaseFailed)[0].strip is Strip.UNVERIFIED
    assert stage.slip.why is Trouble.STRIP_SECOND_ITEM


def test_what_passes_instead_of_being_scanned_again_is_the_second() -> None:
    """No pulse for it."""
    stage = scanned()
    stage.sense(stays=False)
    stage.answer(1)
    stage.sense(stays=False)

    assert stage.line(1).why is Trouble.STRIP_SECOND_ITEM
    assert not stage.treated


def test_a_session_that_ends_takes_the_second_scan_of_what_is_under_way() -> None:
    """Nothing new is taken, but what was begun can be finished."""
    stage = scanned()
    stage.choose("finish")
    stage.sense(stays=False)
    stage.answer(1)
    stage.scan(item(1))
    stage.unit_treats()

    assert stage.shows(view.Summary).lent == 1


def test_what_lay_on_a_unit_when_it_was_opened_is_nobodys() -> None:
    """Nobody saw it come."""
    stage = scanned()
    stage.happen(events.StripSensed(stays=True, was_there=True))
    stage.answer(1)
    assert stage.step() is StripStep.TAKE_AWAY
    assert not stage.treated
    stage.lift()
    assert len(stage.treated) == 1


def test_another_barcode_does_not_make_the_first_item_the_only_one_again() -> None:
    """Only its own scan does."""
    stage = scanned()
    stage.sense(stays=False)
    stage.answer(1)
    stage.scan(item(2))

    assert stage.step() is StripStep.SCAN_AGAIN


def test_an_item_lifted_before_the_grant_is_scanned_again_before_it_may_be_laid_down() -> None:
    """What is laid down next may be another."""
    stage = scanned()
    stage.sense()
    stage.lift()
    stage.answer(1)
    assert stage.step() is StripStep.SCAN_AGAIN
    stage.scan(item(1))
    stage.sense()
    assert stage.order is not None


@pytest.mark.parametrize("answer", ["left", "treated"])
def test_an_item_that_passes_just_before_the_unit_is_armed_is_not_followed_by_a_pulse(answer: str) -> None:
    """The order is taken back; if the unit was faster, two were sensed, and nothing is believed."""
    stage = wanted()
    stage.sense(stays=False)
    assert stage.left
    if answer == "left":
        stage.unit_does_nothing(StripTrouble.LEFT)
        assert stage.step() is StripStep.SCAN_AGAIN
        assert stage.order is None
    else:
        stage.unit_treats()
        assert stage.line(1).why is Trouble.STRIP_SECOND_ITEM
        assert stage.rows_of(ReleaseFailed)[0].strip is Strip.UNVERIFIED


def test_the_last_item_is_taken_away_before_the_next_is_treated() -> None:
    """What was treated lies there still: a pulse would hit it again and leave the next one's strip active."""
    stage = StripStage()
    stage.log_in()
    stage.scan(item(1))
    stage.answer(1)
    stage.unit_treats(stays=True)
    stage.scan(item(2))
    stage.answer(2)
    assert stage.step() is StripStep.TAKE_AWAY
    assert len(stage.treated) == 1
    stage.lift()

    assert stage.step() is StripStep.DESENSITISE
    assert len(stage.treated) == 2


def test_what_the_last_reader_left_on_the_unit_is_nobodys() -> None:
    """It is not taken for the next reader's first item; what was laid there while nobody was here is."""
    stage = scanned()
    stage.answer(1)
    stage.unit_treats(stays=True)
    stage.choose("finish")
    stage.choose("done")
    stage.log_in()
    stage.scan(item(2))
    stage.answer(2)
    assert stage.step() is StripStep.TAKE_AWAY
    assert len(stage.treated) == 1

    stage = StripStage()
    stage.sense()
    stage.log_in()
    stage.scan(item(1))
    stage.answer(1)
    assert len(stage.treated) == 1


def test_an_item_refused_and_scanned_anew_may_lie_where_it_is() -> None:
    """It is the one that was laid there for it."""
    stage = scanned()
    stage.sense()
    stage.answer(1, Refused(Reason.OTHER))
    stage.scan(item(1))
    stage.answer(1)

    assert stage.treated
    assert stage.step() is StripStep.DESENSITISE


def test_a_unit_that_comes_back_finds_anew_what_lies_on_it() -> None:
    """What was there before is forgotten."""
    stage = StripStage()
    stage.sense()
    stage.happen(events.DeviceDown(Device.STRIP_UNIT))
    stage.happen(events.DeviceUp(Device.STRIP_UNIT))
    stage.log_in()
    stage.scan(item(1))

    work = stage.kept(1).strip
    assert work is not None
    assert work.sensed == 0


# --- Where the unit senses nothing --------------------------------------------------------------------------------


def test_a_unit_that_senses_nothing_is_told_when_the_reader_says_so() -> None:
    """The reader lays the item down and touches; once for each order."""
    stage = StripStage(BLIND)
    stage.log_in()
    stage.scan(item(1))
    stage.answer(1)
    assert not stage.treated
    stage.choose("strip-ready")
    assert len(stage.treated) == 1
    assert stage.shows(view.UseStripUnit).is_working
    assert not any(choice.enabled for choice in stage.view.choices if choice.id == "strip-ready")
    stage.happen(events.Chosen("strip-ready"))
    assert len(stage.treated) == 1
    stage.unit_treats(StripState.ACTIVE)

    assert stage.step() is StripStep.AGAIN
    assert len(stage.treated) == 1
    stage.choose("strip-ready")
    stage.unit_treats()
    assert stage.line(1).status is Status.LENT


def test_a_unit_that_senses_is_never_told_by_a_touch() -> None:
    """The choice is not offered, and does nothing."""
    stage = scanned()
    stage.sense(stays=False)
    stage.answer(1)
    stage.happen(events.Chosen("strip-ready"))

    assert [choice.id for choice in stage.view.choices] == ["no"]
    assert not stage.treated


# --- Interlocks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Granted(DUE, magnetic=True), Trouble.STRIP_MAGNETIC_MEDIA),
        (Granted(DUE, release=False), Trouble.STRIP_PERMANENT),
        (Granted(DUE, release=False, magnetic=True), Trouble.STRIP_MAGNETIC_MEDIA),
    ],
)
@pytest.mark.parametrize("has_tag", [True, False])
def test_what_the_server_forbids_is_lent_and_stays_as_it_is(
    answer: Granted, why: Trouble, has_tag: bool
) -> None:
    """Neither strip nor tag is touched; the reader has a slip for the gate, and nobody a case."""
    stage = StripStage(HYBRID if has_tag else WITH_STRIPS)
    stage.log_in()
    if has_tag:
        stage.lay(tag(1))
    else:
        stage.scan(item(1))
    stage.answer(1, answer)

    assert (stage.line(1).status, stage.line(1).why) == (Status.LENT_STAYS_SECURED, why)
    assert not stage.treated
    assert not stage.all(Release)
    assert not stage.rows_of(ReleaseIntended)
    assert [row.how for row in stage.rows_of(Settled)] == [Settlement.DONE]
    assert stage.slip.why is why


def test_a_tag_that_says_tape_keeps_strip_and_tag_as_they_are() -> None:
    """Also where the server does not know; a tag that says book does not."""
    stage = StripStage(HYBRID)
    stage.log_in()
    stage.lay(tag(1, media_format=3))
    stage.answer(1, Granted(DUE, magnetic=False))
    assert stage.line(1).why is Trouble.STRIP_MAGNETIC_MEDIA
    assert not stage.all(Release)

    stage = StripStage(HYBRID)
    stage.log_in()
    stage.lay(tag(1, media_format=1))
    stage.answer(1)
    assert stage.all(Release)


@pytest.mark.parametrize(
    ("magnetic", "why"), [(None, Trouble.STRIP_MEDIA_UNKNOWN), (True, Trouble.STRIP_MAGNETIC_MEDIA)]
)
def test_offline_a_strip_is_left_unless_it_is_known_to_be_on_a_book(
    magnetic: bool | None, why: Trouble
) -> None:
    """The loan is promised all the same."""
    stage = promised(magnetic)

    assert (stage.line(1).status, stage.line(1).why) == (Status.LENT_STAYS_SECURED, why)
    assert stage.line(1).is_provisional
    assert len(stage.rows_of(Promised)) == 1
    assert not stage.treated


def test_offline_a_book_that_is_known_to_hold_no_tape_is_treated_and_lent_provisionally() -> None:
    """By the terminal's own word, recorded before the unit is told."""
    stage = promised()
    assert [type(row).__name__ for row in stage.rows] == ["Intended", "Promised", "ReleaseIntended"]
    assert stage.treated
    stage.unit_treats()

    assert stage.line(1).status is Status.LENT_PROVISIONALLY


@pytest.mark.parametrize("magnetic", [None, False, True])
def test_a_grant_that_was_lost_and_found_switches_no_strip_off(magnetic: bool | None) -> None:
    """Asking afterwards shows the loan, and neither a desensitize N nor a magnetic media flag that was in the reply."""
    stage = scanned()
    key = stage.carried(1).key
    stage.happen(events.Carried(key, Granted(DUE, magnetic=magnetic), is_found=True))

    why = Trouble.STRIP_MAGNETIC_MEDIA if magnetic else Trouble.STRIP_MEDIA_UNKNOWN
    assert (stage.line(1).status, stage.line(1).why) == (Status.LENT_STAYS_SECURED, why)
    assert not stage.treated
    assert stage.slip.why is why


@pytest.mark.parametrize("is_late", [False, True])
def test_item_information_that_says_tape_counts_as_much_as_the_grant(is_late: bool) -> None:
    """A server may know the item's media only there (SIP2 CK in 18); told late, it stops the unit."""
    stage = StripStage()
    stage.log_in()
    stage.scan(item(2))
    stage.scan(item(1))
    token = next(ask.token for ask in stage.all(Ask) if ask.question == AboutItem(item(1)))
    told = events.Told(token, ItemFacts(item(1), is_known=True, title="Tape", magnetic=True))
    stage.answer(2, Refused(Reason.ITEM_REFERENCE))
    if is_late:
        key = stage.answer(1, Granted(DUE, magnetic=False))
        stage.happen(told)
        assert stage.left == [LeaveStrip(key)]
        stage.unit_does_nothing(StripTrouble.LEFT)
    else:
        stage.happen(told)
        stage.answer(1, Granted(DUE, magnetic=False))
        assert not stage.treated

    assert stage.line(1).status is (Status.LENT_NOT_VERIFIED if is_late else Status.LENT_STAYS_SECURED)
    assert stage.line(1).why is Trouble.STRIP_MAGNETIC_MEDIA


def test_a_grant_that_forbids_it_late_stops_the_unit() -> None:
    """The terminal promised a book; the server says, before it was treated, that it holds a tape."""
    stage = promised()
    key = stage.carried(1).key
    stage.happen(events.Carried(key, Granted(DUE, magnetic=True)))
    assert stage.left == [LeaveStrip(key)]
    stage.unit_does_nothing(StripTrouble.LEFT)

    assert (stage.line(1).status, stage.line(1).why) == (
        Status.LENT_NOT_VERIFIED,
        Trouble.STRIP_MAGNETIC_MEDIA,
    )
    assert [row.how for row in stage.rows_of(Settled)] == [Settlement.CASE]


@pytest.mark.parametrize(
    ("late", "why"),
    [
        (Granted(DUE, magnetic=True), Trouble.STRIP_MAGNETIC_MEDIA),
        (Granted(DUE, release=False), Trouble.STRIP_PERMANENT),
    ],
)
def test_a_unit_that_was_faster_than_the_word_that_forbids_it_leaves_a_case(
    late: Granted, why: Trouble
) -> None:
    """A tape that may be erased, or a book of the house that no gate stops now, is not lent as if all were well."""
    stage = promised()
    key = stage.answer(1, late)
    assert stage.left == [LeaveStrip(key)]
    stage.unit_treats()

    assert (stage.line(1).status, stage.line(1).why) == (Status.LENT_NOT_VERIFIED, why)
    assert stage.rows_of(ReleaseFailed)[0].strip is Strip.INACTIVE
    assert len(stage.rows_of(CaseOpened)) == 1
    assert stage.slip.why is why


@pytest.mark.parametrize("release", [True, False])
def test_a_renewal_never_touches_a_strip(release: bool) -> None:
    """Neither one that was asked for nor one the server made of a loan."""
    stage = scanned()
    stage.answer(1, Granted(DUE, release=release, renewed=True))
    assert stage.line(1).status is Status.RENEWED

    own = StripStage()
    own.log_in(loans=(LoanFact(item(1), DUE, "Mine"),))
    own.scan(item(1))
    assert own.line(1).status is Status.ALREADY_YOURS
    own.choose(f"renew:{item(1)}")
    own.answer(1, Granted(DUE, renewed=True))
    assert own.line(1).status is Status.RENEWED

    for one in (stage, own):
        assert not one.treated
        assert not one.rows_of(ReleaseIntended)


def test_a_hybrid_that_was_only_renewed_keeps_tags_and_strip() -> None:
    """Both or neither."""
    stage = StripStage(HYBRID)
    stage.log_in()
    stage.lay(tag(1))
    stage.answer(1, Granted(DUE, renewed=True))

    assert stage.line(1).status is Status.RENEWED
    assert not stage.all(Release)
    assert not stage.treated


# --- The unit comes and goes --------------------------------------------------------------------------------------


def test_what_needs_the_unit_is_refused_before_it_is_asked_for_while_the_unit_is_down() -> None:
    """What needs it not goes on."""
    stage = StripStage()
    stage.log_in()
    stage.happen(events.DeviceDown(Device.STRIP_UNIT))
    stage.lay(tag(2))
    stage.scan(item(1))

    assert (stage.line(1).status, stage.line(1).why) == (Status.NOT_LENT, Trouble.STRIP_UNIT_AWAY)
    stage.borrow(2)
    assert stage.line(2).status is Status.LENT
    stage.happen(events.DeviceUp(Device.STRIP_UNIT))
    stage.scan(item(1))
    assert stage.line(1).status is Status.ASKING


def test_with_two_sides_to_every_item_nothing_is_lent_while_the_unit_is_down() -> None:
    """Both or neither, so neither."""
    stage = StripStage(HYBRID)
    stage.happen(events.DeviceDown(Device.STRIP_UNIT))
    stage.log_in()
    stage.lay(tag(1))

    assert stage.line(1).why is Trouble.STRIP_UNIT_AWAY
    assert not stage.all(Carry)


def test_a_unit_that_comes_back_in_time_is_told_again() -> None:
    """It was not armed when it went, so nothing happened to any strip."""
    stage = wanted()
    stage.unit_does_nothing(StripTrouble.UNIT_LOST)
    stage.happen(events.DeviceDown(Device.STRIP_UNIT))
    stage.pass_time(5)
    assert len(stage.treated) == 1
    stage.happen(events.DeviceUp(Device.STRIP_UNIT))
    assert len(stage.treated) == 2
    stage.unit_treats()
    assert stage.line(1).status is Status.LENT


def test_a_unit_that_does_not_come_back_in_time_leaves_the_loan_unverified() -> None:
    """The book may be gone: staff have a case."""
    stage = wanted()
    stage.unit_does_nothing(StripTrouble.UNIT_LOST)
    stage.happen(events.DeviceDown(Device.STRIP_UNIT))
    stage.pass_time(WITH_STRIPS.strip_seconds)

    assert stage.line(1).status is Status.LENT_NOT_VERIFIED
    assert stage.line(1).why is Trouble.STRIP_NOT_USED_IN_TIME


def test_a_unit_that_is_told_in_vain_is_told_again_once_a_second_at_most() -> None:
    """No storm of orders, and no order is forgotten."""
    stage = wanted()
    for _ in range(3):
        stage.unit_does_nothing(StripTrouble.UNIT_LOST)
        stage.happen(events.Touched())
        assert stage.order is None
        stage.pass_time(1)

    assert len(stage.treated) == 4


def test_a_unit_that_never_answers_ends_unverified_and_counts_as_away_until_it_does() -> None:
    """It may be armed: nothing else is asked for that needs it."""
    stage = wanted()
    stage.pass_time(WITH_STRIPS.strip_seconds + 10)
    assert stage.line(1).status is Status.LENT_NOT_VERIFIED
    stage.scan(item(2))
    assert stage.line(2).why is Trouble.STRIP_UNIT_AWAY
    rows = len(stage.rows)
    stage.unit_treats(stays=True)

    assert len(stage.rows) == rows
    stage.scan(item(2))
    stage.answer(2)
    assert stage.step() is StripStep.TAKE_AWAY


def test_staff_who_settle_the_entry_have_the_unit_left() -> None:
    """Nothing is written any more, so nothing may be done any more."""
    stage = promised()
    key = stage.carried(1).key
    rows = len(stage.rows)
    stage.happen(events.LeftToStaff(key))

    assert stage.left == [LeaveStrip(key)]
    stage.unit_does_nothing(StripTrouble.LEFT)
    assert len(stage.rows) == rows


def test_a_journal_that_fails_has_the_unit_left() -> None:
    """What cannot be written must not be done."""
    stage = wanted()
    stage.happen(events.JournalFailed())

    assert stage.left == [LeaveStrip(stage.carried(1).key)]


# --- Label and tag ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["while asked", "at the unit"])
def test_a_tag_of_another_item_stops_the_strip_and_takes_the_loan_back(when: str) -> None:
    """Label and tag disagree: nothing is pulsed, and the thing on the pad is not lent at once either."""
    stage = scanned()
    if when == "while asked":
        stage.lay(tag(2))
        stage.answer(1)
        assert not stage.treated
    else:
        stage.answer(1)
        stage.lay(tag(2))
        assert stage.left
        stage.unit_does_nothing(StripTrouble.LEFT)
    assert stage.status(1) is Status.UNDOING
    stage.answer(1, Granted(DUE))

    assert (stage.line(1).status, stage.line(1).why) == (Status.NOT_LENT, Trouble.TAG_IS_OF_ANOTHER)
    assert (stage.line(2).status, stage.line(2).why) == (Status.NOT_LENT, Trouble.NOT_THE_SCANNED_ITEM)
    assert [row.how for row in stage.rows_of(Settled)] == [Settlement.DONE, Settlement.UNDONE]
    assert not stage.rows_of(CaseOpened)


def test_a_strip_that_was_treated_before_the_stop_is_made_active_again() -> None:
    """The unit was faster than the pad: the reader is asked to help, then the loan is undone."""
    stage = wanted()
    stage.lay(tag(2))
    stage.unit_treats()
    assert stage.step() is StripStep.SENSITISE
    assert stage.treated[-1].deed is Deed.SENSITISE
    stage.unit_treats(StripState.ACTIVE)
    stage.answer(1, Granted(DUE))

    assert stage.line(1).why is Trouble.TAG_IS_OF_ANOTHER
    assert stage.rows_of(ReleaseFailed)[0].strip is Strip.ACTIVE


def test_a_tag_that_comes_while_the_session_ends_stops_the_strip_too() -> None:
    """Nothing new is lent then, but it speaks all the same."""
    stage = scanned()
    stage.choose("finish")
    stage.answer(1)
    stage.lay(tag(2))

    assert stage.left


def test_an_item_whose_own_tag_comes_in_time_is_lent_by_its_tag() -> None:
    """A mixed library: scanned first, then laid on the pad; asked for once, and the unit is told nothing."""
    stage = scanned()
    stage.lay(tag(1))
    stage.answer(1)
    assert stage.all(Release)
    stage.pad_releases(stage.carried(1).key)

    assert stage.line(1).status is Status.LENT
    assert stage.rows_of(Released)[0].strip is None
    assert len(stage.all(Carry)) == 1
    assert not stage.treated


def test_an_item_in_the_queue_whose_tag_comes_needs_the_unit_no_more() -> None:
    """It is asked for at once."""
    stage = StripStage()
    stage.log_in()
    stage.lay(tag(5))
    stage.scan(item(1))
    stage.scan(item(2))
    assert stage.line(2).status is Status.WAITING
    stage.lay(tag(5), tag(2))

    assert stage.line(2).status is Status.ASKING
    assert stage.kept(2).strip is None


def test_the_terminals_own_books_are_asked_again_with_what_the_tag_says() -> None:
    """A tag may say that its item stays in the house."""
    stage = StripStage()
    stage.lend_here()
    stage.log_in_here()
    stage.scan(item(1))
    stage.lay(tag(1))

    asked = [ask.question for ask in stage.all(AskHere) if isinstance(ask.question, MayLend)]
    assert [question.usage for question in asked] == [None, 0x11]
    stage.allow(1)
    assert stage.all(Release)
    assert not stage.treated


@pytest.mark.parametrize(
    ("laid", "why"),
    [
        (tag(1, releasable=False), Trouble.TAG_CANNOT_BE_RELEASED),
        (tag(1, 1, 2), Trouble.PARTS_MISSING),
    ],
)
def test_an_own_tag_that_keeps_it_from_being_lent_takes_the_loan_back(laid: Tag, why: Trouble) -> None:
    """It would not pass the gate, whatever its strip says."""
    stage = scanned()
    stage.lay(laid)
    stage.answer(1)
    stage.answer(1, Granted(DUE))

    assert (stage.line(1).status, stage.line(1).why) == (Status.NOT_LENT, why)
    assert not stage.treated


SCANS_HYBRIDS = replace(HYBRID, scanned_item=ScannedItem.LEND)


def test_a_scanned_hybrid_whose_tag_comes_in_time_is_lent_by_both_sides() -> None:
    """Its tag is released first, then its strip is wanted; neither is forgotten."""
    stage = StripStage(SCANS_HYBRIDS)
    stage.log_in()
    stage.scan(item(1))
    stage.lay(tag(1))
    key = stage.answer(1)
    assert not stage.treated
    stage.pad_releases(key)
    assert stage.treated == [TreatStrip(key, Deed.DESENSITISE)]
    stage.unit_treats()

    assert stage.line(1).status is Status.LENT
    released = stage.rows_of(Released)[0]
    assert (len(released.after), released.strip) == (1, Strip.INACTIVE)


def test_a_scanned_hybrid_whose_tag_says_tape_keeps_both_sides() -> None:
    """What the tag says counts for the strip, also where the item was asked for before its tag came."""
    stage = StripStage(SCANS_HYBRIDS)
    stage.log_in()
    stage.scan(item(1))
    stage.lay(tag(1, media_format=3))
    stage.answer(1)

    assert (stage.line(1).status, stage.line(1).why) == (
        Status.LENT_STAYS_SECURED,
        Trouble.STRIP_MAGNETIC_MEDIA,
    )
    assert not stage.treated
    assert not stage.all(Release)


@pytest.mark.parametrize("when", ["asked", "wanted"])
def test_an_own_tag_counts_also_while_the_session_ends(when: str) -> None:
    """A tape is not treated because its reader has said that this is all."""
    stage = StripStage(SCANS_HYBRIDS)
    stage.log_in()
    stage.scan(item(1))
    stage.choose("finish")
    if when == "wanted":
        stage.answer(1)
    stage.lay(tag(1, media_format=3))
    if when == "wanted":
        assert stage.left
        return
    stage.answer(1)
    assert stage.lines[item(1)].why is Trouble.STRIP_MAGNETIC_MEDIA
    assert not stage.treated


@pytest.mark.parametrize("media_format", [None, 3])
def test_a_scanned_hybrid_whose_tag_comes_at_the_units_turn_is_not_lent_by_half(
    media_format: int | None,
) -> None:
    """Its strip would be off and its tag on, and the tag may say tape: the unit is left and the loan taken back."""
    stage = StripStage(SCANS_HYBRIDS)
    stage.log_in()
    stage.scan(item(1))
    key = stage.answer(1)
    stage.lay(tag(1, media_format=media_format))
    assert stage.left == [LeaveStrip(key)]
    stage.unit_does_nothing(StripTrouble.LEFT)
    stage.answer(1)

    assert (stage.line(1).status, stage.line(1).why) == (
        Status.NOT_LENT,
        Trouble.RELEASE_FAILED_LOAN_UNDONE,
    )
    stage.lay(tag(1, media_format=media_format))
    assert stage.line(1).status is Status.NOT_LENT
    stage.lay()
    stage.lay(tag(1, media_format=media_format))
    assert stage.line(1).status is Status.ASKING


# --- Tag and strip: both or neither -------------------------------------------------------------------------------


def hybrid() -> StripStage:
    """An item with tag and strip, lent by the server; its tag is released."""
    stage = StripStage(HYBRID)
    stage.log_in()
    stage.lay(tag(1))
    stage.pad_releases(stage.answer(1))
    return stage


def test_a_hybrid_is_lent_when_tag_and_strip_are_done() -> None:
    """The tag first; one release, recorded with both."""
    stage = hybrid()
    assert stage.step() is StripStep.DESENSITISE
    assert not stage.rows_of(Released)
    stage.unit_treats()

    assert stage.line(1).status is Status.LENT
    done = stage.rows_of(Released)
    assert [(row.after, row.strip) for row in done] == [((TagBits(tag(1).uid, RELEASED),), Strip.INACTIVE)]


def test_a_hybrid_whose_strip_will_not_be_switched_off_is_secured_again_and_undone() -> None:
    """Neither."""
    stage = hybrid()
    stage.unit_treats(StripState.ACTIVE)
    stage.unit_treats(StripState.ACTIVE)
    key = stage.treated[0].key
    assert stage.all(Secure) == [Secure(key, (tag(1).uid,))]
    stage.pad_secures(key)
    stage.answer(1, Granted(DUE))

    assert stage.line(1).why is Trouble.RELEASE_FAILED_LOAN_UNDONE
    assert not stage.rows_of(CaseOpened)


@pytest.mark.parametrize("is_there", [True, False])
def test_a_hybrid_that_is_not_brought_to_the_unit_is_undone_where_it_lies_and_else_unverified(
    is_there: bool,
) -> None:
    """Where its tag can be secured it is in front of us; else it may be in somebody's bag, with its loan."""
    stage = hybrid()
    stage.choose("no")
    stage.unit_does_nothing(StripTrouble.LEFT)
    stage.pad_secures(stage.treated[0].key, is_complete=is_there)

    if is_there:
        stage.answer(1, Granted(DUE))
        assert stage.line(1).why is Trouble.RELEASE_FAILED_LOAN_UNDONE
    else:
        assert stage.line(1).status is Status.LENT_NOT_VERIFIED
        assert stage.line(1).why is Trouble.STRIP_NOT_USED_IN_TIME


def test_a_hybrid_whose_tag_will_not_be_written_never_comes_to_the_unit() -> None:
    """Its strip is untouched."""
    stage = StripStage(HYBRID)
    stage.log_in()
    stage.lay(tag(1))
    key = stage.answer(1)
    for _ in range(HYBRID.release_tries_max):
        stage.pad_fails(key, events.ReleaseTrouble.WRITE_REFUSED)
    stage.pad_secures(key)

    assert not stage.treated
    assert stage.status(1) is Status.UNDOING


def test_hybrids_are_asked_for_one_after_the_other() -> None:
    """A stack on the pad is lent book by book, each over the unit."""
    stage = StripStage(HYBRID)
    stage.log_in()
    stage.lay(tag(1), tag(2))
    assert [stage.line(number).status for number in (1, 2)] == [Status.ASKING, Status.WAITING]
    assert stage.shows(view.Borrowing).to_confirm == 0
    stage.pad_releases(stage.answer(1))
    stage.lay(tag(2))
    stage.unit_treats()

    assert [stage.status(number) for number in (1, 2)] == [Status.LENT, Status.ASKING]


def test_another_tagged_book_does_not_stop_an_item_that_has_a_tag_itself() -> None:
    """Its own tag said who it is."""
    stage = hybrid()
    stage.lay(tag(1), tag(2))

    assert not stage.left
    assert stage.status(2) is Status.WAITING


def test_the_pads_word_said_twice_does_not_stand_for_the_strip() -> None:
    """Only the unit can say that a strip is done."""
    stage = hybrid()
    stage.pad_releases(stage.treated[0].key)

    assert stage.status(1) is Status.STRIP_WANTED


def test_an_item_laid_beside_what_the_last_reader_left_is_not_treated_before_that_has_gone() -> None:
    """Two lie there: nothing is pulsed until both are off, and the one that came too early is scanned again."""
    stage = StripStage()
    stage.sense()
    stage.log_in()
    stage.choose("finish")
    stage.log_in()
    stage.scan(item(1))
    stage.sense()
    stage.answer(1)
    assert stage.step() is StripStep.TAKE_AWAY
    stage.lift()
    assert stage.step() is StripStep.SCAN_AGAIN
    assert not stage.treated


def test_a_tape_taken_off_the_pad_before_the_grant_is_a_tape_still() -> None:
    """What its tag said is remembered."""
    stage = StripStage(HYBRID)
    stage.log_in()
    stage.lay(tag(1, media_format=3))
    stage.lay()
    stage.answer(1)

    assert stage.line(1).why is Trouble.STRIP_MAGNETIC_MEDIA
    assert not stage.all(Release)
