"""Every end of giving back: its status, what is written, what the server is told, and what is left to staff."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from kiosk.workflow import events
from kiosk.workflow.effects import Carry, GiveUp, Play, Proceed, Restore, Sound
from kiosk.workflow.events import ReleaseTrouble
from kiosk.workflow.settings import ForeignItems
from kiosk.workflow.view import BackStatus, Trouble
from sync.entries import (
    Answered,
    CaseReason,
    Due,
    Held,
    Reason,
    Refused,
    Restored,
    Row,
    Secured,
    SecureFailed,
    Settlement,
    Silence,
    TakenBack,
)
from sync.rules.sorting import Bin, Route, SortingRules
from tests.kit.back_stage import TAKES_BACK, BackStage, back, lent
from tests.kit.stage import item, tag

UNKNOWN = Refused(Reason.ITEM_UNKNOWN)
BLOCKED = Refused(Reason.PATRON_BLOCKED)


def secured(stage: BackStage) -> None:
    """A lent book lies there and is made secure."""
    stage.begin(lent(1))
    stage.secured(1)


def secured_already(stage: BackStage) -> None:
    """A book lies there whose tag was secured before it came."""
    stage.begin(tag(1))
    stage.secured(1)


def one_part(stage: BackStage) -> None:
    """One of two volumes lies there, and is given back as it is."""
    stage.begin(lent(1, 1, 2))
    stage.choose(f"give-back:{item(1)}")
    stage.secured(1)


def will_not_be_written(stage: BackStage) -> None:
    """A book lies there whose tag cannot be written."""
    stage.begin(lent(1))
    stage.refused_by_pad(1)


def gone_from_pad(stage: BackStage) -> None:
    """A book was made secure, and taken off before the server answered."""
    secured(stage)
    stage.lay()


@dataclass(frozen=True)
class Ends:
    """One row of the table in `back_ends.py`; *then* is what the pad does after the server's word."""

    begins: Callable[[BackStage], None]
    says: object
    status: BackStatus
    rows: tuple[type[Row], ...]
    cases: tuple[CaseReason, ...]
    settled: tuple[Settlement, ...]
    why: object = None
    then: Callable[[BackStage], None] = lambda stage: None


NO_LOAN = back(Due(None), was_on_loan=False, patron=None)
TABLE = {
    "granted": Ends(secured, back(), BackStatus.BACK, (Secured,), (), (Settlement.DONE,)),
    "no loan found": Ends(secured, NO_LOAN, BackStatus.BACK_NO_LOAN, (Secured,), (), (Settlement.DONE,)),
    "refused, not on loan": Ends(
        secured,
        Refused(Reason.NOT_ON_LOAN),
        BackStatus.BACK_NO_LOAN,
        (Secured,),
        (),
        (Settlement.REFUSED,),
    ),
    "silent": Ends(secured, Silence("deadline"), BackStatus.BACK_RECORDED, (Secured,), (), ()),
    "held": Ends(secured, Held(), BackStatus.BACK_RECORDED, (Secured,), (), ()),
    "a part missing": Ends(
        one_part,
        back(),
        BackStatus.BACK_TO_STAFF,
        (Secured,),
        (CaseReason.PARTS_MISSING,),
        (Settlement.CASE,),
        Trouble.PARTS_MISSING,
    ),
    "incomplete, says the server": Ends(
        secured,
        Refused(Reason.ITEM_INCOMPLETE),
        BackStatus.BACK_TO_STAFF,
        (Secured,),
        (CaseReason.PARTS_MISSING,),
        (Settlement.CASE,),
        Reason.ITEM_INCOMPLETE,
    ),
    "not secured, granted": Ends(
        will_not_be_written,
        back(),
        BackStatus.BACK_TO_STAFF,
        (SecureFailed,),
        (CaseReason.RETURN_NOT_SECURED,),
        (Settlement.CASE,),
        Trouble.NOT_SECURED_ASK_STAFF,
    ),
    "not secured, silent": Ends(
        will_not_be_written,
        Silence("deadline"),
        BackStatus.BACK_TO_STAFF,
        (SecureFailed,),
        (CaseReason.RETURN_NOT_SECURED,),
        (),
        Trouble.NOT_SECURED_ASK_STAFF,
    ),
    "not secured, refused": Ends(
        will_not_be_written,
        UNKNOWN,
        BackStatus.BACK_TO_STAFF,
        (SecureFailed,),
        (CaseReason.RETURN_NOT_SECURED, CaseReason.RETURN_REFUSED),
        (Settlement.CASE,),
        Trouble.NOT_SECURED_ASK_STAFF,
    ),
    "unknown, put back as it was": Ends(
        secured,
        UNKNOWN,
        BackStatus.HANDED_BACK,
        (Secured, Restored),
        (),
        (Settlement.REFUSED,),
        Reason.ITEM_UNKNOWN,
        lambda stage: stage.restores(1),
    ),
    "unknown, and nothing was changed": Ends(
        secured_already,
        UNKNOWN,
        BackStatus.HANDED_BACK,
        (Secured,),
        (),
        (Settlement.REFUSED,),
        Reason.ITEM_UNKNOWN,
    ),
    "unknown, and gone": Ends(
        gone_from_pad,
        UNKNOWN,
        BackStatus.BACK_TO_STAFF,
        (Secured,),
        (CaseReason.RETURN_REFUSED,),
        (Settlement.CASE,),
        Reason.ITEM_UNKNOWN,
    ),
    "unknown, not to be put back as it was": Ends(
        secured,
        UNKNOWN,
        BackStatus.BACK_TO_STAFF,
        (Secured,),
        (CaseReason.RETURN_REFUSED,),
        (Settlement.CASE,),
        Reason.ITEM_UNKNOWN,
        lambda stage: stage.restores(1, is_complete=False),
    ),
    "refused otherwise": Ends(
        secured,
        BLOCKED,
        BackStatus.BACK_TO_STAFF,
        (Secured,),
        (CaseReason.RETURN_REFUSED,),
        (Settlement.CASE,),
        Reason.PATRON_BLOCKED,
    ),
}
SECURING_ROWS = (Secured, SecureFailed, Restored)


@pytest.mark.parametrize("name", TABLE)
def test_every_row_of_the_table_of_ends(name: str) -> None:
    """Each way in which giving back can end has its status, its rows, its case and its settlement."""
    row = TABLE[name]
    stage = BackStage()

    row.begins(stage)
    stage.says(1, row.says)  # type: ignore[arg-type]
    row.then(stage)

    line = stage.back_line(1)
    assert (line.status, line.why) == (row.status, row.why)
    assert tuple(type(one) for one in stage.rows if isinstance(one, SECURING_ROWS)) == row.rows
    assert tuple(stage.cases()) == row.cases
    assert tuple(stage.ends()) == row.settled
    assert stage.told() == [stage.key(1)], "the server is told once"
    assert not stage.all(GiveUp)


def test_a_book_that_is_taken_away_is_not_given_back() -> None:
    """Gone before it was secure and not put back: nobody is told that it came, and staff know."""
    stage = BackStage()
    stage.begin(lent(1))
    stage.not_secured(1, ReleaseTrouble.TAKEN_AWAY)
    stage.lay()
    assert stage.back_line(1).status is BackStatus.PUT_BACK

    stage.choose("no")

    line = stage.back_line(1)
    assert (line.status, line.why) == (BackStatus.NOT_TAKEN, Trouble.TAKEN_AWAY)
    assert stage.cases() == [CaseReason.RETURN_UNKNOWN]
    assert stage.ends() == [Settlement.CASE]
    assert stage.all(GiveUp) == [GiveUp(stage.key(1))]
    assert stage.told() == []


def test_a_book_that_is_put_back_is_given_back() -> None:
    """What was taken away too early is asked for, and goes on where it was once it lies there again."""
    stage = BackStage()
    stage.begin(lent(1))
    stage.not_secured(1, ReleaseTrouble.TAKEN_AWAY)
    stage.lay()

    stage.lay(lent(1))
    stage.give_back(1)

    assert stage.back_line(1).status is BackStatus.BACK
    assert len(stage.secures()) == 2
    assert stage.cases() == []


def test_a_book_that_nobody_puts_back_is_not_waited_for_without_end() -> None:
    """After the library's own time an absent reader's book counts as taken away."""
    stage = BackStage()
    stage.begin(lent(1))
    stage.not_secured(1, ReleaseTrouble.TAKEN_AWAY)
    stage.lay()

    stage.pass_time(TAKES_BACK.put_back_seconds)

    assert stage.back_line(1).status is BackStatus.NOT_TAKEN


def test_a_pad_that_goes_while_a_book_lies_there_does_not_refuse_it() -> None:
    """The reader left it on a pad that broke: the loan is closed all the same, and staff secure it."""
    stage = BackStage()
    stage.begin(lent(1))
    stage.happen(events.DeviceDown(events.Device.PAD))
    stage.not_secured(1, ReleaseTrouble.PAD_LOST)

    stage.pass_time(TAKES_BACK.put_back_seconds)
    stage.says(1, back())

    line = stage.back_line(1)
    assert (line.status, line.why) == (BackStatus.BACK_TO_STAFF, Trouble.NOT_SECURED_ASK_STAFF)
    assert stage.cases() == [CaseReason.RETURN_NOT_SECURED]


def test_a_pad_that_comes_back_secures_what_lies_there_still() -> None:
    """A pad that was lost for a moment goes on with the books that lie on it."""
    stage = BackStage()
    stage.begin(lent(1))
    stage.happen(events.DeviceDown(events.Device.PAD))
    stage.not_secured(1, ReleaseTrouble.PAD_LOST)

    stage.happen(events.DeviceUp(events.Device.PAD))
    stage.lay(lent(1))
    stage.give_back(1)

    assert stage.back_line(1).status is BackStatus.BACK


def test_a_book_that_comes_and_goes_too_often_is_not_taken() -> None:
    """A book at the edge of the pad is tried a number of times, and then said not to be taken."""
    stage = BackStage()
    stage.begin(lent(1))

    for _ in range(20):
        if stage.back_line(1).status is not BackStatus.NOT_TAKEN:
            stage.not_secured(1, ReleaseTrouble.TAKEN_AWAY)
            stage.lay(lent(1))

    assert stage.cases() == [CaseReason.RETURN_UNKNOWN]
    assert len(stage.secures()) < 10


def test_an_unknown_item_is_put_back_only_to_what_it_was() -> None:
    """What is ordered of the pad are the very bits that were read before anything was written."""
    stage = BackStage()
    secured(stage)

    stage.says(1, UNKNOWN)

    orders = stage.all(Restore)
    assert [bits.afi for order in orders for bits in order.before] == [lent(1).security.afi]


def test_a_pad_that_never_answers_leaves_an_unknown_item_to_staff() -> None:
    """An order to put tags back as they were is waited for as long as a book is, and no longer."""
    stage = BackStage()
    secured(stage)
    stage.says(1, UNKNOWN)

    stage.pass_time(TAKES_BACK.put_back_seconds)

    assert stage.back_line(1).status is BackStatus.BACK_TO_STAFF
    assert stage.cases() == [CaseReason.RETURN_REFUSED]


def test_an_unknown_item_goes_on_its_own_pile_where_the_library_wants_it() -> None:
    """Put back as it was, it is sorted with other libraries' items instead of being handed back."""
    rules = SortingRules({"9": Bin("9")}, by_route={Route.FOREIGN: "9"})
    stage = BackStage(replace(TAKES_BACK, foreign_items=ForeignItems.OWN_PILE, sorting=rules))
    secured(stage)

    stage.says(1, UNKNOWN)
    stage.restores(1)

    line = stage.back_line(1)
    assert (line.status, line.route, line.bin) == (BackStatus.HANDED_BACK, Route.FOREIGN, Bin("9"))


def test_a_late_answer_of_the_running_batch_is_shown() -> None:
    """What was only recorded becomes what the server says, as long as the reader is there."""
    stage = BackStage()
    secured(stage)
    stage.says(1, Silence("deadline"))

    stage.says(1, back())

    assert stage.back_line(1).status is BackStatus.BACK
    assert stage.ends() == [Settlement.DONE]


def test_silence_is_written_once() -> None:
    """A server that stays silent again and again fills no journal."""
    stage = BackStage()
    secured(stage)

    for _ in range(3):
        stage.says(1, Silence("deadline"))

    assert len(stage.rows_of(Answered)) == 1


def test_a_second_answer_counts_for_nothing() -> None:
    """Only one believed answer is written, whatever the wire brings."""
    stage = BackStage()
    secured(stage)
    stage.says(1, back())

    stage.says(1, UNKNOWN)

    assert stage.back_line(1).status is BackStatus.BACK
    assert len(stage.rows_of(Answered)) == 1


def test_an_outcome_that_nobody_can_tell_is_for_staff() -> None:
    """Once its entry was settled as a case, the line says so and nothing more is written."""
    stage = BackStage()
    secured(stage)
    stage.says(1, Silence("unclear"))
    rows = len(stage.rows)

    stage.happen(events.LeftToStaff(stage.key(1)))
    stage.says(1, back())

    line = stage.back_line(1)
    assert (line.status, line.why) == (BackStatus.BACK_TO_STAFF, Trouble.RETURN_LEFT_TO_STAFF)
    assert len(stage.rows) == rows


def test_overdue_cannot_be_missed() -> None:
    """The line says by how many days and what it costs, and it is heard."""
    stage = BackStage()
    secured(stage)
    late = Due((stage.wall.date().replace(day=10)), "2026-11-10")

    stage.says(1, back(late))

    line = stage.back_line(1)
    assert (line.was_due, line.days_overdue) == (late, 12)
    assert stage.all(Play)[-1] == Play(Sound.ATTENTION)


def test_overdue_is_told_where_the_server_falls_silent() -> None:
    """It said until when before it was told; what turns out to have been on no loan is not late."""
    stage = BackStage(replace(TAKES_BACK, ask_item_seconds=1.0))
    stage.begin(lent(1))
    stage.about(1, due=Due(stage.wall.date() - timedelta(days=3)))
    stage.secured(1)

    stage.says(1, Silence("deadline"))

    assert (stage.back_line(1).status, stage.back_line(1).days_overdue) == (BackStatus.BACK_RECORDED, 3)
    stage.says(1, back(was_on_loan=False, patron=None))
    assert (stage.back_line(1).status, stage.back_line(1).days_overdue) == (BackStatus.BACK_NO_LOAN, 0)


def test_what_had_been_returned_before_is_not_overdue() -> None:
    """Where no loan was found nothing is said of a day."""
    stage = BackStage()
    secured(stage)
    late = Due((stage.wall.date().replace(day=10)), "2026-11-10")

    stage.says(1, replace(NO_LOAN, due=late))

    assert (stage.back_line(1).days_overdue, stage.back_line(1).was_due) == (0, None)


def test_whether_it_is_late_is_judged_by_the_librarys_calendar() -> None:
    """An evening in another zone is already the next day: the book is not called late a day too early."""
    stage = BackStage(replace(TAKES_BACK, zone=ZoneInfo("America/Los_Angeles")))
    stage.wall = stage.wall.replace(day=23, hour=3)
    secured(stage)

    stage.says(1, back(Due(stage.wall.date().replace(day=22), "2026-11-22")))

    assert stage.back_line(1).days_overdue == 0


def test_the_entry_is_held_until_it_is_secured() -> None:
    """It has its place in the lane at once, and may be sent when the securing is written."""
    stage = BackStage()
    stage.begin(lent(1))
    assert stage.carry(1).is_held
    assert stage.all(Proceed) == []

    stage.secured(1)

    entry = stage.last(Proceed).entry
    assert any(isinstance(row, Secured) for row in entry.rows)
    assert entry.may_be_carried
    assert len(stage.all(Carry)) == 1


def test_a_part_that_is_there_twice_is_for_staff() -> None:
    """More tags than an item can have: both are secured, and somebody looks."""
    stage = BackStage()
    twin = replace(lent(1), uid=lent(9).uid)
    stage.begin(lent(1), twin)
    assert stage.back_line(1).why is Trouble.SAME_NUMBER_TWICE

    stage.choose(f"give-back:{item(1)}")
    stage.secured(1)
    stage.says(1, back())

    line = stage.back_line(1)
    assert (line.status, line.why) == (BackStatus.BACK_TO_STAFF, Trouble.SAME_NUMBER_TWICE)
    assert stage.cases() == [CaseReason.PARTS_MISSING]
    assert len(stage.secures()[0].uids) == 2


def test_the_reader_is_counted_and_never_named() -> None:
    """No line, no summary and no receipt says whose loan it was."""
    stage = BackStage()
    secured(stage)
    stage.says(1, back())
    stage.choose("finish")

    assert isinstance(back().back, TakenBack)
    assert "PatronId" not in repr(stage.state)
    assert stage.back_line(1).reader == 1
