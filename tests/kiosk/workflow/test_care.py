"""A book needs care: what a reader can say of it, once, and without anybody waiting for the answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.workflow import care, events, view
from kiosk.workflow.effects import Carry
from kiosk.workflow.settings import Service
from kiosk.workflow.state import owns
from sync.entries import Answered, Flaw, Granted, Intended, Reason, Refused, ReportCare
from tests.kit.stage import DUE, Stage, item, offers, tag
from tests.kit.till import PAYS


def at_work() -> Stage:
    """A reader who has borrowed a book."""
    stage = Stage(PAYS)
    stage.log_in()
    stage.lay(tag(1))
    stage.borrow(1)
    return stage


def offered(stage: Stage) -> list[str]:
    """Everything that can be chosen, in lines too."""
    return [choice.id for choice in offers(stage.view) if choice.enabled]


def test_a_reader_marks_what_is_wrong_and_is_thanked() -> None:
    """Flaws can be marked and unmarked; one entry names them in their order, and nobody who said so."""
    stage = at_work()
    stage.choose(f"care:{item(1)}")
    marking = stage.shows(view.MarkCare)
    assert (marking.item, marking.title, marking.flaws) == (item(1), "Title 1", ())
    assert "yes" not in offered(stage)
    for flaw in (Flaw.DAMAGED, Flaw.LOOSE_PAGES, Flaw.WRITTEN_IN, Flaw.WRITTEN_IN):
        stage.choose(f"flaw:{flaw.value}")
    stage.choose("yes")

    promise = stage.rows_of(Intended)[-1].promise
    assert promise == ReportCare(item(1), (Flaw.LOOSE_PAGES, Flaw.DAMAGED), stage.wall)
    assert promise.by == "self"
    assert promise.patron is None
    assert stage.last(Carry).entry.promise == promise
    assert not stage.last(Carry).is_held
    assert stage.shows(view.MarkCare).is_reported
    stage.choose("done")
    stage.shows(view.Borrowing)


def test_a_double_tap_reports_once_and_the_book_is_reported_once_in_a_session() -> None:
    """The second touch finds nothing to report."""
    stage = at_work()
    stage.choose(f"care:{item(1)}")
    stage.choose("flaw:damaged")
    stage.choose("yes")
    stage.happen(events.Chosen("yes"))
    stage.choose("done")

    stage.happen(events.Chosen(f"care:{item(1)}"))
    stage.happen(events.Chosen("yes"))

    assert sum(isinstance(row.promise, ReportCare) for row in stage.rows_of(Intended)) == 1
    assert f"care:{item(1)}" not in offered(stage)


def test_going_back_reports_nothing() -> None:
    """Nor does a mark that was taken back."""
    stage = at_work()
    stage.choose(f"care:{item(1)}")
    stage.choose("flaw:damaged")
    stage.choose("cancel")

    assert not any(isinstance(row.promise, ReportCare) for row in stage.rows_of(Intended))
    stage.choose(f"care:{item(1)}")
    assert stage.shows(view.MarkCare).flaws == ()


@pytest.mark.parametrize("flaw", ["", "tag-disagrees", "nothing", "damaged:x"])
def test_a_flaw_that_is_not_offered_is_not_marked(flaw: str) -> None:
    """Touches come from outside."""
    stage = at_work()
    stage.choose(f"care:{item(1)}")

    stage.happen(events.Chosen(f"flaw:{flaw}"))

    assert stage.shows(view.MarkCare).flaws == ()


def test_nobody_waits_for_the_answer() -> None:
    """The uplink settles it; the session neither waits nor writes, whatever the server says."""
    stage = at_work()
    stage.choose(f"care:{item(1)}")
    stage.choose("flaw:damaged")
    stage.choose("yes")
    key = stage.last(Carry).entry.key
    answers = len(stage.rows_of(Answered))

    assert not owns(stage.state, key)
    for answer in (Refused(Reason.ITEM_UNKNOWN), Granted(DUE)):
        stage.happen(events.Carried(key, answer))
    assert len(stage.rows_of(Answered)) == answers
    stage.choose("done")
    stage.choose("finish")
    stage.shows(view.Summary)


def test_without_the_server_it_is_written_down_all_the_same() -> None:
    """It is told when the server is there again."""
    stage = at_work()
    stage.happen(events.ServerWent())
    stage.choose(f"care:{item(1)}")
    stage.choose("flaw:barcode-missing")
    stage.choose("yes")

    assert isinstance(stage.last(Carry).entry.promise, ReportCare)


def test_where_the_service_is_off_or_room_is_low_nothing_is_offered() -> None:
    """And nothing begins by a touch that should not be there."""
    for settings, event in (
        (replace(PAYS, services=(Service.BORROW,)), events.RoomChanged(False)),
        (PAYS, events.RoomChanged(True)),
    ):
        stage = Stage(settings)
        stage.log_in()
        stage.lay(tag(1))
        stage.borrow(1)
        stage.happen(event)

        assert f"care:{item(1)}" not in offered(stage)
        stage.happen(events.Chosen(f"care:{item(1)}"))
        stage.shows(view.Borrowing)


def test_a_disk_that_fills_while_somebody_marks_takes_no_report() -> None:
    """Room is kept for what was begun."""
    stage = at_work()
    stage.choose(f"care:{item(1)}")
    stage.choose("flaw:damaged")
    stage.happen(events.RoomChanged(True))

    stage.choose("yes")

    assert not any(isinstance(row.promise, ReportCare) for row in stage.rows_of(Intended))
    stage.shows(view.Borrowing)


def test_a_line_that_is_under_way_or_is_no_item_is_not_marked() -> None:
    """First the book is done."""
    stage = Stage(PAYS)
    stage.log_in()
    stage.lay(tag(1), tag(2, owner="DE-1"))

    assert not [choice for choice in offered(stage) if choice.startswith("care:")]
    stage.happen(events.Chosen("care:"))
    stage.happen(events.Chosen("care:nothing"))
    stage.shows(view.Borrowing)


def test_the_thanks_go_by_themselves() -> None:
    """Nobody has to touch anything."""
    stage = at_work()
    stage.choose(f"care:{item(1)}")
    stage.choose("flaw:damaged")
    stage.choose("yes")

    stage.pass_time(care.THANKS_SECONDS)

    stage.shows(view.Borrowing)


def test_a_book_taken_away_is_asked_back_before_anything_is_marked() -> None:
    """What is urgent stands first; the marks are there again afterwards."""
    stage = at_work()
    stage.choose(f"care:{item(1)}")
    stage.choose("flaw:damaged")
    stage.lay(tag(1), tag(2))
    key = stage.answer(2)
    stage.pad_fails(key, events.ReleaseTrouble.TAKEN_AWAY)
    stage.shows(view.PutBack)

    stage.lay(tag(1), tag(2))
    stage.pad_releases(key)

    assert stage.shows(view.MarkCare).flaws == (Flaw.DAMAGED,)


def test_half_marked_is_nothing_once_the_session_is_over() -> None:
    """The next reader finds nothing of it, and may report the same book."""
    stage = at_work()
    stage.choose(f"care:{item(1)}")
    stage.choose("flaw:damaged")
    stage.show_card()
    stage.choose("done")
    stage.log_in()
    stage.lay()
    stage.lay(tag(1))
    stage.borrow(1)

    stage.choose(f"care:{item(1)}")

    assert stage.shows(view.MarkCare).flaws == ()


def test_care_belongs_to_no_session() -> None:
    """Whoever gives something back marks it in the same way, without a card."""
    stage = Stage(PAYS)

    stage.state = care.begin(stage.state, item(3), "Title 3")
    marking = care.view_of(stage.state)

    assert marking is not None
    assert (marking.item, marking.title) == (item(3), "Title 3")
    assert care.choices(stage.state, item(4))
    assert care.begin(stage.state, item(4)).care == stage.state.care, "one at a time"
