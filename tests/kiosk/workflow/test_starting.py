"""Start-up: releases a power cut left open are settled while their tags lie there, or are cases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.workflow import events, view
from kiosk.workflow.effects import Ask, Release, Secure, TreatStrip
from kiosk.workflow.events import ReleaseTrouble
from kiosk.workflow.state import begin, owns
from kiosk.workflow.step import step
from sync.entries import (
    Answer,
    Answered,
    CaseOpened,
    CaseReason,
    Due,
    Entry,
    EntryKey,
    EntryRow,
    Granted,
    IfGrantedLate,
    Intended,
    Lend,
    PatronId,
    Promised,
    Reason,
    Refused,
    Released,
    ReleaseFailed,
    ReleaseIntended,
    Settled,
    Settlement,
    Silence,
    Strip,
    TagBits,
)
from tests.kit.stage import DUE, READER, SECURED, SETTINGS, Stage, item, tag

KEY = EntryKey("e1", 1, 7, 1)


def open_release(number: int = 1) -> Entry:
    """An entry whose release was under way when the terminal stopped."""
    at = Stage().wall
    promise = Lend(item(number), PatronId(READER), at)
    rows = (
        Intended(KEY, at, promise),
        Answered(KEY, at, Granted(DUE)),
        ReleaseIntended(KEY, at, (TagBits(tag(number).uid, SECURED),)),
    )
    return Entry(KEY, promise, rows)


def test_a_release_cut_off_by_a_crash_is_finished_while_the_book_lies_there() -> None:
    """One moment, says the screen; the granted loan gets its release, and then the terminal is ready."""
    stage = Stage(open_releases=(open_release(),))
    stage.shows(view.OneMoment)
    assert owns(stage.state, KEY)

    stage.lay(tag(1))
    assert stage.all(Release) == [Release(KEY, (tag(1).uid,))]
    stage.pad_releases(KEY)

    assert stage.shows(view.Welcome).left == 1
    assert isinstance(stage.rows[0], Released)
    assert stage.rows[1] == Settled(KEY, stage.wall, Settlement.DONE)


@pytest.mark.parametrize("lying", ["nothing", "other item", "same tag rewritten"])
def test_a_book_that_left_during_a_crash_is_a_case(lying: str) -> None:
    """Nobody can say how it left; a UID with another number in it is not that book."""
    stage = Stage(open_releases=(open_release(),))
    things = {
        "nothing": (),
        "other item": (tag(2),),
        "same tag rewritten": (replace(tag(2), uid=tag(1).uid),),
    }[lying]

    stage.lay(*things)

    stage.shows(view.Welcome)
    assert not stage.all(Release)
    assert [row.how for row in stage.rows_of(Settled)] == [Settlement.CASE]


@pytest.mark.parametrize("before", [(), (TagBits(tag(1).uid, SECURED), TagBits(tag(1, 2, 2).uid, None))])
def test_a_tag_that_was_not_there_before_the_crash_is_never_taken_for_released(
    before: tuple[TagBits, ...],
) -> None:
    """A book lifted before its grant came may be anywhere: a case, not a release that is called done."""
    entry = open_release()
    rows = (*entry.rows[:2], ReleaseIntended(KEY, entry.rows[0].at, before))
    stage = Stage(open_releases=(replace(entry, rows=rows),))

    stage.lay(tag(1))

    assert not stage.all(Release)
    assert [row.how for row in stage.rows_of(Settled)] == [Settlement.CASE]


@pytest.mark.parametrize("why", ["no pad", "pad silent", "write refused"])
def test_start_up_never_waits_for_ever(why: str) -> None:
    """Without a pad, with a silent one, with a tag that will not be written: a case, and ready for readers."""
    settings = replace(SETTINGS, has_pad=why != "no pad")
    stage = Stage(settings, open_releases=(open_release(),))

    if why == "write refused":
        stage.lay(tag(1))
        stage.pad_fails(KEY, ReleaseTrouble.WRITE_REFUSED)
    else:
        stage.pass_time(1 if why == "no pad" else 10)

    stage.shows(view.Welcome)
    assert len(stage.rows_of(CaseOpened)) == 1


def test_cards_and_touches_during_start_up_wait_for_nothing_and_break_nothing() -> None:
    """The first second after a power cut is not yet for readers."""
    stage = Stage(open_releases=(open_release(),))

    stage.show_card()
    stage.happen(events.Chosen("number"))
    stage.scan(item(1))

    stage.shows(view.OneMoment)
    assert not stage.all(Ask)


# --- What the terminal itself had promised ----------------------------------------------------------------------


def open_promise(number: int = 1, *answers: Answer, event: int = 7) -> Entry:
    """A promised entry whose release was under way when the terminal stopped."""
    at = Stage().wall
    key = EntryKey("e1", 1, event, 1)
    promise = Lend(item(number), PatronId(READER), at, if_granted_late=IfGrantedLate.KEEP)
    rows: tuple[EntryRow, ...] = (
        Intended(key, at, promise),
        Promised(key, at, DUE, at),
        ReleaseIntended(key, at, (TagBits(tag(number).uid, SECURED),)),
        *(Answered(key, at, answer) for answer in answers),
    )
    return Entry(key, promise, rows)


def kinds(stage: Stage) -> list[str]:
    """The names of all rows."""
    return [type(row).__name__ for row in stage.rows]


def test_a_provisional_release_is_finished_and_its_entry_stays_in_the_lane() -> None:
    """Read back and recorded; only the server's answer settles it."""
    stage = Stage(open_releases=(open_promise(),))
    stage.lay(tag(1))
    stage.pad_releases(KEY)

    stage.shows(view.Welcome)
    assert kinds(stage) == ["Released"]


def test_a_provisional_loan_whose_book_left_is_a_case_at_once_and_not_settled() -> None:
    """The server has still to hear of the loan."""
    stage = Stage(open_releases=(open_promise(),))
    stage.lay()

    assert kinds(stage) == ["ReleaseFailed", "CaseOpened"]
    assert stage.rows_of(CaseOpened)[0].reason is CaseReason.RELEASE_UNKNOWN


@pytest.mark.parametrize("is_same_day", [True, False])
def test_an_answer_that_comes_while_the_release_is_finished_settles_both(is_same_day: bool) -> None:
    """Granted meanwhile: written once, and settled with the release; another day is a case."""
    stage = Stage(open_releases=(open_promise(),))
    stage.lay(tag(1))
    granted = Granted(DUE if is_same_day else Due(None, "never"))
    stage.happen(events.Carried(KEY, Silence("deadline")))
    stage.happen(events.Carried(KEY, granted))
    stage.happen(events.Carried(KEY, granted))
    stage.pad_releases(KEY)

    case = [] if is_same_day else ["CaseOpened"]
    assert kinds(stage) == ["Answered", "Released", *case, "Settled"]


@pytest.mark.parametrize("when", ["before", "meanwhile", "while waiting for the pad"])
def test_a_tag_whose_promised_loan_was_refused_is_secured_and_never_released_for_good(when: str) -> None:
    """The pair is settled while the tag is there: no loan, and the alarm on."""
    refused = Refused(Reason.ITEM_LOST)
    stage = Stage(open_releases=(open_promise(1, *((refused,) if when == "before" else ())),))
    if when == "while waiting for the pad":
        stage.happen(events.Carried(KEY, refused))
    stage.lay(tag(1))
    if when == "meanwhile":
        stage.happen(events.Carried(KEY, refused))
        stage.pad_releases(KEY)
    else:
        assert not stage.all(Release)
    assert stage.all(Secure) == [Secure(KEY, (tag(1).uid,))]
    stage.pad_secures(KEY)

    stage.shows(view.Welcome)
    assert not stage.rows_of(Released)
    assert [row.how for row in stage.rows_of(Settled)] == [Settlement.REFUSED]


@pytest.mark.parametrize("how", ["left", "not secured"])
def test_a_refused_loan_whose_tag_may_be_open_is_a_case_at_start(how: str) -> None:
    """Nobody can say that the alarm is on."""
    stage = Stage(open_releases=(open_promise(1, Refused(Reason.ITEM_LOST)),))
    if how == "left":
        stage.lay()
    else:
        stage.lay(tag(1))
        stage.pad_secures(KEY, is_complete=False)

    assert [row.reason for row in stage.rows_of(CaseOpened)] == [CaseReason.NOT_SECURED]
    assert [row.how for row in stage.rows_of(Settled)] == [Settlement.CASE]
    assert len(stage.rows_of(ReleaseFailed)) == 1


def test_an_entry_that_went_to_staff_during_start_up_is_written_about_no_more() -> None:
    """Its case ended it."""
    stage = Stage(open_releases=(open_promise(),))
    stage.lay(tag(1))
    stage.happen(events.LeftToStaff(KEY))
    stage.pad_releases(KEY)

    stage.shows(view.Welcome)
    assert stage.rows == []


def test_each_of_many_releases_is_settled_in_one_turn_and_the_terminal_is_ready() -> None:
    """Thousands of open releases: one reading settles all that left, and those that lie there are finished."""
    entries = tuple(open_promise(number, event=number) for number in range(1, 5001))
    stage = Stage(open_releases=entries)
    stage.happen(events.PadRead((tag(1), tag(2)), 2))

    assert [release.key.event for release in stage.all(Release)] == [1, 2]
    assert len(stage.rows_of(CaseOpened)) == 4998
    stage.shows(view.OneMoment)
    stage.pad_releases(entries[0].key)
    stage.pad_releases(entries[1].key)
    stage.shows(view.Welcome)


def test_a_silent_pad_keeps_nobody_waiting_however_many_releases_are_open() -> None:
    """When the time for starting is over, all are cases in one turn."""
    entries = tuple(open_promise(number, event=number) for number in range(1, 5001))
    stage = Stage(open_releases=entries)
    stage.pass_time(SETTINGS.start_seconds)

    stage.shows(view.Welcome)
    assert len(stage.rows_of(CaseOpened)) == 5000
    assert begin(SETTINGS, "e1", 1, (), (), stage.state.now).phase == stage.state.phase


def test_what_the_pad_says_of_a_release_nobody_asked_for_changes_nothing_at_start() -> None:
    """An echo from before the power cut is no proof."""
    stage = Stage(open_releases=(open_promise(),))
    before = stage.state
    bits = (TagBits(tag(1).uid, 0xC2),)
    moment = replace(stage.state.now, seconds=stage.seconds)
    after, effects = step(before, events.Happened(events.TagsReleased(KEY, bits), moment, 1))

    assert (after, effects) == (before, ())


def open_strip(*, has_tag: bool, is_refused: bool = False) -> Entry:
    """An entry whose strip was to be treated when the terminal stopped."""
    entry = open_release()
    before = (TagBits(tag(1).uid, SECURED),) if has_tag else ()
    rows: tuple[EntryRow, ...] = (
        entry.rows[0],
        ReleaseIntended(KEY, entry.rows[0].at, before, Strip.UNVERIFIED),
    )
    if is_refused:
        at = entry.rows[0].at
        promised = Promised(KEY, at, DUE, at)
        rows = (rows[0], promised, rows[1], Answered(KEY, at, Refused(Reason.PATRON_BLOCKED)))
    else:
        rows = (rows[0], entry.rows[1], rows[1])
    return replace(entry, rows=rows)


@pytest.mark.parametrize("has_tag", [True, False])
@pytest.mark.parametrize("is_refused", [True, False])
def test_a_strip_is_never_treated_at_start_up(has_tag: bool, is_refused: bool) -> None:
    """Nobody knows what lies on the unit: it is a case, and tags of the same item stay as they are."""
    stage = Stage(open_releases=(open_strip(has_tag=has_tag, is_refused=is_refused),))
    stage.happen(events.StripSensed(stays=True))
    stage.lay(tag(1))
    stage.pass_time(10)

    assert not [effect for effect in stage.effects if isinstance(effect, TreatStrip | Release | Secure)]
    failed = stage.rows_of(ReleaseFailed)
    assert [(row.after, row.strip) for row in failed] == [((), Strip.UNVERIFIED)]
    reason = CaseReason.NOT_SECURED if is_refused else CaseReason.RELEASE_UNKNOWN
    assert [row.reason for row in stage.rows_of(CaseOpened)] == [reason]
    assert [row.how for row in stage.rows_of(Settled)] == [Settlement.CASE]
    stage.shows(view.Welcome)


def test_a_strip_left_open_is_settled_without_a_pad_too() -> None:
    """A terminal that only has a strip unit starts at once."""
    stage = Stage(replace(SETTINGS, has_pad=False), open_releases=(open_strip(has_tag=False),))
    stage.pass_time(1)

    assert [row.reason for row in stage.rows_of(CaseOpened)] == [CaseReason.RELEASE_UNKNOWN]
    stage.shows(view.Welcome)
